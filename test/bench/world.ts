/** The real parts around the gateway: broker, wire, simulated terminal, bundles, state on a disk. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deferred } from '../../gateway/seams/deferred.ts';
import { startMosquitto } from '../support/broker.ts';
import { isOnPath } from '../support/needs.ts';
import { type Child, startChild, startSocat } from './children.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The sale system's key. */
export const key = { kid: 'bench', secret: randomBytes(32).toString('base64url') };

/** A terminal at the end of a wire. */
export interface Counter {
  /** As the gateway's config names the near end. */
  link: string;
  /** When the terminal handed over the last byte of each Purchase's answer since the last call, in nanoseconds. */
  answeredNs(): Promise<bigint[]>;
}

/** All that is around the gateway. */
export interface World {
  /** The bench's own directory, on the disk that is measured. */
  directory: string;
  url: string;
  /** The newest version of MQTT that the broker speaks. aedes has 3.1.1 only, which the gateway has to find out. */
  mqttVersion: 4 | 5;
  /** For people: which broker, which wire. */
  broker: string;
  wire: string;
  /** A terminal that nobody else uses. */
  counter(name: string): Promise<Counter>;
  /** Bundles as `npm run build` does; the launcher's path. */
  bundle(name: string, entry: string): string;
  /** Writes a gateway's config; its path, and the state directory it names. */
  config(box: string, link: string): { config: string; stateDir: string };
  launch(command: string, args: readonly string[], more?: { env?: Record<string, string> }): Child;
  /** Rejects when one of the processes ends by itself: a payment would only say that nothing came. */
  broken: Promise<never>;
  close(): Promise<void>;
}

/**
 * A disk that outlives a boot: `/tmp` may be in memory, `/var/tmp` is not (Filesystem Hierarchy Standard 3.0 §5.15).
 */
export const defaultDisk = (): string => (existsSync('/var/tmp') ? '/var/tmp' : tmpdir());

// A line per message would slow the broker down, and fill the bench's memory.
const quiet = ['log_type none', 'log_type information'];

/** Builds the world in a new directory on this disk. */
export async function openWorld(disk: string): Promise<World> {
  const directory = mkdtempSync(join(disk, 'swipe-bench-'));
  const closers: (() => unknown)[] = [];
  let launched = 0;
  const { promise: broken, reject: died } = deferred<never>();
  broken.catch(() => {});
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.on('exit', remove);
  // Bundles leave packages with native code outside, and find them here.
  symlinkSync(fromRoot('node_modules'), join(directory, 'node_modules'));

  const useMosquitto = isOnPath('mosquitto');
  const broker = useMosquitto ? await startMosquitto(quiet) : await startAedesApart();
  closers.push(() => broker.stop());
  const useSocat = isOnPath('socat');
  function launch(command: string, args: readonly string[], { env = {} } = {}): Child {
    launched += 1;
    const logFile = join(directory, `process-${launched}.log`);
    const child = startChild({ command, args, logFile, env, died });
    closers.push(() => child.stop());
    return child;
  }

  /** aedes must not share a processor's turn with the sale system that takes the time. */
  async function startAedesApart() {
    const child = launch(process.execPath, ['--import', 'tsx', fromRoot('test/bench/processes/broker.ts')]);
    const { url } = (await child.next()) as { url: string };
    return { url, stop: () => child.stop() };
  }

  return {
    directory,
    url: broker.url,
    mqttVersion: useMosquitto ? 5 : 4,
    broker: useMosquitto
      ? 'Mosquitto, set_tcp_nodelay'
      : 'aedes in a process of its own (no mosquitto on PATH)',
    wire: useSocat ? 'socat, a pair of pseudo-terminals at 115200' : 'TCP (no socat on PATH)',
    launch,
    broken,
    async counter(name) {
      const ends = [join(directory, `${name}-near`), join(directory, `${name}-far`)] as const;
      if (useSocat) closers.push(await startSocat(...ends));
      const where = useSocat ? ['serial', ends[1]] : ['tcp'];
      const script = fromRoot('test/bench/processes/terminal.ts');
      const child = launch(process.execPath, ['--import', 'tsx', script, ...where]);
      const { link } = (await child.next()) as { link: string };
      return {
        link: useSocat ? `serial:${ends[0]}` : link,
        async answeredNs() {
          const { answeredNs } = (await child.ask({})) as { answeredNs: string[] };
          return answeredNs.map(BigInt);
        },
      };
    },
    bundle(name, entry) {
      const out = join(directory, name);
      execFileSync(process.execPath, [fromRoot('.ci/build.mjs'), '--entry', fromRoot(entry), '--out', out]);
      return join(out, 'swipe');
    },
    config(box, link) {
      const stateDir = join(directory, `state-${box}`);
      mkdirSync(stateDir, { recursive: true, mode: 0o700 });
      const config = join(directory, `${box}.json`);
      const merchants = { shop: '1' };
      const terminal = { protocol: 'privat-json', link, commandGapMs: 0, defaultMerchant: 'shop', merchants };
      const commandKeys = [{ ...key, alg: 'HS256' }];
      const input = { stateDir, box, broker: { url: broker.url }, terminal, commandKeys };
      writeFileSync(config, JSON.stringify(input), { mode: 0o600 });
      return { config, stateDir };
    },
    async close() {
      for (const close of closers.splice(0).reverse()) await close();
      remove();
      process.off('exit', remove);
    },
  };
}
