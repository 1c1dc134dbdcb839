import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judge, type Verdict } from './runner/judge.ts';
import { runTestFile } from './runner/test-file.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('runner');
const tempDir = tempDirs(test);

const fixtures = fileURLToPath(new URL('runner/fixtures', import.meta.url));

async function verdictOf(fixture: string, { timeoutMs = 60_000, ci = false } = {}): Promise<Verdict> {
  const { lines, end } = await runTestFile(`${fixtures}/${fixture}.test.ts`, timeoutMs);
  return judge(lines, end, ci);
}

function runner(args: string[], variables: Record<string, string> = {}) {
  const main = fileURLToPath(new URL('run.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, CI: '', ...variables },
  });
  return { status, stdout, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

function assertFault(verdict: Verdict, fault: RegExp): void {
  assert.ok(
    verdict.faults.some((text) => fault.test(text)),
    `no fault fits ${fault}: ${verdict.faults.join('; ')}`,
  );
  assert.ok(verdict.failed > 0, 'a file with faults counts as failed');
}

test('passes what is good, and counts it', async () => {
  const { passed, failed, skipped, faults } = await verdictOf('good');
  assert.equal({ passed, failed, skipped, faults }, { passed: 3, failed: 0, skipped: 1, faults: [] });
});

const bad: [fixture: string, fault: RegExp, counts: { passed: number; failed: number }][] = [
  ['failing', /suite "failing": only 1 of 2 tests passed/, { passed: 1, failed: 1 }],
  ['without-run', /suite "forgotten" was never run/, { passed: 1, failed: 1 }],
  ['throw-in-before', /before threw Error: no disk/, { passed: 0, failed: 1 }],
  ['throw-in-after', /after threw Error: cannot tidy up/, { passed: 0, failed: 1 }],
  ['throw-in-after-each', /after\.each threw Error: cannot tidy up/, { passed: 0, failed: 2 }],
  ['never-settles', /suite "test" did not run to its end/, { passed: 0, failed: 1 }],
  ['early-exit', /suite "test" did not run to its end/, { passed: 0, failed: 3 }],
  ['exit-before-run', /suite "test" did not run to its end/, { passed: 0, failed: 1 }],
  ['no-test', /reports no test/, { passed: 0, failed: 1 }],
  ['empty-suite', /suite "empty" has no test/, { passed: 1, failed: 1 }],
  ['unhandled-rejection', /nobody caught Error: nobody cares/, { passed: 1, failed: 1 }],
  ['registered-late', /tests registered after run\(\) were never run: 1/, { passed: 1, failed: 1 }],
  ['second-batch', /suite "failing": only 0 of 1 tests passed/, { passed: 1, failed: 1 }],
];
for (const [fixture, fault, counts] of bad) {
  test(`fails ${fixture}`, async () => {
    const verdict = await verdictOf(fixture);
    assertFault(verdict, fault);
    assert.equal({ passed: verdict.passed, failed: verdict.failed }, counts);
  });
}

test('ends a hanging test, and says which it was', async () => {
  assertFault(await verdictOf('hanging', { timeoutMs: 3_000 }), /timed out after 3 s in the test "waits for/);
});

test('ends what a file left running, even a daemon', async () => {
  const verdict = await verdictOf('leftover');
  assertFault(verdict, /left running/);
  const pids = [...(verdict.faults[0] ?? '').matchAll(/sleep \((\d+)\)/g)].map((match) => Number(match[1]));
  assert.is(pids.length, 2);
  for (const pid of pids) assert.not(isAlive(pid), `sleep (${pid}) is still alive`);
});

function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  // Z: dead, and not yet asked for by its parent.
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'latin1'));
}

test('takes a test.only for a fault in CI alone', async () => {
  const { passed, skipped, faults, only } = await verdictOf('left-only');
  assert.equal({ passed, skipped, faults, only }, { passed: 1, skipped: 1, faults: [], only: ['alone'] });
  assertFault(await verdictOf('left-only', { ci: true }), /test\.only was left in: "alone"/);
});

test('ends with the totals alone on the last line', () => {
  const good = runner(['--from', fixtures, 'good']);
  assert.is(good.lastLine, '3 passed, 0 failed, 1 skipped');
  assert.is(good.status, 0);
  const both = runner(['--from', fixtures, 'good', 'failing']);
  assert.is(both.lastLine, '4 passed, 1 failed, 1 skipped');
  assert.is(both.status, 1);
  assert.match(both.stdout, /ok {3}test\/runner\/fixtures\/good\.test\.ts: 3 passed, 1 skipped/);
  assert.match(both.stdout, /FAIL test\/runner\/fixtures\/failing\.test\.ts: 1 passed, 1 failed/);
});

test('fails when there are fewer tests than expected, or none at all', () => {
  const none = runner(['--from', tempDir()]);
  assert.is(none.lastLine, '0 passed, 1 failed, 0 skipped');
  assert.is(none.status, 1);
  assert.is(runner(['--from', fixtures, 'no-such-file']).status, 1);
});

test('says what is wrong with its command line', () => {
  const { status, stderr } = runner(['--minimum', 'many']);
  assert.is(status, 2);
  assert.match(stderr, /--minimum: found "many"/);
});

test.run();
