/**
 * `npm run build`: bundles the gateway into dist/, which is what a box gets.
 *
 *   dist/swipe.js      finds the command; the code of each lies in ES modules beside it, so that a box's process
 *                      neither reads nor keeps the registry's and the simulators'
 *   dist/swipe         the launcher
 *   dist/package.json  names the two packages with native code; `npm install` there fetches them
 *   dist/panel.hex     the panel's firmware, for flashing and for the emulated panel
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const fromHere = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { values } = parseArgs({
  options: {
    entry: { type: 'string', default: fromHere('gateway/cli/index.ts') },
    out: { type: 'string', default: fromHere('dist') },
    // Where to list the files that went into the bundle, for the notices of their licences.
    inputs: { type: 'string' },
    // Maps name the sources by where they lie, and the modules' names follow from them.
    'no-maps': { type: 'boolean', default: false },
  },
});

const { name, version, license, engines, dependencies } = JSON.parse(
  readFileSync(fromHere('package.json'), 'utf8'),
);
// They bring prebuilt binaries, which no bundle can hold.
const native = ['libsql', 'serialport'];

/** Of package.json only this goes into the bundle. */
const onlyTheVersion = {
  name: 'only-the-version',
  setup(bundle) {
    bundle.onLoad({ filter: /\/package\.json$/ }, ({ path }) =>
      path === fromHere('package.json')
        ? { contents: JSON.stringify({ name, version }), loader: 'json' }
        : undefined,
    );
  },
};

// The modules' names hold a hash: those of an earlier build would stay.
mkdirSync(values.out, { recursive: true });
for (const file of readdirSync(values.out))
  if (/\.js(\.map|\.LEGAL\.txt)?$/.test(file)) rmSync(`${values.out}/${file}`);

const { metafile } = await build({
  entryPoints: { swipe: values.entry },
  outdir: values.out,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  splitting: true,
  external: native,
  plugins: [onlyTheVersion],
  // Packages in CommonJS call require() for Node's own modules; an ES module has none.
  banner: {
    js: `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`,
  },
  sourcemap: values['no-maps'] ? false : 'linked',
  sourcesContent: false,
  // Names stay, for stack traces; the rest is memory that a small box can do without.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
}).catch(() => process.exit(1)); // esbuild has said what is wrong

if (values.inputs !== undefined) writeFileSync(values.inputs, JSON.stringify(Object.keys(metafile.inputs)));

const pinned = Object.fromEntries(native.map((part) => [part, dependencies[part]]));
const manifest = { name, version, private: true, license, type: 'module', engines, dependencies: pinned };
writeFileSync(`${values.out}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);

const launcher = `${values.out}/swipe`;
// Node's default lets garbage pile up for speed that a till does not need: 30 MB more resident. And Node 24 complains to
// every user of `swipe pay` that mqtt.js calls url.parse() (DEP0169).
const flags = '--max-semi-space-size=2 --disable-warning=DEP0169';
writeFileSync(launcher, `#!/bin/sh\nexec node ${flags} "$(dirname "$(readlink -f "$0")")/swipe.js" "$@"\n`);
chmodSync(launcher, 0o755);

copyFileSync(fromHere('firmware/panel.hex'), `${values.out}/panel.hex`);

const modules = Object.entries(metafile.outputs).filter(([file]) => file.endsWith('.js'));
const bytes = modules.reduce((sum, [, output]) => sum + output.bytes, 0);
process.stdout.write(
  `swipe ${version}: ${Math.round(bytes / 1024)} KiB in ${modules.length} modules in ${values.out}\n`,
);
