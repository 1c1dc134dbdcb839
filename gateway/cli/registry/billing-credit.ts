/** What is given back: credit notes, money, payments that were none. */
import { payments } from '../../../provisioning/registry/billing/arrears.ts';
import { findDocument } from '../../../provisioning/registry/billing/documents.ts';
import { creditNote } from '../../../provisioning/registry/billing/ledger/credit-notes.ts';
import { moneyBack } from '../../../provisioning/registry/billing/ledger/money-back.ts';
import { reversePayment } from '../../../provisioning/registry/billing/ledger/reversals.ts';
import { amountOf, billed, currencyIn, dayIn, everyPage, money, text } from './billing-parts.ts';
import { person } from './config-file.ts';
import { table } from './table.ts';
import { needed, show, type Task, textOf, type Work } from './work.ts';

/** In the order of the help. */
export const billingCreditWorks: readonly Work[] = [
  {
    words: ['credit-note'],
    usage: 'credit-note INVOICE [--amount AMOUNT] --reason TEXT',
    summary:
      "takes an invoice back by a paper of its own, by default all that is left of it; what was paid of it becomes the customer's credit",
    example: "credit-note SW-2026-000123 --amount 100.00 --reason 'the box did not work for 9 days'",
    arguments: ['INVOICE'],
    options: { amount: text, reason: text },
    run: takeBack,
  },
  {
    words: ['money-back'],
    usage:
      'money-back --customer CUSTOMER --amount AMOUNT --currency UAH --day DAY --iban IBAN --reference TEXT [--note TEXT]',
    summary: 'writes down that credit was paid back: you pay it at the bank, here stands that you did',
    example:
      'money-back --customer CU-7K3M9QXA2BCD --amount 50.00 --currency UAH --day 2026-11-20 --iban UA213888880000026009000000042 --reference 0217-C',
    options: {
      customer: text,
      amount: text,
      currency: text,
      day: text,
      iban: text,
      reference: text,
      note: text,
    },
    run: payBack,
  },
  {
    words: ['payments'],
    usage: 'payments [--customer CUSTOMER] [--json]',
    summary: 'payments that were booked, and why some were reversed',
    example: 'payments --customer CU-7K3M9QXA2BCD',
    options: { customer: text },
    run: list,
  },
  {
    words: ['payment', 'reverse'],
    usage: 'payment reverse PAYMENT --reason TEXT',
    summary: "takes a payment out of the books that was none, or another's: its invoices are open again",
    example: "payment reverse PM-7K3M9QXA2BCD --reason 'the bank took it back'",
    arguments: ['PAYMENT'],
    options: { reason: text },
    run: (task) =>
      billed(task, async ({ core, billing }) => {
        const payment = task.words[0] ?? '';
        await reversePayment(core, billing, person(), { payment, reason: needed(task, 'reason') });
        show(task, { payment, reversed: true }, () => [`${payment} is reversed`]);
      }),
  },
];

async function takeBack(task: Task): Promise<void> {
  const invoice = task.words[0] ?? '';
  const reason = needed(task, 'reason');
  const typed = textOf(task, 'amount');
  await billed(task, async ({ core, billing }) => {
    const { currency } = await findDocument(core, person(), invoice, { linesMax: 1_000_000 });
    const total = typed === undefined ? {} : { total: amountOf('amount', typed, currency) };
    const done = await creditNote(core, billing, person(), { invoice, reason, ...total });
    show(task, { ...done, currency }, () => [
      `${done.number}  ${money(done.total, currency)}`,
      ...done.settled.map((part) => `  ${part.invoice}  ${money(part.amount, currency)}`),
      ...(done.credit === 0 ? [] : [`  credit  ${money(done.credit, currency)}`]),
    ]);
  });
}

async function payBack(task: Task): Promise<void> {
  const currency = currencyIn(task);
  const wanted = {
    customer: needed(task, 'customer'),
    currency,
    amount: amountOf('amount', needed(task, 'amount'), currency),
    day: dayIn(task, 'day'),
    iban: needed(task, 'iban').replace(/\s/g, '').toUpperCase(),
    reference: needed(task, 'reference'),
    note: textOf(task, 'note') ?? null,
  };
  await billed(task, async ({ core, billing }) => {
    const done = await moneyBack(core, billing, person(), wanted);
    show(task, { ...done, currency }, () => [
      `${done.moneyBack}  ${money(wanted.amount, currency)}, credit left ${money(done.credit, currency)}`,
    ]);
  });
}

async function list(task: Task): Promise<void> {
  await billed(task, async ({ core }) => {
    const customer = textOf(task, 'customer');
    const rows = await everyPage(
      (after: string | undefined, limit) => payments(core, person(), { after, limit, customer }),
      ({ payment }) => payment,
    );
    show(task, rows, () =>
      table(
        ['payment', 'day', 'customer', 'amount', 'reference', 'by', 'reversed'],
        rows.map((row) => [
          row.payment,
          row.day,
          row.customer,
          money(row.amount, row.currency),
          row.reference,
          row.bookedBy,
          row.reversed ?? '',
        ]),
      ),
    );
  });
}
