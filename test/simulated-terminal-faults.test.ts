import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import type { Oddity } from '../gateway/simulators/terminal/script.ts';
import { type Client, purchase, world } from './support/terminal-world.ts';

const test = suite('simulated terminal, faults');

const codes = (client: Client) =>
  client.messages().map(({ params }) => params.msgType ?? params.responseCode ?? '');

test('an interrupt ends the operation with 1001, and what was approved by then is reversed', async () => {
  for (const [afterMs, moved] of [
    [1500, []],
    [3500, []],
    [4500, ['sale 100', 'reversal 100']],
  ] as const) {
    const { time, connect, movements, terminal } = world({ options: { stepMs: 1000 } });
    const client = await connect();
    client.send('Purchase', purchase('1.00'));
    await time.advance(afterMs);
    await client.service('interrupt');
    await time.advance(10_000);
    assert.equal(codes(client), ['interruptTransmitted', '1001'], `after ${afterMs}`);
    assert.equal(movements(), moved, `after ${afterMs}`);
    assert.is(terminal.receipts().length, 0);
    assert.is(terminal.isBusy(), false);
  }
});

test('an interrupt that comes too late changes nothing', async () => {
  const { time, connect, movements } = world({ options: { stepMs: 1000, interruptLosesRace: true } });
  const client = await connect();
  client.send('Purchase', purchase('1.00'));
  await time.advance(3500);
  await client.service('interrupt');
  await time.advance(10_000);
  assert.equal(codes(client), ['interruptTransmitted', '0000']);
  assert.equal(movements(), ['sale 100']);
});

test('the customer holds up the card, or presses the red key', async () => {
  const { time, connect, terminal, movements } = world({ options: { manualCard: true } });
  const client = await connect();
  assert.is(terminal.presentCard(), false, 'nobody asked for a card');
  client.send('Purchase', purchase('1.00'));
  await time.advance(100_000);
  assert.is(terminal.status(), 9);
  assert.is(terminal.presentCard(), true);
  await time.advance(10_000);
  client.send('Purchase', purchase('2.00'));
  await time.advance(10);
  assert.is(terminal.cancelByCustomer(), true);
  await time.advance(10);
  assert.equal(codes(client), ['0000', '1001']);
  assert.equal(movements(), ['sale 100']);
});

test('the line drops: before the money, during the operation, after the money', async () => {
  for (const [deed, whenLineLost, moved] of [
    ['dropBefore', 'finish', []],
    ['dropDuring', 'finish', ['sale 100']],
    ['dropDuring', 'reverse', []],
    ['dropAfter', 'finish', ['sale 100']],
    ['dropAfter', 'reverse', ['sale 100', 'reversal 100']],
    ['reboot', 'finish', []],
    ['rebootAfter', 'finish', ['sale 100']],
    ['rebootAfter', 'reverse', ['sale 100', 'reversal 100']],
  ] as const) {
    const about = `${deed} ${whenLineLost}`;
    const { time, connect, movements, terminal, seen } = world({
      operations: [{ match: { method: 'Purchase' }, do: deed, whenLineLost }],
    });
    const client = await connect();
    client.send('Purchase', purchase('1.00'));
    await time.advance(20_000);
    assert.is(client.closed, 'the terminal hung up', about);
    assert.is(client.pieces.length, 0, about);
    assert.equal(movements(), moved, about);
    assert.is(terminal.receipts().length, moved.length === 1 ? 1 : 0, about);
    assert.equal(
      seen.map(({ answered }) => answered),
      [false],
      about,
    );
    const next = await connect();
    assert.is((await next.ask('PingDevice')).params.responseCode, '0000', about);
  }
});

test('rules: silence, lies, refusals and how often they apply', async () => {
  const { connect, movements, time, seen } = world({
    options: { stepMs: 0 },
    operations: [
      { match: { method: 'Purchase', amount: '1.00' }, do: 'silent', times: 1 },
      { match: { method: 'Purchase', amount: '2.00' }, do: 'contradict' },
      { match: { amount: '3.00' }, do: 'noPaper', skip: 1, times: 1 },
      { match: { amount: '4.00' }, do: 'customerCancels' },
      { match: { amount: '5.00' }, do: 'fail', code: '1004', text: 'no host' },
      { match: { amount: '6.00' }, do: 'ignore' },
      { match: { amount: '7.00' }, do: 'busy' },
      { match: { amount: '8.00' }, do: 'notImplemented' },
      { match: { amount: '9.00' }, do: 'slow', delayMs: 90_000 },
    ],
  });
  const client = await connect();
  for (const amount of [
    '1.00',
    '1.00',
    '2.00',
    '3.00',
    '3.00',
    '3.00',
    '4.00',
    '5.00',
    '6.00',
    '7.00',
    '8.00',
  ])
    client.send('Purchase', purchase(amount));
  await time.advance(0);
  const told = ['0000', '1001', '0000', '1005', '0000', '1001', '1004', 'deviceBusy', 'methodNotImplemented'];
  assert.equal(codes(client), told);
  assert.equal(movements(), ['sale 100', 'sale 100', 'sale 200', 'sale 300', 'sale 300']);
  client.send('Purchase', purchase('9.00'));
  await time.advance(89_999);
  assert.is(codes(client).length, told.length);
  await time.advance(1);
  assert.is(codes(client).at(-1), '0000');
  assert.is(seen.length, 12);
});

test('a rule can be added while it runs, and a wrong one is told', async () => {
  const { connect, terminal } = world({ options: { stepMs: 0 } });
  const client = await connect();
  terminal.addRule({ do: 'decline', times: 1 });
  assert.is((await client.ask('Purchase', purchase('1.00'))).params.responseCode, '0005');
  assert.is((await client.ask('Purchase', purchase('1.00'))).params.responseCode, '0000');
  assert.throws(
    () => terminal.addRule({ do: 'decline', code: '1001' }),
    (error: unknown) => isSwipeError(error, 'scriptInvalid'),
  );
});

test('a second client gets a connection and silence, and an answer once the first has closed', async () => {
  const { time, connect } = world();
  const first = await connect();
  await first.ask('PingDevice');
  const second = await connect();
  second.send('PingDevice');
  await time.advance(60_000);
  assert.equal(second.messages(), []);
  first.connection?.close();
  await time.advance(0);
  assert.equal(codes(second), ['0000']);
});

test('after a silent break the terminal stays mute for a while', async () => {
  const { time, connect, link } = world({ options: { muteAfterBreakMs: 30_000 } });
  const first = await connect();
  link.cut('silent');
  first.send('PingDevice');
  await time.advance(10_000);
  assert.is(first.closed, null, 'the client was told nothing');
  assert.equal(first.messages(), []);
  const second = await connect();
  second.send('PingDevice');
  await time.advance(19_999);
  assert.equal(second.messages(), []);
  await time.advance(1);
  assert.equal(codes(second), ['0000']);
});

test('an answer that missed its client is gone, or comes to the next one', async () => {
  for (const lateAnswers of [false, true]) {
    const { time, connect, link, movements } = world({ options: { lateAnswers } });
    const first = await connect();
    first.send('Purchase', purchase('1.00'));
    await time.advance(100);
    link.cut('noticed');
    await time.advance(0);
    assert.is(first.closed, 'the link was cut');
    const second = await connect();
    assert.is((await second.ask('PingDevice')).params.msgType, 'deviceBusy');
    await time.advance(20_000);
    assert.equal(codes(second), lateAnswers ? ['deviceBusy', '0000'] : ['deviceBusy']);
    assert.equal(movements(), ['sale 100']);
  }
});

test('unplugged or without power it cannot be reached; batch and numbers survive', async () => {
  const { time, connect, terminal } = world({ options: { stepMs: 0, bootMs: 5000 } });
  const client = await connect();
  await client.ask('Purchase', purchase('1.00'));
  terminal.powerCycle();
  const reason = await connect().catch((error: unknown) => error);
  assert.ok(isSwipeError(reason, 'linkFailed'));
  await time.advance(5000);
  terminal.unplug();
  assert.ok(isSwipeError(await connect().catch((error: unknown) => error), 'linkFailed'));
  terminal.replug();
  const next = await connect();
  assert.is((await next.ask('GetReceiptInfo', { invoiceNumber: '131220' })).params.amount, '1.00');
});

test('people key in sales of their own, when the terminal is free', async () => {
  const { time, connect, terminal, movements } = world({ keypad: [{ atMs: 2000, amount: '3.00' }] });
  const client = await connect();
  await time.advance(1900);
  client.send('Purchase', purchase('1.00'));
  await time.advance(200);
  assert.equal(movements(), []);
  await time.advance(20_000);
  terminal.keypadSale(400);
  await time.advance(100);
  assert.is((await client.ask('PingDevice')).params.msgType, 'deviceBusy');
  assert.is(terminal.closeBatch(), false);
  await time.advance(20_000);
  assert.equal(movements(), ['sale 100', 'sale 300', 'sale 400']);
  assert.equal(
    terminal.ledger().map(({ ours }) => ours),
    [true, false, false],
  );
  assert.is(terminal.closeBatch(), true);
  assert.is(terminal.receipts().length, 0);
});

test('older firmware and thrifty profiles', async () => {
  const { connect } = world({
    options: {
      stepMs: 0,
      noReceiptLookUp: true,
      bareAnswers: true,
      clockOffsetMs: -3_600_000,
      withoutMethods: ['Refund'],
    },
  });
  const client = await connect();
  const { params } = await client.ask('Purchase', purchase('1.00'));
  assert.equal([...new Set(Object.values(params))].sort(), ['', '0000']);
  for (const method of ['GetReceiptInfo', 'Refund'])
    assert.is((await client.ask(method)).params.msgType, 'methodNotImplemented');
  assert.match((await client.ask('PrintReceiptNum', { invoiceNumber: '0' })).params.receipt ?? '', /09:00:0/);
});

test('odd terminals write the same answer in other bytes', async () => {
  const written = async (...odd: Oddity[]) => {
    const { connect, time } = world({ options: { stepMs: 0, odd, splitBytes: 5 } });
    const client = await connect();
    client.send('Purchase', purchase('1.00'));
    client.send('ServiceMessage', { msgType: 'identify' });
    await time.advance(60_000);
    return { pieces: client.pieces, text: Buffer.concat(client.pieces).toString('utf8') };
  };
  assert.match((await written('keyTypos')).text, /"errorDescritption":""/);
  assert.match((await written('strayBlanks')).text, /"method":" Purchase ".*"msgType":" identify"/s);
  assert.match((await written('commaAmounts')).text, /"amount":"1,00"/);
  assert.match((await written('shortCodes')).text, /"responseCode":"00"/);
  assert.match((await written('shortTime')).text, /"time":"1000"/);
  assert.match((await written('keyOrder')).text, /^\{ "errorDescription" : .*"method" : "Purchase" \}\0/s);
  assert.match((await written('leadingNul')).text, /^\0\{/);
  const plain = await written();
  assert.is(plain.pieces.length, 2);
  const glued = await written('glued');
  assert.is(glued.pieces.length, 1);
  assert.is(glued.text, plain.text);
  const split = await written('split');
  assert.is(split.text, plain.text);
  assert.is(Math.max(...split.pieces.map((piece) => piece.length)), 5);
  const garbage = (await written('garbage')).text.split('\0');
  assert.is(garbage.length, 5, 'garbage, answer, garbage, answer');
  assert.is(garbage[1], plain.text.split('\0')[0]);
});

test.run();
