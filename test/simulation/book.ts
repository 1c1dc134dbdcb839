/** Every operation that anybody asked for, with what may and may not come of it: what the oracle goes by. */
import type { OperationType } from '../../gateway/contract/command.ts';
import type { Result } from '../../gateway/contract/result.ts';

/** What is expected of an operation. */
export type Expectation =
  /** An outcome, by the rules. */
  | 'outcome'
  /** It must be refused: forbidden, invalid. */
  | 'refused'
  /** No result at all: not signed by a known key, for another box, retained. */
  | 'nothing';

/** One operation as its sender knows it. */
export interface Asked {
  id: string;
  type: OperationType;
  expectation: Expectation;
  /** Where its sender sits; -1: nobody in particular. */
  sender: number;
  /** Everything but `issuedAt` and `expiresAt`. */
  content: Readonly<Record<string, unknown>>;
  /** Minor units that the bank must show if it was approved: asked, and of a partial approval; 0 without money. */
  amount: number;
  /** `cashback` only. */
  cash: number;
  /** By the true time. */
  sends: { atMs: number; expiresAtMs: number }[];
  /** The sender's own knowledge: the result of the highest sequence. */
  known: Result | null;
}

const moneyTypes: ReadonlySet<string> = new Set([
  'payment',
  'refund',
  'reversal',
  'cashback',
  'preauthorization',
  'completion',
  'instalment',
  'instalmentRefund',
]);

/** Whether an operation of this type can move a customer's money. */
export const movesMoney = (type: string): boolean => moneyTypes.has(type);

/** Every operation of a run, by id, in the order in which they were asked for. */
export class Book {
  readonly #byId = new Map<string, Asked>();
  readonly #waiting = new Set<string>();

  add(asked: Asked): Asked {
    this.#byId.set(asked.id, asked);
    if (asked.expectation !== 'nothing') this.#waiting.add(asked.id);
    return asked;
  }

  find(id: string): Asked | null {
    return this.#byId.get(id) ?? null;
  }

  all(): readonly Asked[] {
    return [...this.#byId.values()];
  }

  /** A sender has heard of it. The result of the highest sequence counts. */
  hear(result: Result): void {
    const asked = this.#byId.get(result.id);
    if (asked === undefined) return;
    this.#waiting.delete(result.id);
    if (result.sequence > (asked.known?.sequence ?? 0)) asked.known = result;
  }

  /** How many senders still wait for a first result. */
  get waiting(): number {
    return this.#waiting.size;
  }

  isWaiting(id: string): boolean {
    return this.#waiting.has(id);
  }
}
