import { StatementFault } from '../fault.ts';
import { isReference, type Unreferenced } from '../references.ts';
import { tidy } from '../tidy.ts';
import { counterpartyOf, nobody } from './parties.ts';
import { purposeOf } from './purpose.ts';
import { allAt, type Element, firstAt, textAt } from './tree.ts';
import { bankDay, codeAt, directionOf, type Money, moneyOf } from './values.ts';

/** An entry before its account is known. */
export type Movement = Omit<Unreferenced, 'account'>;

/** What one `Ntry` is: what it moves on the account, and the payments in it. */
export interface ReadEntry {
  /** Above zero for a credit. */
  signed: bigint;
  currency: string;
  movements: readonly Movement[];
}

// Entry status codes of ISO 20022 that are no booking: pending, for information, in the future.
const notBooked = ['PDNG', 'INFO', 'FUTR'];

/**
 * Reads an `Ntry`; null where it is not booked. A batch becomes its payments where their amounts add up to it; else it
 * stays one entry without payer and their purposes, for a person to look at. Throws a {@link StatementFault}.
 */
export function readEntry(entry: Element): ReadEntry | null {
  const status = codeAt(entry, 'Sts');
  if (status !== null && notBooked.includes(status)) return null;
  if (status !== 'BOOK')
    throw new StatementFault(entry.line, 'Ntry/Sts', status ?? undefined, ['BOOK', ...notBooked].join(', '));
  const whole = wholeOf(entry);
  const details = allAt(entry, 'NtryDtls', 'TxDtls');
  const signed = BigInt(whole.direction === 'credit' ? whole.amount : -whole.amount);
  return { signed, currency: whole.currency, movements: movementsOf(entry, whole, details) };
}

function movementsOf(entry: Element, whole: Movement, details: readonly Element[]): Movement[] {
  const [only] = details;
  const counted = Number(textAt(entry, 'NtryDtls', 'Btch', 'NbOfTxs') ?? '1');
  if (details.length > 1 || counted > 1) return paymentsOf(entry, whole, details) ?? [whole];
  return only === undefined ? [whole] : [{ ...whole, ...told(only, whole) }];
}

/** The entry as one movement, without what its details tell. */
function wholeOf(entry: Element): Movement {
  const amountElement = firstAt(entry, 'Amt');
  if (amountElement === undefined) throw new StatementFault(entry.line, 'Ntry/Amt', undefined, 'an amount');
  const money = moneyOf(amountElement);
  if (money.amount === 0) throw new StatementFault(amountElement.line, 'Ntry/Amt', '0', 'more than nothing');
  const dayElement = firstAt(entry, 'BookgDt') ?? firstAt(entry, 'ValDt');
  if (dayElement === undefined)
    throw new StatementFault(entry.line, 'Ntry/BookgDt', undefined, 'a day such as 2026-11-05');
  return {
    ...money,
    day: bankDay(dayElement),
    direction: directionOf(entry),
    reversal: isReversal(entry),
    payer: nobody,
    purpose: tidy(textAt(entry, 'AddtlNtryInf') ?? ''),
    bankReference: reference(entry, 'AcctSvcrRef'),
    more: [],
  };
}

/** The payments of a batch; null where they do not make up the whole. */
function paymentsOf(entry: Element, whole: Movement, details: readonly Element[]): Movement[] | null {
  const counted = textAt(entry, 'NtryDtls', 'Btch', 'NbOfTxs');
  if (allAt(entry, 'NtryDtls', 'Btch').length > 1) return null;
  if (counted !== null && counted !== String(details.length)) return null;
  const payments: Movement[] = [];
  let sum = 0n;
  for (const one of details) {
    const money = detailMoney(one);
    if (money === null || money.currency !== whole.currency || money.amount === 0) return null;
    const direction = firstAt(one, 'CdtDbtInd') === undefined ? whole.direction : directionOf(one);
    sum += BigInt(direction === whole.direction ? money.amount : -money.amount);
    payments.push({ ...whole, ...money, direction, ...told(one, { ...whole, direction }) });
  }
  return sum === BigInt(whole.amount) ? withOwnReferences(payments) : null;
}

/**
 * A reference of the whole batch tells none of its payments from the others, whether it stands in each of them or above
 * them: then what is told of the payment does, together with it.
 */
function withOwnReferences(payments: readonly Movement[]): Movement[] {
  const times = new Map<string | null, number>();
  for (const { bankReference } of payments) times.set(bankReference, (times.get(bankReference) ?? 0) + 1);
  return payments.map((one) =>
    one.bankReference === null || times.get(one.bankReference) === 1
      ? one
      : { ...one, bankReference: null, more: [...one.more, one.bankReference] },
  );
}

/** In the account's currency: `Amt`, which version 2 does not have, or the transaction's own. */
function detailMoney(details: Element): Money | null {
  const element = firstAt(details, 'Amt') ?? firstAt(details, 'AmtDtls', 'TxAmt', 'Amt');
  return element === undefined ? null : moneyOf(element);
}

/** What the details of one payment tell of it. */
function told(
  details: Element,
  whole: Movement,
): Pick<Movement, 'payer' | 'purpose' | 'bankReference' | 'more'> {
  const ids = ['EndToEndId', 'TxId', 'InstrId'].map((name) => textAt(details, 'Refs', name) ?? '');
  return {
    payer: counterpartyOf(details, whole.direction),
    purpose: purposeOf(details) || whole.purpose,
    bankReference: reference(details, 'Refs', 'AcctSvcrRef') ?? whole.bankReference,
    more: ids,
  };
}

function isReversal(entry: Element): boolean {
  const word = textAt(entry, 'RvslInd') ?? 'false';
  if (/^(true|1)$/.test(word)) return true;
  if (/^(false|0)$/.test(word)) return false;
  throw new StatementFault(entry.line, 'Ntry/RvslInd', word, 'true or false');
}

/** A reference that refers. */
function reference(element: Element, ...path: readonly string[]): string | null {
  const text = tidy(textAt(element, ...path) ?? '');
  if (!isReference(text)) return null;
  if (text.length > 70)
    throw new StatementFault(element.line, path.join('/'), text, 'a reference of at most 70 characters');
  return text;
}
