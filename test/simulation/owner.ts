/** The shop's owner, who looks at every unknown outcome and decides it when the box says that nothing more comes. */
import type { Result } from '../../gateway/contract/result.ts';
import type { Movements } from './bank.ts';
import { standingOf } from './bank.ts';
import type { Book } from './book.ts';
import { movesMoney } from './book.ts';
import { type Dice, diceOf } from './random.ts';
import type { SaleSystems } from './sale-systems.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

const againMs = 150_000;
const patientMs = 20_000;

/** See the module. */
export class Owner {
  readonly #world: World;
  readonly #book: Book;
  readonly #sales: SaleSystems;
  readonly #bank: Movements;
  readonly #faults: Tally;
  readonly #dice: Dice;
  readonly #looking = new Set<string>();
  /** How long until an unknown outcome is looked at. */
  afterMs: number;

  constructor(
    world: World,
    book: Book,
    sales: SaleSystems,
    bank: Movements,
    faults: Tally,
    seed: number,
    afterMs: number,
  ) {
    this.#world = world;
    this.#book = book;
    this.#sales = sales;
    this.#bank = bank;
    this.#faults = faults;
    this.#dice = diceOf(seed, 'owner');
    this.afterMs = afterMs;
  }

  /** Unknown outcomes that still wait for a decision. */
  get undecided(): number {
    return this.#looking.size;
  }

  /** A result was told. */
  hear({ id, type, outcome }: Result): void {
    if (outcome !== 'unknown' || !movesMoney(type) || this.#looking.has(id)) return;
    this.#looking.add(id);
    this.#world.time.after(this.afterMs, () => this.#look(id));
  }

  #look(id: string): void {
    const asked = this.#book.find(id);
    if (asked === null || this.#isFinal(id)) return void this.#looking.delete(id);
    this.#faults.add('people: resolve');
    const moved = standingOf(asked, this.#bank());
    const isMistaken = this.#dice.chance(0.05);
    const { amount = asked.amount, rrn = '400000000000', invoice = '1' } = moved[0] ?? {};
    const isApproved = moved.length > 0 !== isMistaken && amount > 0;
    const decision = isApproved
      ? { outcome: 'approved', approvedAmount: amount, rrn, invoice }
      : { outcome: 'failed' };
    const resolve = this.#sales.inquire('resolve', 0, { target: id, by: 'Olena', ...decision });
    const wait = (): void => {
      const isAnswered = resolve.known !== null;
      const isDone = resolve.known?.outcome === 'done' || this.#isFinal(id);
      if (isAnswered && isDone) return void this.#looking.delete(id);
      if (isAnswered) return void this.#world.time.after(againMs, () => this.#look(id));
      this.#world.time.after(patientMs, wait);
    };
    this.#world.time.after(patientMs, wait);
  }

  #isFinal(id: string): boolean {
    return this.#world.results.some((result) => result.id === id && result.outcome !== 'unknown');
  }
}
