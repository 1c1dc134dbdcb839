import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileEnd } from './judge.ts';
import { killAll, startedBy } from './processes.ts';
import { parseReport, type ReportLine } from './report.ts';
import { reportVariable } from './reporter.ts';

/** All that is known of a test file after it has run. */
export interface FileRun {
  lines: ReportLine[];
  end: FileEnd;
  /** What it wrote on standard output and error, the end of it when that was a lot. */
  output: string;
  elapsedMs: number;
}

const outputMaxLength = 200_000;
// A child that was told to end by a test may need a moment to do so after the test.
const leaveGraceMs = 2_000;

const running = new Set<{ group: number; mark: string }>();

/** Ends every test file that is running now, for a runner that was told to stop. */
export async function killRunning(): Promise<void> {
  await Promise.all([...running].map(({ group, mark }) => killAll(group, mark)));
}

/** Runs one test file in a process of its own; afterwards nothing that it started is left running. */
export async function runTestFile(file: string, timeoutMs: number): Promise<FileRun> {
  const startedMs = performance.now();
  const directory = mkdtempSync(join(tmpdir(), 'swipe-runner-'));
  const reportFile = join(directory, 'report');
  writeFileSync(reportFile, '');
  const mark = `SWIPE_TEST_FILE_${randomUUID().replaceAll('-', '')}`;
  const child = start(file, { [reportVariable]: reportFile, [mark]: '1' });
  const output = outputOf(child);
  const process = { group: child.pid ?? 0, mark };
  if (child.pid !== undefined) running.add(process);
  try {
    const ended = await endOf(child, timeoutMs);
    const leftRunning = ended.timedOutAfterMs === null ? await stillRunning(process.group, mark) : [];
    if (child.pid !== undefined) await killAll(process.group, mark);
    return {
      lines: parseReport(readFileSync(reportFile, 'utf8')),
      end: { ...ended, leftRunning },
      output: await output(),
      elapsedMs: performance.now() - startedMs,
    };
  } finally {
    running.delete(process);
    rmSync(directory, { recursive: true, force: true });
  }
}

function start(file: string, variables: Record<string, string>): ChildProcess {
  const observe = new URL('./observe.ts', import.meta.url).href;
  return spawn(
    process.execPath,
    // strict: a rejection that nobody handles is an uncaught exception, whatever listeners a library has added.
    ['--unhandled-rejections=strict', '--import', import.meta.resolve('tsx'), '--import', observe, file],
    // detached: a process group of its own, which can be killed as a whole.
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } },
  );
}

function endOf(child: ChildProcess, timeoutMs: number): Promise<Omit<FileEnd, 'leftRunning'>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve({ code: null, signal: null, timedOutAfterMs: timeoutMs });
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, timedOutAfterMs: null });
    });
  });
}

async function stillRunning(group: number, mark: string): Promise<string[]> {
  const deadlineMs = performance.now() + leaveGraceMs;
  let left = startedBy(group, mark);
  while (left.length > 0 && performance.now() < deadlineMs) {
    await sleep(20);
    left = startedBy(group, mark);
  }
  return left.map(({ name, pid }) => `${name} (${pid})`);
}

/** Gathers the output from now on; the answer waits for the last of it. */
function outputOf(child: ChildProcess): () => Promise<string> {
  let text = '';
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text = (text + piece).slice(-outputMaxLength);
    });
  }
  return async () => {
    // Everybody who could hold the pipes has been killed; the limit is for systems where that cannot be known.
    await Promise.race([closed, sleep(5_000, undefined, { ref: false })]);
    return text;
  };
}
