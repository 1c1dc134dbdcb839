/** Whatever breaks in the middle of a payment, on real parts: one charge, one outcome, and it is the true one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BoxEvent } from '../../gateway/contract/event.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { sharedBox, type TestBox } from '../support/box.ts';
import { needing } from '../support/needs.ts';
import type { Draft } from '../support/sale-client.ts';
import { waitMaxMs } from '../support/trail.ts';

const test = suite('e2e breaks');
const withParts = needing(test, 'mosquitto', 'socat');

/** How long the broker stays away. */
const outageMs = process.env.SWIPE_SOAK === '1' ? 60_000 : 3_000;

const slow = (amount: string, delayMs: number) =>
  ({ match: { method: 'Purchase', amount }, do: 'slow', delayMs }) as const;
const sharedOne = sharedBox(test, {
  script: {
    options: { stepMs: 20, lookUpMs: 5 },
    operations: [
      slow('31.00', 1500),
      slow('32.00', 4000),
      slow('33.00', 1500),
      { match: { method: 'Purchase', amount: '34.00' }, do: 'dropBefore', delayMs: 1500 },
      slow('35.00', 1500),
    ],
  },
});

const pay = (amount: number): Draft => ({ type: 'payment', amount, currency: 'UAH' });
const linesOf = (box: TestBox, amount: string): string[] =>
  box.seen.items.filter((line) => line.startsWith(`Purchase ${amount}:`));
const ended = (box: TestBox, amount: string): Promise<string> =>
  box.seen.find((line) => line.startsWith(`Purchase ${amount}:`), `the end of ${amount} on the terminal`);

/** Sends a payment, and waits until the terminal is asking the bank. */
async function authorising(box: TestBox, amount: number): Promise<{ id: string }> {
  const command = box.sale.command(pay(amount));
  await box.sale.send(command);
  const isIt = (event: BoxEvent): boolean =>
    event.type === 'progress' && event.id === command.id && event.step === 'authorising';
  await box.sale.events.find(isIt, 'the authorisation');
  return command;
}

/** Once more, for certainty: it is the same result, there is no other one, and the terminal was asked once. */
async function demandOnce(box: TestBox, command: { id: string }, amount: string): Promise<Result> {
  const { sale } = box;
  const from = sale.results.items.length;
  await sale.send(command);
  await sale.results.find(({ result }) => result.id === command.id, 'the result again', from);
  const [first, ...more] = sale.copiesOf(command.id);
  assert.ok(first);
  for (const { jws } of more) assert.is(jws, first.jws);
  const asked = box.asked().filter(({ params }) => params.amount === amount);
  assert.equal(
    asked.map(({ method }) => method),
    ['Purchase'],
  );
  assert.is(linesOf(box, amount).length, 1);
  return first.result;
}

withParts('the gateway is killed while the terminal authorises, and starts when that is over', async () => {
  const box = await sharedOne();
  // So that there is a receipt before: an empty batch proves nothing.
  assert.is((await box.sale.ask(pay(100))).outcome, 'approved');
  const command = await authorising(box, 3100);
  assert.equal(await box.endGateway('SIGKILL'), { code: null, signal: 'SIGKILL' });
  assert.match(await ended(box, '31.00'), /approved 0000/);
  assert.is(box.sale.copiesOf(command.id).length, 0);
  await box.startGateway();
  const result = await box.sale.resultOf(command.id);
  assert.is(result.outcome, 'approved');
  assert.is(result.recovered, true);
  assert.is(result.approvedAmount, 3100);
  assert.match(linesOf(box, '31.00')[0] ?? '', new RegExp(`receipt ${result.invoice}`));
  await demandOnce(box, command, '31.00');
});

withParts('the gateway is killed and back while the terminal still authorises', async () => {
  const box = await sharedOne();
  const command = await authorising(box, 3200);
  await box.endGateway('SIGKILL');
  const starting = box.startGateway();
  const isBusy = ({ msg, state }: { msg: string; state?: unknown }): boolean =>
    msg === 'the state of the terminal changed' && state === 'busy';
  await box.log.find(isBusy, 'the terminal to be busy');
  assert.equal(linesOf(box, '32.00'), [], 'it is still at it');
  await starting;
  const result = await box.sale.resultOf(command.id);
  assert.is(result.outcome, 'approved');
  assert.is(result.recovered, true);
  await demandOnce(box, command, '32.00');
});

withParts('the cable is out when the money moves', async () => {
  const box = await sharedOne();
  const command = await authorising(box, 3300);
  await box.cable.unplug();
  assert.match(await ended(box, '33.00'), /approved 0000/);
  await box.cable.plug();
  const result = await box.sale.resultOf(command.id);
  assert.is(result.outcome, 'approved');
  assert.is(result.recovered, true);
  assert.match(linesOf(box, '33.00')[0] ?? '', new RegExp(`receipt ${result.invoice}`));
  await demandOnce(box, command, '33.00');
});

withParts('the cable is out, and the money never moves', async () => {
  const box = await sharedOne();
  const command = await authorising(box, 3400);
  await box.cable.unplug();
  assert.match(await ended(box, '34.00'), /lost/);
  await box.cable.plug();
  const result = await box.sale.resultOf(command.id);
  assert.is(result.outcome, 'failed');
  assert.is(result.reason.code, 'notPerformed');
  assert.is(result.approvedAmount, null);
  assert.is(result.invoice, null);
  await demandOnce(box, command, '34.00');
});

withParts('the cable is pulled and plugged in again while nothing is under way', async () => {
  const box = await sharedOne();
  const { sale } = box;
  await box.terminalIs('ready', sale.statuses.items.length - 1);
  const from = sale.statuses.items.length;
  await box.cable.unplug();
  await box.terminalIs('absent', from);
  const refused = await sale.ask(pay(200));
  assert.is(refused.outcome, 'refused');
  assert.is(refused.reason.code, 'terminalAbsent');
  const absent = sale.statuses.items.length;
  await box.cable.plug();
  await box.terminalIs('ready', absent);
  assert.is((await sale.ask(pay(300))).outcome, 'approved');
  assert.equal(linesOf(box, '2.00'), []);
});

withParts('the broker is away while a payment runs', async () => {
  const box = await sharedOne();
  const { sale, broker } = box;
  const command = await authorising(box, 3500);
  await broker.kill();
  assert.match(await ended(box, '35.00'), /approved 0000/);
  await sleep(outageMs);
  assert.is(sale.copiesOf(command.id).length, 0);
  // A sale system that hears nothing asks again: the broker gets it as soon as it is back.
  const again = sale.send(command);
  await broker.start();
  await sale.results.find(
    ({ result }) => result.id === command.id,
    'the result, once the broker is back',
    0,
    // Its pauses have grown meanwhile: up to twice the outage, and at most a minute.
    waitMaxMs + outageMs,
  );
  await again;
  const result = await demandOnce(box, command, '35.00');
  assert.is(result.outcome, 'approved');
  assert.is(result.recovered, false, 'the terminal was never lost');
  assert.is((await sale.ask(pay(400))).outcome, 'approved');
});

withParts('in the end every result stands once in the sequence', async () => {
  const { sale } = await sharedOne();
  const sequences = new Map(sale.results.items.map(({ jws, result }) => [result.sequence, jws]));
  for (const { jws, result } of sale.results.items) assert.is(jws, sequences.get(result.sequence));
  assert.equal(
    [...sequences.keys()].sort((one, other) => one - other),
    Array.from({ length: sequences.size }, (_, index) => index + 1),
  );
  assert.equal(sale.unreadable, []);
});

test.run();
