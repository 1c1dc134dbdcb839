/** The control socket's probes: what they tell, what they do, and what they can never do. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nothingKept, writeKept } from '../gateway/cloud/registration/kept.ts';
import { parseCommand } from '../gateway/contract/parse.ts';
import { watchBroker } from '../gateway/control/broker-watch.ts';
import { askGateway } from '../gateway/control/client.ts';
import { createProbes } from '../gateway/control/probes.ts';
import type {
  BrokerTried,
  HealthAnswer,
  LampsAnswer,
  OperationAnswer,
  StatusAnswer,
} from '../gateway/control/protocol.ts';
import { serveControl } from '../gateway/control/server.ts';
import { isSwipeError, SwipeError } from '../gateway/seams/error.ts';
import { World } from './simulation/world.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('doctor: control socket');
const tempDir = tempDirs(test);

const box = 'SW-7K3M9QXA2BCD';

interface Served {
  world: World;
  path: string;
  stateDir: string;
  published: { topic: string; retain: boolean }[];
}

async function served(use: (served: Served) => Promise<void>, isBrokerThere = true): Promise<void> {
  const world = new World();
  await world.start();
  const stateDir = tempDir();
  const published: Served['published'] = [];
  const probes = createProbes({
    box,
    config: {
      stateDir,
      clock: 'system',
      broker: { url: 'mqtt://broker.example' },
      panel: null,
      terminal: {
        protocol: 'privat-json',
        link: 'tcp:terminal:2000',
        baudRate: 115_200,
        currency: 'UAH',
        commandGapMs: 100,
        merchants: {},
      },
    },
    gateway: world.gateway,
    journal: world.journal,
    reserveBytes: 8_000_000,
    broker: {
      connect: async () => {
        throw new Error('not here');
      },
      async publish(topic, _payload, { retain }) {
        published.push({ topic, retain });
        if (!isBrokerThere) throw new SwipeError('brokerUnreachable', 'it is silent');
      },
    },
    clock: world.time,
    synchronised: () => false,
  });
  const path = join(stateDir, 'control.sock');
  const control = await serveControl(path, world.gateway, probes);
  try {
    await use({ world, path, stateDir, published });
  } finally {
    await control.close();
  }
}

const pay = (path: string, body: object): Promise<OperationAnswer> =>
  askGateway<OperationAnswer>(path, '/test-payment', { body });

/** Lets virtual time pass until the operation has its outcome. */
async function settled({ world, path }: Served, id: string): Promise<OperationAnswer> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await askGateway<OperationAnswer>(path, `/operation?id=${id}`);
    if (answer.outcome !== null) return answer;
    await world.time.advance(1_000);
  }
  throw new Error('it has no outcome');
}

test('health: clock, card, results that wait, where the broker is', () =>
  served(async ({ path, stateDir }) => {
    writeFileSync(join(stateDir, 'journal.db'), 'x'.repeat(1000));
    writeFileSync(join(stateDir, 'registration.json'), writeKept(nothingKept(box, 'A'.repeat(43))));
    const health = await askGateway<HealthAnswer>(path, '/health');
    assert.equal(
      [
        health.clock.trusted,
        health.storage.journalBytes,
        health.outbox,
        health.broker,
        health.certificateEndsAt,
      ],
      [true, 1000, { waiting: 0, isMore: false }, 'mqtt://broker.example', null],
    );
    assert.ok(health.storage.freeBytes > 0);
  }));

test('health is told whatever stands in the registration: nothing, or nonsense', () =>
  served(async ({ path, stateDir }) => {
    mkdirSync(join(stateDir, 'registration.json'));
    assert.is((await askGateway<HealthAnswer>(path, '/health')).certificateEndsAt, null);
  }));

test('1.00 is paid once for one id, however often it is asked for, and taken back', () =>
  served(async (all) => {
    const { world, path } = all;
    await pay(path, { id: 'technician-1' });
    await pay(path, { id: 'technician-1' });
    const paid = await settled(all, 'technician-1');
    assert.equal([paid.outcome, paid.stage], ['approved', 'finished']);
    assert.equal((await pay(path, { id: 'technician-1' })).outcome, 'approved');
    await pay(path, { id: 'technician-2', reverses: 'technician-1' });
    assert.is((await settled(all, 'technician-2')).outcome, 'approved');
    const ledger = world.terminal.ledger();
    assert.equal(
      ledger.map(({ amount }) => amount),
      [100, 100],
      JSON.stringify(ledger),
    );
  }));

test('nothing but 1.00 can be asked for, and only as a payment or a reversal', () =>
  served(async ({ world, path }) => {
    for (const body of [
      { id: 'technician-1', amount: 5000 },
      { id: 'technician-1', type: 'refund' },
      { id: 'technician-1', merchant: '2' },
      { id: 'x' },
      {},
    ]) {
      const refused = await pay(path, body).catch((error) => error);
      assert.ok(isSwipeError(refused, 'controlUnreachable'), JSON.stringify(body));
    }
    assert.is(world.terminal.ledger().length, 0);
  }));

test("the technician's desk itself takes nothing but a payment or a reversal", () =>
  served(async (all) => {
    const refund = { id: 'technician-1', type: 'refund', amount: 100, currency: 'UAH', rrn: '083998389823' };
    const issuedAt = new Date(all.world.time.nowMs()).toISOString();
    const expiresAt = new Date(all.world.time.nowMs() + 60_000).toISOString();
    all.world.gateway.technician.receive(parseCommand({ ...refund, box, issuedAt, expiresAt }));
    const refused = await settled(all, 'technician-1');
    assert.equal([refused.outcome, refused.code], ['refused', 'forbidden']);
    assert.is(all.world.terminal.ledger().length, 0);
  }));

test('a look never pays: the test payment is a POST alone, and probes are no GET', () =>
  served(async ({ world, path }) => {
    for (const asked of ['/test-payment', '/test-payment?id=technician-1', '/lamps', '/broker'])
      assert.ok(isSwipeError(await askGateway(path, asked).catch((error) => error), 'controlUnreachable'));
    assert.ok(
      isSwipeError(await askGateway(path, '/health', {}).catch((error) => error), 'controlUnreachable'),
    );
    assert.is(world.terminal.ledger().length, 0);
  }));

test('while a payment runs the test payment is refused as any other, and a look changes nothing', () =>
  served(async (all) => {
    const { world, path } = all;
    const payment = world.payment();
    world.send(payment);
    await world.time.advance(500);
    const { status } = await askGateway<StatusAnswer>(path, '/status');
    assert.ok(status.operation !== null);
    await askGateway<HealthAnswer>(path, '/health');
    const refused = await pay(path, { id: 'technician-1' });
    assert.equal([refused.outcome, refused.code], ['refused', 'busy']);
    assert.is((await world.resultOf(payment.id)).outcome, 'approved');
    assert.is(world.terminal.ledger().length, 1);
  }));

test('an operation that is not there is told as such', () =>
  served(async ({ path }) => {
    assert.is((await askGateway<OperationAnswer>(path, '/operation?id=never-seen')).stage, null);
  }));

test('a message to the broker and its word; it is not kept there', () =>
  served(async ({ path, published }) => {
    const { roundTripMs } = await askGateway<BrokerTried>(path, '/broker', {});
    assert.ok(roundTripMs >= 0);
    assert.equal(published, [{ topic: `swipe/v1/${box}/status`, retain: false }]);
  }));

test('a broker that does not confirm is an error, not an answer', () =>
  served(async ({ path }) => {
    const error = await askGateway(path, '/broker', {}).catch((failure) => failure);
    assert.match(String(error), /it is silent/);
  }, false));

test('the lamp test without a panel says that it was not shown', () =>
  served(async ({ path }) => {
    assert.equal(await askGateway<LampsAnswer>(path, '/lamps', {}), { shown: false });
  }));

test('a broker that never answers a probe is given up', async () => {
  const timers = {
    after(_ms: number, run: () => void) {
      setImmediate(run);
      return () => {};
    },
  };
  const connection = {
    publish: () => new Promise<void>(() => {}),
    subscribe: async () => {},
    close: async () => {},
  };
  const watch = watchBroker({ connect: async () => connection }, timers);
  const early = await watch.publish('t', '', { retain: false }).catch((error) => error);
  assert.ok(isSwipeError(early, 'brokerUnreachable'));
  await watch.connect({ topic: '', payload: '' }, { message: async () => {}, closed() {} });
  const late = await watch.publish('t', '', { retain: false }).catch((error) => error);
  assert.ok(isSwipeError(late, 'brokerUnreachable'));
});

test.run();
