import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { beginRotation } from '../provisioning/registry/services/rotations.ts';
import { ask, takeDue } from '../provisioning/registry/store/errands.ts';
import { dailyWork } from '../provisioning/registry/upkeep/daily.ts';
import { FakeBroker } from './registry/fakes.ts';
import { testNowMs as nowMs, onBoth } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { root, World } from './registry/world.ts';

const test = suite('registry errands');
const both = onBoth(test);

both('whom the broker trusts comes before all that waits longer', async (database) => {
  const store = await database.open();
  await store.write(async (tx) => {
    for (let at = 0; at < 50; at += 1) await ask(tx, 'box', `SW-${at}`, nowMs - 1000 + at);
    await ask(tx, 'trust', 'crl', nowMs);
    await ask(tx, 'notice', 'SW-later', nowMs + 1);
  });
  const taken = await takeDue(store, nowMs, 20);
  assert.equal(
    taken.map(({ kind, subject }) => `${kind} ${subject}`),
    ['trust crl', ...Array.from({ length: 19 }, (_, at) => `box SW-${at}`)],
  );
  await store.write((tx) => ask(tx, 'trust', 'crl', nowMs + 1));
  assert.not.ok(
    (await takeDue(store, nowMs, 100)).some(({ kind }) => kind === 'trust'),
    'not before it is due',
  );
  const rest = await takeDue(store, nowMs + 1, 100);
  assert.equal(
    rest.map(({ kind }) => kind),
    ['trust', 'notice'],
  );
});

both(
  'whoever has paid does not wait until all boxes of a customer that left are cut off',
  async (database) => {
    const store = await database.open();
    await store.write(async (tx) => {
      for (let at = 0; at < 50; at += 1) await ask(tx, 'box', `SW-${at}`, nowMs - 1000 + at);
      for (let at = 0; at < 7; at += 1) await ask(tx, 'notice', `SW-paid-${at}`, nowMs);
    });
    const taken = await takeDue(store, nowMs, 20);
    assert.equal(
      taken.map(({ kind }) => kind),
      [...Array(20).fill('box'), ...Array(5).fill('notice')],
    );
  },
);

both(
  'a rotation that begins while a fleet is being brought to the broker: trust goes first',
  async (database) => {
    const world = new World(await database.open());
    const broker = new FakeBroker();
    const customer = await world.customer();
    for (let at = 0; at < 25; at += 1) await world.claimedBox(customer);
    world.nowMs += 1000;
    await beginRotation(world.core, root, 'ca');
    await workOff(world, broker);
    assert.is(broker.calls[0], 'trust');
    assert.is(broker.calls.filter((call) => call.startsWith('syncBox')).length, 25);
  },
);

both(
  'what ends by itself is looked at once a day, after the broker was found as it should be',
  async (database) => {
    const world = new World(await database.open());
    world.brokerCertificate = async () => ({ notAfterMs: world.nowMs + 1, fault: null });
    await dailyWork(world.core);
    await workOff(world, new FakeBroker());
    assert.equal(
      (await world.alarms()).map(({ kind }) => kind),
      ['brokerCertificate'],
    );
  },
);

test.run();
