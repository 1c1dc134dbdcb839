/** What operators call about money: payments, entries of statements, credit. */
import * as v from 'valibot';
import { isoTime } from '../../../gateway/contract/time.ts';
import { credits, payments } from '../billing/arrears.ts';
import { bookByHand, bookWaiting } from '../billing/by-hand.ts';
import { entryStates, listEntries } from '../billing/entries.ts';
import { creditNote } from '../billing/ledger/credit-notes.ts';
import { moneyBack } from '../billing/ledger/money-back.ts';
import { reversePayment } from '../billing/ledger/reversals.ts';
import { setAside } from '../billing/ledger/statement-entries.ts';
import { billingOf, named, numbered, numberPageOf, billingRoot as root, wordIn } from './billing-call.ts';
import * as shapes from './billing-shapes.ts';
import { json, jsonBody, nothing, pageOf, pageQuery, type Route } from './route.ts';

/** All of them. */
export const billingMoneyRoutes: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/payments`,
    summary: 'Payments that were booked.',
    scope: 'billing:read',
    query: { ...pageQuery, customer: 'only of this customer' },
    answer: { [json]: v.array(shapes.payment) },
    async handle(call) {
      billingOf(call);
      const { core, operator, query } = call;
      const rows = await payments(core, operator, { ...pageOf(call), customer: query.customer });
      return { json: rows.map(({ bookedAtMs, ...row }) => ({ ...row, bookedAt: isoTime(bookedAtMs) })) };
    },
  },
  {
    method: 'post',
    path: `${root}/payments`,
    summary:
      "Books a payment, once for each of the bank's references. It pays the named invoices, then the oldest; the rest is credit. One that was reversed stays so, and `reversed` says why, unless it is to be booked `anew`.",
    scope: 'billing:write',
    body: { [json]: shapes.newPayment },
    answer: { [json]: shapes.booked },
    problems: ['conflict', 'restored'],
    handle: async (call) => ({
      json: await bookByHand(call.core, billingOf(call), call.operator, jsonBody(call, shapes.newPayment)),
    }),
  },
  {
    method: 'post',
    path: `${root}/payments/:id/reverse`,
    summary: "Takes a payment back that was none, or not this customer's: its invoices are open again.",
    scope: 'billing:write',
    body: { [json]: shapes.because },
    problems: ['conflict', 'restored'],
    handle: nothing((call) => {
      const { reason } = jsonBody(call, shapes.because);
      return reversePayment(call.core, billingOf(call), call.operator, { payment: named(call), reason });
    }),
  },
  {
    method: 'get',
    path: `${root}/entries`,
    summary: 'Entries of bank statements, such as those that wait for a person, and why.',
    scope: 'billing:read',
    query: { ...pageQuery, state: 'booked, waiting or setAside' },
    answer: { [json]: v.array(shapes.entry) },
    async handle(call) {
      billingOf(call);
      const page = { ...numberPageOf(call), state: wordIn(call, 'state', entryStates) };
      return { json: await listEntries(call.core, call.operator, page) };
    },
  },
  {
    method: 'post',
    path: `${root}/entries/:id/book`,
    summary:
      'Says whose money an entry is that waits: it pays the named invoices, then the oldest; the rest is credit.',
    scope: 'billing:write',
    body: { [json]: shapes.whose },
    answer: { [json]: shapes.booked },
    problems: ['conflict', 'restored'],
    async handle(call) {
      const wanted = { entry: numbered(call, 'entry'), ...jsonBody(call, shapes.whose) };
      return { json: await bookWaiting(call.core, billingOf(call), call.operator, wanted) };
    },
  },
  {
    method: 'post',
    path: `${root}/entries/:id/aside`,
    summary: 'An entry is not to be booked, and why.',
    scope: 'billing:write',
    body: { [json]: shapes.because },
    problems: ['conflict', 'restored'],
    handle: nothing((call) => {
      billingOf(call);
      const { reason } = jsonBody(call, shapes.because);
      return setAside(call.core, call.operator, { entry: numbered(call, 'entry'), reason });
    }),
  },
  {
    method: 'post',
    path: `${root}/credit-notes`,
    summary:
      'Issues a credit note. What had been paid of the invoice becomes credit, which pays for others at once.',
    scope: 'billing:write',
    body: { [json]: shapes.newCreditNote },
    answer: { [json]: shapes.creditNote },
    problems: ['conflict', 'restored'],
    async handle(call) {
      const { total, ...note } = jsonBody(call, shapes.newCreditNote);
      const wanted = total === undefined ? note : { ...note, total };
      return { json: await creditNote(call.core, billingOf(call), call.operator, wanted) };
    },
  },
  {
    method: 'get',
    path: `${root}/credits`,
    summary:
      'Customers with credit. `after`: customer and currency of the last one of the page before, such as `CU-7 UAH`.',
    scope: 'billing:read',
    query: pageQuery,
    answer: { [json]: v.array(shapes.credit) },
    async handle(call) {
      billingOf(call);
      return { json: await credits(call.core, call.operator, pageOf(call)) };
    },
  },
  {
    method: 'post',
    path: `${root}/money-back`,
    summary: 'Writes down that credit was paid back: the bank pays it.',
    scope: 'billing:write',
    body: { [json]: shapes.newMoneyBack },
    answer: { [json]: shapes.moneyBack },
    problems: ['conflict', 'restored'],
    async handle(call) {
      const { note = null, ...rest } = jsonBody(call, shapes.newMoneyBack);
      return { json: await moneyBack(call.core, billingOf(call), call.operator, { ...rest, note }) };
    },
  },
];
