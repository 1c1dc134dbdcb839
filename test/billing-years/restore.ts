/** A backup is taken, time goes on, and the registry comes back out of the backup. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { billingDay } from '../../provisioning/registry/billing/daily/day.ts';
import { bookPayment } from '../../provisioning/registry/billing/ledger/payments.ts';
import { loseNumbers } from '../../provisioning/registry/billing/restored.ts';
import { billMonth } from '../../provisioning/registry/billing/run/month.ts';
import { backUpSqlite } from '../../provisioning/registry/upkeep/backup.ts';
import { confirmRestore, markRestored } from '../../provisioning/registry/upkeep/restore.ts';
import { root } from '../registry/world.ts';
import type { Bank } from './bank.ts';
import type { Facts } from './facts.ts';
import { mustRefuse } from './operator.ts';
import { wallDay } from './wall-calendar.ts';
import type { World } from './world.ts';

/** A backup with what the oracle knew then. */
export interface Backup {
  file: string;
  facts: Facts;
  papers: Map<string, string>;
}

/** Copies the database while it is open. */
export function backUp(world: World, bank: Bank): Backup {
  const file = join(world.directory, 'backup.db');
  rmSync(file, { force: true });
  backUpSqlite(world.path, file);
  bank.backedUp();
  return { file, facts: structuredClone(world.facts), papers: new Map(world.papers) };
}

/** The disk is lost. Nothing works until the operator confirms, and says which numbers customers have. */
export async function restore(world: World, bank: Bank, { file, facts, papers }: Backup): Promise<void> {
  const { billing } = world;
  await world.close();
  for (const ending of ['', '-wal', '-shm']) rmSync(`${world.path}${ending}`, { force: true });
  copyFileSync(file, world.path);
  await world.open();
  const core = world.core(0);
  await markRestored(core.store, 'person:anna', world.trueMs);
  world.restored = true;
  const last = new Map<string, string>();
  for (const number of world.papers.keys()) {
    const series = number.slice(0, 7);
    if (!papers.has(number)) world.lost.add(number);
    if ((last.get(series) ?? '') < number) last.set(series, number);
  }
  world.tally.add(
    'numbers lost in a restore',
    [...world.papers.keys()].filter((number) => !papers.has(number)).length,
  );
  world.papers.clear();
  for (const [number, hash] of papers) world.papers.set(number, hash);
  const tax = world.facts.tax;
  world.facts = structuredClone(facts);
  // The config is a file of its own.
  world.facts.tax = tax;
  const before = await counts(world);
  await billingDay(core, billing);
  const paid = { customer: [...facts.customers.keys()][0] ?? '', currency: 'UAH', amount: 1, reference: 'x' };
  await mustRefuse(world, 'a payment before the restore was confirmed', 'restored', () =>
    bookPayment(core, billing, root, { ...paid, day: wallDay(world.trueMs) }),
  );
  await mustRefuse(world, 'a run before the restore was confirmed', 'restored', () =>
    billMonth(core, billing, world.plan.firstMonth),
  );
  world.same('restored and not confirmed', await counts(world), before);
  await core.store.write((tx) =>
    loseNumbers(tx, billing, { actor: 'person:anna', numbers: [...last.values()], nowMs: world.trueMs }),
  );
  await confirmRestore(core.store, 'person:anna', world.trueMs);
  world.restored = false;
  bank.restored();
}

async function counts({ reader }: World): Promise<string> {
  const count = async (
    table: 'billing_documents' | 'billing_ledger' | 'billing_reminders',
  ): Promise<unknown> =>
    (
      await reader
        .selectFrom(table)
        .select((eb) => eb.fn.countAll().as('count'))
        .executeTakeFirst()
    )?.count;
  return `${await count('billing_documents')} ${await count('billing_ledger')} ${await count('billing_reminders')}`;
}
