/** The one executable: finds the command, runs it, turns its outcome into an exit code. */
import { isSwipeError, messageOf } from '../seams/error.ts';
import { version } from '../version.ts';
import type { CliCommand, CliIo } from './command.ts';

// Loaded one by one: `swipe pay` need not wait for a broker and a journal.
const commands: Record<string, () => Promise<{ command: CliCommand }>> = {
  demo: () => import('./demo.ts'),
  gateway: () => import('./gateway.ts'),
  registry: () => import('./registry.ts'),
  terminal: () => import('./terminal.ts'),
  panel: () => import('./panel.ts'),
  printer: () => import('./printer.ts'),
  pay: () => import('./pay.ts'),
  status: () => import('./status.ts'),
  log: () => import('./log.ts'),
  provision: () => import('./provision.ts'),
  doctor: () => import('./doctor.ts'),
  desk: () => import('./desk.ts'),
};

async function overview(): Promise<string> {
  const loaded = await Promise.all(Object.values(commands).map((load) => load()));
  const lines = loaded.map(({ command }) => `  ${command.name.padEnd(10)} ${command.summary}`);
  return ['usage: swipe COMMAND [options]', '', ...lines, '', 'swipe COMMAND --help shows an example.'].join(
    '\n',
  );
}

async function main(argv: string[], io: CliIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') {
    io.out(version);
    return 0;
  }
  if (name === undefined || name === '--help' || name === 'help') {
    io.out(await overview());
    return name === undefined ? 1 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    io.error(`swipe: there is no command ${name}; allowed: ${Object.keys(commands).join(', ')}`);
    return 1;
  }
  const { command } = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(command.helpFor?.(rest) ?? command.help);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    io.error(`swipe ${name}: ${messageOf(error)}`);
    if (!isSwipeError(error) && !isArgumentError(error)) io.error(String((error as Error).stack));
    return 1;
  }
}

// What node:util's parseArgs throws names the option that was wrong.
const isArgumentError = (error: unknown): boolean =>
  String((error as { code?: unknown }).code ?? '').startsWith('ERR_PARSE_ARGS');

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The second one is meant: do not wait for a tidy end.
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  });
// A reader that went away (`swipe log | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  error: (line) => void process.stderr.write(`${line}\n`),
  signal: controller.signal,
});
