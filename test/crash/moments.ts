/** When a gateway is killed: what can be seen of it from outside, and how soon after that. */
import type { Dice } from '../simulation/random.ts';

/** What can be seen of a gateway at work. */
export type Sign =
  | 'command brought'
  | 'command acknowledged'
  | 'result published'
  | 'result acknowledged'
  | 'receipt asked for'
  | 'receipt shown'
  | 'money asked for'
  | 'money answered'
  | 'interrupt sent'
  | 'journal written'
  | 'witness written';

/** A kind of moment. */
export interface Moment {
  name: string;
  /** What it waits for; null: nothing but the time. */
  sign: Sign | null;
  /** How long after that at the most, in milliseconds. */
  withinMs: number;
}

const moments: readonly (readonly [weight: number, moment: Moment])[] = [
  [2, { name: 'a command came', sign: 'command brought', withinMs: 3 }],
  [3, { name: 'a command was acknowledged', sign: 'command acknowledged', withinMs: 5 }],
  [2, { name: 'the baseline was asked for', sign: 'receipt asked for', withinMs: 5 }],
  [2, { name: 'the baseline was shown', sign: 'receipt shown', withinMs: 5 }],
  [5, { name: 'the request of money was sent', sign: 'money asked for', withinMs: 5 }],
  [4, { name: 'the terminal was at work', sign: 'money asked for', withinMs: 250 }],
  [5, { name: 'the answer came', sign: 'money answered', withinMs: 5 }],
  [4, { name: 'a result was published', sign: 'result published', withinMs: 4 }],
  [2, { name: 'a result was acknowledged', sign: 'result acknowledged', withinMs: 4 }],
  [3, { name: 'the journal was written', sign: 'journal written', withinMs: 3 }],
  [3, { name: 'the witness was written', sign: 'witness written', withinMs: 2 }],
  [2, { name: 'an interrupt was sent', sign: 'interrupt sent', withinMs: 5 }],
  [3, { name: 'the gateway was starting', sign: null, withinMs: 600 }],
  [2, { name: 'any moment', sign: null, withinMs: 1500 }],
];

const settling: Moment = { name: 'a broken operation was settled', sign: 'receipt asked for', withinMs: 20 };

/** A kill that has been planned. */
export interface Kill {
  moment: Moment;
  /** At the n-th such sign. */
  nth: number;
  delayMs: number;
  /** What was on its way to and from the broker is lost with it. */
  losesWire: boolean;
}

/**
 * Rolls when the next kill comes; half of them at once, before the sign reaches anybody else.
 *
 * @param isBroken the last kill broke an operation, which the next start has to settle
 */
export function nextKill(dice: Dice, isBroken: boolean): Kill {
  const moment = isBroken && dice.chance(0.3) ? settling : dice.weighted(moments);
  const isAtOnce = moment.sign !== null && moment.withinMs < 100 && dice.chance(0.5);
  return {
    moment,
    nth: moment === settling ? 1 : dice.between(1, 3),
    delayMs: isAtOnce ? 0 : dice.fraction() * moment.withinMs,
    losesWire: dice.chance(0.3),
  };
}

/** Lies in wait for the sign of a kill. */
export class Ambush {
  #waiting: { sign: Sign; left: number; strike: () => void } | null = null;

  /** Resolves in the moment of the kill, after `strike`; `lateMs` after now it comes in any case, and false is told. */
  wait(kill: Kill, lateMs: number, strike: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isMet: boolean): void => {
        clearTimeout(late);
        this.#waiting = null;
        strike();
        resolve(isMet);
      };
      const late = setTimeout(() => end(false), lateMs);
      const after = (): void => {
        this.#waiting = null;
        if (kill.delayMs === 0) return end(true);
        clearTimeout(late);
        setTimeout(() => end(true), kill.delayMs);
      };
      const { sign } = kill.moment;
      if (sign === null) return after();
      this.#waiting = { sign, left: kill.nth, strike: after };
    });
  }

  /** Something was seen. */
  see(sign: Sign): void {
    const waiting = this.#waiting;
    if (waiting === null || waiting.sign !== sign) return;
    waiting.left -= 1;
    if (waiting.left === 0) waiting.strike();
  }
}
