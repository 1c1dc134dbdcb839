/** The config's member `billing`. */
import * as v from 'valibot';
import { integer, oneOf } from '../../../gateway/contract/primitives.ts';
import { sellerSchema } from './party.ts';
import { isTimeZone } from './rules/calendar.ts';
import { isMonth } from './rules/dates.ts';
import { prefixForm } from './rules/numbers.ts';

const prefixWords = '1 to 8 of A-Z 0-9, a letter first';
const prefix = v.pipe(v.string(prefixWords), v.regex(prefixForm, prefixWords));

/** A calendar month. */
export const monthSchema = v.pipe(v.string('a month, YYYY-MM'), v.check(isMonth, 'a month, YYYY-MM'));

/** The id of a plan. */
export const planId = v.pipe(
  v.string('1 to 32 of a-z 0-9 -'),
  v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 of a-z 0-9 -'),
);

const vat = v.pipe(
  v.strictObject({
    mode: oneOf(['included', 'onTop', 'none']),
    /** Hundredths of a per cent: 2000 is 20 %. */
    rateBasisPoints: v.optional(integer(0, 10_000, 'hundredths of a per cent'), 0),
  }),
  v.check(
    ({ mode, rateBasisPoints }) => mode !== 'none' || rateBasisPoints === 0,
    'no rate where no VAT is paid',
  ),
);

/** The config's member `billing`, as it is written. */
export const billingSchema = v.strictObject({
  timeZone: v.optional(
    v.pipe(v.string('an IANA name'), v.check(isTimeZone, 'an IANA name such as Europe/Kyiv')),
    'Europe/Kyiv',
  ),
  /** Nothing before this month is ever billed. */
  firstMonth: monthSchema,
  seller: sellerSchema,
  vat: v.optional(vat, { mode: 'none', rateBasisPoints: 0 }),
  prefixes: v.optional(
    v.pipe(
      v.strictObject({
        invoice: v.optional(prefix, 'SW'),
        act: v.optional(prefix, 'SA'),
        creditNote: v.optional(prefix, 'SC'),
      }),
      v.check((all) => new Set(Object.values(all)).size === 3, 'three different prefixes'),
    ),
    { invoice: 'SW', act: 'SA', creditNote: 'SC' },
  ),
  /** From an invoice's day to its due day. */
  dueDays: v.optional(integer(0, 365, 'days'), 14),
  /** From the first day of `pastDue` to that of `suspended`. */
  graceDays: v.optional(integer(0, 365, 'days'), 14),
  /** Reminders, in days after the due day. */
  reminderDays: v.optional(v.pipe(v.array(integer(1, 365, 'days')), v.maxLength(12)), [3, 7, 12]),
  /** The plan of customers that have none of their own. */
  defaultPlan: v.optional(v.nullable(planId), null),
  /** When the daily work would suspend more of the active boxes than this, it asks first. */
  suspendAtMostPercent: v.optional(integer(0, 100, 'per cent'), 2),
  /** The hour in the operator's time zone; absent: the registry's dailyHour. */
  hour: v.optional(integer(0, 23, 'an hour')),
});

/** Billing as the config has it, defaults filled in. */
export type BillingConfig = v.InferOutput<typeof billingSchema>;
