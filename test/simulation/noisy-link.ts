/** The cable between the box and its terminal, with what happens to bytes on it. */
import type { Time } from '../../gateway/seams/time.ts';
import type { Link } from '../../gateway/terminal/links/link.ts';
import { moneyMethodOf } from './frames.ts';
import type { HeldAnswers, LateAnswers } from './late-answers.ts';
import type { LineRates } from './profile.ts';
import { type Dice, diceOf } from './random.ts';
import type { Tally } from './tally.ts';

/** What the cable is made of. */
export interface NoisyLinkParts {
  seed: number;
  rates: LineRates;
  time: Time;
  faults: Tally;
  /** Whoever is plugged in at the other end now. */
  end: () => Link;
  /** No byte gets through, in either direction. */
  isSilent: () => boolean;
  /** The noise is over. */
  isFair: () => boolean;
  again: LateAnswers;
  held: HeldAnswers;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/**
 * One bit is another one than was sent. A digit never becomes another digit: the protocol has no checksum, and no
 * cash register can see that an amount or a code is another one than the terminal wrote.
 */
function withBitError(bytes: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.between(0, bytes.length - 1);
  const from = bytes[at] ?? 0;
  const to = from ^ (1 << dice.between(0, 7));
  return isDigit(from) && isDigit(to)
    ? bytes
    : Uint8Array.from(bytes, (byte, index) => (index === at ? to : byte));
}

/**
 * The answer to a request of money names another amount: here the receipts still tell the truth. Of a partial
 * approval nobody can tell how much it should be, so that one stays as it is.
 */
function withOtherAmount(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const isPartial = /"(00)?10"/.test(text);
  return isPartial ? bytes : Buffer.from(text.replace(/("amount"\s*:\s*")\d/, '$19'), 'latin1');
}

/** A link with noise. Bytes keep their order. */
export function noisyLink(parts: NoisyLinkParts): Link {
  const { seed, rates, time, faults, end, isSilent, isFair, again, held } = parts;
  const dice = diceOf(seed, 'line');
  const strikes = (rate: number, name: string): boolean => {
    if (rate === 0 || isFair() || !dice.chance(rate)) return false;
    faults.add(name);
    return true;
  };
  const changed = (bytes: Uint8Array, isAnswer: boolean): Uint8Array => {
    if (isAnswer && rates.bitError > 0 && moneyMethodOf(bytes) !== null)
      if (strikes(0.1, "link: another digit in an answer's amount")) return withOtherAmount(bytes);
    const noisy = strikes(rates.bitError, 'link: bit error') ? withBitError(bytes, dice) : bytes;
    if (!strikes(rates.garbage, 'link: garbage')) return noisy;
    const junk = Uint8Array.from({ length: dice.between(1, 20) }, () => dice.between(0, 255));
    return Buffer.concat(dice.chance(0.5) ? [junk, noisy] : [noisy, junk]);
  };
  const isPlain = Object.values(rates).every((one) => one === 0);

  /** Passes bytes on in the pieces and at the times in which they come out at the other end. */
  const pieces = (deliver: (bytes: Uint8Array) => void, isAnswer: boolean): ((bytes: Uint8Array) => void) => {
    let held = Buffer.alloc(0);
    let isWaiting = false;
    const flush = (): void => {
      isWaiting = false;
      const isSplit = held.length > 1 && strikes(rates.split, 'link: split');
      const length = isSplit ? dice.between(1, held.length - 1) : held.length;
      const now = held.subarray(0, length);
      held = held.subarray(length);
      if (held.length > 0) later(dice.between(1, 5));
      deliver(now);
    };
    const later = (delayMs: number): void => {
      isWaiting = true;
      time.after(delayMs, flush);
    };
    return (bytes) => {
      held = Buffer.concat([held, changed(bytes, isAnswer)]);
      if (!isWaiting) later(strikes(rates.glued, 'link: glued') ? dice.between(5, 60) : 0);
    };
  };

  return {
    name: 'simulated:terminal',
    async open(handlers) {
      let isOpen = true;
      const take = (bytes: Uint8Array): void => {
        if (isOpen && !isSilent()) handlers.data(bytes);
      };
      const passed = isPlain ? take : pieces((bytes) => take(bytes), true);
      const received = (bytes: Uint8Array): void => {
        again.said(bytes);
        held.said(bytes, passed);
      };
      const connection = await end().open({
        data: received,
        closed: (reason) => {
          isOpen = false;
          handlers.closed(reason);
        },
      });
      again.opened(passed);
      held.opened(passed);
      const put = (bytes: Uint8Array): void => {
        if (!isSilent()) connection.write(bytes);
      };
      const sent = isPlain ? put : pieces(put, false);
      return {
        write: (bytes) => {
          again.wrote(bytes);
          sent(bytes);
        },
        close: () => connection.close(),
      };
    },
  };
}
