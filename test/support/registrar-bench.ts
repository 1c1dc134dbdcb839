/** The box's side of the registry under virtual time, with a registry and a disk that do what a test wants. */
import { makeBoxKey } from '../../gateway/cloud/box-key.ts';
import type { KeptFile } from '../../gateway/cloud/registration/kept.ts';
import {
  type BoxAround,
  createRegistrar,
  type Registrar,
} from '../../gateway/cloud/registration/registrar.ts';
import type { TlsKeys } from '../../gateway/cloud/registration/tls-key.ts';
import type { Config } from '../../gateway/contract/config.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { createTrustedClock } from '../../gateway/system/clock-trust.ts';
import { FakeRegistry } from './fake-registry.ts';
import { recordingLog } from './scripted-broker.ts';
import { VirtualTime } from './virtual-time.ts';

/** The box of these tests. */
export const boxKey = makeBoxKey(new Uint8Array(32).fill(3));
export const { box } = boxKey;

/** A disk in memory. */
export class FakeDisk implements KeptFile {
  text: string | null = null;
  writes = 0;
  isFull = false;

  read(): string | null {
    return this.text;
  }

  write(text: string): void {
    if (this.isFull) throw new SwipeError('storageFull', 'no room');
    this.writes += 1;
    this.text = text;
  }
}

/** How a bench is made. */
export interface BenchOptions {
  claim?: string;
  /** The registry's key in the config; absent: the fake registry's. */
  pin?: string;
  clock?: Config['clock'];
  synchronised?: () => boolean;
  tlsKeys?: TlsKeys;
  ownKids?: readonly string[];
  /** The latest trusted time on disk. */
  trustedMs?: number;
  fraction?: () => number;
}

/** See the module. */
export function registrarBench(options: BenchOptions = {}) {
  const time = new VirtualTime();
  const registry = new FakeRegistry(time);
  const disk = new FakeDisk();
  const { log, lines, matching } = recordingLog();
  const terminal = { vendor: 'PAX', model: 'S800', software: '1.0', id: 'S1260S6Y' };
  const state = { trustedMs: options.trustedMs ?? 0, sequence: 7, changes: 0, brokerChanges: 0 };
  let draws = 0;
  let registrar: Registrar | null = null;
  let stopClock = (): void => {};

  /** A boot. What an earlier one left running is not ended by it: see `stop` and `pullPlug`. */
  function start(more: BenchOptions = {}): Registrar {
    const { claim, pin, ownKids, tlsKeys, clock: mode, synchronised, fraction } = { ...options, ...more };
    const life = livingTime(time);
    const clock = createTrustedClock({
      clock: life,
      timers: life,
      journal: {
        latestTrustedMs: () => state.trustedMs,
        noteTrustedTime(nowMs) {
          state.trustedMs = Math.max(state.trustedMs, nowMs);
        },
      },
      mode: mode ?? 'system',
      synchronised: synchronised ?? (() => false),
      log,
    });
    const made = createRegistrar({
      box,
      boxKey,
      registry: { url: 'https://registry.example', key: pin ?? (registry.pairs[0]?.x as string), claim },
      ownKids: ownKids ?? [],
      file: {
        read: () => disk.read(),
        write(text) {
          if (life.isAlive()) disk.write(text);
        },
      },
      tlsKeys: tlsKeys ?? null,
      exchange: (jws, signal) => (life.isAlive() ? registry.exchange(jws, signal) : new Promise(() => {})),
      hardware: { model: 'Raspberry Pi 3', serial: '00000000abcdef01', system: 'Debian 12' },
      time: life,
      random: {
        fraction: fraction ?? (() => 0.5),
        bytes(length) {
          draws += 1;
          return new Uint8Array(length).fill(draws);
        },
      },
      log,
    });
    made.registration.onChange(() => {
      state.changes += 1;
    });
    clock.start();
    const around: BoxAround = {
      clock,
      terminal: () => terminal,
      lastSequence: () => state.sequence,
      brokerChanged: () => {
        state.brokerChanges += 1;
      },
    };
    made.start(around);
    registrar = made;
    bench.clock = clock;
    stopClock = () => clock.stop();
    bench.pullPlug = life.kill;
    return made;
  }

  const bench = {
    time,
    registry,
    disk,
    lines,
    matching,
    terminal,
    state,
    start,
    clock: null as ReturnType<typeof createTrustedClock> | null,
    /** Ends the process without a word: no timer and no write of it works any more. */
    pullPlug: (): void => {},
    get registrar(): Registrar {
      if (registrar === null) throw new Error('not started');
      return registrar;
    },
    standing: () => bench.registrar.registration.current(),
    async stop(): Promise<void> {
      const stopped = bench.registrar.stop();
      stopClock();
      await stopped;
    },
    /** Boots and lets it ask and be answered, if it can be. */
    async boot(more: BenchOptions = {}): Promise<Registrar> {
      const made = start(more);
      await time.advance(60_000);
      return made;
    },
  };
  return bench;
}

/** Time as one process has it. */
function livingTime(time: VirtualTime) {
  const cancels = new Set<() => void>();
  let alive = true;
  return {
    nowMs: () => time.nowMs(),
    monotonicMs: () => time.monotonicMs(),
    after(delayMs: number, run: () => void) {
      if (!alive) return () => {};
      const cancel = time.after(delayMs, run);
      cancels.add(cancel);
      return cancel;
    },
    isAlive: () => alive,
    kill() {
      alive = false;
      for (const cancel of cancels) cancel();
    },
  };
}
