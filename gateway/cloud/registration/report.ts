/** Says where the box stands: to payments and the status when it changes, to people when it is about to. */
import type { CommandKey } from '../../contract/config.ts';
import type { ClaimReason, RegistrationState } from '../../contract/registration.ts';
import { isoTime } from '../../contract/time.ts';
import { messageOf } from '../../seams/error.ts';
import type { Log } from '../../seams/log.ts';
import { worthALine } from '../backoff.ts';
import type { Asked } from './asking.ts';
import type { Kept } from './kept.ts';
import type { Standing } from './standing.ts';

/** The registry as `swipe status` shows it. Times are RFC 3339. */
export interface RegistryView {
  url: string;
  state: RegistrationState;
  /** Why the box is unregistered, as the registry says. */
  reason: ClaimReason | null;
  /** A code that waits to be typed at a sale system. */
  pairing: { code: string; expiresAt: string } | null;
  /** When it answered last; null: never. */
  heardAt: string | null;
  /** Payments end then unless it answers. Told when that is near, or past. */
  endsAt: string | null;
  /** Why the last try was not answered; null: it was. */
  failure: string | null;
}

/** What {@link createReport} needs. */
export interface ReportParts {
  url: string;
  kept: () => Pick<Kept, 'heard'>;
  standing: () => Standing;
  nowMs: () => number;
  log: Log;
}

/** Keeps everybody informed. Nothing here throws. */
export interface Report {
  /** One listener. */
  onChange(listener: () => void): void;
  /** Looks whether something has changed, by an answer or by time. */
  look(): void;
  /** What became of a try: the how-many-th in a row that was not answered, and how long it is until the next. */
  tried(asked: Asked, how: { failures: number; waitMs: number }): void;
  /** Sale systems' keys have come or gone. */
  keysChanged(before: readonly CommandKey[], after: readonly CommandKey[], ownKids: readonly string[]): void;
  view(): RegistryView;
}

/** Makes it. */
export function createReport({ url, kept, standing, nowMs, log }: ReportParts): Report {
  let failure: string | null = null;
  let listener = (): void => {};
  let last = standing();
  let warnedDays = 0;

  function warn({ silentDays, state }: Standing): void {
    if (silentDays === null || silentDays === warnedDays) return;
    log[state === 'unregistered' ? 'error' : 'warn'](
      'the registry has been silent for weeks: payments end after 35 days',
      { count: silentDays, state },
    );
  }

  function look(): void {
    const now = standing();
    warn(now);
    warnedDays = now.silentDays ?? 0;
    const changed = now.state !== last.state || now.untilMs !== last.untilMs;
    last = now;
    if (!changed) return;
    log.info('the registration has changed', { state: now.state });
    try {
      listener();
    } catch (error) {
      log.error('a change of the registration could not be told', { error: messageOf(error) });
    }
  }

  return {
    onChange(heard) {
      listener = heard;
    },
    look,
    tried(asked, { failures, waitMs: delayMs }) {
      if (asked.kind === 'answered') {
        const { state, reason, revision } = asked.answer;
        log.info('the registry has answered', { state, count: revision, delayMs, ...(reason && { reason }) });
        failure = null;
      } else if (asked.kind === 'behind') {
        log.warn('the registry has seen a higher count of this box: going on from there', {
          count: asked.count,
        });
      } else {
        const { why: reason, code } = asked;
        failure = code === null ? reason : `${code}: ${reason}`;
        if (worthALine(failures))
          log.warn('no answer of the registry', { reason, count: failures, delayMs, ...(code && { code }) });
      }
      look();
    },
    keysChanged(before, after, ownKids) {
      const lacks = (keys: readonly CommandKey[], kid: string): boolean =>
        !keys.some((key) => key.kid === kid);
      for (const { kid } of before)
        if (lacks(after, kid)) log.info('a command key was taken back by the registry', { kid });
      for (const { kid } of after) {
        if (lacks(before, kid)) log.info('a command key was issued by the registry', { kid });
        if (ownKids.includes(kid))
          log.warn("a command key of the registry has the name of one of the config's, which stands", {
            kid,
          });
      }
    },
    view() {
      const { heard } = kept();
      const { state, silentDays, goesOnUntilMs } = standing();
      const pairing = heard !== null && heard.pairing !== null ? heard.pairing : null;
      return {
        url,
        state,
        reason: state === 'unregistered' ? (heard?.reason ?? null) : null,
        pairing:
          pairing === null || pairing.expiresAtMs <= nowMs()
            ? null
            : { code: pairing.code, expiresAt: isoTime(pairing.expiresAtMs) },
        heardAt: heard === null ? null : isoTime(heard.atMs),
        endsAt: silentDays === null || goesOnUntilMs === null ? null : isoTime(goesOnUntilMs),
        failure,
      };
    },
  };
}
