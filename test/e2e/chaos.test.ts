/** Payments while everything breaks at moments of its own choosing: what is told is what the bank has. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../gateway/contract/result.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { serveSerial } from '../../gateway/simulators/terminal/serial.ts';
import {
  createSimulatedTerminal,
  type SimulatedTerminal,
} from '../../gateway/simulators/terminal/terminal.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { seededRandom } from '../simulation/random.ts';
import { sharedBox, type TestBox } from '../support/box.ts';
import { needing } from '../support/needs.ts';

const test = suite('e2e chaos');
const withParts = needing(test, 'mosquitto', 'socat');

const isSoak = process.env.SWIPE_SOAK === '1';
const rounds = isSoak ? 100 : 2;
const seed = Number(process.env.SWIPE_SEED ?? (isSoak ? Date.now() % 1_000_000 : 1));
const random = seededRandom(seed);
const upTo = (mostMs: number): number => Math.floor(random.fraction() * mostMs);

let terminal: SimulatedTerminal;
const sharedOne = sharedBox(test, {
  async terminal(path) {
    terminal = createSimulatedTerminal({
      time: systemTime,
      random: seededRandom(seed + 1),
      script: { options: { stepMs: 150, lookUpMs: 20 } },
      log: silentLog,
    });
    const served = await serveSerial(terminal, { path });
    return {
      async close() {
        await served.close();
        terminal.stop();
      },
    };
  },
});

type Break = (box: TestBox) => Promise<void>;

const restartAfter =
  (signal: NodeJS.Signals): Break =>
  async (box) => {
    await box.endGateway(signal);
    await sleep(upTo(1500));
    await box.startGateway();
  };
const breaks: readonly [name: string, run: Break][] = [
  ['the gateway is killed', restartAfter('SIGKILL')],
  ['the gateway is stopped', restartAfter('SIGTERM')],
  [
    'the gateway is killed, and again while it recovers',
    async (box) => {
      await box.endGateway('SIGKILL');
      const starting = box.startGateway().catch(() => {});
      await sleep(1000 + upTo(3500));
      await box.endGateway('SIGKILL');
      await starting;
      await box.startGateway();
    },
  ],
  [
    'the cable is pulled',
    async ({ cable }) => {
      await cable.unplug();
      await sleep(upTo(2500));
      await cable.plug();
    },
  ],
  [
    'the cable is loose',
    async ({ cable }) => {
      for (let times = 0; times < 3; times += 1) {
        await cable.unplug();
        await sleep(upTo(200));
        await cable.plug();
        await sleep(upTo(1500));
      }
    },
  ],
  [
    'the cable is pulled and the gateway killed',
    async (box) => {
      await box.cable.unplug();
      await sleep(upTo(300));
      await box.endGateway('SIGKILL');
      await sleep(upTo(800));
      await box.cable.plug();
      await box.startGateway();
    },
  ],
  [
    'the broker is killed',
    async ({ broker }) => {
      await broker.kill();
      await sleep(upTo(2000));
      await broker.start();
    },
  ],
  ['nothing breaks', async () => {}],
];

withParts(`whatever breaks: ${rounds} times, SWIPE_SEED=${seed}`, async () => {
  const box = await sharedOne();
  const { sale } = box;
  // So that there is a receipt before: an empty batch proves nothing.
  assert.is((await sale.ask({ type: 'payment', amount: 1, currency: 'UAH' })).outcome, 'approved');
  for (let round = 1; round <= rounds; round += 1) {
    const [name, run] = breaks[upTo(breaks.length)] ?? ['', async () => {}];
    const isAborted = random.fraction() < 0.2;
    const afterMs = upTo(1300);
    const amount = 1000 + round;
    const command = sale.command({ type: 'payment', amount, currency: 'UAH' });
    const sending = sale.send(command);
    await sleep(afterMs);
    const aborting = isAborted ? sale.send(sale.command({ type: 'abort', target: command.id })) : null;
    await run(box);
    await Promise.all([sending, aborting, sale.send(command)]);

    const result = await sale.resultOf(command.id);
    const what = `round ${round}, ${name} after ${afterMs} ms${isAborted ? ', aborted' : ''}: ${result.outcome} ${result.reason.code}`;
    const isCharged = await demandOneTruth(box, result, amount, what);
    if (result.outcome === 'unknown') {
      // An abort was on its way: what the receipts show may yet be taken back, so a person has to look.
      assert.ok(isAborted, what);
      await decide(box, command.id, amount, isCharged);
    }
    await until(async () => (await sale.ask({ type: 'totals' })).outcome === 'done');
  }
  assert.equal(sale.unreadable, []);
});

/** Asked once, charged at most once, and told as it is. Whether it is charged. */
async function demandOneTruth(box: TestBox, result: Result, amount: number, what: string): Promise<boolean> {
  await until(async () => !terminal.isBusy());
  const kinds = terminal
    .ledger()
    .filter((movement) => movement.amount === amount)
    .map(({ kind }) => kind);
  const asked = box.asked().filter(({ params }) => params.amount === (amount / 100).toFixed(2));
  assert.ok(asked.length <= 1, what);
  assert.ok(kinds.filter((kind) => kind === 'sale').length <= 1, what);
  const isCharged = kinds.at(-1) === 'sale';
  if (result.outcome !== 'unknown') {
    assert.is(result.outcome === 'approved', isCharged, `${what}, the bank has: ${kinds}`);
    for (const { result: copy } of box.sale.copiesOf(result.id)) assert.equal(copy, result, what);
  }
  return isCharged;
}

async function decide({ sale, keys }: TestBox, target: string, amount: number, isCharged: boolean) {
  const { rrn, invoice } = await sale.ask({ type: 'receipt' });
  const decision = isCharged
    ? { outcome: 'approved', approvedAmount: amount, rrn, invoice }
    : { outcome: 'failed' };
  const draft = { type: 'resolve', target, by: 'chaos', ...decision } as const;
  // Not before the evidence is exhausted.
  await until(async () => (await sale.ask(draft, keys.chief)).outcome === 'done');
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(100);
}

test.run();
