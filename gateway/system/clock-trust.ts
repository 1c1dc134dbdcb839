import { existsSync } from 'node:fs';
import type { Journal } from '../payments/journal-port.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Cancel, Clock, SignedTime, TeachableClock, Timers } from '../seams/time.ts';

/** What {@link createTrustedClock} needs. */
export interface ClockTrustParts {
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  timers: Timers;
  journal: Pick<Journal, 'latestTrustedMs' | 'noteTrustedTime'>;
  /**
   * `system`: the clock is right as it is. `timesync`: it is right once `synchronised` says so; until then a signed
   * time will do, carried on by the monotonic clock.
   */
  mode: 'system' | 'timesync';
  /** Whether the clock has been set from a source that knows the time; not asked in mode `system`. */
  synchronised: () => boolean;
  log: Log;
}

/** A trusted clock that keeps its latest trusted time on disk. */
export interface KeptClock extends TeachableClock {
  /** Waits for the clock to be synchronised where it must, and writes the time down now and every hour. */
  start(): void;
  stop(): void;
}

/** A time server may set the clock back by this much without anybody noticing. */
const toleranceMs = 5000;
/** A signed time is used when its uncertainty, half of this, is well within the tolerance. */
const roundTripMaxMs = 5000;
/** Commands may be issued two minutes ahead of the box's time: what is off by a quarter of that is worth a line. */
const worthALineMs = 30_000;
const pollMs = 1000;
const noteMs = 3_600_000;

/** What systemd-timesyncd leaves when it has set the clock since the boot (systemd-timesyncd.service(8)). */
export const timesyncDone = (): boolean => existsSync('/run/systemd/timesync/synchronized');

/**
 * The box's wall clock with its memory. Once trusted, time never goes back: a clock that stands before the latest
 * trusted time, which a dead battery or a wrong time server brings, is not trusted until it has caught up.
 */
export function createTrustedClock({
  clock,
  timers,
  journal,
  mode,
  synchronised,
  log,
}: ClockTrustParts): KeptClock {
  let known = mode === 'system';
  /** While the system's clock is not known to be right: a signed time, and when by the monotonic clock it was that. */
  let signed: { atMs: number; monotonicMs: number } | null = null;
  let latestMs = journal.latestTrustedMs();
  let complained = false;
  let cancelPoll: Cancel = () => {};
  let cancelNote: Cancel = () => {};

  const wallMs = (): number =>
    known || signed === null
      ? clock.nowMs()
      : Math.round(signed.atMs + clock.monotonicMs() - signed.monotonicMs);

  const isBehind = (nowMs: number): boolean => nowMs < latestMs - toleranceMs;

  function read(): { nowMs: number; trusted: boolean } {
    const nowMs = wallMs();
    const trusted = (known || signed !== null) && !isBehind(nowMs);
    if (trusted && nowMs > latestMs) {
      latestMs = nowMs;
      journal.noteTrustedTime(nowMs, 'withNextRecord');
    }
    if ((known || signed !== null) && trusted === complained) {
      complained = !trusted;
      if (trusted) log.info('the clock has caught up with the latest trusted time');
      else log.error('the clock stands before the latest trusted time: no operation starts');
    }
    return { nowMs: Math.max(nowMs, latestMs), trusted };
  }

  function note(): void {
    const { nowMs, trusted } = read();
    if (!trusted) return;
    try {
      journal.noteTrustedTime(nowMs, 'atOnce');
    } catch (error) {
      // The next record brings it.
      log.warn('the trusted time could not be written down', { error: messageOf(error) });
    }
  }

  function noteHourly(): void {
    note();
    cancelNote = timers.after(noteMs, noteHourly);
  }

  function poll(): void {
    known = synchronised();
    if (!known) {
      cancelPoll = timers.after(pollMs, poll);
      return;
    }
    log.info('the clock is synchronised');
    cancelNote();
    noteHourly();
  }

  function learn({ atMs, roundTripMs }: SignedTime): void {
    if (!(roundTripMs <= roundTripMaxMs)) return;
    const nowMs = Math.round(atMs + roundTripMs / 2);
    const offMs = clock.nowMs() - nowMs;
    if (Math.abs(offMs) > worthALineMs)
      log.warn('the clock of this machine differs from the registry', { elapsedMs: Math.round(offMs) });
    if (known) return;
    if (isBehind(nowMs))
      return log.error('the registry tells an earlier time than the latest trusted: it is not believed');
    if (signed === null) log.info('the registry has told the time');
    signed = { atMs: nowMs, monotonicMs: clock.monotonicMs() };
    cancelNote();
    noteHourly();
  }

  return {
    nowMs: () => read().nowMs,
    isTrusted: () => read().trusted,
    learn,
    start() {
      if (known) noteHourly();
      else poll();
    },
    stop() {
      cancelPoll();
      cancelNote();
    },
  };
}
