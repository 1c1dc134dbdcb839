/** Money that came in: booked by hand, out of a bank's statement, or an entry that waits. */
import {
  type BookedByHand,
  bookByHand,
  bookWaiting,
} from '../../../provisioning/registry/billing/by-hand.ts';
import { setAside } from '../../../provisioning/registry/billing/ledger/statement-entries.ts';
import { SwipeError } from '../../seams/error.ts';
import { amountOf, billed, countOf, currencyIn, dayIn, flag, listIn, money, text } from './billing-parts.ts';
import { payStatement } from './billing-statement.ts';
import { person } from './config-file.ts';
import { needed, show, type Task, textOf, type Work } from './work.ts';

// Each way of paying, by the option that names it, and what else goes with it.
const ways: Readonly<Record<string, readonly string[]>> = {
  statement: ['format'],
  entry: ['invoice', 'customer', 'aside'],
  amount: ['invoice', 'customer', 'currency', 'day', 'reference', 'note', 'anew'],
};

/** In the order of the help. */
export const billingPayWorks: readonly Work[] = [
  {
    words: ['pay'],
    usage: [
      'pay --invoice NUMBER,… | --customer CUSTOMER --amount AMOUNT --currency UAH --day DAY --reference TEXT [--note TEXT] [--anew]',
      '  pay --statement FILE [--format camt|privatbank|csv]',
      '  pay --entry ENTRY --invoice NUMBER,… | --customer CUSTOMER | --aside REASON',
    ].join('\n'),
    summary:
      "books money: what a person says (the reference is the bank's: the same one is booked once, and after a reversal only with --anew), what fits exactly in a statement, an entry that waits",
    example:
      'pay --invoice SW-2026-000123 --amount 100.00 --currency UAH --day 2026-11-05 --reference 0201-A',
    options: {
      invoice: text,
      customer: text,
      amount: text,
      currency: text,
      day: text,
      reference: text,
      note: text,
      anew: flag,
      statement: text,
      format: text,
      entry: text,
      aside: text,
    },
    run: pay,
  },
];

async function pay(task: Task): Promise<void> {
  const way = Object.keys(ways).find((name) => textOf(task, name) !== undefined);
  if (way === undefined)
    throw new SwipeError('usage', 'what is to be booked: --amount, --statement or --entry is needed');
  const allowed = [way, ...(ways[way] ?? []), 'config', 'json'];
  const other = Object.keys(task.values).find((name) => !allowed.includes(name));
  if (other !== undefined) throw new SwipeError('usage', `--${other} does not go with --${way}`);
  if (way === 'statement') return payStatement(task);
  return way === 'entry' ? payEntry(task) : payByHand(task);
}

async function payByHand(task: Task): Promise<void> {
  const currency = currencyIn(task);
  const payment = {
    ...whose(task),
    currency,
    amount: amountOf('amount', needed(task, 'amount'), currency),
    day: dayIn(task, 'day'),
    reference: needed(task, 'reference'),
    note: textOf(task, 'note') ?? null,
    anew: task.values.anew === true,
  };
  await billed(task, async ({ core, billing }) => {
    const done = await bookByHand(core, billing, person(), payment);
    show(task, { ...done, currency }, () => linesOf(done, currency));
  });
}

async function payEntry(task: Task): Promise<void> {
  const entry = countOf('entry', needed(task, 'entry'));
  const reason = textOf(task, 'aside');
  await billed(task, async ({ core, billing }) => {
    if (reason !== undefined) {
      if (Object.keys(whose(task, false)).length > 0)
        throw new SwipeError('usage', '--aside goes with neither --invoice nor --customer');
      await setAside(core, person(), { entry, reason });
      show(task, { entry, state: 'setAside' }, () => [`entry ${entry} is set aside`]);
      return;
    }
    const done = await bookWaiting(core, billing, person(), { entry, ...whose(task) });
    const { currency } = await core.store.reader
      .selectFrom('billing_payments')
      .select('currency')
      .where('id', '=', done.payment)
      .executeTakeFirstOrThrow();
    show(task, { ...done, currency }, () => linesOf(done, currency));
  });
}

/** Whose money it is. @throws SwipeError `usage` when nobody is named but somebody must be */
function whose(task: Task, must = true): { customer?: string; invoices?: string[] } {
  const customer = textOf(task, 'customer');
  const invoices = listIn(task, 'invoice');
  if (must && customer === undefined && invoices === undefined)
    throw new SwipeError('usage', 'whose money is it: --invoice or --customer is needed');
  return {
    ...(customer === undefined ? {} : { customer }),
    ...(invoices === undefined ? {} : { invoices }),
  };
}

const linesOf = (
  { payment, again, reversed, settled, credit, customer, state }: BookedByHand,
  currency: string,
): string[] => [
  reversed !== null
    ? `${payment}  was booked before and reversed (${reversed}): nothing was changed. If the money is there: --anew`
    : again
      ? `${payment}  was booked before: nothing was changed`
      : `${payment}  booked`,
  ...settled.map(({ invoice, amount }) => `  ${invoice}  ${money(amount, currency)}`),
  ...(credit === 0 ? [] : [`  credit  ${money(credit, currency)}`]),
  `${customer} is ${state}`,
];
