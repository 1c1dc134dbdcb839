/** The bench's processes: started with a channel for messages, never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';

/** A process of the bench. */
export interface Child {
  readonly pid: number;
  /** Sends a message and resolves with the next one that comes back. Rejects when the process ends instead. */
  ask(message: object): Promise<unknown>;
  /** The next message. Rejects when the process ends instead. */
  next(): Promise<unknown>;
  /** Ends it with SIGTERM, after 10 s with SIGKILL; resolves when it has ended. */
  stop(): Promise<void>;
}

/** How a process is started. */
export interface ChildOptions {
  command: string;
  args: readonly string[];
  /** Where its output goes. */
  logFile: string;
  env?: Readonly<Record<string, string>>;
  /** Hears when it ends without having been stopped, with the end of its output. */
  died(error: Error): void;
}

const killAfterMs = 10_000;
const alive = new Set<ChildProcess>();

// Whatever ends the bench ends what it started.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts a process. What goes wrong with it is told by `next`, with the end of its output. */
export function startChild({ command, args, logFile, env = {}, died }: ChildOptions): Child {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, {
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, ...env },
  });
  alive.add(child);
  const messages: unknown[] = [];
  let waiting: { found: (message: unknown) => void; failed: (error: Error) => void } | null = null;
  let ended: Error | null = null;
  let isStopping = false;
  const end = (what: string): void => {
    alive.delete(child);
    const tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
    ended ??= new Error(`${command} ${args.join(' ')}: ${what}\n${tail}`);
    waiting?.failed(ended);
    waiting = null;
    if (!isStopping) died(ended);
  };
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      end(`ended with ${signal ?? code}`);
      resolve();
    });
    child.once('error', (error) => {
      end(error.message);
      resolve();
    });
  });
  child.on('message', (message) => {
    if (waiting === null) messages.push(message);
    else waiting.found(message);
    waiting = null;
  });

  const next = (): Promise<unknown> =>
    new Promise((found, failed) => {
      if (messages.length > 0) found(messages.shift());
      else if (ended !== null) failed(ended);
      else waiting = { found, failed };
    });
  return {
    pid: child.pid ?? 0,
    next,
    ask(message) {
      child.send(message);
      return next();
    },
    async stop() {
      if (!alive.has(child)) return;
      isStopping = true;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      await exited;
      clearTimeout(kill);
    },
  };
}

/** Starts `socat` between two pseudo-terminals and resolves when both are there. */
export async function startSocat(one: string, other: string): Promise<() => Promise<void>> {
  const ends = [one, other].map((link) => `PTY,raw,echo=0,link=${link}`);
  // Notices (-d -d) tell when it is ready.
  const child = spawn('socat', ['-d', '-d', ...ends], { stdio: ['ignore', 'ignore', 'pipe'] });
  alive.add(child);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('starting data transfer loop')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`socat has ended: ${said}`)));
  });
  return async () => {
    alive.delete(child);
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
}
