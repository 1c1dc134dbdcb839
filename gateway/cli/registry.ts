import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startRegistry } from '../../provisioning/registry/main.ts';
import { isRefusal } from '../../provisioning/registry/refusal.ts';
import { SwipeError } from '../seams/error.ts';
import { createLog } from '../system/log.ts';
import type { CliCommand } from './command.ts';
import { packagedRegistryConfig, registryConfigPath } from './places.ts';
import { readRegistryConfig } from './registry/config-file.ts';
import { findWork, helpOf, type Io, works } from './registry/works.ts';

const list = works.map(({ usage, summary }) => `  ${usage}\n      ${summary}`).join('\n');

/** `swipe registry`: the registration cloud, and the operator's daily work with it. */
export const command: CliCommand = {
  name: 'registry',
  summary: 'the registration cloud: knows every box, and the daily work with it',
  help: `usage: swipe registry [--config FILE]              runs it until it is stopped
       swipe registry WORK … [--config FILE]        daily work, also while it runs

The config is ${packagedRegistryConfig} unless --config names another; where there is none, the daily work
is that of the demo's registry. Whoever may read the config and the master key is the operator: the daily work is done
on the database itself, and written down under the user's name.

${list}

swipe registry WORK --help shows one of them.

example: swipe registry claim new --customer CU-7K3M9QXA2BCD`,
  helpFor: helpOf,
  async run(argv, io) {
    const first = argv[0];
    if (first !== undefined && !first.startsWith('-')) return daily(argv, io);
    const { values } = parseArgs({ args: argv, options: { config: { type: 'string' } } });
    const config = readRegistryConfig(values.config ?? packagedRegistryConfig);
    const registry = await startRegistry(config, { log: createLog({ level: config.logLevel }) });
    try {
      if (!io.signal.aborted) await once(io.signal, 'abort');
    } finally {
      await registry.stop();
    }
    return 0;
  },
};

async function daily(argv: string[], io: Io): Promise<number> {
  const found = findWork(argv);
  if (found === null) {
    const words = [...new Set(works.map(({ words }) => words[0]))].join(', ');
    throw new SwipeError('usage', `there is no work "${argv[0]}"; allowed: ${words}`);
  }
  const { work, rest } = found;
  const { values, positionals } = parseArgs({
    args: rest,
    options: { config: { type: 'string' }, json: { type: 'boolean' }, ...work.options },
    allowPositionals: true,
  });
  const wanted = work.arguments ?? [];
  if (positionals.length !== wanted.length)
    throw new SwipeError('usage', `usage: swipe registry ${work.usage}`);
  const config = readRegistryConfig(registryConfigPath(values.config as string | undefined));
  try {
    await work.run({ values, words: positionals, config, io });
  } catch (error) {
    if (isRefusal(error)) throw new SwipeError('usage', error.message, { cause: error });
    throw error;
  }
  return 0;
}
