import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isoTime } from '../gateway/contract/time.ts';
import { assignPlan } from '../provisioning/registry/billing/plans.ts';
import { firstIdentityOf } from '../provisioning/registry/billing/rules/identities.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { billedLines, naiveLines } from './registry/naive-bill.ts';
import { onBoth } from './registry/stores.ts';
import { root, TestBox } from './registry/world.ts';

const test = suite('billing: one trial for a box');
const both = onBoth(test);

test('the identity of the first claim', () => {
  assert.equal(['SW-1', 'SW-1.2', 'SW-1.13'].map(firstIdentityOf), ['SW-1', 'SW-1', 'SW-1']);
});

/** What was billed of a month, as `identity days`. */
async function daysOf(bench: BillingBench, month: string): Promise<string[]> {
  await billMonth(bench.core, bench.billing, month);
  const lines = await billedLines(bench.store, month);
  assert.equal(lines, await naiveLines(bench.store, month, 'box'));
  return lines.map((line) => [line.split(' ')[2], line.split(' ')[5]].join(' ')).sort();
}

both(
  'who leaves and comes back has no second trial, and keeps what is left of the first',
  async (database) => {
    const bench = new BillingBench(await database.open());
    const { world, core } = bench;
    await bench.plan({ trialDays: 30 });
    const [first, second] = [await world.customer(), await world.customer()];
    const box = new TestBox();
    const come = async (at: string, customer: string) => {
      bench.at(kyiv(at));
      return await box.register(world, { claim: await world.claim(customer) });
    };
    const leave = (at: string) => {
      bench.at(kyiv(at));
      return retireBox(core, root, box.id, 'retired');
    };
    // Daylight saving ends on 25 October: midnight by winter time.
    const until = isoTime(kyiv('2026-10-31T00:00'));
    const came = await come('2026-10-01T10:00', first);
    assert.equal([came.state, came.until], ['trial', until]);
    await leave('2026-10-10T10:00');
    const again = await come('2026-10-12T10:00', first);
    assert.equal([again.state, again.until], ['trial', until], 'what is left of it');
    await leave('2026-10-29T10:00');
    await come('2026-10-30T10:00', second);
    bench.at(kyiv('2026-11-01T03:17'));
    assert.equal(await daysOf(bench, '2026-10'), [`${box.id}.3 1`], 'the 31st alone');
    await leave('2026-11-09T10:00');
    assert.is((await come('2026-11-11T10:00', first)).state, 'active', 'no trial any more');
    bench.at(kyiv('2026-12-01T03:17'));
    assert.equal(await daysOf(bench, '2026-11'), [`${box.id}.3 9`, `${box.id}.4 20`].sort());
  },
);

both('it is that of the plan which the box had then, not of the one that it has now', async (database) => {
  const bench = new BillingBench(await database.open());
  const { world, core, billing } = bench;
  await bench.plan({ trialDays: 3 });
  await bench.plan({ plan: 'long', trialDays: 60 });
  const [first, second] = [await world.customer(), await world.customer()];
  bench.at(kyiv('2026-09-20T10:00'));
  await assignPlan(core, billing, root, {
    customer: second,
    billedAs: null,
    plan: 'long',
    fromMonth: '2026-09',
  });
  const box = new TestBox();
  bench.at(kyiv('2026-10-01T10:00'));
  await box.register(world, { claim: await world.claim(first) });
  bench.at(kyiv('2026-10-05T10:00'));
  await retireBox(core, root, box.id, 'retired');
  bench.at(kyiv('2026-10-06T10:00'));
  assert.is((await box.register(world, { claim: await world.claim(second) })).state, 'active');
  bench.at(kyiv('2026-11-01T03:17'));
  assert.equal(await daysOf(bench, '2026-10'), [`${box.id} 2`, `${box.id}.2 26`]);
});

both('what is left of a first customer’s long trial goes along with the box', async (database) => {
  const bench = new BillingBench(await database.open());
  const { world, core, billing } = bench;
  await bench.plan({ trialDays: 3 });
  await bench.plan({ plan: 'long', trialDays: 60 });
  const [first, second] = [await world.customer(), await world.customer()];
  bench.at(kyiv('2026-09-20T10:00'));
  const given = { customer: first, billedAs: null, plan: 'long', fromMonth: '2026-09' };
  await assignPlan(core, billing, root, given);
  const box = new TestBox();
  bench.at(kyiv('2026-10-01T10:00'));
  await box.register(world, { claim: await world.claim(first) });
  bench.at(kyiv('2026-10-05T10:00'));
  await retireBox(core, root, box.id, 'retired');
  bench.at(kyiv('2026-10-06T10:00'));
  const { state, until } = await box.register(world, { claim: await world.claim(second) });
  assert.equal([state, until], ['trial', isoTime(kyiv('2026-11-30T00:00'))]);
  bench.at(kyiv('2026-12-01T03:17'));
  assert.equal(await daysOf(bench, '2026-10'), []);
  assert.equal(await daysOf(bench, '2026-11'), [`${box.id}.2 1`]);
});

both('a box that came as another’s replacement has none when it comes back by itself', async (database) => {
  const bench = new BillingBench(await database.open());
  const { world, core } = bench;
  await bench.plan({ trialDays: 5 });
  const customer = await world.customer();
  const [old, spare] = [new TestBox(), new TestBox()];
  bench.at(kyiv('2026-10-01T10:00'));
  await old.register(world, { claim: await world.claim(customer) });
  bench.at(kyiv('2026-10-03T10:00'));
  const replacing = await spare.register(world, { claim: await world.claim(customer, old.id) });
  assert.is(replacing.state, 'trial', 'the rest of the old one’s');
  bench.at(kyiv('2026-10-20T10:00'));
  await retireBox(core, root, spare.id, 'retired');
  bench.at(kyiv('2026-10-22T10:00'));
  assert.is((await spare.register(world, { claim: await world.claim(customer) })).state, 'active');
  bench.at(kyiv('2026-11-01T03:17'));
  assert.equal(await daysOf(bench, '2026-10'), [`${old.id} 15`, `${spare.id}.2 10`].sort());
});

test.run();
