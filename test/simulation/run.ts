/** Runs one plan to its end and has the oracle judge it. */
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import { judge } from './oracle.ts';
import { makePlan, type Plan } from './plan.ts';
import { Killed } from './process.ts';
import { backWithRegistry, weeksOfSilence } from './registry/recovery.ts';
import { amountOf } from './sale-systems.ts';
import { Simulation } from './simulation.ts';
import { Tally } from './tally.ts';
import { textOf, type Violation } from './violation.ts';

/** What a run was. Counts by name. */
export interface RunReport {
  seed: number;
  violations: Violation[];
  operations: number;
  /** Outcomes that no cash register could have told apart. */
  untellable: Record<string, number>;
  faults: Record<string, number>;
  outcomes: Record<string, number>;
  reasons: Record<string, number>;
  steps: Record<string, number>;
  virtualMs: number;
}

/** The run with everything that a person may want to look at. */
export interface FullRun {
  report: RunReport;
  simulation: Simulation;
  movements: readonly Movement[];
}

const settleMs = 20_000;
const hourMs = 3_600_000;
/** The clock's latest trusted time may be ahead by as much as it was set forward. */
const patienceMs = 8 * hourMs;
const finalTries = 30;

// A dead process's promises may end with its death; nothing else may be left to nobody.
let listener: ((error: unknown) => void) | null = null;
process.on('unhandledRejection', (error) => {
  if (error instanceof Killed) return;
  if (listener === null) throw error;
  listener(error);
});

/** Runs a seed. The same seed and number of operations give the same run, byte for byte. */
export const runSeed = (seed: number, operations: number, withTrace = false): Promise<FullRun> =>
  runPlan(makePlan(seed, operations), withTrace);

/** Runs a plan. */
export async function runPlan(plan: Plan, withTrace = false): Promise<FullRun> {
  const simulation = new Simulation(plan, withTrace);
  const { world, violations } = simulation;
  const sums = { outcomes: new Tally(), reasons: new Tally(), untellable: new Tally() };
  listener = (error) => violations.report('crash', '', textOf(error));
  try {
    simulation.boot();
    await world.time.advance(settleMs);
    for (const act of plan.acts) {
      const waitMs = settleMs + act.atMs - world.time.monotonicMs();
      if (waitMs > 0) await world.time.advance(waitMs);
      simulation.perform(act);
    }
    simulation.endFaults();
    await recover(simulation);
    judge(simulation, sums);
  } catch (error) {
    violations.report('crash', '', textOf(error), world.time.monotonicMs());
  } finally {
    listener = null;
    simulation.world.terminal.stop();
  }
  for (const error of world.failures) violations.report('crash', '', `fatal: ${textOf(error)}`);
  const report: RunReport = {
    seed: plan.seed,
    violations: violations.found,
    operations: simulation.book.all().length,
    untellable: sums.untellable.toJSON(),
    faults: simulation.faults.toJSON(),
    outcomes: sums.outcomes.toJSON(),
    reasons: sums.reasons.toJSON(),
    steps: simulation.steps.toJSON(),
    virtualMs: world.time.monotonicMs(),
  };
  return { report, simulation, movements: simulation.movements() };
}

/** After the faults: every sender gets its result, every unknown is decided, and a payment goes through again. */
async function recover(simulation: Simulation): Promise<void> {
  const { world, book, owner, violations, sales, side, plan } = simulation;
  if (side !== null) await backWithRegistry(simulation, side);
  const isCalm = (): boolean => book.waiting === 0 && owner.undecided === 0;
  await wait(simulation, isCalm, patienceMs);
  for (const { id, expectation } of book.all())
    if (expectation !== 'nothing' && book.isWaiting(id))
      violations.report('2', id, 'no result, hours after the faults');
  if (owner.undecided > 0)
    violations.report('2', '', `${owner.undecided} unknown outcomes that nobody can decide`);

  let last = 'none';
  for (let count = 0; count < finalTries && last !== 'approved'; count += 1) {
    if (count > 0) world.terminal.closeBatch();
    const n = 4_000 + count;
    sales.ask({ atMs: 0, do: 'ask', n, sender: 0, type: 'payment', lifeMs: 120_000, which: 0, part: false });
    await wait(simulation, isCalm, hourMs);
    const known = book.all().find(({ amount }) => amount === amountOf(n))?.known ?? null;
    last = known?.outcome ?? 'none';
    if (last !== 'approved') await world.time.advance(600_000);
  }
  if (last !== 'approved') violations.report('10', '', `no payment goes through after the faults: ${last}`);
  if (side !== null && plan.profile.registry?.isSilentForWeeks) await weeksOfSilence(simulation, side);
  // What comes late comes now: a second result, a conflict, a result that is told again.
  await world.time.advance(900_000);
}

async function wait({ world }: Simulation, isSo: () => boolean, limitMs: number): Promise<void> {
  const untilMs = world.time.monotonicMs() + limitMs;
  await world.time.runUntil(() => isSo() || world.time.monotonicMs() >= untilMs, limitMs + 60_000);
}
