/** After the faults: the box is back with its registry in the promised time; and five weeks without it. */
import type { Simulation } from '../simulation.ts';
import type { RegistrySide } from './registry-side.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** A box that cannot get in at its broker asks after ten minutes, at most once an hour (docs/registration.md). */
const outOfDateMs = 75 * minuteMs;
/** Counts that unsigned words have moved far ahead are caught up with try by try. */
const catchingUpMs = 2 * hourMs;

/** Waits until the box believes what its registry says, for as long as that may take. */
export async function backWithRegistry({ world, violations }: Simulation, side: RegistrySide): Promise<void> {
  const { time } = world;
  const nowMs = time.monotonicMs();
  const dueMs = Math.max(side.questions.next.dueMs - nowMs, 0);
  const limitMs = Math.max(dueMs, outOfDateMs) + catchingUpMs;
  await time.runUntil(() => side.isTold() || time.monotonicMs() >= nowMs + limitMs, limitMs + minuteMs);
  if (!side.isTold())
    violations.report('registration', '', 'the registry is back, and the box does not know what it says');
}

/** Whether the terminal was asked. Its batch may be full, and its word then is no. */
const isTaken = (outcome: string): boolean => /^(approved|failed|declined)/.test(outcome);

/** The box is off for nearly five weeks and the registry is silent; then it is on, and the five weeks end. */
export async function weeksOfSilence(simulation: Simulation, side: RegistrySide): Promise<void> {
  const { world, sales, book, violations, faults, log } = simulation;
  const { time } = world;
  faults.add('registry: silent for five weeks');
  const outcomeOf = async (n: number, type: 'payment' | 'refund'): Promise<string> => {
    sales.ask({ atMs: 0, do: 'ask', n, sender: 0, type, lifeMs: 120_000, which: 0, part: false });
    await time.runUntil(() => book.waiting === 0, hourMs);
    const { known } = book.all().findLast(({ type: asked }) => asked === type) ?? {};
    return `${known?.outcome} ${known?.reason.code}`;
  };
  const demand = (isSo: boolean, text: string): void => {
    if (!isSo) violations.report('registration', '', text);
  };

  const heardMs = side.belief.now.heard?.atMs ?? 0;
  const offMs = heardMs + 35 * dayMs - hourMs / 2 - time.nowMs();
  side.line.away = 'no connection';
  simulation.kill(offMs);
  await time.advance(offMs + 2 * minuteMs);
  const before = await outcomeOf(4_100, 'payment');
  demand(isTaken(before), `after 34 days without the registry a payment is ${before}`);
  await time.advance(2 * hourMs);
  const after = await outcomeOf(4_101, 'payment');
  demand(after === 'refused unregistered', `after 35 days without the registry a payment is ${after}`);
  const refund = await outcomeOf(4_102, 'refund');
  demand(isTaken(refund), `after 35 days without the registry a refund is ${refund}`);
  demand(log.text().includes('the registry has been silent for weeks'), 'nobody was warned in five weeks');
  side.line.away = null;
  await backWithRegistry(simulation, side);
  const again = await outcomeOf(4_103, 'payment');
  demand(isTaken(again), `the registry is back, and a payment is ${again}`);
}
