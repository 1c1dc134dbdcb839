/** Where the box stands by the registry's last answer, and for how long. Pure. */
import type { RegistrationState } from '../../contract/event.ts';
import type { Kept } from './kept.ts';

const dayMs = 86_400_000;

/** How long the box goes on by the last answer. */
export const goOnMs = 35 * dayMs;
/** From then on it says that this will end. */
export const warnAfterMs = 28 * dayMs;

/** Where the box stands. */
export interface Standing {
  state: RegistrationState;
  untilMs: number | null;
  /** The registry has been silent for so many whole days that payments are about to end, or have ended; null: not so. */
  silentDays: number | null;
  /** When payments end unless the registry answers; null: it has never answered. */
  goesOnUntilMs: number | null;
}

/**
 * @param heard the last answer
 * @param nowMs null: the time is not known, and nothing ends by it. Nor does any payment start.
 */
export function standingOf(heard: Kept['heard'], nowMs: number | null): Standing {
  if (heard === null) return { state: 'unregistered', untilMs: null, silentDays: null, goesOnUntilMs: null };
  const silentMs = nowMs === null ? 0 : nowMs - heard.atMs;
  const goesOnUntilMs = heard.atMs + goOnMs;
  const silentDays = silentMs >= warnAfterMs ? Math.floor(silentMs / dayMs) : null;
  return silentMs >= goOnMs
    ? { state: 'unregistered', untilMs: null, silentDays, goesOnUntilMs }
    : { state: heard.state, untilMs: heard.untilMs, silentDays, goesOnUntilMs };
}
