/** What the people at a counter do, one customer after the other, until they are told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import { standingOf } from '../simulation/bank.ts';
import { type Asked, type Book, movesMoney } from '../simulation/book.ts';
import type { Dice } from '../simulation/random.ts';
import type { Tally } from '../simulation/tally.ts';
import type { Report } from '../simulation/violation.ts';
import type { SaleSystems } from './sale-systems.ts';

/** What tells the other content of an id from its own. */
const otherOrder = 'another order';
const ownerPauseMs = 300;

/** Where the people are. */
export interface CounterParts {
  sales: SaleSystems;
  book: Book;
  dice: Dice;
  people: Tally;
  report: Report;
  /** What the bank has. */
  look(): Promise<readonly Movement[]>;
}

/** See the module. */
export class Customers {
  readonly #parts: CounterParts;
  readonly #reversed = new Set<string>();
  /** Everything that somebody still waits for. */
  readonly #errands = new Set<Promise<void>>();
  #isOver = false;
  /** The next payment is to be aborted. */
  isAbortWanted = false;

  constructor(parts: CounterParts) {
    this.#parts = parts;
  }

  /** The shop's till: payments, refunds and reversals, and all that people do to them. */
  async shop(): Promise<void> {
    const { dice, sales } = this.#parts;
    while (!this.#isOver) {
      const original = this.#reversible();
      const type = dice.weighted([
        [12, 'payment'],
        [2, 'refund'],
        [original === null ? 0 : 3, 'reversal'],
      ] as const);
      if (type === 'reversal' && original !== null) this.#reversed.add(original.id);
      await this.#serve(sales.open(type, 0, original));
      await sleep(dice.between(0, 60));
    }
  }

  /** Another till, and an accountant who asks about everything. */
  async till(): Promise<void> {
    const { dice, sales, book, people } = this.#parts;
    while (!this.#isOver) {
      await sleep(dice.between(100, 1200));
      const known = book.all();
      const any = known[dice.between(Math.max(0, known.length - 30), known.length - 1)];
      const deed = dice.weighted([
        [3, 'payment'],
        [2, 'again'],
        [2, 'status'],
        [1, 'receipt'],
        [1, 'totals'],
        [1, 'abort ahead'],
      ] as const);
      if (deed === 'payment') await this.#serve(sales.open('payment', 1));
      if (deed === 'again' && any !== undefined && any.known !== null) {
        people.add('the same command again');
        if (!(await sales.askAgain(any)))
          this.#parts.report('3.4', any.id, 'asked for again and again, its result does not come');
      }
      if (deed === 'status' && any !== undefined)
        await sales.carryThrough(sales.inquire('status', 1, { target: any.id }));
      if (deed === 'receipt') await sales.carryThrough(sales.inquire('receipt', 1, {}));
      if (deed === 'totals') await sales.carryThrough(sales.inquire('totals', 1, { merchant: '1' }));
      if (deed === 'abort ahead') {
        people.add('abort before the command');
        const payment = sales.open('payment', 1);
        await sales.carryThrough(sales.inquire('abort', 1, { target: payment.id }));
        await this.#serve(payment);
      }
    }
  }

  /** One operation from its first sending to its final outcome, with what people do to it meanwhile. */
  async #serve(asked: Asked): Promise<void> {
    const { dice, sales, people } = this.#parts;
    const isAborted = this.isAbortWanted || dice.chance(0.1);
    if (isAborted) {
      this.isAbortWanted = false;
      this.#run(async () => {
        await sleep(dice.between(0, 250));
        people.add('abort');
        await sales.carryThrough(sales.inquire('abort', asked.sender, { target: asked.id }));
      });
    }
    const isHasty = dice.chance(0.05);
    if (isHasty) people.add('a deadline that may pass before the start');
    const { outcome } = await sales.carryThrough(asked, isHasty ? dice.between(50, 800) : undefined);
    if (dice.chance(0.08)) {
      // Only now: sent before, it could be the operation itself.
      people.add('the same id with other content');
      await sales.sendOnce(asked, undefined, { order: otherOrder });
    }
    if (outcome === 'unknown') await this.#decide(asked);
    if (outcome === 'refused') await sleep(dice.between(50, 250));
  }

  /** The shop's owner looks at the bank and decides, when the box says that it will not learn more. */
  async #decide(asked: Asked): Promise<void> {
    const { sales, people } = this.#parts;
    const isFinal = (): boolean => asked.known !== null && asked.known.outcome !== 'unknown';
    while (!(await sales.until(isFinal, ownerPauseMs))) {
      people.add('resolve');
      const [moved] = standingOf(asked, await this.#parts.look());
      const { amount = 0, rrn = '', invoice = '' } = moved ?? {};
      const decision =
        moved === undefined
          ? { outcome: 'failed' }
          : { outcome: 'approved', approvedAmount: amount, rrn, invoice };
      await sales.carryThrough(sales.inquire('resolve', 0, { target: asked.id, by: 'Olena', ...decision }));
      // The final outcome may have been lost with the broker: whoever knows of `unknown` asks again.
      if (!isFinal()) await sales.sendOnce(asked);
    }
  }

  /** No new customers; resolves when everybody has what he waits for. */
  async close(): Promise<void> {
    this.#isOver = true;
    while (this.#errands.size > 0) await Promise.all(this.#errands);
  }

  /** Starts something that goes on by itself. */
  #run(errand: () => Promise<void>): void {
    const running = errand().finally(() => this.#errands.delete(running));
    this.#errands.add(running);
  }

  /** Opens the counter. */
  begin(): void {
    this.#run(() => this.shop());
    this.#run(() => this.till());
  }

  /** A payment that stands and that nobody has taken back yet. */
  #reversible(): Asked | null {
    const { book, dice } = this.#parts;
    const done = book
      .all()
      .slice(-40)
      .filter(
        ({ id, type, known }) =>
          type === 'payment' &&
          movesMoney(type) &&
          known?.outcome === 'approved' &&
          known.invoice !== null &&
          !this.#reversed.has(id),
      );
    return done.length === 0 ? null : dice.pick(done);
  }
}
