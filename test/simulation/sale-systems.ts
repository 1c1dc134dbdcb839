/** The sale systems at one box: each keeps an id before it sends, and sends the same again until there is a result. */
import type { OperationType } from '../../gateway/contract/command.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import type { HmacKey } from '../../gateway/simulators/sale-system.ts';
import type { Asked, Book, Expectation } from './book.ts';
import type { Act, AskedType } from './plan.ts';
import type { Profile } from './profile.ts';
import { type Dice, diceOf } from './random.ts';
import type { Tally } from './tally.ts';
import { box, keys, type World } from './world.ts';

type Ask = Extract<Act, { do: 'ask' }>;

/** An amount that no other operation of the run has, so that the bank's ledger tells whose a movement is. */
export const amountOf = (n: number): number => 100_006 + n * 1_000;

const longestPauseMs = 300_000;
const inquiryLifeMs = 60_000;

/** See the module. */
export class SaleSystems {
  readonly #world: World;
  readonly #book: Book;
  readonly #profile: Profile;
  readonly #faults: Tally;
  readonly #dice: Dice;
  #made = 0;
  /** Senders' own networks are good again. */
  isFair = false;
  /** What the till signs with now; null: with its key in the config. */
  readonly #tillKey: () => HmacKey | null;

  constructor(
    world: World,
    book: Book,
    profile: Profile,
    faults: Tally,
    seed: number,
    tillKey: () => HmacKey | null,
  ) {
    this.#tillKey = tillKey;
    this.#world = world;
    this.#book = book;
    this.#profile = profile;
    this.#faults = faults;
    this.#dice = diceOf(seed, 'sale systems');
  }

  /** A new operation of the plan. */
  ask(act: Ask): void {
    const members = this.#membersOf(act);
    if (members === null) return this.ask({ ...act, type: 'payment' });
    const amount = 'amount' in members && act.type !== 'completion' ? Number(members.amount) : 0;
    const asked = this.open(idOf(act.n), act.type, members, act.sender, {
      amount: act.type === 'completion' ? Number(members.finalAmount) : amount,
      cash: Number(members.cash ?? 0),
    });
    this.#keepSending(asked, act.lifeMs);
  }

  /** An inquiry about another operation, or a person's decision; its sender wants the answer as well. */
  inquire(type: 'status' | 'abort' | 'resolve', sender: number, members: Record<string, unknown>): Asked {
    this.#made += 1;
    const id = `${type}-${String(this.#made).padStart(5, '0')}`;
    const asked = this.open(id, type, members, sender);
    this.#keepSending(asked, inquiryLifeMs);
    return asked;
  }

  /** Writes an operation into the book, as a sender does before sending. */
  open(
    id: string,
    type: OperationType,
    members: Record<string, unknown>,
    sender: number,
    money: { amount: number; cash: number } = { amount: 0, cash: 0 },
    expectation: Expectation = 'outcome',
  ): Asked {
    const content = { id, box, type, ...members };
    return this.#book.add({ id, type, expectation, sender, content, ...money, sends: [], known: null });
  }

  /** Sends a command once, with fresh times; `other` members replace its own. */
  sendOnce(asked: Asked, lifeMs: number, other: Record<string, unknown> = {}): void {
    const { time } = this.#world;
    const aheadMs = this.#profile.senderAheadMs[asked.sender] ?? 0;
    const issuedAtMs = time.nowMs() + aheadMs;
    asked.sends.push({ atMs: time.monotonicMs(), expiresAtMs: issuedAtMs + lifeMs });
    const times = { issuedAt: isoTime(issuedAtMs), expiresAt: isoTime(issuedAtMs + lifeMs) };
    this.#world.send({ ...asked.content, ...times, ...other }, this.keyOf(asked));
  }

  keyOf({ type, sender }: Asked): HmacKey {
    if (type === 'resolve') return keys.owner;
    return sender === 1 ? (this.#tillKey() ?? keys.till) : keys.shop;
  }

  /** A result as the broker passes it on: it takes a moment, or is lost with a sender's session. */
  hear(result: Result): void {
    const { resultLost } = this.#profile.network;
    if (resultLost > 0 && !this.isFair && this.#dice.chance(resultLost))
      return this.#faults.add('mqtt: a result lost on its way to the sender');
    this.#world.time.after(1, () => this.#book.hear(result));
  }

  #keepSending(asked: Asked, lifeMs: number): void {
    let pauseMs = this.#profile.resendMs;
    const send = (): void => {
      if (asked.sends.length > 0) {
        if (!this.#book.isWaiting(asked.id)) return;
        this.#faults.add('people: the same command again');
      }
      // A sender that had no answer gives more time: the same content, fresh times.
      this.sendOnce(asked, asked.sends.length === 0 ? lifeMs : Math.max(lifeMs, 60_000));
      this.#world.time.after(Math.max(pauseMs, asked.sends.length > 1 ? 0 : lifeMs / 4), send);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    };
    send();
  }

  /** The members of a command; null when there is nothing to reverse yet. */
  #membersOf({ type, n, which, part }: Ask): Record<string, unknown> | null {
    const amount = amountOf(n);
    const currency = 'UAH';
    switch (type) {
      case 'payment':
        return { amount, currency, order: `order ${n}` };
      case 'refund':
        return { amount, currency, rrn: String(400_000_000_000 + n) };
      case 'reversal':
        return this.#reversalOf(n, which, part);
      case 'cashback':
        return { amount, cash: 10_000 + n };
      case 'completion':
        return {
          amount: amount + 500,
          finalAmount: amount,
          authCode: '483920',
          rrn: String(400_000_000_000 + n),
        };
      case 'instalment':
        return { amount, plan: 'parts', parts: 3 };
      case 'instalmentRefund':
        return { amount, plan: 'parts', agreement: String(10_000_000 + n), partial: part };
      case 'reconciliation':
      case 'totals':
      case 'balance':
        return { merchant: '1' };
      case 'receipt':
        return part ? {} : { invoice: String(131_220 + Math.floor(which * 20)) };
      default:
        return { amount };
    }
  }

  #reversalOf(n: number, which: number, part: boolean): Record<string, unknown> | null {
    const done = this.#book
      .all()
      .filter(
        ({ type, known }) => reversible.has(type) && known?.outcome === 'approved' && known.invoice !== null,
      )
      .slice(-8);
    const original = done[Math.floor(which * done.length)];
    if (original?.known == null) return null;
    const { invoice, rrn, approvedAmount } = original.known;
    const amount = part ? { amount: 100 + n } : {};
    return which > 0.8 && rrn !== null
      ? { invoice, originalAmount: approvedAmount, rrn, ...amount }
      : { operation: original.id, ...amount };
  }
}

const reversible: ReadonlySet<AskedType | OperationType> = new Set<OperationType>([
  'payment',
  'cashback',
  'instalment',
]);

/** The id of the operation with this number. */
export const idOf = (n: number): string => `operation-${String(n).padStart(5, '0')}`;
