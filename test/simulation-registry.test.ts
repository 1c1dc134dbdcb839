import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hunt } from './simulation/defect-run.ts';
import { defects } from './simulation/defects.ts';
import { makePlan, type Plan } from './simulation/plan.ts';
import type { LineFault } from './simulation/registry/line-faults.ts';
import { type FullRun, runPlan } from './simulation/run.ts';

const test = suite('simulation: the registry');

// A power cut leaves promises behind that end with the error of it, which no test file may have.
const powerCuts = new Set(['kill', 'killAt', 'clockUnset', 'registrationLost', 'pinMoved']);
const ofRegistry = /^(registry|key|pairing|brokerMoves|diskFullAtAnswer|suspended)/;

/** A seed's plan without power cuts, in which the registry is asked every minute and fares like this from the start. */
function planWith(seed: number, how: LineFault | null): Plan {
  const { profile, acts } = makePlan(seed, 30);
  const paid = acts.filter((act) => !powerCuts.has(act.do) && !ofRegistry.test(act.do));
  const away: Plan['acts'] = how === null ? [] : [{ atMs: 0, do: 'registryAway', how, forMs: 1e12 }];
  const registry = {
    everyMs: 60_000,
    isNew: false,
    brokerFrom: 'config',
    isLimited: false,
    aheadMs: 0,
    faulty: 0,
    isSilentForWeeks: false,
  } as const;
  // A clock that is set by the registry's word depends on it.
  return { seed, profile: { ...profile, clock: 'system', registry }, acts: [...away, ...paid] };
}

/** What happened to operations, and on the line to the terminal, each with its time. */
const traceOf = ({ simulation }: FullRun): string[] => {
  const { lines } = simulation.world.trace;
  const end = lines.findIndex((line) => line.includes('the faults cease'));
  return lines.slice(0, end).filter((line) => /^ *\d+ (step|uart)/.test(line));
};

test('payments take the same steps at the same times, whatever becomes of the registry', async () => {
  for (const seed of [3, 14, 15]) {
    const usual = await runPlan(planWith(seed, null), true);
    assert.equal(usual.report.violations, []);
    const steps = traceOf(usual);
    assert.ok(steps.length > 100, `${steps.length}`);
    for (const how of [
      'no answer',
      'no connection',
      'answers late',
      'a forged answer',
      'a web page',
    ] as const) {
      const run = await runPlan(planWith(seed, how), true);
      assert.equal(run.report.violations, []);
      assert.ok((run.report.faults[`registry: ${how}`] ?? 0) > 2);
      assert.equal(traceOf(run), steps, how);
    }
  }
});

for (const name of ['a count is sent before it is on disk', 'a key that was taken back may still ask'])
  test(`a defect is caught: ${name}`, async () => {
    const defect = defects.find((one) => one.name === name);
    assert.ok(defect);
    const { by } = await hunt(defect, { from: 1, seeds: 30, operations: 50 });
    assert.is(by?.point, 'registration');
  });

test.run();
