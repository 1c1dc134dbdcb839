import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Trail } from './trail.ts';

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
const executable = fileURLToPath(new URL('../../gateway/cli/swipe.mjs', import.meta.url));

/** A process that a test runs, with all that it says. */
export class Child {
  /** Lines of its standard output. */
  readonly out: Trail<string>;
  /** Lines of its standard error. */
  readonly err: Trail<string>;
  /** Settles when it has ended and all that it said was read. */
  readonly exit: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #said: Buffer[] = [];

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const name = [program, ...args].join(' ').slice(0, 120);
    this.out = new Trail(`${name}, standard output`);
    this.err = new Trail(`${name}, standard error`);
    this.#process = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#read(this.#process.stdout, this.out);
    this.#read(this.#process.stderr, this.err);
    this.exit = new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('close', (code, signal) => {
        for (const trail of [this.out, this.err]) trail.end(`it has ended (${code ?? signal})`);
        resolve({ code, signal });
      });
    });
    this.exit.catch((error: Error) => {
      for (const trail of [this.out, this.err]) trail.end(error.message);
    });
  }

  get isRunning(): boolean {
    return (
      this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  /** Every byte that it wrote, standard output and error together. */
  said(): Buffer {
    return Buffer.concat(this.#said);
  }

  /** Sends a signal, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit> {
    if (this.isRunning) this.#process.kill(signal);
    return this.exit;
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  #read(stream: ChildProcess['stdout'], trail: Trail<string>): void {
    if (stream === null) return;
    stream.on('data', (bytes: Buffer) => this.#said.push(bytes));
    createInterface({ input: stream }).on('line', (line) => trail.add(line));
  }
}

/** Runs `swipe` from the sources. */
export const swipe = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Child =>
  new Child(process.execPath, [executable, ...args], env);
