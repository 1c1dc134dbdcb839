/** Rotating the CA and the registry's own key: two are trusted until every box has moved, then the old one ends. */
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Actor, Core } from './core.ts';

/** What is rotated. */
export type Rotated = 'ca' | 'key';

/** How many boxes in use do not trust the newest key yet, or have no certificate by the newest CA. */
export async function boxesBehind({ store, keys, authority }: Core): Promise<Record<Rotated, number>> {
  const newest = keys.trusted()[0]?.kid ?? '';
  const { ca } = await authority.state();
  const inUse = () =>
    store.reader
      .selectFrom('boxes')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('status', '=', 'claimed');
  const byKey = await inUse()
    .where((eb) => eb.or([eb('registry_kid', 'is', null), eb('registry_kid', '!=', newest)]))
    .executeTakeFirstOrThrow();
  const byCa = await inUse()
    .where('certificate', 'is not', null)
    .where('certificate', 'not in', (eb) =>
      eb.selectFrom('certificates').select('serial').where('ca', '=', ca),
    )
    .executeTakeFirstOrThrow();
  return { key: Number(byKey.count), ca: Number(byCa.count) };
}

/** Makes a new one that signs from now on; the old one stays trusted. @throws Refusal `conflict` */
export async function beginRotation(core: Core, actor: Actor, what: Rotated): Promise<void> {
  await everybodys(actor);
  const nowMs = core.clock.nowMs();
  if (what === 'ca') await core.authority.beginRotation(nowMs);
  else await core.keys.beginRotation(nowMs);
  await noted(core, actor, `${what}.rotation.begun`, nowMs);
}

/**
 * Ends the old one. Boxes that have not moved would be shut out: it is refused while there are any, unless `force`.
 *
 * @throws Refusal `conflict`
 */
export async function finishRotation(core: Core, actor: Actor, what: Rotated, force = false): Promise<void> {
  await everybodys(actor);
  const behind = (await boxesBehind(core))[what];
  if (behind > 0 && !force) throw new Refusal('conflict', `${behind} boxes have not moved yet`);
  if (what === 'ca') await core.authority.finishRotation();
  else await core.keys.finishRotation();
  await noted(core, actor, `${what}.rotation.finished`, core.clock.nowMs());
}

async function everybodys({ customer }: Actor): Promise<void> {
  if (customer !== null) throw new Refusal('forbidden', 'this token is bound to one customer');
}

async function noted(core: Core, actor: Actor, action: string, nowMs: number): Promise<void> {
  const { ca, previousCa } = await core.authority.state();
  const keys = core.keys.trusted().map(({ kid }) => kid);
  await core.store.write(async (tx) => {
    await ask(tx, 'trust', 'crl', nowMs);
    await audit(tx, nowMs, {
      actor: actor.name,
      action,
      subject: 'registry',
      customer: null,
      after: { ca, previousCa, keys },
    });
  });
  core.errandsWait();
}
