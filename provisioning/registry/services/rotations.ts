/** Rotating the CA and the registry's own key: two are trusted until everybody has moved, then the old one ends. */
import { isSwipeError } from '../../../gateway/seams/error.ts';
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Actor, Core } from './core.ts';
import { behind, type Rotated } from './stragglers.ts';

/** Makes a new one that signs from now on; the old one stays trusted. @throws Refusal `conflict` */
export async function beginRotation(core: Core, actor: Actor, what: Rotated): Promise<void> {
  everybodys(actor);
  const nowMs = core.clock.nowMs();
  if (what === 'ca') await core.authority.beginRotation(nowMs);
  else await core.keys.beginRotation(nowMs);
  await noted(core, actor, `${what}.rotation.begun`, nowMs);
}

/**
 * Ends the old one. Whoever has not moved would be shut out: it is refused while there is anybody, unless `force`.
 * Never while the broker's own certificate hangs on the old CA: everybody would be shut out.
 *
 * @throws Refusal `conflict`
 */
export async function finishRotation(core: Core, actor: Actor, what: Rotated, force = false): Promise<void> {
  everybodys(actor);
  if (!force) {
    const { boxes, saleSystems } = await behind(core, what);
    if (boxes + saleSystems > 0)
      throw new Refusal('conflict', `${boxes} boxes and ${saleSystems} sale systems have not moved yet`);
  }
  if (what === 'ca') {
    const { previousCa } = await core.authority.state();
    if (previousCa !== null) await brokerHasMoved(core, force);
    await core.authority.finishRotation();
  } else await core.keys.finishRotation();
  await noted(core, actor, `${what}.rotation.finished`, core.clock.nowMs());
}

/** @throws Refusal `conflict` when the broker could not be recognised by the new CA alone */
async function brokerHasMoved({ broker }: Core, force: boolean): Promise<void> {
  let fault: string | null;
  try {
    fault = (await broker?.certificate('afterRotation'))?.fault ?? null;
  } catch (error) {
    if (!isSwipeError(error, 'brokerUnreachable')) throw error;
    if (force) return;
    throw new Refusal(
      'conflict',
      `whether the broker has its new certificate cannot be seen: ${error.message}`,
    );
  }
  if (fault !== null)
    throw new Refusal(
      'conflict',
      `nobody would take the broker's own certificate any more (${fault}): give it a new one first`,
    );
}

function everybodys({ customer }: Actor): void {
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
