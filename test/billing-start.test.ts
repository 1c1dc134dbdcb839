import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { systemTime } from '../gateway/system/time.ts';
import { createBilling } from '../provisioning/registry/billing/billing.ts';
import { createPlan, plans } from '../provisioning/registry/billing/plans.ts';
import { addMonths } from '../provisioning/registry/billing/rules/dates.ts';
import { parseRegistryConfig, registryConfigOf } from '../provisioning/registry/config.ts';
import { startRegistry } from '../provisioning/registry/main.ts';
import { testBilling } from './registry/billing-bench.ts';
import { root } from './registry/world.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('billing start');

const tempDir = tempDirs(test);

test('the config names every fault; null bills nobody', () => {
  const base = {
    listen: { port: 8443 },
    database: { kind: 'sqlite', path: '/tmp/r.db' },
    masterKeyFile: '/tmp/m.key',
    authorityDir: '/tmp/authority',
  };
  const { seller } = testBilling;
  const given = (billing: unknown) => parseRegistryConfig({ ...base, billing });
  const good = given({ firstMonth: '2026-10', seller: { name: 'S', code: '12345678', iban: seller.iban } });
  assert.ok('config' in good, JSON.stringify(good));
  assert.equal(good.config.billing?.prefixes, { invoice: 'SW', act: 'SA', creditNote: 'SC' });
  assert.equal(good.config.billing?.reminderDays, [3, 7, 12]);
  assert.is('config' in parseRegistryConfig(base) && registryConfigOf(base, 'x').billing, null);
  const bad = given({
    timeZone: 'Europe/Nowhere',
    firstMonth: '2026-13',
    seller: { name: 'S', code: '123', iban: 'UA00' },
    vat: { mode: 'none', rateBasisPoints: 2000 },
    prefixes: { invoice: 'SA' },
    dueDays: -1,
    colour: 'blue',
  });
  assert.ok('faults' in bad);
  assert.equal('faults' in bad ? bad.faults.map(({ path }) => path).sort() : [], [
    'billing.colour',
    'billing.dueDays',
    'billing.firstMonth',
    'billing.prefixes',
    'billing.seller.code',
    'billing.seller.iban',
    'billing.timeZone',
    'billing.vat',
  ]);
});

test('a registry that starts bills what was missed; one with a foreign config does not start', async () => {
  const directory = tempDir();
  const firstMonth = addMonths(createBilling(testBilling).calendar.dayAt(systemTime.nowMs()).slice(0, 7), -2);
  const config = registryConfigOf(
    {
      listen: { port: 0 },
      database: { kind: 'sqlite', path: `${directory}/data/registry.db` },
      masterKeyFile: `${directory}/master.key`,
      authorityDir: `${directory}/authority`,
      billing: { ...testBilling, firstMonth },
    },
    'test',
  );
  const started = await startRegistry(config, { log: silentLog });
  await createPlan(started.core, root, {
    plan: 'box',
    name: 'A box',
    currency: 'UAH',
    price: 100,
    trialDays: 3,
    fromMonth: firstMonth,
  });
  assert.is((await plans(started.core))[0]?.currency, 'UAH');
  await started.stop();
  const again = await startRegistry(config, { log: silentLog });
  const { reader } = again.core.store;
  const finished = async (): Promise<number> => {
    const rows = await reader
      .selectFrom('billing_runs')
      .select('month')
      .where('state', '=', 'finished')
      .execute();
    return rows.length;
  };
  for (let tries = 0; (await finished()) < 1; tries += 1) {
    assert.ok(tries < 500, 'never billed');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await again.stop();
  try {
    createBilling({ ...testBilling, timeZone: 'Mars/Olympus' });
    assert.unreachable();
  } catch (error) {
    assert.ok(isSwipeError(error, 'configInvalid'), String(error));
  }
});

test.run();
