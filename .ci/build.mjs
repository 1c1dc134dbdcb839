/**
 * `npm run build`: bundles the gateway into dist/, which is what a box gets.
 *
 *   dist/swipe.js      everything in one ES module, with its source map beside it
 *   dist/swipe         the launcher
 *   dist/package.json  names the two packages with native code; `npm install` there fetches them
 *   dist/panel.hex     the panel's firmware, for flashing and for the emulated panel
 */
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const fromHere = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { values } = parseArgs({
  options: {
    entry: { type: 'string', default: fromHere('gateway/cli/index.ts') },
    out: { type: 'string', default: fromHere('dist') },
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

const { metafile } = await build({
  entryPoints: { swipe: values.entry },
  outdir: values.out,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: native,
  plugins: [onlyTheVersion],
  // Packages in CommonJS call require() for Node's own modules; an ES module has none.
  banner: {
    js: `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`,
  },
  sourcemap: 'linked',
  sourcesContent: false,
  // Names stay, for stack traces; the rest is memory that a small box can do without.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
}).catch(() => process.exit(1)); // esbuild has said what is wrong

const pinned = Object.fromEntries(native.map((part) => [part, dependencies[part]]));
const manifest = { name, version, private: true, license, type: 'module', engines, dependencies: pinned };
writeFileSync(`${values.out}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);

const launcher = `${values.out}/swipe`;
// Node's default lets garbage pile up for speed that a till does not need: 30 MB more resident.
writeFileSync(
  launcher,
  '#!/bin/sh\nexec node --max-semi-space-size=2 "$(dirname "$(readlink -f "$0")")/swipe.js" "$@"\n',
);
chmodSync(launcher, 0o755);

copyFileSync(fromHere('firmware/panel.hex'), `${values.out}/panel.hex`);

const bytes = Object.entries(metafile.outputs).find(([file]) => file.endsWith('swipe.js'))?.[1].bytes ?? 0;
process.stdout.write(`swipe ${version}: ${Math.round(bytes / 1024)} KiB in ${values.out}/swipe.js\n`);
