/** What presses do in a whole box: aborts, and what the box asks its terminal on its own account. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Panel, PanelAction, PanelListener, PanelView } from '../gateway/panel/panel.ts';
import type { ScriptInput } from '../gateway/simulators/terminal/script.ts';
import { World } from './simulation/world.ts';

const test = suite('panel presses');

/** A hand at the buttons, and an eye on what the panel is told. */
class Hand implements Panel {
  #listener: PanelListener | null = null;
  view: (() => PanelView) | null = null;

  press(action: PanelAction): void {
    this.#listener?.pressed(action === 'abort' ? 'abort' : 'info', action);
  }

  state() {
    return 'ready' as const;
  }

  show(view: () => PanelView): void {
    this.view = view;
  }

  listen(listener: PanelListener): void {
    this.#listener = listener;
  }

  start(): void {}

  async stop(): Promise<void> {}
}

async function worldWithHand(
  script?: ScriptInput,
): Promise<{ world: World; hand: Hand; toTerminal: string[] }> {
  const hand = new Hand();
  const toTerminal: string[] = [];
  const world = new World({
    panel: hand,
    ...(script === undefined ? {} : { script }),
    watch: { toTerminal: (bytes) => toTerminal.push(Buffer.from(bytes).toString()) },
  });
  await world.start();
  toTerminal.length = 0;
  return { world, hand, toTerminal };
}

const buttonsOf = (world: World): string[] =>
  world.events.flatMap((event) =>
    event.type === 'button' ? [`${event.button} ${event.action} ${event.outcome}`] : [],
  );

const methodsOf = (toTerminal: readonly string[]): string[] =>
  toTerminal.flatMap((text) => [...text.matchAll(/"method":"(\w+)"/g)].map(([, method]) => method ?? ''));

test('a copy of the last receipt is printed by the terminal; nothing is told but the event', async () => {
  const { world, hand, toTerminal } = await worldWithHand();
  await world.ask(world.payment());
  const told = world.results.length;
  toTerminal.length = 0;
  hand.press('receipt');
  await world.until(() => buttonsOf(world).length > 0);
  assert.equal(buttonsOf(world), ['info receipt done']);
  const copies = toTerminal.filter((text) => text.includes('PrintReceiptNum'));
  assert.is(copies.length, 1);
  assert.match(copies[0] ?? '', /"prnFlag":"1"/);
  await world.time.advance(60_000);
  assert.is(world.results.length, told);
  assert.is(world.gateway.latest(10).length, 1, 'no record of it');
});

test('totals are asked of the whole terminal', async () => {
  const { world, hand, toTerminal } = await worldWithHand();
  hand.press('totals');
  await world.until(() => buttonsOf(world).length > 0);
  assert.equal(buttonsOf(world), ['info totals done']);
  assert.match(toTerminal.find((text) => text.includes('Audit')) ?? '', /"merchantId":"0"/);
});

test('without a receipt it fails, and says so', async () => {
  const { world, hand } = await worldWithHand();
  hand.press('receipt');
  await world.until(() => buttonsOf(world).length > 0);
  assert.equal(buttonsOf(world), ['info receipt failed']);
});

test('while a payment runs nothing else is asked, and the abort aborts', async () => {
  const { world, hand, toTerminal } = await worldWithHand();
  const payment = world.payment();
  world.send(payment);
  await world.untilStep('preparing', 'prepared', 'running');
  await world.time.advance(600);
  toTerminal.length = 0;
  hand.press('receipt');
  hand.press('totals');
  hand.press('abort');
  const result = await world.resultOf(payment.id);
  assert.is(result.outcome, 'cancelled');
  assert.equal(buttonsOf(world), ['info receipt refused', 'info totals refused', 'abort abort done']);
  assert.not.ok(methodsOf(toTerminal).some((method) => method === 'Audit' || method === 'PrintReceiptNum'));
  assert.equal(world.ledger(), []);
});

test('an abort with nothing to abort is refused, and stops nothing later', async () => {
  const { world, hand } = await worldWithHand();
  hand.press('abort');
  assert.is((await world.ask(world.payment())).outcome, 'approved');
  assert.equal(buttonsOf(world), ['abort abort refused']);
});

test('a payment that comes meanwhile waits for the answer, and for nothing more', async () => {
  const { world, hand, toTerminal } = await worldWithHand();
  await world.ask(world.payment());
  hand.press('totals');
  const pressedMs = world.time.monotonicMs();
  const payment = world.payment(777);
  world.send(payment);
  await world.until(() => buttonsOf(world).length > 0);
  const answeredMs = world.time.monotonicMs();
  assert.ok(answeredMs > pressedMs);
  assert.not.ok(methodsOf(toTerminal).slice(-1).includes('Purchase'), 'not before the answer');
  assert.is(
    methodsOf(toTerminal).filter((method) => method === 'Purchase').length,
    1,
    'the first payment alone',
  );
  const result = await world.resultOf(payment.id);
  assert.is(result.outcome, 'approved');
  assert.equal(world.ledger(), ['sale 10050', 'sale 777']);
  assert.equal(world.failures, []);
});

test('an abort of a payment that waits for the answer refuses it', async () => {
  const { world, hand } = await worldWithHand();
  await world.ask(world.payment());
  hand.press('totals');
  const payment = world.payment(777);
  world.send(payment);
  await world.until(() => world.gateway.status().operation !== null);
  hand.press('abort');
  const result = await world.resultOf(payment.id);
  assert.is(`${result.outcome} ${result.reason.code}`, 'refused aborted');
  await world.time.advance(60_000);
  assert.equal(world.ledger(), ['sale 10050']);
});

test('a second question while one is asked is refused; so is any while the terminal is away', async () => {
  const { world, hand } = await worldWithHand();
  hand.press('totals');
  hand.press('totals');
  await world.until(() => buttonsOf(world).length === 2);
  assert.equal(buttonsOf(world), ['info totals refused', 'info totals done']);
  world.link.cut('noticed');
  await world.until(() => world.gateway.status().terminal.state === 'absent');
  hand.press('totals');
  await world.until(() => buttonsOf(world).length === 3);
  assert.is(buttonsOf(world)[2], 'info totals refused');
});

test('the terminal goes away in the middle of a question: it has failed, and a payment that waited goes on', async () => {
  const { world, hand } = await worldWithHand();
  hand.press('totals');
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.gateway.status().operation !== null);
  world.link.cut('noticed');
  const result = await world.resultOf(payment.id);
  assert.is(`${result.outcome} ${result.reason.code}`, 'refused terminalAbsent');
  assert.equal(buttonsOf(world), ['info totals failed']);
  assert.equal(world.ledger(), []);
});

test('the panel is told what it needs to show', async () => {
  const { world, hand } = await worldWithHand();
  const seen = (): PanelView => {
    if (hand.view === null) throw new Error('the panel was told nothing');
    return hand.view();
  };
  assert.is(seen().starting, true);
  assert.is(seen().lastOutcome, null);
  await world.time.advance(11_000);
  assert.is(seen().starting, false);
  const payment = world.payment();
  world.send(payment);
  await world.until(() => seen().progress === 'waitingForCard');
  assert.is(seen().status.operation?.id, payment.id);
  await world.resultOf(payment.id);
  assert.is(seen().lastOutcome?.outcome, 'approved');
  await world.ask(world.command('status', { target: payment.id }));
  assert.is(seen().lastOutcome?.outcome, 'approved', 'a question is no payment');
  assert.is(seen().progress, null);
});

test.run();
