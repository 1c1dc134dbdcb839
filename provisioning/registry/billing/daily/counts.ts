import type { Reader } from '../../store/store.ts';
import type { Day } from '../shapes.ts';

/** Boxes in use. */
export interface BoxCounts {
  /** Those that work now, and those that the registry suspended today. */
  active: number;
  suspendedToday: number;
}

/** How many boxes these customers have in use. */
export async function countBoxesOf(reader: Reader, customers: readonly string[]): Promise<number> {
  if (customers.length === 0) return 0;
  const row = await reader
    .selectFrom('boxes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'claimed')
    .where('customer', 'in', [...customers])
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/**
 * How many boxes work. What the registry itself suspended today counts as it did this morning: so a registry that is
 * started again and again suspends no more in a day than one that is not.
 */
export async function countBoxes(reader: Reader, today: Day): Promise<BoxCounts> {
  const inUse = await reader
    .selectFrom('boxes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'claimed')
    .executeTakeFirstOrThrow();
  const suspended = reader
    .selectFrom('billing_accounts')
    .innerJoin('boxes', 'boxes.customer', 'billing_accounts.customer')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('boxes.status', '=', 'claimed')
    .where('billing_accounts.state', '=', 'suspended');
  const all = await suspended.executeTakeFirstOrThrow();
  const ofToday = await suspended
    .where('since_day', '=', today)
    .where('decided_by', '=', 'registry')
    .executeTakeFirstOrThrow();
  const suspendedToday = Number(ofToday.count);
  return { active: Number(inUse.count) - Number(all.count) + suspendedToday, suspendedToday };
}
