import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../gateway/contract/result.ts';
import { World } from './simulation/world.ts';
import { PrintingWorld } from './support/printing-world.ts';

const test = suite('printer slips');

const document = [
  { kind: 'text', text: 'КАВ’ЯРНЯ', align: 'center' },
  { kind: 'item', name: 'Кава', quantity: '2', price: 5_025, sum: 10_050 },
  { kind: 'total', label: 'СУМА', sum: 10_050 },
];

test('after an approval: the slips, then the document of the shop, each told by an event', async () => {
  const world = new PrintingWorld({ config: { slips: 2 }, device: { lineMs: 50 } });
  await world.start();
  const payment = world.payment(10_050, { document });
  const result = await world.ask(payment);
  assert.is(result.outcome, 'approved');
  assert.equal(world.papers(), [], 'the outcome waits for no paper');
  await world.until(() => world.printEvents().length === 2);
  assert.equal(world.printEvents(), [`${payment.id} slip done`, `${payment.id} document done`]);
  const [merchants, customers, own, ...more] = world.papers();
  assert.match(merchants ?? '', /СУМА 100\.50 ГРН[\s\S]*СХВАЛЕНО 0000[\s\S]*ПРИМІРНИК ТОРГІВЦЯ$/);
  assert.match(customers ?? '', /СУМА 100\.50 ГРН[\s\S]*ПРИМІРНИК КЛІЄНТА$/);
  assert.match(own ?? '', /КАВ’ЯРНЯ[\s\S]*2 x 50\.25 +100\.50[\s\S]*СУМА +100\.50$/);
  assert.equal(more, []);
  assert.not.match(JSON.stringify(world.journal.find(payment.id)), /КАВ’ЯРНЯ/, 'it is not kept');
  assert.not.match(world.device.text, /ПІДПИС/);
});

test('one slip, none: as the config says', async () => {
  for (const slips of [0, 1] as const) {
    const world = new PrintingWorld({ config: { slips } });
    await world.start();
    await world.ask(world.payment());
    await world.time.advance(5_000);
    assert.is(world.papers().length, slips);
    assert.is(world.printEvents().length, slips);
  }
});

test('nothing is printed where no money moved', async () => {
  for (const deed of ['decline', 'customerCancels', 'fail'] as const) {
    const world = new PrintingWorld({
      world: { script: { operations: [{ match: { method: 'Purchase' }, do: deed }] } },
    });
    await world.start();
    const { outcome } = await world.ask(world.payment(10_050, { document }));
    assert.ok(['declined', 'cancelled', 'failed'].includes(outcome), outcome);
    await world.time.advance(60_000);
    assert.is(world.device.text, '', deed);
  }
});

test('refunds and reversals have slips, too; what only asks has none', async () => {
  const world = new PrintingWorld();
  await world.start();
  const payment = world.payment();
  await world.ask(payment);
  await world.ask(world.command('receipt'));
  await world.ask(world.command('reversal', { operation: payment.id }));
  await world.time.advance(5_000);
  assert.is(world.papers().length, 2);
});

test('a result that is asked for again prints nothing again', async () => {
  const world = new PrintingWorld();
  await world.start();
  const payment = world.payment(10_050, { document });
  await world.ask(payment);
  await world.time.advance(5_000);
  await world.ask(payment);
  world.broker.drop('a lost connection');
  await world.time.advance(60_000);
  await world.until(() => world.gateway.isConnected());
  await world.ask(payment);
  await world.time.advance(60_000);
  assert.is(world.papers().length, 2);
});

test('what was settled after a restart prints nothing: nobody waits for it', async () => {
  const world = new PrintingWorld({ world: { script: { options: { stepMs: 1_000 } } } });
  await world.start();
  const payment = world.payment(10_050, { document });
  world.send(payment);
  await world.untilStep('preparing', 'prepared', 'running');
  await world.time.advance(1_000);
  world.kill();
  world.boot();
  const results = (): Result[] => world.results.filter(({ id }) => id === payment.id);
  await world.until(() => results().some(({ outcome }) => outcome === 'approved'));
  assert.is(results().at(-1)?.recovered, true);
  await world.time.advance(120_000);
  assert.is(world.device.text, '');
  // And the next one prints.
  await world.ask(world.payment(500));
  await world.time.advance(5_000);
  assert.is(world.papers().length, 1);
});

test('without paper: failed at once, and it does not come out when there is paper again', async () => {
  const world = new PrintingWorld();
  await world.start();
  world.device.loadPaper(0);
  const payment = world.payment(10_050, { document });
  assert.is((await world.ask(payment)).outcome, 'approved');
  await world.until(() => world.printEvents().length === 2);
  assert.equal(world.printEvents(), [
    `${payment.id} slip failed paperOut`,
    `${payment.id} document failed paperOut`,
  ]);
  world.device.loadPaper(1_000);
  await world.time.advance(120_000);
  assert.is(world.device.text, '');
});

/** The same payments: what was told of each, how long each took, and what went to the terminal. */
async function told(world: World): Promise<[results: unknown[], steps: string]> {
  await world.start();
  await world.time.advance(10_000 - world.time.monotonicMs());
  const results: unknown[] = [];
  for (const amount of [10_050, 500, 77]) {
    const fromMs = world.time.monotonicMs();
    const { startedAt, finishedAt, ...result } = await world.ask(world.payment(amount, { document }));
    results.push({ ...result, startedAt, finishedAt, tookMs: world.time.monotonicMs() - fromMs });
    await world.time.advance(30_000 - (world.time.monotonicMs() % 30_000));
  }
  const steps = world.trace.lines.filter((line) => line.includes('step')).join('\n');
  return [results, steps];
}

test('a payment with a printer that hangs: the same results at the same time as without one', async () => {
  const [results, steps] = await told(new World());
  const devices = {
    full: { bufferBytes: 100, paperLines: 4 },
    slow: { lineMs: 20_000 },
    deaf: { deaf: true },
  };
  for (const [name, device] of Object.entries(devices)) {
    const world = new PrintingWorld({ device, config: { answers: name === 'slow' } });
    const [same, sameSteps] = await told(world);
    assert.equal(same, results, name);
    assert.is(sameSteps, steps, name);
    assert.equal(world.failures, []);
  }
});

test('a printer whose driver throws costs no payment anything', async () => {
  const world = new PrintingWorld();
  await world.start();
  Object.defineProperty(world.device, 'attach', {
    value: () => {
      throw new Error('the printer is on fire');
    },
  });
  world.device.unplug();
  assert.is((await world.ask(world.payment(10_050, { document }))).outcome, 'approved');
  await world.time.advance(120_000);
  assert.equal(world.failures, []);
  assert.equal(
    world.printEvents().map((line) => line.split(' ').slice(1).join(' ')),
    ['slip failed printerAbsent', 'document failed printerAbsent'],
  );
});

test.run();
