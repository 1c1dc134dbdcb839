import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { coverageOf } from './simulation/coverage.ts';
import { hunt, withDefect } from './simulation/defect-run.ts';
import { defects } from './simulation/defects.ts';
import { makePlan } from './simulation/plan.ts';
import { ownRoot, runPool } from './simulation/pool.ts';
import type { RunReport } from './simulation/run.ts';
import { Tally } from './simulation/tally.ts';
import { sourcesOf } from './support/sources.ts';

const test = suite('simulation');
const run = promisify(execFile);

const told = ({ seed, violations }: RunReport): string[] =>
  violations.map(({ point, id, text }) => `seed ${seed}, point ${point}, ${id}: ${text}`);

/**
 * In processes of their own: a simulated power cut leaves promises behind that end with the error of it, which no
 * test file may have.
 */
async function reportsOf(from: number, seeds: number, operations: number): Promise<RunReport[]> {
  const reports: RunReport[] = [];
  await runPool({ from, seeds, operations, jobs: 1, ended: (report) => reports.push(report) > 0 });
  assert.is(reports.length, seeds);
  return reports;
}

test('20 seeds of 50 operations: every rule holds', async () => {
  const steps = new Tally();
  const faults = new Tally();
  for (const report of await reportsOf(1, 20, 50)) {
    assert.equal(told(report), []);
    steps.merge(report.steps);
    faults.merge(report.faults);
  }
  assert.ok(faults.total > 1_000, `only ${faults.total} faults`);
  const taken = coverageOf(steps.toJSON()).filter(({ count }) => count > 0);
  assert.ok(taken.length >= 18, `only ${taken.length} cells of the table were taken`);
});

test('a day of 500 operations: every rule holds', async () => {
  for (const report of await reportsOf(1_000_001, 1, 500)) assert.equal(told(report), []);
});

test('the same seed twice: the same trace, byte for byte; another seed: another one', async () => {
  const traceOf = async (seed: number): Promise<string> => {
    const args = ['--import', 'tsx', 'test/simulation/print-trace.ts', String(seed), '30'];
    const { stdout } = await run(process.execPath, args, { cwd: ownRoot, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
  const first = await traceOf(11);
  assert.ok(first.length > 10_000);
  assert.ok((await traceOf(11)) === first);
  assert.ok((await traceOf(12)) !== first);
});

test('a plan is data and depends on nothing but its seed and length', () => {
  const plan = makePlan(5, 50);
  assert.equal(JSON.parse(JSON.stringify(plan)), plan);
  assert.equal(makePlan(5, 50), plan);
  assert.is(plan.acts.filter((act) => act.do === 'ask').length, 50);
});

test('every defect still fits the gateway: its line stands there exactly once', () => {
  const texts = new Map(sourcesOf('gateway', ['.ts']).map(({ path, text }) => [path, text]));
  assert.ok(defects.length >= 15);
  for (const defect of defects) {
    const text = texts.get(defect.file) ?? '';
    assert.ok(withDefect(text, defect) !== text, defect.name);
  }
});

for (const [name, point] of [
  ['the gate is gone', '6'],
  ['PUBACK before the journal', '9'],
  ['an answer of another amount is believed', '3'],
] as const)
  test(`a defect is caught: ${name}`, async () => {
    const defect = defects.find((one) => one.name === name);
    assert.ok(defect);
    const { by } = await hunt(defect, { from: 1, seeds: 30, operations: 50 });
    assert.is(by?.point, point);
  });

test.run();
