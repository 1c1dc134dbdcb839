import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError, SwipeError } from '../gateway/seams/error.ts';
import { World } from './simulation/world.ts';

const test = suite('world');

test('a payment is approved, once at the bank, and its result is verified', async () => {
  const world = new World();
  await world.start();
  const result = await world.ask(world.payment());
  assert.is(result.outcome, 'approved');
  assert.is(result.sequence, 1);
  assert.equal(world.ledger(), ['sale 10050']);
  assert.equal(world.failures, []);
});

test('one payment under virtual time, twice: the same trace, byte for byte', async () => {
  const run = async (seed: number): Promise<string> => {
    const world = new World({ seed });
    await world.start();
    await world.ask(world.payment());
    await world.time.advance(60_000);
    return world.trace.toString();
  };
  const first = await run(7);
  assert.is(await run(7), first);
  assert.is.not(await run(8), first);
  assert.match(first, /Purchase/);
});

test('a journal that cannot tell any more whether an id is new ends the process; the command stays at the broker', async () => {
  const world = new World();
  await world.start();
  world.journal.find = () => {
    throw new SwipeError('journalDamaged', 'The journal is damaged');
  };
  world.send(world.payment());
  await world.until(() => world.failures.length > 0, 5_000);
  assert.ok(isSwipeError(world.failures[0], 'journalDamaged'));
  assert.not.match(world.trace.toString(), /puback/);
  assert.equal(world.ledger(), []);
});

test.run();
