/**
 * Where money goes: to invoices, the rest to credit. Credit and open invoices of one currency never stand side by
 * side. The customer's account is locked by whoever calls.
 */
import type { Dialect } from '../../store/schema.ts';
import type { Tx } from '../../store/store.ts';
import type { OpenRow } from '../../store/tables-billing.ts';
import { bulks, type LedgerLine } from '../run/bulks.ts';

/** Whose money, of which currency, where the rows are written. */
export interface Purse {
  tx: Tx;
  dialect: Dialect;
  customer: string;
  currency: string;
  nowMs: number;
}

/** A part of an invoice that was settled. */
export interface Settled {
  invoice: string;
  amount: number;
}

/** What is open in this currency, oldest first. */
export const openOf = ({ tx, customer, currency }: Purse): Promise<OpenRow[]> =>
  tx
    .selectFrom('billing_open')
    .selectAll()
    .where('customer', '=', customer)
    .where('currency', '=', currency)
    .orderBy('due_day')
    .orderBy('invoice')
    .execute();

/** The credit in this currency. */
export async function creditIn({ tx, customer, currency }: Purse): Promise<number> {
  const row = await tx
    .selectFrom('billing_credit')
    .select('amount')
    .where('customer', '=', customer)
    .where('currency', '=', currency)
    .executeTakeFirst();
  return row?.amount ?? 0;
}

/** Writes rows of the ledger. */
export const write = (
  { tx, dialect, customer, currency, nowMs }: Purse,
  rows: readonly Pick<LedgerLine, 'invoice' | 'source' | 'amount'>[],
): Promise<void> =>
  bulks(tx, dialect).ledger(
    rows.map(({ invoice, source, amount }) => ({
      customer,
      currency,
      invoice,
      source,
      amount,
      at_ms: nowMs,
    })),
  );

/** Puts the credit to an amount, 0 or more. */
export async function setCredit({ tx, customer, currency }: Purse, amount: number): Promise<void> {
  if (amount === 0)
    await tx
      .deleteFrom('billing_credit')
      .where('customer', '=', customer)
      .where('currency', '=', currency)
      .execute();
  else
    await tx
      .insertInto('billing_credit')
      .values({ customer, currency, amount })
      .onConflict((conflict) => conflict.columns(['customer', 'currency']).doUpdateSet({ amount }))
      .execute();
}

/** Puts what is open of an invoice to an amount, 0 or more. */
export async function setOpen({ tx }: Purse, invoice: string, open: number): Promise<void> {
  if (open === 0) await tx.deleteFrom('billing_open').where('invoice', '=', invoice).execute();
  else await tx.updateTable('billing_open').set({ open }).where('invoice', '=', invoice).execute();
}

/** What was settled, and what is left of the money. */
async function settleOpen(
  purse: Purse,
  amount: number,
  named: readonly string[],
): Promise<{ settled: Settled[]; left: number }> {
  const rows = await openOf(purse);
  const first = named.flatMap((number) => rows.filter(({ invoice }) => invoice === number));
  const settled: Settled[] = [];
  let left = amount;
  for (const { invoice, open } of [...first, ...rows.filter((row) => !first.includes(row))]) {
    const part = Math.min(open, left);
    if (part === 0) break;
    left -= part;
    settled.push({ invoice, amount: part });
    await setOpen(purse, invoice, open - part);
  }
  return { settled, left };
}

/**
 * Money comes in: for the named invoices first, in their order, then for the oldest, and the rest is credit.
 *
 * @param source the payment or the credit note
 */
export async function takeIn(
  purse: Purse,
  { source, amount, invoices = [] }: { source: string; amount: number; invoices?: readonly string[] },
): Promise<{ settled: Settled[]; credit: number }> {
  const { settled, left } = await settleOpen(purse, amount, [...new Set(invoices)]);
  const rows = settled.map((part) => ({ ...part, source }));
  await write(purse, left === 0 ? rows : [...rows, { invoice: null, source, amount: left }]);
  if (left > 0) await setCredit(purse, (await creditIn(purse)) + left);
  return { settled, credit: left };
}

/** Credit pays for what is open. */
export async function useCredit(purse: Purse): Promise<Settled[]> {
  const credit = await creditIn(purse);
  if (credit === 0) return [];
  const { settled, left } = await settleOpen(purse, credit, []);
  if (settled.length === 0) return [];
  await write(
    purse,
    settled.flatMap(({ invoice, amount }) => [
      { invoice: null, source: 'credit', amount: -amount },
      { invoice, source: 'credit', amount },
    ]),
  );
  await setCredit(purse, left);
  return settled;
}
