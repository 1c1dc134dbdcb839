/** A release of Swipe for one processor: Node, the bundle, and beside it the packages with native code. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesIn } from './files.ts';
import { type Cpu, type LockPackages, manifestFor } from './lock.ts';

/** Node's version and its two packages. */
export interface NodePins {
  version: string;
  packages: Readonly<Record<Cpu, { name: string; integrity: string }>>;
}

/** What a release is made of. */
export interface PayloadParts {
  cpu: Cpu;
  /** `packages` of the project's lock. */
  lock: LockPackages;
  node: NodePins;
  /** What `npm run build` made. */
  bundle: string;
  /** A directory to work in, made if missing. */
  work: string;
}

/** The launcher of the bundle, with the release's own Node and its true path: `current` may be switched meanwhile. */
const launcherFrom = (bundled: string): string =>
  bundled
    .replace(/^#!\/bin\/sh\n/, '#!/bin/sh\nrelease=$(dirname "$(readlink -f "$0")")\n')
    .replace('exec node ', 'exec "$release/node" ')
    .replace('"$(dirname "$(readlink -f "$0")")/swipe.js"', '"$release/swipe.js"');

/** Has npm fetch, check and unpack what is needed. Runs nothing of what it fetched. */
function install({ cpu, lock, node, work: directory }: PayloadParts): string {
  mkdirSync(directory, { recursive: true });
  const pin = { ...node.packages[cpu], version: node.version };
  const { manifest, lock: cut } = manifestFor(lock, pin, cpu);
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 'package-lock.json'), JSON.stringify(cut));
  const wanted = ['--os=linux', `--cpu=${cpu}`, '--libc=glibc', '--ignore-scripts', '--omit=dev'];
  execFileSync('npm', ['ci', ...wanted, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return directory;
}

// For compiling and for developers.
const unneeded =
  /^\/(node-addon-api|@libsql\/[^/]*-musl)\/|\/node-gyp-build\/(bin|build-test|optional)\.js$|\/(tests?|examples?)\//;

/** Whether a file of an installed package is needed on a box with this processor. `path`: below `node_modules`, with a slash. */
export function isNeeded(path: string, cpu: Cpu): boolean {
  if (path.endsWith('.node')) {
    const forWhom = /\/prebuilds\/([^/]+)\//.exec(path)?.[1];
    return !/musl/.test(path) && (forWhom === undefined || forWhom === `linux-${cpu}`);
  }
  return /\.(js|cjs|mjs|json)$/.test(path) && !unneeded.test(path);
}

/**
 * Lays a release out in `release`.
 *
 * @returns where npm put the packages (its `node_modules` is there), for their licences
 */
export function layRelease(parts: PayloadParts, release: string): string {
  const { cpu, node, bundle } = parts;
  const directory = install(parts);
  const installed = join(directory, 'node_modules');
  const place = (from: string, to: string, mode: number): void => {
    const target = join(release, to);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(from, target);
    chmodSync(target, mode);
  };
  place(join(installed, node.packages[cpu].name, 'bin/node'), 'node', 0o755);
  for (const name of readdirSync(bundle))
    if (name.endsWith('.js') || name === 'panel.hex') place(join(bundle, name), name, 0o644);
  const { name, version, type } = JSON.parse(readFileSync(join(bundle, 'package.json'), 'utf8'));
  writeFileSync(join(release, 'package.json'), `${JSON.stringify({ name, version, private: true, type })}\n`);
  for (const path of filesIn(installed))
    if (!path.startsWith('.') && !path.startsWith(`${node.packages[cpu].name}/`) && isNeeded(`/${path}`, cpu))
      place(join(installed, path), join('node_modules', path), 0o644);
  writeFileSync(join(release, 'swipe'), launcherFrom(readFileSync(join(bundle, 'swipe'), 'utf8')));
  chmodSync(join(release, 'swipe'), 0o755);
  // By this the package knows its own releases from those that somebody else put beside them.
  writeFileSync(join(release, '.packaged'), '');
  return directory;
}
