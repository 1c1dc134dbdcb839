/** What operators send and get about bills, as schemas. Amounts are minor units of the currency beside them. */
import * as v from 'valibot';
import { amount, integer, oneOf, timestamp } from '../../../gateway/contract/primitives.ts';
import { monthSchema, planId } from '../billing/config.ts';
import { entryStates } from '../billing/entries.ts';
import { exponentOf } from '../billing/paper/money.ts';
import { buyerSchema, daySchema, ibanSchema } from '../billing/party.ts';
import { highestPrice } from '../billing/rules/lines.ts';
import { standings } from '../billing/rules/standing.ts';
import { longestTrialDays } from '../billing/standing/states.ts';

const text = (most: number) => {
  const allowed = `1 to ${most} characters without control characters`;
  return v.pipe(
    v.string(allowed),
    v.regex(new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u'), allowed),
  );
};
const textOrNull = v.nullable(v.string());
const currency = v.pipe(
  v.string('a currency of ISO 4217'),
  v.check((code) => exponentOf(code) !== null, 'a currency of ISO 4217 that is in use'),
);
const number = text(32);
const invoices = v.pipe(v.array(number, 'a list of invoices'), v.maxLength(100, 'at most 100 invoices'));
const reason = text(1000);
const standing = oneOf(standings);

/** A payment that came in. */
export const newPayment = v.strictObject({
  customer: v.optional(text(32)),
  invoices: v.optional(invoices),
  amount,
  currency,
  day: daySchema,
  reference: text(200),
  /** Book it although a payment by this reference was reversed. Never said by what posts all movements again. */
  anew: v.optional(v.boolean('true or false')),
  note: v.optional(v.nullable(reason)),
});
/** Whose an entry of a statement is. */
export const whose = v.strictObject({
  customer: v.optional(text(32)),
  invoices: v.optional(invoices),
});
/** Why. */
export const because = v.strictObject({ reason });
/** A suspension that is put off; `until` null: no longer. */
export const deferral = v.strictObject({ until: v.nullable(daySchema), reason });
/** A credit note; without `total`: over all that is left of the invoice. */
export const newCreditNote = v.strictObject({ invoice: number, total: v.optional(amount), reason });
/** Credit that was paid back. */
export const newMoneyBack = v.strictObject({
  customer: text(32),
  currency,
  amount,
  day: daySchema,
  iban: ibanSchema,
  reference: text(256),
  note: v.optional(v.nullable(reason)),
});

const trialDays = integer(0, longestTrialDays, 'days');
const price = integer(0, highestPrice, 'an integer of minor units');
/** What a plan costs from a month on. */
export const newPrice = v.strictObject({ price, trialDays, fromMonth: monthSchema });
/** A plan with its first price. */
export const newPlan = v.strictObject({ plan: planId, name: text(128), currency, ...newPrice.entries });
/** Which plan a customer, or one of its boxes, has. */
export const newAssignment = v.strictObject({
  customer: text(32),
  billedAs: v.optional(v.nullable(text(32)), null),
  plan: v.nullable(planId),
  fromMonth: monthSchema,
});
/** Days, first and last included, on which a box is not billed. */
export const newPause = v.strictObject({ billedAs: text(32), from: daySchema, to: daySchema });
/** A customer's legal details, as they are sent. */
export const newBuyer = buyerSchema;

/** Somebody who sells or buys. */
export const party = v.strictObject({
  name: v.string(),
  code: textOrNull,
  vatNumber: textOrNull,
  iban: textOrNull,
  bank: textOrNull,
  address: textOrNull,
  contract: v.nullable(v.strictObject({ number: v.string(), day: v.string() })),
});
/** What a box cost. */
export const line = v.strictObject({
  billedAs: v.string(),
  plan: v.string(),
  price: v.number(),
  days: v.number(),
  daysOfMonth: v.number(),
  amount: v.number(),
});
/** A paper without its lines. */
export const documentHead = v.strictObject({
  kind: oneOf(['invoice', 'act', 'creditNote']),
  number: v.string(),
  customer: v.string(),
  day: v.string(),
  dueDay: textOrNull,
  month: v.string(),
  currency: v.string(),
  seller: party,
  buyer: party,
  net: v.number(),
  vat: v.strictObject({
    mode: oneOf(['included', 'onTop', 'none']),
    rateBasisPoints: v.number(),
    amount: v.number(),
  }),
  total: v.number(),
  /** What credit paid of an invoice when it was issued. */
  creditUsed: v.number(),
  invoice: textOrNull,
  reason: textOrNull,
  open: v.number(),
  issuedAt: timestamp,
});
/** A paper. */
export const document = v.strictObject({ ...documentHead.entries, lines: v.array(line) });

const settled = v.array(v.strictObject({ invoice: v.string(), amount: v.number() }));
/** What became of a payment. */
export const booked = v.strictObject({
  payment: v.string(),
  customer: v.string(),
  /** It was booked before: nothing was changed. */
  again: v.boolean(),
  /** Why that payment was reversed; null: it stands. */
  reversed: textOrNull,
  settled,
  credit: v.number(),
  state: standing,
});
/** A payment. */
export const payment = v.strictObject({
  payment: v.string(),
  customer: v.string(),
  currency: v.string(),
  amount: v.number(),
  day: v.string(),
  reference: v.string(),
  note: textOrNull,
  bookedBy: v.string(),
  bookedAt: timestamp,
  /** Why it was reversed. */
  reversed: textOrNull,
});
/** An entry of a bank statement. */
export const entry = v.strictObject({
  entry: v.number(),
  state: oneOf(entryStates),
  why: textOrNull,
  day: v.string(),
  amount: v.number(),
  currency: v.string(),
  direction: oneOf(['credit', 'debit']),
  reversal: v.boolean(),
  payer: v.strictObject({ name: textOrNull, iban: textOrNull, code: textOrNull }),
  purpose: v.string(),
  account: v.string(),
  reference: v.string(),
  customer: textOrNull,
  payment: textOrNull,
  decidedBy: v.string(),
});
/** A credit note as it was issued. */
export const creditNote = v.strictObject({
  number: v.string(),
  total: v.number(),
  settled,
  credit: v.number(),
  state: standing,
});
/** Credit that was paid back, and what is left. */
export const moneyBack = v.strictObject({ moneyBack: v.string(), credit: v.number() });
/** An invoice that is overdue. */
export const arrear = v.strictObject({
  invoice: v.string(),
  customer: v.string(),
  currency: v.string(),
  open: v.number(),
  dueDay: v.string(),
  daysLate: v.number(),
  state: standing,
  deferredUntil: textOrNull,
  reminded: v.nullable(v.number()),
});
/** Where a customer stands. */
export const account = v.strictObject({
  customer: v.string(),
  state: standing,
  since: textOrNull,
  deferredUntil: textOrNull,
  open: v.array(
    v.strictObject({ invoice: v.string(), currency: v.string(), open: v.number(), dueDay: v.string() }),
  ),
  credit: v.array(v.strictObject({ currency: v.string(), amount: v.number() })),
});
/** A customer's credit. */
export const credit = v.strictObject({ customer: v.string(), currency: v.string(), amount: v.number() });
/** A reminder to send. */
export const reminder = v.strictObject({
  reminder: v.number(),
  invoice: v.string(),
  customer: v.string(),
  /** Of the due day. */
  afterDays: v.number(),
  day: v.string(),
  open: v.number(),
  currency: v.string(),
});
/** Customers that the operator's word brought to a state. */
export const suspensions = v.strictObject({
  active: v.number(),
  pastDue: v.number(),
  suspended: v.number(),
});
/** A plan with its prices; of two for the same month the later counts. */
export const plan = v.strictObject({
  plan: v.string(),
  name: v.string(),
  currency: v.string(),
  prices: v.array(v.strictObject({ fromMonth: v.string(), price: v.number(), trialDays: v.number() })),
});
/** What was said of a customer's plans. */
export const assignment = v.strictObject({
  customer: v.string(),
  billedAs: textOrNull,
  plan: textOrNull,
  fromMonth: v.string(),
  replaced: v.boolean(),
});
/** A pause. */
export const pause = v.strictObject({
  pause: v.string(),
  customer: v.string(),
  billedAs: v.string(),
  from: v.string(),
  to: v.string(),
});
/** The run of a month. */
export const run = v.strictObject({
  month: v.string(),
  state: oneOf(['running', 'finished']),
  boxes: v.number(),
  boxesTotal: v.number(),
  invoices: v.number(),
  lines: v.number(),
  withoutPlan: v.number(),
  startedAt: timestamp,
  finishedAt: v.nullable(timestamp),
});
