import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SwipeError } from '../gateway/seams/error.ts';
import { keys, World } from './simulation/world.ts';
import { PrintingWorld } from './support/printing-world.ts';

const test = suite('printer world');

const outcomeOf = ({ outcome, reason }: { outcome: string; reason: { code: string } }): string =>
  `${outcome} ${reason.code}`.trim();

test('a document is printed and its result says so, without a word of money', async () => {
  const world = new PrintingWorld();
  await world.start();
  const command = world.printing('Дякуємо!', 'Ґанок');
  const result = await world.ask(command);
  assert.is(outcomeOf(result), 'done');
  const { amount, approvedAmount, currency, merchant, terminal, card, receipt, startedAt } = result;
  assert.equal([amount, approvedAmount, currency, merchant, terminal, card, receipt], Array(7).fill(null));
  assert.ok(startedAt !== null);
  assert.equal(world.papers(), ['Дякуємо!\nҐанок']);
  const { printer, supports, operation, unresolved } = world.gateway.status();
  assert.equal([printer, operation, unresolved, supports.includes('print')], ['ready', null, [], true]);
  assert.equal(world.failures, []);
});

test('one id prints once, however often and whenever it is sent', async () => {
  const world = new PrintingWorld({ device: { lineMs: 200 } });
  await world.start();
  const command = world.printing('один');
  world.send(command);
  world.send(command);
  const result = await world.ask(command);
  assert.equal(await world.ask(command), result);
  world.kill();
  await world.start();
  assert.equal(await world.ask(command), result);
  await world.time.advance(120_000);
  assert.equal(world.papers(), ['один']);
});

test('the same id with other content is rejected, and prints nothing', async () => {
  const world = new PrintingWorld();
  await world.start();
  const command = world.printing('один');
  await world.ask(command);
  world.send({ ...command, document: [{ kind: 'text', text: 'два' }] });
  await world.until(() => world.events.some(({ type }) => type === 'rejected'));
  assert.equal(world.papers(), ['один']);
});

test('a restart in the middle: unknown for ever, and it is not printed again', async () => {
  const world = new PrintingWorld({ device: { lineMs: 200 } });
  await world.start();
  const command = world.printing(...Array.from({ length: 20 }, (_, at) => `рядок ${at}`));
  world.send(command);
  await world.until(() => world.journal.find(command.id)?.stage === 'running');
  await world.time.advance(1_000);
  world.kill();
  world.boot();
  const result = await world.resultOf(command.id);
  assert.is(outcomeOf(result), 'unknown restarted');
  await world.time.advance(60_000);
  assert.equal(await world.ask(command), result);
  assert.is(
    world.results.filter(({ id, sequence }) => id === command.id && sequence !== result.sequence).length,
    0,
  );
  // What had come out stays alone, and an unknown paper is in nobody's way.
  assert.ok(world.papers().length <= 1, world.device.text);
  assert.equal(world.gateway.status().unresolved, []);
  await world.until(() => world.gateway.status().terminal.state === 'ready');
  assert.is((await world.ask(world.payment())).outcome, 'approved');
  await world.until(() => world.printEvents().length === 1);
  const [half, slip] = world.papers();
  assert.match(half ?? '', /^рядок 0\nрядок 1/);
  assert.match(slip ?? '', /^ПРИВАТБАНК/, 'it does not hang together with what was half printed');
});

test('a restart before it began: refused, and it is not printed afterwards', async () => {
  const world = new PrintingWorld();
  await world.start();
  world.device.unplug();
  await world.until(() => world.gateway.status().printer === 'absent');
  const command = world.printing('один');
  world.send(command);
  await world.until(() => world.journal.find(command.id)?.stage === 'accepted');
  world.kill();
  world.boot();
  assert.is(outcomeOf(await world.resultOf(command.id)), 'refused restarted');
  await world.time.advance(120_000);
  assert.is(world.device.text, '');
});

test('what stops the printer is the reason of the result', async () => {
  const world = new PrintingWorld({ device: { lineMs: 20 } });
  await world.start();
  world.device.openCover();
  assert.is(outcomeOf(await world.ask(world.printing('a'))), 'failed coverOpen');
  world.device.closeCover();
  world.device.loadPaper(0);
  assert.is(outcomeOf(await world.ask(world.printing('b'))), 'failed paperOut');
  world.device.loadPaper(5);
  const long = Array.from({ length: 30 }, (_, at) => `рядок ${at}`);
  await world.until(() => world.gateway.status().printer === 'ready');
  const cutShort = await world.ask(world.printing(...long));
  assert.is(outcomeOf(cutShort), 'failed paperOut');
  assert.ok(cutShort.startedAt !== null);
  world.device.unplug();
  const absent = await world.ask(world.printing('c'));
  assert.equal([outcomeOf(absent), absent.startedAt], ['failed printerAbsent', null]);
  const states = world.events.flatMap((event) => (event.type === 'printer' ? [event.state] : []));
  assert.equal(states, ['coverOpen', 'paperOut', 'ready', 'paperOut', 'absent']);
});

test('without a printer print is unsupported, and with one it is only for keys that may', async () => {
  const without = new World();
  await without.start();
  const document = [{ kind: 'text', text: 'a' }];
  assert.is(outcomeOf(await without.ask(without.command('print', { document }))), 'refused unsupported');
  const { printer, supports } = without.gateway.status();
  assert.equal([printer, supports.includes('print')], ['none', false]);
  const world = new PrintingWorld({
    world: { commandKeys: [{ ...keys.shop, alg: 'HS256', allow: ['payment'] }] },
  });
  await world.start();
  assert.is(outcomeOf(await world.ask(world.printing('a'))), 'refused forbidden');
});

test('an expired document is refused; too many at once are, too', async () => {
  const world = new PrintingWorld({ device: { lineMs: 1_000 } });
  await world.start();
  const old = world.printing('old');
  await world.time.advance(130_000);
  assert.is(outcomeOf(await world.ask(old)), 'refused expired');
  const commands = Array.from({ length: 19 }, (_, at) => world.printing(`лист ${at}`));
  for (const command of commands) world.send(command);
  await world.until(() => commands.every(({ id }) => world.results.some((result) => result.id === id)));
  const outcomes = commands.map(({ id }) =>
    outcomeOf(world.results.find((result) => result.id === id) as never),
  );
  assert.equal(outcomes.slice(0, 16), Array(16).fill('done'));
  assert.is(outcomes.at(-1), 'refused busy');
  assert.is(world.papers().length, outcomes.filter((outcome) => outcome === 'done').length);
});

test('a deadline that passes by the clock while others print is looked at before the first byte', async () => {
  const world = new PrintingWorld({ device: { lineMs: 1_000 } });
  await world.start();
  const [first, second] = [world.printing(...Array(30).fill('перший')), world.printing('другий')];
  world.send(first);
  world.send(second);
  await world.until(
    () => world.journal.find(second.id) !== null && world.journal.find(first.id)?.stage === 'running',
  );
  world.time.jump(130_000);
  assert.is(outcomeOf(await world.resultOf(first.id)), 'done');
  assert.is(outcomeOf(await world.resultOf(second.id)), 'refused expired');
  assert.is(world.papers().length, 1);
});

test('a full disk: it is not begun, because nobody would know of it', async () => {
  const world = new PrintingWorld();
  await world.start();
  const start = world.journal.start.bind(world.journal);
  world.journal.start = () => {
    throw new SwipeError('storageFull', 'no room');
  };
  assert.is(outcomeOf(await world.ask(world.printing('a'))), 'refused storageFull');
  assert.is(world.device.text, '');
  world.journal.start = start;
  assert.is(outcomeOf(await world.ask(world.printing('b'))), 'done');
});

test('status tells how far a paper is', async () => {
  const world = new PrintingWorld({ device: { lineMs: 300 } });
  await world.start();
  const command = world.printing('a', 'b', 'c');
  world.send(command);
  await world.until(() => world.journal.find(command.id)?.stage === 'running');
  const { target } = await world.ask(world.command('status', { target: command.id }));
  assert.is(target?.state, 'running');
  await world.resultOf(command.id);
  const again = await world.ask(world.command('status', { target: command.id }));
  assert.equal([again.target?.state, again.target?.result?.outcome], ['finished', 'done']);
});

test('a card number in a document is on no disk and on no paper', async () => {
  const world = new PrintingWorld();
  await world.start();
  const pan = `4${'0'.repeat(14)}2`;
  const command = world.command('print', {
    document: [
      { kind: 'text', text: `картка ${pan}` },
      { kind: 'item', name: `товар ${pan}`, sum: 100 },
    ],
  });
  await world.ask(command);
  assert.match(world.device.text, /картка 400000\*{6}0002/);
  // The whole document is kept nowhere.
  assert.not.match(JSON.stringify(world.journal.find(command.id)), /картка|товар/);
  assert.not.match(world.device.text, new RegExp(pan));
});

test('an unknown payment and a suspended box print all the same', async () => {
  const script = {
    options: { noReceiptLookUp: true },
    operations: [{ match: { method: 'Purchase' }, do: 'dropDuring' as const }],
  };
  const world = new PrintingWorld({ world: { script } });
  await world.start();
  assert.is((await world.ask(world.payment())).outcome, 'unknown');
  assert.is(world.gateway.status().unresolved.length, 1);
  assert.is(outcomeOf(await world.ask(world.printing('a'))), 'done');
  assert.equal(world.papers(), ['a'], 'and an unknown payment has no slip');
  const suspended = new PrintingWorld({
    world: { registration: { current: () => ({ state: 'suspended', untilMs: null }), onChange() {} } },
  });
  await suspended.start();
  assert.is(outcomeOf(await suspended.ask(suspended.payment())), 'refused suspended');
  assert.is(outcomeOf(await suspended.ask(suspended.printing('a'))), 'done');
});

test('a paper while a payment runs: each goes its own way', async () => {
  const world = new PrintingWorld({
    config: { slips: 0 },
    world: { script: { options: { stepMs: 5_000 } } },
  });
  await world.start();
  const payment = world.payment();
  world.send(payment);
  await world.untilStep('preparing', 'prepared', 'running');
  assert.is(outcomeOf(await world.ask(world.printing('a'))), 'done');
  assert.is(world.results.length, 1);
  assert.is((await world.resultOf(payment.id)).outcome, 'approved');
  assert.equal(world.papers(), ['a']);
});

test.run();
