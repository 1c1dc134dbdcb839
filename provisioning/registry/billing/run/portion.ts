/** What a month's run reads: boxes in portions, and all that is to be known of a portion in a few statements. */
import { type SqlBool, sql } from 'kysely';
import { among } from '../../store/among.ts';
import type { Dialect } from '../../store/schema.ts';
import type { Tx } from '../../store/store.ts';
import type { MonthFrame } from '../rules/calendar.ts';
import { firstDayOf, lastDayOf } from '../rules/dates.ts';
import type { PausedDays, Tenure } from '../rules/days.ts';
import { firstIdentityOf } from '../rules/identities.ts';
import type { Assignment } from '../rules/plans.ts';

/** A box that somebody had in the month. */
export interface Had {
  customer: string;
  billedAs: string;
  fromMs: number;
  untilMs: number | null;
}

/** A place in the order of customers and their boxes. */
export interface Place {
  customer: string;
  /** null: after all boxes of the customer. */
  billedAs: string | null;
}

/** Boxes that somebody had in the month, each once per customer, in the order of customers and boxes. */
export async function readPortion(
  tx: Tx,
  { startsMs, days }: MonthFrame,
  after: Place,
  most: number,
): Promise<{ boxes: Had[]; isLast: boolean }> {
  const rows = await tx
    .selectFrom('tenures')
    .select(['customer', 'billed_as', 'from_ms', 'until_ms'])
    .where((eb) =>
      after.billedAs === null
        ? eb('customer', '>', after.customer)
        : sql<SqlBool>`(customer, billed_as) > (${after.customer}, ${after.billedAs})`,
    )
    .where('from_ms', '<', startsMs[days] ?? 0)
    .where((eb) => eb.or([eb('until_ms', 'is', null), eb('until_ms', '>=', startsMs[0] ?? 0)]))
    .orderBy('customer')
    .orderBy('billed_as')
    .limit(most)
    .execute();
  const boxes: Had[] = [];
  for (const { customer, billed_as, from_ms, until_ms } of rows) {
    const before = boxes.at(-1);
    // A box that went away and came back: its tenures are read as a whole, see below.
    if (before?.customer === customer && before.billedAs === billed_as) continue;
    boxes.push({ customer, billedAs: billed_as, fromMs: from_ms, untilMs: until_ms });
  }
  return { boxes, isLast: rows.length < most };
}

/** What is known of the boxes of a portion. Where there is nothing, nothing stands. */
export interface Known {
  /** All tenures of identities that have more than one, in the order in which they began. */
  tenures: Map<string, Tenure[]>;
  /** The very first tenures of boxes that came back, by the identity that they had then. */
  firsts: Map<string, Tenure>;
  /** By {@link keyOf}. */
  pauses: Map<string, PausedDays[]>;
  /** By {@link keyOf}, and under an empty identity the customer's. */
  assignments: Map<string, Assignment[]>;
}

/** To begin with. */
export const nothingKnown = (): Known => ({
  tenures: new Map(),
  firsts: new Map(),
  pauses: new Map(),
  assignments: new Map(),
});

/** A customer and a billing identity in one word. */
export const keyOf = (customer: string, billedAs: string): string => `${customer} ${billedAs}`;

/** Reads all of it. */
export async function readKnown(
  tx: Tx,
  dialect: Dialect,
  frame: MonthFrame,
  boxes: readonly Had[],
): Promise<Known> {
  const first = boxes[0];
  const last = boxes.at(-1);
  const known = nothingKnown();
  if (first === undefined || last === undefined) return known;
  const place = sql`(${first.customer}, ${first.billedAs})`;
  const end = sql`(${last.customer}, ${last.billedAs})`;
  const within = sql<SqlBool>`(customer, billed_as) >= ${place} AND (customer, billed_as) <= ${end}`;
  known.tenures = await manyTenures(tx, dialect, boxes);
  const cameBack = boxes.flatMap(({ billedAs }) => {
    const identity = firstIdentityOf(billedAs);
    return identity === billedAs ? [] : [identity];
  });
  known.firsts = await firstTenures(tx, cameBack);
  const pauses = await tx
    .selectFrom('billing_pauses')
    .select(['customer', 'billed_as', 'from_day', 'to_day'])
    .where(within)
    .where('from_day', '<=', lastDayOf(frame.month))
    .where('to_day', '>=', firstDayOf(frame.month))
    .execute();
  for (const { customer, billed_as, from_day, to_day } of pauses)
    put(known.pauses, keyOf(customer, billed_as), { from: from_day, to: to_day });
  const columns = ['id', 'customer', 'billed_as', 'plan', 'from_month'] as const;
  const ofBoxes = await tx.selectFrom('billing_assignments').select(columns).where(within).execute();
  const ofCustomers = await tx
    .selectFrom('billing_assignments')
    .select(columns)
    .where('billed_as', '=', '')
    .where('customer', '>=', first.customer)
    .where('customer', '<=', last.customer)
    .execute();
  for (const row of [...ofCustomers, ...ofBoxes]) putAssignment(known, row);
  return known;
}

/** All tenures of those identities that have more than one: few, unless everybody moves at once. */
async function manyTenures(tx: Tx, dialect: Dialect, boxes: readonly Had[]): Promise<Map<string, Tenure[]>> {
  const identities = boxes.map(({ billedAs }) => billedAs);
  const several = await tx
    .selectFrom('tenures')
    .select('billed_as')
    .where(among(dialect, 'billed_as', identities))
    .groupBy('billed_as')
    .having((eb) => eb.fn.countAll(), '>', 1)
    .execute();
  const tenures = new Map<string, Tenure[]>();
  if (several.length === 0) return tenures;
  const moved = several.map(({ billed_as }) => billed_as);
  const rows = await tx
    .selectFrom('tenures')
    .select(['billed_as', 'customer', 'from_ms', 'until_ms'])
    .where(among(dialect, 'billed_as', moved))
    .orderBy('from_ms')
    .orderBy('id')
    .execute();
  for (const { billed_as, customer, from_ms, until_ms } of rows)
    put(tenures, billed_as, { customer, fromMs: from_ms, untilMs: until_ms });
  return tenures;
}

/** The first tenures of these identities; of one that was never anybody's there is none. */
export async function firstTenures(tx: Tx, identities: readonly string[]): Promise<Map<string, Tenure>> {
  const first = new Map<string, Tenure>();
  if (identities.length === 0) return first;
  const rows = await tx
    .selectFrom('tenures')
    .select(['billed_as', 'customer', 'from_ms', 'until_ms'])
    .where('billed_as', 'in', [...new Set(identities)])
    .orderBy('from_ms')
    .orderBy('id')
    .execute();
  for (const { billed_as, customer, from_ms, until_ms } of rows)
    if (!first.has(billed_as)) first.set(billed_as, { customer, fromMs: from_ms, untilMs: until_ms });
  return first;
}

/** Adds what others have or had as plans for these boxes, whose first customers they were. */
export async function readOthersPlans(
  tx: Tx,
  known: Known,
  others: readonly { customer: string; billedAs: string }[],
): Promise<void> {
  if (others.length === 0) return;
  const rows = await tx
    .selectFrom('billing_assignments')
    .select(['id', 'customer', 'billed_as', 'plan', 'from_month'])
    .where('customer', 'in', [...new Set(others.map(({ customer }) => customer))])
    .where('billed_as', 'in', ['', ...new Set(others.map(({ billedAs }) => billedAs))])
    .execute();
  for (const row of rows) putAssignment(known, row);
}

function putAssignment(
  { assignments }: Known,
  row: { id: number; customer: string; billed_as: string; plan: string | null; from_month: string },
): void {
  const { id, customer, billed_as, plan, from_month } = row;
  put(assignments, keyOf(customer, billed_as), { id, plan, fromMonth: from_month });
}

function put<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
