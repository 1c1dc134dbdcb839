/** What is done once a day, by whichever instance comes to it: doing it twice is no harm. */
import { forgottenAfterMs } from '../identity/attempts.ts';
import { dayMs } from '../identity/times.ts';
import type { Core } from '../services/core.ts';
import { pruneAttempts } from '../store/attempts.ts';
import { ask } from '../store/errands.ts';
import { checkCrlAge } from './crl.ts';

/** How long what is over is kept, for who asks what happened. */
const keptMs = 400 * dayMs;

/** A new revocation list, a look at the broker, and the sweeping up. */
export async function dailyWork(core: Core): Promise<void> {
  const nowMs = core.clock.nowMs();
  if (core.isRestored()) return;
  await checkCrlAge(core);
  await core.store.write(async (tx) => {
    await ask(tx, 'trust', 'crl', nowMs);
    await ask(tx, 'reconcile', 'all', nowMs);
    await pruneAttempts(tx, nowMs - forgottenAfterMs);
    await tx
      .updateTable('pairing_codes')
      .set({ sealed: null })
      .where('sealed', 'is not', null)
      .where('expires_at_ms', '<=', nowMs)
      .execute();
    await tx
      .deleteFrom('pairing_codes')
      .where('expires_at_ms', '<', nowMs - keptMs)
      .execute();
    await tx
      .deleteFrom('certificates')
      .where('not_after_ms', '<', nowMs - keptMs)
      .execute();
  });
  core.errandsWait();
}
