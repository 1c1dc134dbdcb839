/**
 * From the buttons' ups and downs to presses. Pure: the time is handed in.
 *
 * The red button counts when it goes down, not when it is let go, and holding it means nothing more: who presses it
 * in a hurry holds it. The white one counts when it is let go, or when it has been held for long.
 */
import type { PanelAction } from './panel.ts';

/** The panel's buttons. */
export const buttonNames = ['abort', 'info'] as const;

/** One of {@link buttonNames}. */
export type ButtonName = (typeof buttonNames)[number];

/** What a hand can do: press red, press white for a short or a long time, press both. */
export type PressKind = 'abort' | 'infoShort' | 'infoLong' | 'both';

/** Two buttons that go down within this time were pressed together. */
export const togetherMs = 60;

/** White counts as held after this time. */
export const longMs = 2_000;

/** What a press asks for. Red with anything is an abort as long as there is something to abort. */
export function actionOf(press: PressKind, isRunning: boolean): { button: string; action: PanelAction } {
  switch (press) {
    case 'abort':
      return { button: 'abort', action: 'abort' };
    case 'infoShort':
      return { button: 'info', action: 'receipt' };
    case 'infoLong':
      return { button: 'info', action: 'totals' };
    case 'both':
      return isRunning ? { button: 'abort', action: 'abort' } : { button: 'both', action: 'identify' };
  }
}

/** What the hand is at. */
export interface Hand {
  /** The buttons that are down, and since when. */
  readonly down: Readonly<Partial<Record<ButtonName, number>>>;
  /** It has been understood: nothing more counts until every button is up. */
  readonly isSpent: boolean;
}

/** No button is down. */
export const noHand: Hand = { down: {}, isSpent: false };

/** What comes of something that a hand does, or of time. */
export interface HandStep {
  hand: Hand;
  press: PressKind | null;
  /** When to look again, though nothing was touched; null: need not. */
  wakeAtMs: number | null;
}

/** A button went down or up, or, without one, time has passed. Downs of what is down already count for nothing. */
export function moveHand(
  hand: Hand,
  moved: { button: ButtonName; isDown: boolean } | null,
  nowMs: number,
): HandStep {
  const before = hand.down;
  const down = { ...before };
  if (moved?.isDown) down[moved.button] ??= nowMs;
  else if (moved) delete down[moved.button];

  const isEmpty = down.abort === undefined && down.info === undefined;
  const stay = (wakeAtMs: number | null): HandStep => ({
    hand: isEmpty ? noHand : { down, isSpent: hand.isSpent },
    press: null,
    wakeAtMs,
  });
  const spend = (press: PressKind): HandStep => ({
    hand: isEmpty ? noHand : { down, isSpent: true },
    press,
    wakeAtMs: null,
  });

  if (hand.isSpent) return stay(null);
  if (down.abort !== undefined && down.info !== undefined) return spend('both');
  if (down.abort !== undefined) {
    const decidedMs = down.abort + togetherMs;
    return nowMs >= decidedMs ? spend('abort') : stay(decidedMs);
  }
  if (down.info !== undefined) {
    const heldMs = down.info + longMs;
    return nowMs >= heldMs ? spend('infoLong') : stay(heldMs);
  }
  if (before.abort !== undefined) return spend('abort');
  if (before.info !== undefined) return spend(nowMs - before.info >= longMs ? 'infoLong' : 'infoShort');
  return stay(null);
}
