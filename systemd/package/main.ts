/**
 * `npm run package`: makes the Debian packages in dist/.
 *
 *   swipe_VERSION_arm64.deb, swipe_VERSION_amd64.deb   the box, with its own Node
 *   swipe-registry_VERSION_all.deb                     the registration cloud
 *   swipe-broker_VERSION_all.deb                       Mosquitto's config for it
 *   SHA256SUMS
 *
 * The same commit gives the same bytes, by the same versions of dpkg-deb, xz and Node. Its time is that of the last
 * commit, or SOURCE_DATE_EPOCH. Needs Debian's dpkg-deb, and npm's registry (or its cache).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { buildDeb } from './deb.ts';
import { filesIn } from './files.ts';
import { broker, type DebPackage, registry, swipe } from './layout.ts';
import { noticesOf, packagesAmong } from './licences.ts';
import type { Cpu } from './lock.ts';
import { layRelease, type NodePins } from './payload.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const debianOf: Readonly<Record<Cpu, string>> = { x64: 'amd64', arm64: 'arm64' };
const maintainer = 'The Swipe authors <maintainers@users.noreply.swipe.example>';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'dist') },
    cpu: { type: 'string', multiple: true, default: ['arm64', 'x64'] },
    level: { type: 'string', default: '6' },
  },
});

const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { version } = json('package.json') as { version: string };
const lock = json('package-lock.json').packages;
const node = json('systemd/package/node.json') as NodePins;

function epoch(): number {
  const log = ['log', '-1', '--format=%ct'];
  const text =
    process.env.SOURCE_DATE_EPOCH ?? spawnSync('git', log, { cwd: root, encoding: 'utf8' }).stdout.trim();
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`SOURCE_DATE_EPOCH: found "${text}", needed outside a git checkout: seconds since 1970`);
}

const epochS = epoch();

/** What Debian expects of every package: its licence and its changelog; and the notices of the parts that it holds. */
function document(tree: string, name: string, parts: readonly string[]): void {
  const directory = join(tree, 'usr/share/doc', name);
  mkdirSync(directory, { recursive: true });
  const hint =
    parts.length === 0
      ? []
      : ['', 'The parts that it is made of have their own licences: see third-party-notices.gz.'];
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  writeFileSync(join(directory, 'copyright'), ['Swipe', '', licence, ...hint, ''].join('\n'));
  const pack = (file: string, text: string): void =>
    writeFileSync(join(directory, `${file}.gz`), gzipSync(text, { level: 9 }));
  if (parts.length > 0) pack('third-party-notices', `${noticesOf(parts)}\n\n${fontLicence()}`);
  const at = new Date(epochS * 1000).toUTCString().replace('GMT', '+0000');
  const entry = `${name} (${version}) stable; urgency=medium\n\n  * See CHANGELOG.md in the documents of swipe.\n`;
  pack('changelog', `${entry}\n -- ${maintainer}  ${at}\n`);
}

/** Of the simulated printer's font, which is in the bundle and in no package. */
const fontLicence = (): string =>
  readFileSync(join(root, 'gateway/simulators/printer/font-licence.txt'), 'utf8');

/** Makes one package in a tree of its own. `parts`: the packages that it holds, besides those of a release. */
function make(one: DebPackage, cpu: Cpu | null, parts: readonly string[]): string {
  const architecture = cpu === null ? 'all' : debianOf[cpu];
  const tree = join(work, `${one.name}-${architecture}`);
  const installed =
    cpu === null
      ? null
      : layRelease({ cpu, lock, node, bundle, work: join(work, cpu) }, join(tree, 'usr/lib/swipe/release'));
  const native = installed === null ? [] : packagesAmong(installed, filesIn(installed));
  document(tree, one.name, [...parts, ...native]);
  return buildDeb({
    package: one,
    version,
    architecture,
    root,
    tree,
    maintainer,
    epochS,
    level: Number(values.level),
    out: values.out,
  });
}

process.umask(0o022);
const work = mkdtempSync(join(tmpdir(), 'swipe-package-'));
const bundle = join(work, 'bundle');
try {
  mkdirSync(values.out, { recursive: true });
  const inputs = join(work, 'inputs.json');
  const build = [join(root, '.ci/build.mjs'), '--out', bundle, '--inputs', inputs, '--no-maps'];
  execFileSync(process.execPath, build, { cwd: root, stdio: 'inherit' });
  const bundled = packagesAmong(root, JSON.parse(readFileSync(inputs, 'utf8')));
  const files = [
    ...(values.cpu as Cpu[]).map((cpu) => make(swipe, cpu, bundled)),
    make(registry, null, []),
    make(broker, null, []),
  ];
  const sums = files.map((file) => {
    const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
    return `${sum}  ${basename(file)}`;
  });
  writeFileSync(join(values.out, 'SHA256SUMS'), `${sums.join('\n')}\n`);
  process.stdout.write(`${sums.join('\n')}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
