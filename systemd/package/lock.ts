/** What npm is to install for a box: the lock of the project, cut down to what no bundle can hold, and Node itself. */

/** A processor, as npm calls it. */
export type Cpu = 'x64' | 'arm64';

/** One entry of a lock file's `packages` (lockfileVersion 3, docs.npmjs.com: package-lock.json). */
export interface LockEntry {
  version?: string;
  integrity?: string;
  dev?: boolean;
  devOptional?: boolean;
  peer?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  [other: string]: unknown;
}

/** The packages of a lock file, by where they lie. */
export type LockPackages = Readonly<Record<string, LockEntry>>;

/** Node as npm has it, for one processor: the unchanged binary of nodejs.org. */
export interface NodePin {
  name: string;
  version: string;
  /** Subresource integrity of its archive; npm refuses another one. */
  integrity: string;
}

/** The packages that bring native code. The rest is in the bundle. */
export const nativePackages = ['libsql', 'serialport'] as const;

/** Where `name` is found by who lies at `from`: beside it, or beside whoever it lies in, as Node looks for it. */
function placeOf(packages: LockPackages, from: string, name: string): string | null {
  const steps = from === '' ? [] : from.split(/\/?node_modules\//).slice(1);
  for (let depth = steps.length; depth >= 0; depth -= 1) {
    const place = [...steps.slice(0, depth), name].map((step) => `node_modules/${step}`).join('/');
    if (packages[place] !== undefined) return place;
  }
  return null;
}

/** The entries that these packages need, and those that they need, with optional ones where the lock has them. */
export function closureOf(packages: LockPackages, roots: readonly string[]): Record<string, LockEntry> {
  const found: Record<string, LockEntry> = {};
  const open = roots.map((name) => ({ from: '', name, isOptional: false }));
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { from, name, isOptional } = next;
    const place = placeOf(packages, from, name);
    const entry = place === null ? undefined : packages[place];
    if (place === null || entry === undefined) {
      if (isOptional) continue;
      throw new Error(`the lock has no ${name}, which ${from === '' ? 'the package' : from} needs`);
    }
    if (found[place] !== undefined) continue;
    const { dev: _dev, devOptional: _devOptional, peer: _peer, ...kept } = entry;
    found[place] = kept;
    for (const [wanted, optional] of [
      [entry.dependencies, false],
      [entry.optionalDependencies, true],
    ] as const)
      for (const one of Object.keys(wanted ?? {}))
        open.push({ from: place, name: one, isOptional: optional });
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `package.json` and `package-lock.json` for `npm ci`: native packages at the project's versions, and Node. */
export function manifestFor(packages: LockPackages, node: NodePin, cpu: Cpu) {
  const entries = closureOf(packages, nativePackages);
  const dependencies = Object.fromEntries(
    nativePackages.map((name) => [name, entries[`node_modules/${name}`]?.version ?? '']),
  );
  const { name, version, integrity } = node;
  // Optional: npm refuses to install another processor's package otherwise, whatever --cpu says.
  const optionalDependencies = { [name]: version };
  const manifest = {
    name: 'swipe-payload',
    version: '0.0.0',
    private: true,
    dependencies,
    optionalDependencies,
  };
  const lock = {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': manifest,
      ...entries,
      [`node_modules/${name}`]: {
        version,
        integrity,
        cpu: [cpu],
        os: ['linux'],
        optional: true,
        bin: { node: 'bin/node' },
      },
    },
  };
  return { manifest, lock };
}
