/** Every day: who is late is told so, who is later is suspended, who owes nothing any more is not. */
import type { Core } from '../../services/core.ts';
import { audit, raiseAlarm } from '../../store/audit.ts';
import type { Reader, Tx } from '../../store/store.ts';
import type { AccountRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import { isMassSuspension, type Standing, standingOf } from '../rules/standing.ts';
import type { Day } from '../shapes.ts';
import { putTo, type ReviewParts } from '../standing/review.ts';
import { tellBoxes } from '../standing/tell.ts';
import { type BoxCounts, countBoxes, countBoxesOf } from './counts.ts';

/** Accounts that are looked at together. */
const pageMax = 500;

/** Suspensions that wait for the operator's word. */
export interface Held {
  customers: number;
  boxes: number;
  /** Of so many that work. */
  active: number;
}

/** What a day changed: customers. */
export interface DunningDone {
  active: number;
  pastDue: number;
  suspended: number;
  /** null: nothing waits for the operator's word. */
  held: Held | null;
}

interface Moving {
  customer: string;
  from: Standing;
  to: Standing;
}

/**
 * Brings every customer to where it belongs today. When that would suspend too many of the active boxes, nobody is
 * suspended, and the operator is asked.
 *
 * @param actor the operator who gives his word: then everybody is suspended who is due
 */
export async function dun(core: Core, billing: Billing, actor: string | null = null): Promise<DunningDone> {
  const done: DunningDone = { active: 0, pastDue: 0, suspended: 0, held: null };
  if (core.isRestored()) return done;
  const today = billing.calendar.dayAt(core.clock.nowMs());
  if (actor === null) done.held = await tooMany(core, billing, today);
  const parts: ReviewParts = { core, billing, actor: actor ?? 'registry' };
  const isHeld = done.held !== null;
  for await (const wanted of moving(core.store.reader, billing, today, isHeld)) {
    const moved = await core.store.write((tx) => move(tx, parts, wanted, { today, isHeld }));
    for (const { to } of moved) done[to] += 1;
    core.errandsWait();
  }
  return done;
}

/** The suspensions of today, if they are too many; a person is told. */
async function tooMany(core: Core, billing: Billing, today: Day): Promise<Held | null> {
  const { store, clock } = core;
  let customers = 0;
  let boxes = 0;
  for await (const page of moving(store.reader, billing, today)) {
    const suspended = page.filter(({ to }) => to === 'suspended').map(({ customer }) => customer);
    customers += suspended.length;
    boxes += await countBoxesOf(store.reader, suspended);
  }
  if (customers === 0) return null;
  const counts: BoxCounts = await countBoxes(store.reader, today);
  const { suspendAtMostPercent } = billing.config;
  if (!isMassSuspension(counts.suspendedToday + boxes, counts.active, suspendAtMostPercent)) return null;
  await store.write((tx) =>
    raiseAlarm(tx, clock.nowMs(), {
      kind: 'massSuspension',
      subject: 'billing',
      customer: null,
      detail: `${customers} customers with ${boxes} boxes of ${counts.active} would be suspended: nobody is until the operator says so`,
    }),
  );
  return { customers, boxes, active: counts.active };
}

/** Customers that do not stand where they belong, in pages. */
async function* moving(
  reader: Reader,
  billing: Billing,
  today: Day,
  isHeld = false,
): AsyncGenerator<Moving[]> {
  for (let after = ''; ; ) {
    const rows = await accounts(reader)
      .where('customer', '>', after)
      .orderBy('customer')
      .limit(pageMax)
      .execute();
    const found = movesOf(rows, billing, { today, isHeld });
    if (found.length > 0) yield found;
    if (rows.length < pageMax) return;
    after = rows.at(-1)?.customer ?? after;
  }
}

const accounts = (reader: Reader | Tx) =>
  reader
    .selectFrom('billing_accounts')
    .select(['customer', 'state', 'deferred_until'])
    .select((eb) =>
      eb
        .selectFrom('billing_open')
        .select((open) => open.fn.min('due_day').as('due'))
        .whereRef('billing_open.customer', '=', 'billing_accounts.customer')
        .as('oldest_due'),
    );

type Row = Pick<AccountRow, 'customer' | 'state' | 'deferred_until'> & { oldest_due: Day | null };

/** While suspensions are held, whoever is due for one is past due. */
function movesOf(
  rows: readonly Row[],
  { config: { graceDays } }: Billing,
  { today, isHeld }: { today: Day; isHeld: boolean },
): Moving[] {
  return rows.flatMap(({ customer, state, deferred_until: deferredUntil, oldest_due: oldestDue }) => {
    const byRule = standingOf({ oldestDue, today, graceDays, deferredUntil });
    const to = isHeld && byRule === 'suspended' && state !== byRule ? 'pastDue' : byRule;
    return to === state ? [] : [{ customer, from: state, to }];
  });
}

/** Moves those that still belong there now that their accounts are locked: money may have come meanwhile. */
async function move(
  tx: Tx,
  parts: ReviewParts,
  wanted: readonly Moving[],
  { today, isHeld }: { today: Day; isHeld: boolean },
): Promise<readonly Moving[]> {
  const customers = wanted.map(({ customer }) => customer);
  await tx
    .selectFrom('billing_accounts')
    .select('customer')
    .where('customer', 'in', customers)
    .orderBy('customer')
    .forUpdate()
    .execute();
  const rows = await accounts(tx).where('customer', 'in', customers).execute();
  const still = movesOf(rows, parts.billing, { today, isHeld }).filter(({ customer, to }) =>
    wanted.some((one) => one.customer === customer && one.to === to),
  );
  for (const { customer, from, to } of still)
    await putTo(tx, parts, { customer, state: from }, to, { tell: false });
  await tellBoxes(
    tx,
    still.map(({ customer }) => customer),
    parts.core.clock.nowMs(),
  );
  return still;
}

/**
 * The operator's word: everybody is suspended who is due today, however many they are.
 *
 * @returns what that changed
 */
export async function suspendAll(core: Core, billing: Billing, actor: string): Promise<DunningDone> {
  const done = await dun(core, billing, actor);
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    await tx
      .updateTable('alarms')
      .set({ acknowledged_at_ms: nowMs, acknowledged_by: actor })
      .where('kind', '=', 'massSuspension')
      .where('acknowledged_at_ms', 'is', null)
      .execute();
    const { active, pastDue, suspended } = done;
    const after = { active, pastDue, suspended };
    await audit(tx, nowMs, {
      actor,
      action: 'billing.suspensions',
      subject: 'billing',
      customer: null,
      after,
    });
  });
  return done;
}
