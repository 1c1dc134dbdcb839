import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { World, type WorldOptions } from './simulation/world.ts';

const test = suite('a full disk');

async function started(options: WorldOptions = {}): Promise<World> {
  const world = new World({ script: { options: { stepMs: 500 } }, ...options });
  await world.start();
  return world;
}

const sales = (world: World) => world.ledger().filter((line) => line.startsWith('sale'));
const resultsOf = (world: World, id: string) => world.results.filter((result) => result.id === id);

test('a full disk: nothing is taken in, nothing acknowledged, nothing lost', async () => {
  const world = await started();
  world.journal.isFull = true;
  const payment = world.payment();
  world.send(payment);
  await world.time.advance(30_000);
  assert.is(resultsOf(world, payment.id).length, 0);
  assert.is(
    world.trace.lines.some((line) => line.includes('puback')),
    false,
  );
  world.journal.isFull = false;
  assert.is((await world.resultOf(payment.id)).outcome, 'approved');
  assert.equal(sales(world), ['sale 10050']);
});

test('the disk fills up during a payment: its outcome waits for room', async () => {
  const world = await started();
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.terminal.status() === 9);
  world.journal.isFull = true;
  await world.until(() => sales(world).length === 1);
  await world.time.advance(30_000);
  assert.is(resultsOf(world, payment.id).length, 0);
  world.journal.isFull = false;
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.recovered], ['approved', false]);
  assert.equal(sales(world), ['sale 10050']);
  assert.is((await world.ask(world.payment(999))).outcome, 'approved', 'and the next customer can pay');
});

test('the disk is full when the clock becomes known: the box lives, and takes payments once there is room', async () => {
  let known = false;
  const world = new World({ clock: 'timesync', synchronised: () => known });
  world.boot();
  await world.time.advance(20_000);
  world.journal.isFull = true;
  known = true;
  await world.time.advance(10_000);
  world.journal.isFull = false;
  await world.time.advance(5_000);
  assert.is((await world.ask(world.payment())).outcome, 'approved');
  assert.equal(world.failures, []);
});

test('the disk fills up before the start can be written down: refused, nothing sent', async () => {
  const world = await started({ script: { options: { lookUpMs: 1_000 } } });
  const payment = world.payment();
  world.send(payment);
  await world.untilStep('accepted', 'admitted', 'preparing');
  world.journal.isFull = true;
  await world.time.advance(10_000);
  world.journal.isFull = false;
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.reason.code], ['refused', 'storageFull']);
  assert.equal(sales(world), []);
});

test.run();
