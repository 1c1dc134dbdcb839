import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { numbered, PrinterBench } from './support/printer-bench.ts';

const test = suite('printer kinds');

const whole = (count: number): string =>
  Array.from({ length: count }, (_, at) => `рядок ${at + 1}`).join('\n');

test('a printer that says nothing though it should counts as absent, for ever looked for', async () => {
  const bench = new PrinterBench({ deaf: true });
  await bench.time.advance(60_000);
  assert.is(bench.printer.state(), 'absent');
  assert.ok(bench.device.connections > 2, 'a new connection may wake it');
  assert.is(await bench.printed('a', numbered(1)), 'a failed printerAbsent');
  assert.is(bench.device.text, '');
  bench.device.deaf = false;
  await bench.is('ready');
  assert.is(await bench.printed('b', numbered(1)), 'b done');
  await bench.stop();
});

test('one that falls silent in the middle: unknown', async () => {
  const bench = await PrinterBench.ready({ lineMs: 50 });
  bench.print('a', numbered(5));
  await bench.time.advance(100);
  bench.device.deaf = true;
  await bench.time.runUntil(() => bench.told.length === 1, 60_000);
  assert.equal(bench.told, ['a unknown linkLost']);
  assert.is(bench.device.text, `${whole(5)}\n--- cut ---`);
  await bench.stop();
});

test('a one-way printer: done means handed over, and the text says so', async () => {
  const bench = await PrinterBench.ready({ deaf: true, answers: false });
  assert.is(await bench.printed('a', numbered(3)), 'a done');
  assert.match(bench.outcomes[0]?.text ?? '', /cannot say whether it was printed/);
  assert.is(bench.device.text, `${whole(3)}\n--- cut ---`);
  await bench.stop();
});

test('a one-way printer that takes no more: unknown, and the process does not hang', async () => {
  const bench = await PrinterBench.ready({ deaf: true, answers: false, bufferBytes: 2_048, paperLines: 500 });
  bench.device.loadPaper(10);
  assert.is(await bench.printed('a', numbered(190)), 'a unknown timeout');
  await bench.stop();
  assert.is(bench.time.pending, 0);
});

test('older printers: what proves the end is found out, said in the text, and leaves no trace on the paper', async () => {
  const lacking = [
    [['processId'], /carried out/],
    [['processId', 'inTurn'], /cannot say more/],
    [['processId', 'inTurn', 'clear'], /cannot say more/],
  ] as const;
  for (const [lacks, text] of lacking) {
    const bench = await PrinterBench.ready({ lacks, lineMs: 10 });
    assert.is(await bench.printed('a', numbered(3)), 'a done');
    assert.match(bench.outcomes[0]?.text ?? '', text);
    assert.is(bench.device.text, `${whole(3)}\n--- cut ---`, lacks.join());
    await bench.stop();
  }
});

test('one that answers late, by 800 ms, is believed as it says, not one question later', async () => {
  const bench = await PrinterBench.ready({ answerDelayMs: 800, lineMs: 20 });
  assert.is(await bench.printed('a', numbered(3)), 'a done');
  bench.device.openCover();
  assert.is(await bench.printed('b', numbered(3)), 'b failed coverOpen');
  assert.equal(bench.states, ['ready', 'coverOpen']);
  await bench.stop();
});

test('one that answers later than it is waited for is absent, and its late words are taken for nothing else', async () => {
  const bench = new PrinterBench({ answerDelayMs: 1_700 });
  await bench.time.advance(120_000);
  assert.equal(bench.states, []);
  await bench.stop();
});

test('a slow printer with a small buffer gets no more than it takes, and prints it all', async () => {
  const bench = await PrinterBench.ready({ bufferBytes: 64, lineMs: 30 });
  assert.is(await bench.printed('a', numbered(40)), 'a done');
  assert.is(bench.device.text, `${whole(40)}\n--- cut ---`);
  await bench.stop();
});

test.run();
