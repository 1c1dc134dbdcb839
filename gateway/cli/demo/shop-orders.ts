/**
 * What the sample shop knows of its orders: which payments it asked for, and what became of them. As any shop it must not
 * ask for the same money twice: a new id only when the last one can take no money any more.
 */
import type { Result } from '../../contract/result.ts';
import { type HmacKey, readResult } from '../../simulators/sale-system.ts';
import { type SampleOrder, sumOf } from './shop-goods.ts';

/** One payment that was asked for. */
export interface Attempt {
  id: string;
  /** The command. */
  jws: string;
  amount: number;
  expiresMs: number;
  /** The latest one that is known. */
  result: Result | null;
  /** Its deadline has passed and the box does not know it: it never came to anything. */
  isVoid: boolean;
}

/** How an order stands: `waiting` for a payment's outcome, `unclear`: the box says that a person must look. */
export type OrderState = 'open' | 'waiting' | 'unclear' | 'notPaid' | 'partlyPaid' | 'paid';

/** Why a result is not believed. */
export type ResultFault = 'unsigned' | 'otherOrder' | 'otherBox' | 'otherAmount';

/** Of payments that came to nothing only so many are remembered. */
const attemptsMax = 20;

/** One order's payments. */
export class ShopOrder {
  readonly order: SampleOrder;
  #attempts: Attempt[] = [];

  constructor(order: SampleOrder) {
    this.order = order;
  }

  /** The latest one. */
  get last(): Attempt | null {
    return this.#attempts.at(-1) ?? null;
  }

  /** What is paid already. */
  get paid(): number {
    return this.#attempts.reduce((sum, { result }) => sum + paidBy(result), 0);
  }

  get due(): number {
    return Math.max(0, sumOf(this.order) - this.paid);
  }

  /** The payment that may still take money; null: there is none. */
  get pending(): Attempt | null {
    return this.#attempts.find(({ result, isVoid }) => !isVoid && !isFinal(result)) ?? null;
  }

  get state(): OrderState {
    if (this.due === 0) return 'paid';
    const { pending } = this;
    if (pending !== null) return pending.result === null ? 'waiting' : 'unclear';
    if (this.paid > 0) return 'partlyPaid';
    return this.last === null || this.last.isVoid ? 'open' : 'notPaid';
  }

  /** A payment is asked for. Never while another one is pending. */
  begin(attempt: Omit<Attempt, 'result' | 'isVoid'>): void {
    const begun: Attempt = { ...attempt, result: null, isVoid: false };
    const kept = this.#attempts.filter(({ result }) => paidBy(result) > 0);
    const others = this.#attempts.filter(({ result }) => paidBy(result) === 0).slice(1 - attemptsMax);
    this.#attempts = [...kept, ...others, begun];
  }

  /** Takes in a result; what is wrong with it, or null. Nothing but its signature says who wrote it. */
  hear(jws: string, box: string, key: HmacKey): ResultFault | null {
    const result = readResult(jws, key);
    if (result === null) return 'unsigned';
    const attempt = this.#attempts.find(({ id }) => id === result.id);
    if (attempt === undefined) return 'otherOrder';
    if (result.box !== box) return 'otherBox';
    if (result.amount !== attempt.amount || paidBy(result) > attempt.amount) return 'otherAmount';
    // An unknown outcome may become final once: then the later one holds, in whatever order they come.
    if (attempt.result === null || result.sequence > attempt.result.sequence) attempt.result = result;
    return null;
  }
}

const isFinal = (result: Result | null): boolean => result !== null && result.outcome !== 'unknown';

const paidBy = (result: Result | null): number =>
  result !== null && (result.outcome === 'approved' || result.outcome === 'partiallyApproved')
    ? (result.approvedAmount ?? 0)
    : 0;
