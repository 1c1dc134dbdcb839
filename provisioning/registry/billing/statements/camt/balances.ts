import { StatementFault } from '../fault.ts';
import { type Element, firstAt, textAt } from './tree.ts';
import { directionOf, moneyOf } from './values.ts';

interface Balance {
  signed: bigint;
  currency: string;
  line: number;
}

/** A check that a statement is whole: the balance before it, its booked entries, and the balance after it. */
export class Balances {
  readonly #told = new Map<string, Balance>();
  readonly #moved = new Map<string, bigint>();

  /** A `Bal`. Others than opening and closing are of no concern here. Throws a {@link StatementFault}. */
  add(element: Element): void {
    const kind = textAt(element, 'Tp', 'CdOrPrtry', 'Cd');
    if (kind === null || !['OPBD', 'PRCD', 'CLBD'].includes(kind)) return;
    const amount = firstAt(element, 'Amt');
    if (amount === undefined) throw new StatementFault(element.line, 'Bal/Amt', undefined, 'an amount');
    const money = moneyOf(amount);
    const key = `${kind} ${money.currency}`;
    if (this.#told.has(key))
      throw new StatementFault(element.line, 'Bal', `a second ${kind}`, 'one of each kind');
    const signed = BigInt(directionOf(element) === 'credit' ? money.amount : -money.amount);
    this.#told.set(key, { signed, currency: money.currency, line: element.line });
  }

  /** A booked entry. */
  moved(currency: string, signed: bigint): void {
    this.#moved.set(currency, (this.#moved.get(currency) ?? 0n) + signed);
  }

  /** Throws a {@link StatementFault} where opening balance and entries do not make the closing balance. */
  check(): void {
    for (const [key, closing] of this.#told) {
      if (!key.startsWith('CLBD')) continue;
      const { currency } = closing;
      const opening = this.#told.get(`OPBD ${currency}`) ?? this.#told.get(`PRCD ${currency}`);
      if (opening === undefined) continue;
      const reached = opening.signed + (this.#moved.get(currency) ?? 0n);
      if (reached !== closing.signed)
        throw new StatementFault(
          closing.line,
          'Bal CLBD',
          `${closing.signed} minor units of ${currency}`,
          `${reached}: the opening balance ${opening.signed} and the booked entries`,
        );
    }
  }
}
