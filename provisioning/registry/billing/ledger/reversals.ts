/** A payment that was none: booked for the wrong customer, or taken back by the bank. */
import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Billing } from '../billing.ts';
import { creditIn, type Purse, setCredit, useCredit, write } from './settle.ts';
import { waitAgain } from './statement-entries.ts';
import { checkText, mayWork, openAccount } from './working.ts';

/**
 * Takes a payment out of the ledger by rows that say the opposite: its invoices are open again, its credit is gone.
 * Where that credit has paid for other invoices, the latest of these are open again too. The customer's state is left
 * to the daily work. Its movement can be booked anew; the entry of a statement that it was waits again.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`; `conflict` when it was reversed before, or its
 *   credit has been paid back
 */
export async function reversePayment(
  core: Core,
  billing: Billing,
  actor: Actor,
  { payment, reason }: { payment: string; reason: string },
): Promise<void> {
  mayWork(core, actor);
  checkText('reason', reason, 1000);
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const known = await tx
      .selectFrom('billing_payments')
      .selectAll()
      .where('id', '=', payment)
      .executeTakeFirst();
    if (known === undefined) throw new Refusal('notFound', 'there is no such payment');
    const { purse } = await openAccount(tx, core, billing, known.customer, known.currency);
    const put = await tx
      .insertInto('billing_reversals')
      .values({ payment, reason, decided_by: actor.name, at_ms: nowMs })
      .onConflict((conflict) => conflict.column('payment').doNothing())
      .returning('payment')
      .executeTakeFirst();
    if (put === undefined) throw new Refusal('conflict', 'this payment was reversed before');
    await takeBack(purse, payment);
    const entry = await waitAgain(tx, known, { actor: actor.name, nowMs });
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.payment.reversed',
      subject: payment,
      customer: known.customer,
      before: { amount: known.amount, currency: known.currency, reference: known.reference },
      after: { reason, entry },
    });
  });
}

async function takeBack(purse: Purse, payment: string): Promise<void> {
  const rows = await purse.tx
    .selectFrom('billing_ledger')
    .select(['invoice', 'amount'])
    .where('source', '=', payment)
    .orderBy('id')
    .execute();
  let gone = 0;
  for (const { invoice, amount } of rows) {
    if (invoice === null) gone += amount;
    else await reopen(purse, invoice, amount);
  }
  await write(
    purse,
    rows.map(({ invoice, amount }) => ({ invoice, source: payment, amount: -amount })),
  );
  const credit = (await creditIn(purse)) - gone;
  await setCredit(purse, credit >= 0 ? credit : await takeBackCredit(purse, -credit));
  await useCredit(purse);
}

/** So much more is open of the invoice. */
async function reopen({ tx, customer, currency }: Purse, invoice: string, amount: number): Promise<void> {
  const row = await tx
    .selectFrom('billing_documents')
    .select('due_day')
    .where('number', '=', invoice)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('billing_open')
    .values({ invoice, customer, currency, due_day: row.due_day ?? '', open: amount, reminded: 0 })
    .onConflict((conflict) =>
      conflict.column('invoice').doUpdateSet((eb) => ({ open: eb('billing_open.open', '+', amount) })),
    )
    .execute();
}

/** Takes credit back out of the invoices that it paid for, the latest first. What is too much of the last is credit. */
async function takeBackCredit(purse: Purse, missing: number): Promise<number> {
  const { tx, customer, currency } = purse;
  const paid = await tx
    .selectFrom('billing_ledger')
    .select((eb) => ['invoice', eb.fn.sum<number>('amount').as('amount'), eb.fn.max('id').as('latest')])
    .where('customer', '=', customer)
    .where('currency', '=', currency)
    .where('source', '=', 'credit')
    .where('invoice', 'is not', null)
    .groupBy('invoice')
    .orderBy('latest', 'desc')
    .execute();
  let left = missing;
  for (const { invoice, amount } of paid) {
    const part = Math.min(Number(amount), left);
    if (invoice === null || part <= 0) continue;
    left -= part;
    await reopen(purse, invoice, part);
    await write(purse, [
      { invoice, source: 'credit', amount: -part },
      { invoice: null, source: 'credit', amount: part },
    ]);
  }
  if (left > 0) throw new Refusal('conflict', 'its credit has been paid back: that comes first');
  return 0;
}
