import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Config } from '../contract/config.ts';
import { owedBy, type RunningGateway, startGateway } from '../main.ts';
import { SwipeError } from '../seams/error.ts';
import { type Log, silentLog } from '../seams/log.ts';
import { createLog } from '../system/log.ts';
import { serviceManager } from '../system/service-manager.ts';
import { systemTime } from '../system/time.ts';
import { startWatchdog } from '../system/watchdog.ts';
import type { CliCommand, CliIo } from './command.ts';
import { readConfig } from './config-file.ts';

/** `swipe gateway`: the box's process. */
export const command: CliCommand = {
  name: 'gateway',
  summary: "the box's process: carries commands from the broker to the terminal",
  help: `usage: swipe gateway --config FILE [--log-level debug|info|warn|error]
       swipe gateway --config FILE --owed

Runs until it is stopped. Writes its log as JSON lines to standard output. As a systemd service of Type=notify it
tells when it is ready, and feeds the watchdog.

--owed starts nothing: it tells what this box, stopped, owes to others (operations without a final outcome, results
that nobody has acknowledged), and exits 1 if it owes anything. Until then its state directory is not to be deleted.

example: swipe gateway --config /etc/swipe/gateway.json`,
  async run(argv, io) {
    const { values } = parseArgs({
      args: argv,
      options: {
        config: { type: 'string' },
        'log-level': { type: 'string', default: 'info' },
        owed: { type: 'boolean', default: false },
      },
    });
    if (values.config === undefined)
      throw new SwipeError('usage', '--config FILE is needed; see swipe gateway --help');
    const level = (['debug', 'info', 'warn', 'error'] as const).find((one) => one === values['log-level']);
    if (level === undefined) throw new SwipeError('usage', '--log-level: allowed: debug, info, warn, error');
    const config = readConfig(values.config);
    return values.owed ? tellOwed(config, io) : runGateway(config, createLog({ level }), io);
  },
};

async function runGateway(config: Config, log: Log, { signal }: CliIo): Promise<number> {
  const running = await startGateway(config, { log });
  const stopWatchdog = underWatch(running, log);
  try {
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), running.failed]);
  } finally {
    // First: a stop that hangs must not be kept alive.
    stopWatchdog();
    await running.stop();
  }
  return 0;
}

function underWatch({ gateway, fault }: RunningGateway, log: Log): () => void {
  const manager = serviceManager(process.env, process.pid, log);
  if (manager === null) return () => {};
  const status = (): string =>
    `terminal ${gateway.status().terminal.state}, broker ${gateway.isConnected() ? 'connected' : 'not connected'}`;
  return startWatchdog({ manager, timers: systemTime, fault, status, log });
}

function tellOwed(config: Config, { out }: CliIo): number {
  const { open, undelivered } = owedBy(config, silentLog);
  out(`operations without a final outcome: ${open}`);
  out(`results that nobody has acknowledged: ${undelivered}`);
  return open + undelivered === 0 ? 0 : 1;
}
