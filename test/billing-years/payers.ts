/** Who pays when and how: exactly, wrongly, late, or never. */
import { bookPayment } from '../../provisioning/registry/billing/ledger/payments.ts';
import { root } from '../registry/world.ts';
import { chosen } from './boxes.ts';
import { type Bill, customerOf } from './facts.ts';
import { reviewed } from './operator.ts';
import { takeMoney } from './oracle-money.ts';
import type { Transfer } from './statement-text.ts';
import { later, wallDay } from './wall-calendar.ts';
import type { World } from './world.ts';

/** How somebody means to pay. */
type Way =
  | 'exact'
  | 'byHand'
  | 'partial'
  | 'over'
  | 'double'
  | 'foreignCurrency'
  | 'wrongNumber'
  | 'noNumber'
  | 'allTogether'
  | 'withAnothers'
  | 'otherAccount';

const ways: readonly (readonly [number, Way])[] = [
  [72, 'exact'],
  [6, 'byHand'],
  [5, 'partial'],
  [3, 'over'],
  [3, 'double'],
  [1, 'foreignCurrency'],
  [1.5, 'wrongNumber'],
  [2, 'noNumber'],
  [5, 'allTogether'],
  [0.7, 'withAnothers'],
  [0.5, 'otherAccount'],
];

interface Intent {
  invoice: string;
  customer: string;
  way: Way;
}

const foreignAccount = 'UA903052992990004149123456789';
/** The customers' side of the world. */
export class Payers {
  /** What was ever sent, by its mark. */
  readonly transfers = new Map<string, Transfer>();
  readonly #world: World;
  readonly #intents = new Map<string, Intent[]>();
  readonly #habits = new Map<string, 'prompt' | 'late' | 'slow' | 'never'>();
  #marks = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** New invoices: who will pay them, when and how. */
  billed(bills: readonly Bill[]): void {
    const { dice } = this.#world;
    for (const bill of bills) {
      let habit = this.#habits.get(bill.customer);
      if (habit === undefined) {
        habit = dice.weighted([
          [84, 'prompt'],
          [10, 'late'],
          [4, 'slow'],
          [2, 'never'],
        ] as const);
        this.#habits.set(bill.customer, habit);
      }
      const way = dice.weighted(ways);
      if (habit === 'prompt') this.plan(bill, way, dice.between(1, 13));
      else if (habit === 'late') this.plan(bill, way, dice.between(15, 28));
      else if (habit === 'slow') this.plan(bill, way, dice.between(29, 60));
      else if (dice.chance(0.4)) this.plan(bill, 'allTogether', dice.between(50, 150));
    }
  }

  /** An invoice will be paid. */
  plan({ number, customer }: Pick<Bill, 'number' | 'customer'>, way: Way, inDays: number): void {
    const day = later(wallDay(this.#world.trueMs), inDays);
    const known = this.#intents.get(day) ?? [];
    this.#intents.set(day, [...known, { invoice: number, customer, way }]);
  }

  /** What is paid today, and what was to be paid while nobody looked. */
  async due(today: string): Promise<Transfer[]> {
    const transfers: Transfer[] = [];
    for (const day of [...this.#intents.keys()].filter((one) => one <= today).sort()) {
      for (const intent of this.#intents.get(day) ?? []) transfers.push(...(await this.#pay(intent, day)));
      this.#intents.delete(day);
    }
    return transfers;
  }

  /** A movement on an account. */
  transfer(given: {
    amount: number;
    words: string;
    named?: readonly string[];
    customer?: string;
    currency?: string;
    direction?: 'credit' | 'debit';
    reversal?: boolean;
    account?: string;
    day?: string;
  }): Transfer {
    const {
      named = [],
      customer = '',
      currency = 'UAH',
      direction = 'credit',
      reversal = false,
      words,
    } = given;
    const { billing, trueMs } = this.#world;
    this.#marks += 1;
    const mark = String(this.#marks);
    const transfer: Transfer = {
      mark,
      reference: `B${mark}`,
      account: given.account ?? billing.config.seller.iban,
      day: given.day ?? wallDay(trueMs),
      amount: given.amount,
      currency,
      direction,
      reversal,
      named,
      purpose: `${words}, пл.${mark}.`,
      customer,
    };
    this.transfers.set(mark, transfer);
    return transfer;
  }

  /** As people write it. */
  #written(numbers: readonly string[]): string {
    const { dice } = this.#world;
    const words = numbers.map((number) =>
      dice.weighted([
        [6, number],
        [2, number.toLowerCase()],
        [1, number.replaceAll('-', ' ')],
        [1, number.replaceAll('-', '')],
        [1, `№${number.replace('-', '/')}`],
      ] as const),
    );
    return `${dice.pick(['Оплата за послуги зг. рах.', 'Сплата', 'За обслуговування, рахунок'])} ${words.join(', ')}`;
  }

  async #pay({ invoice, customer, way }: Intent, day: string): Promise<Transfer[]> {
    const { facts, dice } = this.#world;
    const bill = facts.bills.get(invoice);
    const currency = bill?.currency ?? 'UAH';
    const to = (amount: number, named: readonly string[], more: object = {}): Transfer[] =>
      amount <= 0
        ? []
        : [this.transfer({ amount, named, customer, currency, day, words: this.#written(named), ...more })];
    // A number that a restore lost: the customer has the paper.
    if (bill === undefined) return to(dice.between(1000, 20_000), [invoice]);
    const { open } = bill;
    if (open === 0) return [];
    const rest = Math.max(1, Math.floor(open / 3));
    switch (way) {
      case 'exact':
        return to(open, [invoice]);
      case 'partial':
        this.plan(bill, 'exact', dice.between(3, 20));
        return to(rest, [invoice]);
      case 'over':
        return to(open + dice.between(1, 2 * open), [invoice]);
      case 'double':
        return [...to(open, [invoice]), ...to(open, [invoice])];
      case 'foreignCurrency':
        this.plan(bill, 'exact', dice.between(3, 20));
        return to(open, [invoice], { currency: currency === 'UAH' ? 'EUR' : 'UAH' });
      case 'wrongNumber': {
        const wrong = invoice.replace(/\d{6}$/, '888888');
        return to(open, [wrong]);
      }
      case 'noNumber':
        return to(open, [], { words: 'оплата за термінали' });
      case 'otherAccount':
        this.plan(bill, 'exact', dice.between(3, 20));
        return to(open, [invoice], { account: foreignAccount });
      case 'withAnothers': {
        const other = chosen([...facts.open], dice.fraction());
        if (other === null || other === invoice) return to(open, [invoice]);
        this.plan(bill, 'exact', dice.between(3, 20));
        return to(open + 1, [invoice, other]);
      }
      case 'allTogether': {
        const all = [...(customerOf(facts, customer).purses.get(currency)?.bills ?? [])].filter(
          (number) => (facts.bills.get(number)?.open ?? 0) > 0,
        );
        const few = all.slice(-3);
        let sum = 0;
        for (const number of few) sum += facts.bills.get(number)?.open ?? 0;
        for (const number of all.slice(0, -3)) this.plan({ number, customer }, 'exact', 1);
        return to(sum, few);
      }
      case 'byHand': {
        await this.#byHand(bill, day);
        return [];
      }
    }
  }

  async #byHand(bill: Bill, day: string): Promise<void> {
    const world = this.#world;
    const { dice, facts, billing } = world;
    this.#marks += 1;
    const reference = `каса ${this.#marks}`;
    const amount = dice.weighted([
      [8, bill.open],
      [1, bill.open + dice.between(1, 5000)],
      [1, Math.max(1, Math.floor(bill.open / 2))],
    ] as const);
    const named = dice.chance(0.5) ? [bill.number] : [];
    const wanted = {
      customer: bill.customer,
      currency: bill.currency,
      amount,
      day,
      reference,
      invoices: named,
    };
    const { value, today } = await world.act((core) => bookPayment(core, billing, root, wanted), {
      repeatable: true,
    });
    const { customer, currency } = bill;
    takeMoney(facts, { id: value.payment, customer, currency, amount, named, mark: null });
    if (amount < bill.open) this.plan(bill, 'exact', dice.between(2, 10));
    world.tally.add('paid by hand');
    await reviewed(world, customer, today, value.state);
    const again = await bookPayment(world.core(1), billing, root, wanted);
    world.same('payment again', `${again.again} ${again.payment}`, `true ${value.payment}`);
  }
}
