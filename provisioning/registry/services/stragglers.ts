/** Who has not moved yet: whom the end of the old CA, or of the registry's old key, would shut out. */
import { sql } from 'kysely';
import { isoTime } from '../../../gateway/contract/time.ts';
import type { Core } from './core.ts';

/** What is rotated. */
export type Rotated = 'ca' | 'key';

/** How many have not moved. Sale systems know nothing of the registry's key. */
export interface Behind {
  boxes: number;
  saleSystems: number;
}

/** One of them. */
export interface Straggler {
  /** `SW-…` or `SS-…`. */
  id: string;
  kind: 'box' | 'saleSystem';
  /** Of a sale system. */
  name: string | null;
  customer: string;
  customerName: string;
  /** When a box registered last, or a sale system got its certificate. */
  seenAt: string;
  /** When its certificate ends by itself; null: it is about the key. */
  until: string | null;
}

/**
 * How many have not moved.
 *
 * @param boxesAtOnce SQLite has the whole process while it counts: so many boxes are some 30 ms, and registrations go on
 * between two portions
 */
export async function behind(core: Core, what: Rotated, boxesAtOnce = 10_000): Promise<Behind> {
  const boxes =
    core.store.dialect === 'sqlite'
      ? await countInPortions(core, what, boxesAtOnce)
      : await countBoxes(core, what, {});
  if (what === 'key') return { boxes, saleSystems: 0 };
  const systems = await (await saleSystemsByCa(core))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return { boxes, saleSystems: Number(systems.count) };
}

async function countInPortions(core: Core, what: Rotated, boxesAtOnce: number): Promise<number> {
  let count = 0;
  for (let after = ''; ; ) {
    const last = await core.store.reader
      .selectFrom('boxes')
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .offset(boxesAtOnce - 1)
      .limit(1)
      .executeTakeFirst();
    count += await countBoxes(core, what, { after, last: last?.id });
    if (last === undefined) return count;
    after = last.id;
    await breath();
  }
}

async function countBoxes(
  core: Core,
  what: Rotated,
  { after, last }: { after?: string; last?: string | undefined },
): Promise<number> {
  const query = what === 'ca' ? await boxesByCa(core) : boxesByKey(core);
  const { count } = await query
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .$if(after !== undefined, (some) => some.where('boxes.id', '>', after ?? ''))
    .$if(last !== undefined, (some) => some.where('boxes.id', '<=', last ?? ''))
    .executeTakeFirstOrThrow();
  return Number(count);
}

// Promises alone would not let anybody else have a turn.
// biome-ignore lint/style/noRestrictedGlobals: no time is meant, only the end of this turn
const breath = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * Who has not moved, by id: sale systems stand before boxes, as SS- does before SW-.
 *
 * @param after the last id of the page before
 */
export async function stragglers(
  core: Core,
  what: Rotated,
  { after = '', limit }: { after?: string; limit: number },
): Promise<Straggler[]> {
  const systems = what === 'ca' ? await listSaleSystems(core, after, limit) : [];
  return [...systems, ...(await listBoxes(core, what, after, limit - systems.length))];
}

async function listSaleSystems(core: Core, after: string, limit: number): Promise<Straggler[]> {
  const rows = await (await saleSystemsByCa(core))
    .innerJoin('customers', 'customers.id', 'sale_systems.customer')
    .select(['sale_systems.id', 'sale_systems.name', 'sale_systems.customer', 'customers.name as owner'])
    .select(['certificates.issued_at_ms', 'certificates.not_after_ms'])
    .where('sale_systems.id', '>', after)
    .orderBy('sale_systems.id')
    .limit(limit)
    .execute();
  return rows.map(({ id, name, customer, owner, issued_at_ms, not_after_ms }) => ({
    id,
    kind: 'saleSystem',
    name,
    customer,
    customerName: owner,
    seenAt: isoTime(issued_at_ms),
    until: isoTime(not_after_ms),
  }));
}

async function listBoxes(core: Core, what: Rotated, after: string, limit: number): Promise<Straggler[]> {
  const query = what === 'ca' ? await boxesByCa(core) : boxesByKey(core);
  const rows = await query
    .innerJoin('customers', 'customers.id', 'boxes.customer')
    .select(['boxes.id', 'boxes.customer', 'customers.name as owner', 'counted_at_ms', 'not_after_ms'])
    .where('boxes.id', '>', after)
    .orderBy('boxes.id')
    .limit(limit)
    .execute();
  return rows.map(({ id, customer, owner, counted_at_ms, not_after_ms }) => ({
    id,
    kind: 'box',
    name: null,
    customer,
    customerName: owner,
    seenAt: isoTime(counted_at_ms),
    until: what === 'key' || not_after_ms === null ? null : isoTime(not_after_ms),
  }));
}

const boxesInUse = ({ store }: Core) =>
  store.reader
    .selectFrom('boxes')
    .leftJoin('certificates', 'certificates.serial', 'boxes.certificate')
    // Nearly all are: by the index of the status SQLite would read them all for each portion, not those of its ids.
    .where(sql<string>`boxes.status || ''`, '=', 'claimed');

/** Boxes in use that have not said that they trust the newest key. */
function boxesByKey(core: Core) {
  const newest = core.keys.trusted()[0]?.kid ?? '';
  return boxesInUse(core).where((eb) =>
    eb.or([eb('registry_kid', 'is', null), eb('registry_kid', '!=', newest)]),
  );
}

/** Boxes in use whose newest certificate, still good, is not by the newest CA. */
async function boxesByCa(core: Core) {
  const { ca } = await core.authority.state();
  return boxesInUse(core)
    .where('boxes.certificate_ca', '!=', ca)
    .where('certificates.not_after_ms', '>', core.clock.nowMs())
    .where('certificates.revoked_at_ms', 'is', null);
}

/** The same for sale systems, each with the newest of its certificates. */
async function saleSystemsByCa({ store, authority, clock }: Core) {
  const { ca } = await authority.state();
  const nowMs = clock.nowMs();
  return store.reader
    .selectFrom('sale_systems')
    .innerJoin('certificates', 'certificates.subject', 'sale_systems.id')
    .where('sale_systems.ended_at_ms', 'is', null)
    .where('certificates.ca', '!=', ca)
    .where('certificates.not_after_ms', '>', nowMs)
    .where('certificates.revoked_at_ms', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('certificates as newer')
            .select('newer.serial')
            .whereRef('newer.subject', '=', 'sale_systems.id')
            .where('newer.not_after_ms', '>', nowMs)
            .where('newer.revoked_at_ms', 'is', null)
            .where((newer) =>
              newer.or([
                newer('newer.ca', '=', ca),
                newer('newer.issued_at_ms', '>', newer.ref('certificates.issued_at_ms')),
                newer.and([
                  newer('newer.issued_at_ms', '=', newer.ref('certificates.issued_at_ms')),
                  newer('newer.serial', '>', newer.ref('certificates.serial')),
                ]),
              ]),
            ),
        ),
      ),
    );
}
