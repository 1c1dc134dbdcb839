import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Baseline, EvidenceReading } from '../gateway/payments/terminal-port.ts';
import { type Bench, createBench, type Reaction } from './support/driver-bench.ts';
import { batch, receiptOf } from './support/terminal-answers.ts';

const test = suite('privat-evidence');

type Params = Record<string, string>;

/** A ready bench with these receipts in its batch. */
async function benchWith(receipts: Params[]): Promise<Bench> {
  const bench = createBench();
  bench.link.reactions.GetReceiptInfo = batch(() => receipts);
  await bench.ready();
  return bench;
}

async function baselineAt(bench: Bench): Promise<Baseline> {
  const baseline = await bench.wait(bench.terminal.readBaseline());
  if (baseline.kind === 'busy' || baseline.kind === 'noAnswer')
    throw new Error(`no baseline: ${baseline.kind}`);
  return baseline;
}

/** The reading in short: numbers since, and whether they are all. */
const brief = (reading: EvidenceReading): string =>
  reading.kind === 'read'
    ? `${reading.since.map(({ details }) => details.invoice).join(',')} ${reading.complete ? 'all' : 'not all'}`
    : reading.kind;

test('the baseline: a receipt, none, no such method, busy, no answer', async () => {
  const bench = await benchWith([receiptOf('41')]);
  const { link, terminal, time, wait } = bench;
  assert.is((await baselineAt(bench)).kind, 'receipt');
  const answers: [Reaction, string][] = [
    [{ params: { responseCode: '1000' }, error: true }, 'none'],
    ['silent', 'noAnswer'],
    ['busy', 'busy'],
    ['unknown', 'unavailable'],
  ];
  for (const [reaction, kind] of answers) {
    link.reactions.GetReceiptInfo = reaction;
    const before = time.monotonicMs();
    assert.is((await wait(terminal.readBaseline())).kind, kind);
    assert.ok(time.monotonicMs() - before <= 3_200, kind);
    await time.runUntil(() => terminal.state() === 'ready', 5_000);
  }
  const asked = link.count('GetReceiptInfo');
  assert.is((await wait(terminal.readBaseline())).kind, 'unavailable');
  assert.is(link.count('GetReceiptInfo'), asked, 'what the firmware lacks is not asked for again');
  assert.ok(terminal.supports().includes('receipt'), 'the text can still be had');
});

test('an answer whose number was lost on the way is asked for again, before anything starts without a baseline', async () => {
  const bench = await benchWith([receiptOf('41')]);
  const { link } = bench;
  const { invoiceNumber: _, ...numberless } = receiptOf('41');
  let asked = 0;
  link.reactions.GetReceiptInfo = () => {
    asked += 1;
    return asked === 1 ? numberless : receiptOf('41');
  };
  assert.is((await baselineAt(bench)).kind, 'receipt');
  assert.is(asked, 2);
  link.reactions.GetReceiptInfo = numberless;
  assert.is((await baselineAt(bench)).kind, 'unavailable', 'said twice: this terminal numbers nothing');
  let turns = 0;
  link.reactions.GetReceiptInfo = () => {
    turns += 1;
    return turns % 2 === 0 ? numberless : { params: { responseCode: '1000' }, error: true };
  };
  assert.is((await bench.wait(bench.terminal.readBaseline())).kind, 'noAnswer', 'no two answers agree');
  link.reactions.GetReceiptInfo = { ...numberless, invoiceNumber: '000000' };
  assert.is((await baselineAt(bench)).kind, 'unavailable', 'zeros are no number');
  link.reactions.GetReceiptInfo = { ...numberless, invoiceNumber: '0\u00164\ufffd1' };
  assert.is(
    (await bench.wait(bench.terminal.readBaseline())).kind,
    'noAnswer',
    'a number, but not one that came whole',
  );
});

test('a look-up that was given up does not answer the next one', async () => {
  const { link, terminal, time, wait } = await benchWith([receiptOf('41')]);
  link.reactions.GetReceiptInfo = 'silent';
  assert.equal(await wait(terminal.readBaseline()), { kind: 'noAnswer' });
  link.reactions.PingDevice = 'silent';
  const next = terminal.readBaseline();
  await time.advance(500);
  link.answer('GetReceiptInfo', receiptOf('40'));
  assert.equal(await wait(next), { kind: 'noAnswer' });
});

test('nothing happened: the baseline stands', async () => {
  const bench = await benchWith([receiptOf('40'), receiptOf('41')]);
  const baseline = await baselineAt(bench);
  const reading = await bench.wait(bench.terminal.gatherEvidence(baseline, null));
  assert.is(brief(reading), ' all');
  assert.equal(reading.kind === 'read' && [reading.terminal, reading.last, reading.original], [
    'PAX|s800|TESTKKM000CT22927302',
    baseline,
    null,
  ]);
});

test('every receipt since the baseline, oldest first, and the original', async () => {
  const receipts = [receiptOf('40'), receiptOf('41')];
  const bench = await benchWith(receipts);
  const baseline = await baselineAt(bench);
  receipts.push(receiptOf('42'), receiptOf('43', { responseCode: '0005' }));
  const reading = await bench.wait(bench.terminal.gatherEvidence(baseline, '40'));
  assert.is(brief(reading), '42,43 all');
  if (reading.kind !== 'read') throw new Error('not read');
  assert.equal(
    reading.since.map(({ verdict }) => verdict),
    ['approved', 'declined'],
  );
  assert.is(reading.original?.kind === 'read' && reading.original.receipt.details.invoice, '40');
});

test('the ping comes first', async () => {
  const bench = await benchWith([receiptOf('41')]);
  const baseline = await baselineAt(bench);
  bench.link.story.length = 0;
  await bench.wait(bench.terminal.gatherEvidence(baseline, null));
  assert.equal(bench.link.story, ['PingDevice', 'GetReceiptInfo']);
});

test('numbers of twenty digits and leading zeros are counted on', async () => {
  const receipts = [receiptOf('09999999999999999998')];
  const bench = await benchWith(receipts);
  const baseline = await baselineAt(bench);
  receipts.push(receiptOf('09999999999999999999'), receiptOf('10000000000000000000'));
  assert.is(
    brief(await bench.wait(bench.terminal.gatherEvidence(baseline, null))),
    '09999999999999999999,10000000000000000000 all',
  );
});

const incomplete: Record<string, (receipts: Params[]) => string> = {
  'a number is missing': (receipts) => {
    receipts.push(receiptOf('43'));
    return '43 not all';
  },
  'the batch was closed, numbers began again': (receipts) => {
    receipts.splice(0, 2, receiptOf('1'));
    return ' not all';
  },
  'the batch was closed and is empty': (receipts) => {
    receipts.length = 0;
    return ' not all';
  },
  'the same number on another receipt': (receipts) => {
    receipts.splice(0, 2, receiptOf('41', { rrn: '999999999999' }));
    return ' not all';
  },
  'numbers began again and have passed the baseline': (receipts) => {
    receipts.splice(0, 2, receiptOf('41', { rrn: '999999999999' }), receiptOf('42'));
    return '42 not all';
  },
  'more than can be read': (receipts) => {
    for (let number = 42; number < 80; number += 1) receipts.push(receiptOf(String(number)));
    return `${Array.from({ length: 30 }, (_, index) => index + 42).join(',')} not all`;
  },
};

for (const [name, change] of Object.entries(incomplete))
  test(`not all was read: ${name}`, async () => {
    const receipts = [receiptOf('40'), receiptOf('41')];
    const bench = await benchWith(receipts);
    const baseline = await baselineAt(bench);
    const expected = change(receipts);
    assert.is(brief(await bench.wait(bench.terminal.gatherEvidence(baseline, null))), expected);
  });

test('there was no receipt before: down to the first', async () => {
  const bench = await benchWith([]);
  const { terminal, wait, link } = bench;
  const since: Baseline = { kind: 'none' };
  const gather = async (receipts: Params[]) => {
    link.reactions.GetReceiptInfo = batch(() => receipts);
    return brief(await wait(terminal.gatherEvidence(since, null)));
  };
  assert.is(await gather([]), ' not all');
  assert.is(await gather([receiptOf('1'), receiptOf('2')]), '1,2 all');
  assert.is(await gather([receiptOf('901'), receiptOf('902')]), '901,902 all');
  const many = Array.from({ length: 40 }, (_, index) => receiptOf(String(500 + index)));
  assert.ok((await gather(many)).endsWith('539 not all'));
});

test('without a baseline nothing is read since', async () => {
  const bench = await benchWith([receiptOf('41')]);
  const reading = await bench.wait(bench.terminal.gatherEvidence({ kind: 'unavailable' }, null));
  assert.is(brief(reading), ' not all');
  assert.is(reading.kind === 'read' && reading.last.kind, 'receipt');
  bench.link.reactions.GetReceiptInfo = 'unknown';
  const none = await bench.wait(
    bench.terminal.gatherEvidence({ kind: 'receipt', invoice: '41', mark: '' }, '40'),
  );
  assert.is(none.kind === 'read' && none.last.kind, 'unavailable');
  assert.is(none.kind === 'read' && none.original?.kind, 'unavailable');
});

test('a terminal that falls silent on one receipt is not asked for the rest: silence is no evidence', async () => {
  const receipts = [receiptOf('41')];
  const bench = await benchWith(receipts);
  const baseline = await baselineAt(bench);
  receipts.push(...['42', '43', '44', '45'].map((number) => receiptOf(number)));
  const answer = batch(() => receipts);
  bench.link.reactions.GetReceiptInfo = (params) =>
    params.invoiceNumber === '43' ? 'silent' : answer(params);
  assert.is((await bench.wait(bench.terminal.gatherEvidence(baseline, null))).kind, 'notReady');
  assert.is(bench.link.last('GetReceiptInfo')?.params.invoiceNumber, '43');
});

test('not ready: absent, busy, busy in between, and gone in between', async () => {
  const since: Baseline = { kind: 'receipt', invoice: '41', mark: '' };
  const absent = createBench();
  assert.is((await absent.terminal.gatherEvidence(since, null)).kind, 'notReady');

  const busy = await benchWith([receiptOf('41')]);
  busy.link.reactions.PingDevice = 'busy';
  assert.is((await busy.wait(busy.terminal.gatherEvidence(since, null))).kind, 'notReady');
  assert.is(busy.terminal.state(), 'busy');

  const turns = await benchWith([receiptOf('41'), receiptOf('42')]);
  turns.link.reactions.GetReceiptInfo = ({ invoiceNumber }) =>
    invoiceNumber === '0' ? receiptOf('42') : 'busy';
  assert.is((await turns.wait(turns.terminal.gatherEvidence(since, null))).kind, 'notReady');

  const breaks = await benchWith([]);
  breaks.link.reactions.GetReceiptInfo = ({ invoiceNumber }) => {
    if (invoiceNumber !== '0') breaks.link.breakOff();
    return receiptOf('42');
  };
  assert.is((await breaks.wait(breaks.terminal.gatherEvidence(since, null))).kind, 'notReady');
});

test('the link breaks at every single message of a reading: never a wrong "all"', async () => {
  for (let breakAt = 1; breakAt <= 6; breakAt += 1) {
    const receipts = [receiptOf('41')];
    const bench = await benchWith(receipts);
    const baseline = await baselineAt(bench);
    receipts.push(receiptOf('42'), receiptOf('43'));
    const from = bench.link.seen.length;
    const reading = bench.terminal.gatherEvidence(baseline, '41');
    await bench.time.runUntil(() => bench.link.seen.length === from + breakAt, 10_000);
    bench.link.breakOff();
    assert.is((await bench.wait(reading)).kind, 'notReady', `broken at message ${breakAt}`);
  }
});

test('one receipt by its number', async () => {
  const bench = await benchWith([receiptOf('000041')]);
  const { terminal, wait, link } = bench;
  link.reactions.GetReceiptInfo = () => receiptOf('000041');
  assert.is((await wait(terminal.readReceipt('41'))).kind, 'read');
  assert.is((await wait(terminal.readReceipt('42'))).kind, 'notFound');
});

test('while an operation runs, its terminal is busy for look-ups', async () => {
  const { terminal, send, link, time } = await benchWith([receiptOf('41')]);
  const { attempt } = send({ type: 'payment', amount: 1, merchant: '1' });
  await time.advance(1_000);
  const asked = link.count('GetReceiptInfo');
  assert.equal(await terminal.readBaseline(), { kind: 'busy' });
  assert.is((await terminal.gatherEvidence({ kind: 'none' }, null)).kind, 'notReady');
  assert.is(link.count('GetReceiptInfo'), asked);
  attempt.close();
});

test.run();
