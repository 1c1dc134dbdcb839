/** A whole box with a panel of real firmware: whatever happens to the panel, the payment does not notice. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBoardPanel } from '../gateway/panel/board.ts';
import type { Panel } from '../gateway/panel/panel.ts';
import { silentLog } from '../gateway/seams/log.ts';
import type { InProcessLink } from '../gateway/simulators/links.ts';
import type { EmulatedPanel } from '../gateway/simulators/panel/panel.ts';
import { World } from './simulation/world.ts';
import { emulatedPanel } from './support/panel-bench.ts';

const test = suite('panel world');

interface BoxWithPanel {
  world: World;
  chip: EmulatedPanel;
  link: InProcessLink;
}

/** A box that is ready, and its panel too. */
async function boxWithPanel(): Promise<BoxWithPanel> {
  // The world makes the time that the panel needs.
  let panel: Panel | null = null;
  const there = (): Panel => {
    if (panel === null) throw new Error('too early');
    return panel;
  };
  const world = new World({
    panel: {
      state: () => there().state(),
      show: (view) => there().show(view),
      listen: (listener) => there().listen(listener),
      start: () => there().start(),
      stop: () => there().stop(),
    },
  });
  const { chip, link } = emulatedPanel(world.time);
  const random = { fraction: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
  panel = createBoardPanel({ port: link, time: world.time, random, log: silentLog });
  await world.start();
  while (world.gateway.status().panel !== 'ready') {
    await world.time.advance(10);
    // johnny-five is being loaded from disk.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await world.time.advance(1_000);
  return { world, chip, link };
}

test('a payment as the cashier sees it: blue while it runs, green and a tune when it is paid', async () => {
  const { world, chip } = await boxWithPanel();
  assert.is(chip.colour.green > 0 && chip.colour.blue === 0, true);
  const payment = world.payment();
  world.send(payment);
  await world.until(() => chip.colour.blue > 0, 10_000);
  await world.resultOf(payment.id);
  await world.time.advance(1_500);
  assert.is(chip.tones.length, 2);
  assert.ok(chip.colour.green > 0 && chip.colour.blue === 0);
  chip.stop();
});

const mishaps: [what: string, happen: (box: BoxWithPanel) => void][] = [
  ['is unplugged', ({ link }) => link.cut('noticed')],
  ['falls silent', ({ link }) => link.cut('silent')],
  ['restarts', ({ chip }) => chip.reset()],
  ['loses its power for a moment', ({ chip }) => chip.reset('powerOn')],
  ['hangs', ({ chip }) => chip.hang()],
  ['hears only garbage', ({ chip }) => chip.write(new Uint8Array(200).fill(0xf0))],
];

/** What the payment was to everybody else, without the panel's own doings. */
async function paid(happen: ((box: BoxWithPanel) => void) | null): Promise<string[]> {
  const box = await boxWithPanel();
  const { world } = box;
  const steps: string[] = [];
  const payment = world.payment();
  world.send(payment);
  const sentMs = world.time.monotonicMs();
  await world.until(() => world.events.some((event) => event.type === 'progress' && event.step === 'pin'));
  happen?.(box);
  const { outcome, reason, recovered, sequence } = await world.resultOf(payment.id);
  steps.push(`${outcome} ${reason.code} ${recovered} ${sequence}`);
  steps.push(`${world.time.monotonicMs() - sentMs} ms`);
  steps.push(...world.events.flatMap((event) => (event.type === 'progress' ? [event.step] : [])));
  assert.equal(world.ledger(), ['sale 10050']);
  assert.equal(world.failures, []);

  // Afterwards it is there again, and shows what is.
  for (let tries = 0; tries < 1_000 && world.gateway.status().panel !== 'ready'; tries += 1)
    await world.time.advance(10);
  await world.time.advance(6_000);
  assert.is(world.gateway.status().panel, 'ready');
  assert.ok(box.chip.colour.green > 0 && box.chip.colour.blue === 0, JSON.stringify(box.chip.colour));
  box.chip.stop();
  return steps;
}

let first: Promise<string[]> | null = null;
const undisturbed = (): Promise<string[]> => {
  first ??= paid(null);
  return first;
};

for (const [what, happen] of mishaps)
  test(`the panel ${what} in mid-payment: the payment is the same, to the millisecond`, async () => {
    assert.equal(await paid(happen), await undisturbed());
  });

test('a box without a panel pays the same', async () => {
  const world = new World();
  await world.start();
  const { outcome, sequence } = await world.ask(world.payment());
  assert.is(`${outcome} ${sequence}`, 'approved 1');
  assert.is(world.gateway.status().panel, 'none');
  assert.equal(
    world.events.flatMap((event) => (event.type === 'progress' ? [event.step] : [])),
    (await undisturbed()).slice(2),
  );
});

test.run();
