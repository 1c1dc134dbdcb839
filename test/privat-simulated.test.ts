import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instalmentPlans } from '../gateway/contract/command.ts';
import type { Terminal, TerminalRequest } from '../gateway/payments/terminal-port.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { inProcessLink } from '../gateway/simulators/links.ts';
import { oddities, type ScriptInput } from '../gateway/simulators/terminal/script.ts';
import { createSimulatedTerminal } from '../gateway/simulators/terminal/terminal.ts';
import { createPrivatTerminal } from '../gateway/terminal/privat-json/driver.ts';
import { seededRandom } from './simulation/random.ts';
import { type Heard, recorder, steadyRandom } from './support/driver-bench.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('privat-simulated');

/** The driver on the simulated terminal that ships with it. */
async function pair(script: ScriptInput = {}) {
  const time = new VirtualTime();
  const simulated = createSimulatedTerminal({ time, random: seededRandom(1), log: silentLog, script });
  const link = inProcessLink(simulated, time, { latencyMs: 2 });
  const driver = createPrivatTerminal({
    link,
    time,
    random: steadyRandom,
    log: silentLog,
    currency: 'UAH',
    commandGapMs: 100,
  });
  driver.start();
  await time.runUntil(() => driver.state() === 'ready', 60_000);
  const carryOut = async (request: TerminalRequest): Promise<Heard> => {
    const heard = recorder();
    const attempt = driver.open(request, heard);
    attempt.send();
    await time.runUntil(
      () => heard.answers.length > 0 || heard.log.at(-1)?.startsWith('broke') === true,
      400_000,
    );
    attempt.close();
    return heard;
  };
  const wait = async <Value>(promise: Promise<Value>): Promise<Value> => {
    const done: Value[] = [];
    void promise.then((value) => done.push(value));
    await time.runUntil(() => done.length > 0, 60_000);
    return promise;
  };
  const baseline = async () => {
    const found = await wait(driver.readBaseline());
    if (found.kind === 'busy' || found.kind === 'noAnswer') throw new Error(found.kind);
    return found;
  };
  return { time, simulated, link, driver, carryOut, wait, baseline };
}

const payment: TerminalRequest = { type: 'payment', amount: 10050, merchant: '1' };

test('every operation is understood by the terminal, and its answer here', async () => {
  const { carryOut, driver, baseline, wait } = await pair();
  const sale = (await carryOut(payment)).answers[0];
  assert.equal([sale?.verdict, sale?.details.amount], ['approved', 10050]);
  const { rrn, invoice, authCode } = sale?.details ?? {};
  const last = await baseline();
  assert.is(last.kind === 'receipt' && last.invoice, invoice);
  const held = (await carryOut({ type: 'preauthorization', amount: 500, merchant: '1' })).answers[0]?.details;
  const parted = (await carryOut({ type: 'instalment', plan: 'parts', amount: 900, parts: 3, merchant: '1' }))
    .answers[0];
  const requests: TerminalRequest[] = [
    { type: 'refund', amount: 50, merchant: '1', rrn: rrn ?? '' },
    { type: 'reversal', invoice: invoice ?? '', amount: 50, originalAmount: 10050, merchant: '1' },
    { type: 'cashback', amount: 300, cash: 100, merchant: '1' },
    {
      type: 'completion',
      amount: 500,
      finalAmount: 400,
      authCode: held?.authCode ?? authCode ?? '',
      rrn: held?.rrn ?? '',
      merchant: '1',
    },
    ...instalmentPlans.map((plan) => ({
      type: 'instalment' as const,
      plan,
      amount: 900,
      parts: 3,
      merchant: '1',
    })),
  ];
  assert.is(parted?.verdict, 'approved');
  for (const request of requests) {
    const [answer] = (await carryOut(request)).answers;
    assert.is(answer?.verdict, 'approved', `${request.type}: ${answer?.code} ${answer?.text}`);
  }
  for (const request of [
    { type: 'totals', merchant: '0' },
    { type: 'receipt', invoice: null },
    { type: 'receipt', invoice: invoice ?? '' },
    { type: 'balance', merchant: '1' },
    { type: 'reconciliation', merchant: '0' },
  ] as TerminalRequest[])
    assert.is((await carryOut(request)).answers[0]?.verdict, 'done', request.type);
  assert.equal(await baseline(), { kind: 'none' });
  await wait(driver.stop());
});

for (const odd of oddities)
  test(`odd bytes: ${odd}`, async () => {
    const { carryOut, baseline, driver, wait } = await pair({ options: { odd: [odd] } });
    const before = await baseline();
    const heard = await carryOut(payment);
    assert.equal([heard.answers[0]?.verdict, heard.answers[0]?.details.amount], ['approved', 10050]);
    const evidence = await wait(driver.gatherEvidence(before, heard.answers[0]?.details.invoice ?? null));
    assert.is(evidence.kind === 'read' && evidence.last.kind, 'receipt');
    assert.is(evidence.kind === 'read' && evidence.original?.kind, 'read');
  });

test('the link is cut at any moment of a sale: afterwards the receipts tell', async () => {
  for (const how of ['noticed', 'silent'] as const)
    for (let cutAtMs = 50; cutAtMs < 5_000; cutAtMs += 450) {
      const { time, link, driver, simulated, carryOut, wait, baseline } = await pair();
      await carryOut({ ...payment, amount: 5 });
      const before = await baseline();
      time.after(cutAtMs, () => link.cut(how));
      const heard = await carryOut(payment);
      const answered = heard.answers.length > 0;
      assert.ok(
        answered || heard.log.at(-1) === 'broke linkLost',
        `${how} at ${cutAtMs}: ${heard.log.join()}`,
      );
      const evidence = await settle(driver, time, wait, before);
      const moved = simulated.ledger().some(({ amount }) => amount === 10050);
      assert.is(evidence.complete, true);
      assert.is(
        evidence.since.some(({ details }) => details.amount === 10050),
        moved,
        `${how} at ${cutAtMs}`,
      );
      await wait(driver.stop());
    }
});

async function settle(
  driver: Terminal,
  time: VirtualTime,
  wait: <Value>(promise: Promise<Value>) => Promise<Value>,
  before: Parameters<Terminal['gatherEvidence']>[0],
) {
  for (let round = 0; round < 100; round += 1) {
    const evidence = await wait(driver.gatherEvidence(before, null));
    if (evidence.kind === 'read') return evidence;
    await time.advance(1_000);
  }
  throw new Error('no evidence in 100 s');
}

test('a terminal that leaks card data everywhere: none of it comes through', async () => {
  const { carryOut, simulated, wait, driver } = await pair({ options: { leaky: true } });
  const heard = await carryOut(payment);
  const invoice = heard.answers[0]?.details.invoice ?? '';
  const all = JSON.stringify([
    heard.answers,
    (await carryOut({ type: 'receipt', invoice })).answers,
    await wait(driver.readReceipt(invoice)),
  ]);
  assert.ok(all.includes('approved'));
  for (const { pan, holder, expiry } of simulated.cards)
    for (const secret of [pan, ...holder.split('/'), `ДІЄ ДО ${expiry}`])
      assert.not.ok(all.includes(secret), `${secret} in ${all}`);
});

test('a terminal without receipt look-up', async () => {
  const { baseline, carryOut, driver } = await pair({ options: { noReceiptLookUp: true } });
  assert.equal(await baseline(), { kind: 'unavailable' });
  assert.is((await carryOut(payment)).answers[0]?.verdict, 'approved');
  const [text] = (await carryOut({ type: 'receipt', invoice: null })).answers;
  assert.equal([text?.verdict, text?.details.receipt !== null], ['done', true]);
  assert.ok(driver.supports().includes('receipt'));
});

test.run();
