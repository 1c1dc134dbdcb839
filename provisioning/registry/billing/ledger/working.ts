/** What every change of the ledger begins with. */
import * as v from 'valibot';
import { amount, currency } from '../../../../gateway/contract/primitives.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import type { Tx } from '../../store/store.ts';
import type { AccountRow, DocumentRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import { addDays, isDay } from '../rules/dates.ts';
import type { Day } from '../shapes.ts';
import { lockAccount } from './accounts.ts';
import type { Purse } from './settle.ts';

/**
 * Only for those who see all customers, on a registry that is not being looked at after a restore.
 *
 * @throws Refusal `forbidden`, `restored`
 */
export function mayWork(core: Pick<Core, 'isRestored'>, { customer }: Actor): void {
  if (customer !== null) throw new Refusal('forbidden', 'this token is bound to one customer');
  if (core.isRestored()) throw new Refusal('restored');
}

/** @throws Refusal `malformed` unless it is money */
export function checkMoney(sum: number, code: string): void {
  if (!v.is(amount, sum))
    throw new Refusal('malformed', 'amount: allowed: an integer of minor units above 0');
  if (!v.is(currency, code)) throw new Refusal('malformed', 'currency: allowed: an ISO 4217 code');
}

/** The last day on which money can have come: tomorrow, for a bank's clock is its own. */
export const lastMoneyDay = ({ calendar }: Billing, nowMs: number): Day => addDays(calendar.dayAt(nowMs), 1);

/** @throws Refusal `malformed` unless it is a day, and at most tomorrow */
export function checkDay(billing: Billing, day: Day, nowMs: number): void {
  if (!isDay(day) || day > lastMoneyDay(billing, nowMs))
    throw new Refusal('malformed', 'day: allowed: YYYY-MM-DD, not in the future');
}

/** @throws Refusal `malformed` unless it is a line of text */
export function checkText(name: string, text: string, most = 256): void {
  if (!new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u').test(text))
    throw new Refusal('malformed', `${name}: allowed: 1 to ${most} characters without control characters`);
}

/** A customer's account, locked, and its purse. @throws Refusal `notFound` */
export async function openAccount(
  tx: Tx,
  core: Core,
  billing: Billing,
  customer: string,
  currencyOf: string,
): Promise<{ account: AccountRow; purse: Purse }> {
  const known = await tx.selectFrom('customers').select('id').where('id', '=', customer).executeTakeFirst();
  if (known === undefined) throw new Refusal('notFound', 'there is no such customer');
  const nowMs = core.clock.nowMs();
  const account = await lockAccount(tx, customer, billing.calendar.dayAt(nowMs));
  const purse = { tx, dialect: core.store.dialect, customer, currency: currencyOf, nowMs };
  return { account, purse };
}

/** An invoice. @throws Refusal `notFound` */
export async function invoiceOf(tx: Tx, number: string): Promise<DocumentRow> {
  const row = await tx
    .selectFrom('billing_documents')
    .selectAll()
    .where('number', '=', number)
    .where('kind', '=', 'invoice')
    .executeTakeFirst();
  if (row === undefined) throw new Refusal('notFound', `there is no invoice ${number}`);
  return row;
}
