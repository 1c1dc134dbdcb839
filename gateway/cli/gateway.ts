import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startGateway } from '../main.ts';
import { SwipeError } from '../seams/error.ts';
import { createLog } from '../system/log.ts';
import type { CliCommand } from './command.ts';
import { readConfig } from './config-file.ts';

/** `swipe gateway`: the box's process. */
export const command: CliCommand = {
  name: 'gateway',
  summary: "the box's process: carries commands from the broker to the terminal",
  help: `usage: swipe gateway --config FILE [--log-level debug|info|warn|error]

Runs until it is stopped. Writes its log as JSON lines to standard output.

example: swipe gateway --config /etc/swipe/gateway.json`,
  async run(argv, { signal }) {
    const { values } = parseArgs({
      args: argv,
      options: { config: { type: 'string' }, 'log-level': { type: 'string', default: 'info' } },
    });
    if (values.config === undefined)
      throw new SwipeError('usage', '--config FILE is needed; see swipe gateway --help');
    const level = (['debug', 'info', 'warn', 'error'] as const).find((one) => one === values['log-level']);
    if (level === undefined) throw new SwipeError('usage', '--log-level: allowed: debug, info, warn, error');
    const config = readConfig(values.config);
    const gateway = await startGateway(config, { log: createLog({ level }) });
    try {
      if (!signal.aborted) await Promise.race([once(signal, 'abort'), gateway.failed]);
    } finally {
      await gateway.stop();
    }
    return 0;
  },
};
