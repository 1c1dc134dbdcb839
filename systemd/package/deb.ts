/** Makes a .deb out of a tree, the same bytes from the same tree. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesIn } from './files.ts';
import type { DebPackage } from './layout.ts';

/** One package to be made. */
export interface DebBuild {
  package: DebPackage;
  version: string;
  /** Debian's word for the processor: `amd64`, `arm64`, `all`. */
  architecture: string;
  /** The repository. */
  root: string;
  /** The tree, to which the package's own files are added. */
  tree: string;
  maintainer: string;
  /** Seconds since 1970 that every file of the package carries (SOURCE_DATE_EPOCH, reproducible-builds.org). */
  epochS: number;
  /** How hard to pack, 0 to 9: 6 for what is given away, 0 to try something out. */
  level: number;
  out: string;
}

const scripts = ['preinst', 'postinst', 'prerm', 'postrm'];

/** Copies the package's own files into the tree. */
function placeFiles({ package: { files }, root, tree }: DebBuild): void {
  for (const { from, to, mode = 0o644 } of files) {
    const target = join(tree, to);
    mkdirSync(dirname(target), { recursive: true });
    if (to.endsWith('.gz')) writeFileSync(target, gzipSync(readFileSync(join(root, from)), { level: 9 }));
    else copyFileSync(join(root, from), target);
    chmodSync(target, mode);
  }
}

function writeControl({
  package: { name, control, conffiles },
  version,
  architecture,
  root,
  tree,
  maintainer,
}: DebBuild): void {
  const directory = join(tree, 'DEBIAN');
  const files = filesIn(tree);
  const kib = files.reduce(
    (sum, file) => sum + Math.max(1, Math.ceil(lstatSync(join(tree, file)).size / 1024)),
    0,
  );
  mkdirSync(directory);
  const write = (file: string, text: string, mode = 0o644): void => {
    writeFileSync(join(directory, file), text);
    chmodSync(join(directory, file), mode);
  };
  const { Description = '', ...fields } = control;
  const lines = Object.entries({
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: maintainer,
    'Installed-Size': String(kib),
    ...fields,
    Description,
  }).map(([field, text]) => `${field}: ${text.replaceAll('@VERSION@', version)}`);
  write('control', `${lines.join('\n')}\n`);
  const sums = files.map(
    (file) =>
      `${createHash('md5')
        .update(readFileSync(join(tree, file)))
        .digest('hex')}  ${file}`,
  );
  write('md5sums', `${sums.join('\n')}\n`);
  if (conffiles !== undefined) write('conffiles', `${conffiles.join('\n')}\n`);
  const from = join(root, 'systemd/package/debian');
  for (const script of scripts) {
    const source = join(from, `${name}.${script}`);
    if (readdirSync(from).includes(`${name}.${script}`))
      write(script, readFileSync(source, 'utf8').replaceAll('@VERSION@', version), 0o755);
  }
}

/** Modes and times that depend on neither who builds nor when. */
function settle(path: string, epochS: number): void {
  const stat = lstatSync(path);
  if (stat.isDirectory()) {
    chmodSync(path, 0o755);
    for (const name of readdirSync(path)) settle(join(path, name), epochS);
  } else if (stat.isFile()) chmodSync(path, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
  lutimesSync(path, epochS, epochS);
}

/** Makes the package; where its file is. Needs Debian's dpkg-deb. */
export function buildDeb(build: DebBuild): string {
  const {
    package: { name },
    version,
    architecture,
    tree,
    epochS,
    level,
    out,
  } = build;
  placeFiles(build);
  writeControl(build);
  settle(tree, epochS);
  const file = join(out, `${name}_${version}_${architecture}.deb`);
  // One thread: xz cuts the data into other blocks for several. What level 6 makes is unpacked with 9 MB of memory.
  execFileSync(
    'dpkg-deb',
    ['--root-owner-group', '-Zxz', `-z${level}`, '--threads-max=1', '--build', tree, file],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epochS) },
    },
  );
  return file;
}
