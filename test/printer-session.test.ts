import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { documentOf, numbered, PrinterBench } from './support/printer-bench.ts';

const test = suite('printer session');

const whole = (count: number, word?: string): string =>
  Array.from({ length: count }, (_, at) => `${word ?? 'рядок'} ${at + 1}`).join('\n');

test('a paper is printed once, and done when the printer says so', async () => {
  const bench = await PrinterBench.ready({ lineMs: 50 });
  assert.is(await bench.printed('a', numbered(20)), 'a done');
  assert.is(bench.device.text, `${whole(20)}\n--- cut ---`);
  // 20 lines and the four to the cutter: it was not called done before they were there.
  assert.ok(bench.time.monotonicMs() >= 24 * 50);
  assert.match(bench.outcomes[0]?.text ?? '', /printed/);
  await bench.stop();
  assert.is(bench.time.pending, 0);
});

test('papers come out in the order in which they were handed in, each whole', async () => {
  const bench = await PrinterBench.ready({ lineMs: 30 });
  for (const name of ['a', 'b', 'c']) bench.print(name, numbered(3, name));
  await bench.time.runUntil(() => bench.told.length === 3, 60_000);
  assert.equal(bench.told, ['a done', 'b done', 'c done']);
  assert.equal(
    bench.device.receipts.map((receipt) => receipt.toText().trim()),
    ['a', 'b', 'c'].map((name) => whole(3, name)),
  );
  await bench.stop();
});

test('no paper, an open cover: told at once, nothing is sent, and the next paper comes out alone', async () => {
  for (const [state, trouble, relief] of [
    [
      'paperOut',
      (bench: PrinterBench) => bench.device.loadPaper(0),
      (bench: PrinterBench) => bench.device.loadPaper(500),
    ],
    [
      'coverOpen',
      (bench: PrinterBench) => bench.device.openCover(),
      (bench: PrinterBench) => bench.device.closeCover(),
    ],
  ] as const) {
    const bench = await PrinterBench.ready();
    trouble(bench);
    assert.is(await bench.printed('a', numbered(3)), `a failed ${state}`);
    assert.equal(bench.begun, []);
    assert.is(bench.printer.state(), state);
    relief(bench);
    await bench.is('ready');
    assert.is(bench.device.text, '');
    assert.is(await bench.printed('b', numbered(1)), 'b done');
    assert.is(bench.device.text, 'рядок 1\n--- cut ---');
    await bench.stop();
  }
});

test('paper that ends in the middle: failed, the rest never comes out, the next paper is not mixed with it', async () => {
  const bench = await PrinterBench.ready({ lineMs: 20 });
  bench.device.loadPaper(7);
  assert.is(await bench.printed('a', numbered(20)), 'a failed paperOut');
  assert.match(bench.outcomes[0]?.text ?? '', /thrown away/);
  bench.device.loadPaper(500);
  await bench.is('ready');
  await bench.time.advance(10_000);
  assert.is(await bench.printed('b', numbered(2, 'другий')), 'b done');
  // Seven lines of the first, cut off, then the second one alone.
  assert.equal(
    bench.device.receipts.map((receipt) => receipt.toText().trim()),
    [whole(7), whole(2, 'другий')],
  );
  await bench.stop();
});

test('a cover opened in the middle: the same', async () => {
  const bench = await PrinterBench.ready({ lineMs: 100 });
  bench.print('a', numbered(30));
  await bench.time.advance(1_000);
  bench.device.openCover();
  await bench.time.runUntil(() => bench.told.length === 1, 10_000);
  assert.equal(bench.told, ['a failed coverOpen']);
  bench.device.closeCover();
  assert.is(await bench.printed('b', numbered(1, 'другий')), 'b done');
  const [first = '', second] = bench.device.receipts.map((receipt) => receipt.toText().trim());
  assert.ok(whole(30).startsWith(first) && first.length < whole(30).length, first);
  assert.is(second, 'другий 1');
  await bench.stop();
});

test('a printer that cannot throw away what it has: its paper is waited for, and the whole comes out once', async () => {
  const bench = await PrinterBench.ready({ lineMs: 20, lacks: ['clear'] });
  bench.device.loadPaper(7);
  bench.print('a', numbered(20));
  await bench.time.advance(10_000);
  assert.equal(bench.told, []);
  bench.device.loadPaper(500);
  await bench.time.runUntil(() => bench.told.length === 1, 30_000);
  assert.equal(bench.told, ['a done']);
  assert.is(bench.device.text, `${whole(20)}\n--- cut ---`);
  await bench.stop();
});

test('… and if nobody brings paper: unknown, and what it still prints later does not hang together with the next', async () => {
  const bench = await PrinterBench.ready({ lineMs: 20, lacks: ['clear'] });
  bench.device.loadPaper(7);
  assert.is(await bench.printed('a', numbered(20)), 'a unknown timeout');
  bench.device.loadPaper(500);
  await bench.is('ready');
  assert.is(await bench.printed('b', numbered(1, 'другий')), 'b done');
  assert.is(bench.device.receipts.at(-1)?.toText().trim(), 'другий 1');
  await bench.stop();
});

test('… and an answer that it owed from then is not taken for that of the next paper', async () => {
  for (const lineMs of [20, 400]) {
    const bench = await PrinterBench.ready({ lineMs, lacks: ['clear', 'processId'] });
    bench.device.loadPaper(7);
    assert.is(await bench.printed('a', numbered(20)), 'a unknown timeout');
    bench.device.loadPaper(500);
    await bench.is('ready');
    assert.is(await bench.printed('b', numbered(20, 'другий')), 'b done');
    assert.is(bench.device.receipts.at(-1)?.toText().trim(), whole(20, 'другий'), `${lineMs} ms a line`);
    await bench.stop();
  }
});

test('unplugged in the middle: unknown, and the printer is found again', async () => {
  const bench = await PrinterBench.ready({ lineMs: 100 });
  bench.print('a', numbered(30));
  await bench.time.advance(1_000);
  bench.device.unplug();
  await bench.time.runUntil(() => bench.told.length === 1, 10_000);
  assert.equal(bench.told, ['a unknown linkLost']);
  await bench.is('absent');
  // It prints what it holds; then the cable is put back.
  await bench.time.advance(10_000);
  bench.device.plug();
  await bench.is('ready');
  assert.is(await bench.printed('b', numbered(1, 'другий')), 'b done');
  assert.is(bench.device.receipts.at(-1)?.toText().trim(), 'другий 1');
  await bench.stop();
});

test('stopped, unplugged, plugged in again, relieved: what it held of the first does not come out', async () => {
  const bench = await PrinterBench.ready({ lineMs: 100 });
  bench.print('a', numbered(30));
  await bench.time.advance(1_000);
  bench.device.openCover();
  bench.device.unplug();
  await bench.time.runUntil(() => bench.told.length === 1, 10_000);
  assert.equal(bench.told, ['a unknown linkLost']);
  bench.device.tearOff();
  bench.device.plug();
  await bench.is('coverOpen');
  bench.device.closeCover();
  await bench.is('ready');
  assert.is(await bench.printed('b', numbered(1, 'другий')), 'b done');
  assert.equal(
    bench.device.receipts.slice(1).map((receipt) => receipt.toText().trim()),
    ['другий 1'],
  );
  await bench.stop();
});

test('switched off in the middle and on again: nothing of the first comes out in front of the second', async () => {
  const bench = await PrinterBench.ready({ lineMs: 100 });
  bench.print('a', numbered(30));
  await bench.time.advance(1_000);
  bench.device.powerCycle();
  await bench.time.runUntil(() => bench.told.length === 1, 10_000);
  assert.equal(bench.told, ['a unknown linkLost']);
  bench.device.tearOff();
  assert.is(await bench.printed('b', numbered(1, 'другий')), 'b done');
  assert.equal(
    bench.device.receipts.slice(1).map((receipt) => receipt.toText().trim()),
    ['другий 1'],
  );
  await bench.stop();
});

test('unplugged in the middle of a picture: the bytes that are missing are not taken from the next paper', async () => {
  const bench = await PrinterBench.ready({ lineMs: 5, lacks: ['clear'] });
  const bits = Buffer.alloc((512 * 128) / 8, 0x55).toString('base64');
  const picture = documentOf(
    { kind: 'logo', logo: { width: 512, height: 128, bits } },
    { kind: 'text', text: 'a' },
  );
  bench.device.stealAfter = 3_000;
  bench.print('a', picture);
  await bench.time.runUntil(() => bench.told.length === 1, 200_000);
  assert.is(bench.told[0], 'a unknown linkLost');
  await bench.is('ready');
  assert.is(await bench.printed('b', numbered(2, 'другий')), 'b done');
  assert.is(bench.device.receipts.at(-1)?.toText().trim(), whole(2, 'другий'));
  await bench.stop();
});

test('one that is not there: a paper waits for it a moment, then it is told, and never comes out', async () => {
  const bench = await PrinterBench.ready();
  bench.device.unplug();
  await bench.is('absent');
  bench.print('a', numbered(1, 'a'));
  bench.print('b', numbered(1, 'b'));
  await bench.time.advance(4_000);
  assert.equal(bench.told, []);
  await bench.time.advance(1_500);
  assert.equal(bench.told, ['a failed printerAbsent', 'b failed printerAbsent']);
  bench.print('c', numbered(1, 'c'));
  bench.device.plug();
  await bench.time.runUntil(() => bench.told.length === 3, 120_000);
  await bench.is('ready');
  await bench.time.advance(60_000);
  assert.ok(['c done', 'c failed printerAbsent'].includes(bench.told[2] ?? ''));
  assert.not.match(bench.device.text, /[ab] 1/);
  await bench.stop();
});

test('a paper that waits behind a long one longer than it may: expired, and not printed', async () => {
  const bench = await PrinterBench.ready({ lineMs: 200 });
  bench.print('a', numbered(60));
  bench.print('b', numbered(1, 'b'), 6_000);
  await bench.time.runUntil(() => bench.told.length === 2, 60_000);
  assert.equal(bench.told, ['b failed expired', 'a done']);
  assert.not.match(bench.device.text, /b 1/);
  await bench.stop();
});

test('the gateway goes down in the middle: nobody is told, and no timer is left', async () => {
  const bench = await PrinterBench.ready({ lineMs: 100 });
  bench.print('a', numbered(30));
  bench.print('b', numbered(1));
  await bench.time.advance(500);
  await bench.stop();
  assert.equal(bench.told, []);
  await bench.time.advance(600_000);
  assert.equal([bench.told, bench.begun], [[], ['a']]);
});

test.run();
