/** What is done once a day, by whichever instance comes to it: doing it twice is no harm. */
import { forgottenAfterMs } from '../identity/attempts.ts';
import { dayMs } from '../identity/times.ts';
import type { Core } from '../services/core.ts';
import { ask } from '../store/errands.ts';
import { hidePairingCodes, type Swept, sweep } from '../store/sweeping.ts';
import { checkCrlAge } from './crl.ts';

/** How long what is over is kept, for who asks what happened. */
const keptMs = 400 * dayMs;
/** Parts of a sweeping in one day: what is left is for the next day. */
const partsMax = 2000;

/** A new revocation list, a look at the broker, and the sweeping up. */
export async function dailyWork(core: Core): Promise<void> {
  const nowMs = core.clock.nowMs();
  if (core.isRestored()) return;
  await checkCrlAge(core);
  await core.store.write(async (tx) => {
    await ask(tx, 'trust', 'crl', nowMs);
    await ask(tx, 'reconcile', 'all', nowMs);
  });
  core.errandsWait();
  await inParts(core, (tx) => hidePairingCodes(tx, nowMs));
  const ends: readonly [Swept, number][] = [
    ['attempts', nowMs - forgottenAfterMs],
    ['pairing_codes', nowMs - keptMs],
    ['certificates', nowMs - keptMs],
  ];
  for (const [table, beforeMs] of ends) await inParts(core, (tx) => sweep(tx, table, beforeMs));
}

/** Each part in a transaction of its own: registrations come in between. */
async function inParts(
  { store }: Core,
  part: (tx: Parameters<typeof sweep>[0]) => Promise<boolean>,
): Promise<void> {
  for (let parts = 0; parts < partsMax; parts += 1) if (!(await store.write(part))) return;
}
