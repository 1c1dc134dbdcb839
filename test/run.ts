/**
 * Runs the tests: each file in a process of its own, three at a time, and believes only what was counted
 * (test/runner/judge.ts says what that means). The last line is `N passed, N failed, N skipped`; the exit code is
 * 1 when anything failed, 2 when the runner was called wrongly.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTestFiles } from './runner/files.ts';
import { judge, type Verdict } from './runner/judge.ts';
import { type RunnerOptions, readOptions, usage } from './runner/options.ts';
import { type FileRun, killRunning, runTestFile } from './runner/test-file.ts';

// Many wait for a process or a pause: two of them leave two cores idle for a third of the time.
const atOnce = 3;

const waiting: string[] = [];
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopped = true;
    waiting.length = 0;
    void killRunning();
  });
}

try {
  const options = readOptions(process.argv.slice(2), fileURLToPath(new URL('.', import.meta.url)));
  if (options.help) console.log(usage);
  else process.exitCode = await run(options);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function run(options: RunnerOptions): Promise<0 | 1> {
  if (options.soak) process.env.SWIPE_SOAK = '1';
  const files = findTestFiles(options.directory, options.filters, options.soak);
  const verdicts: Verdict[] = [];
  waiting.push(...files);
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const ran = await runTestFile(file, options.timeoutMs);
      const verdict = judge(ran.lines, ran.end, process.env.CI === 'true');
      tell(relative(process.cwd(), file), ran, verdict);
      verdicts.push(verdict);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));

  const total = (of: 'passed' | 'failed' | 'skipped') =>
    verdicts.reduce((sum, verdict) => sum + verdict[of], 0);
  const tests = total('passed') + total('failed') + total('skipped');
  const missing = stopped || files.length === 0 || tests < options.minimum;
  if (stopped) console.log('\nFAIL the run was stopped');
  else if (files.length === 0) console.log(`\nFAIL no test file below ${options.directory} fits`);
  else if (missing) console.log(`\nFAIL only ${tests} tests, at least ${options.minimum} are expected`);
  // What is missing counts as one failure, so that nobody reads the last line as good.
  const failed = total('failed') + (missing ? 1 : 0);
  console.log(`\n${total('passed')} passed, ${failed} failed, ${total('skipped')} skipped`);
  return failed === 0 ? 0 : 1;
}

function tell(file: string, { output, elapsedMs }: FileRun, verdict: Verdict): void {
  const { passed, failed, skipped, faults, only } = verdict;
  const good = faults.length === 0;
  const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`];
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${file}: ${counts.filter(Boolean).join(', ')} (${Math.round(elapsedMs)} ms)`,
  );
  const shown = good ? output.split('\n').filter((line) => line.startsWith('skipped: ')) : output.split('\n');
  for (const line of [...faults, ...(good ? only.map((name) => `note: test.only "${name}"`) : []), ...shown])
    if (line !== '') console.log(`     ${line}`);
}
