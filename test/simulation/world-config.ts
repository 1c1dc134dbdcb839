import { type CommandKey, type Config, parseConfig } from '../../gateway/contract/config.ts';
import { keys } from './names.ts';

const hs256 = 'HS256';

/** The keys that stand in the config, unless a world says otherwise. */
export const configKeys: readonly CommandKey[] = [
  { ...keys.shop, alg: hs256 },
  { ...keys.till, alg: hs256 },
  { ...keys.owner, alg: hs256, allow: ['resolve', 'status'] },
  { ...keys.clerk, alg: hs256, allow: ['status'] },
];

/** The config of a world's box. */
export function worldConfig(clock: Config['clock'], commandKeys: readonly CommandKey[]): Config {
  const parsed = parseConfig({
    stateDir: '/nowhere',
    clock,
    broker: { url: 'mqtt://nowhere' },
    terminal: {
      protocol: 'privat-json',
      link: 'tcp:nowhere:2000',
      merchants: { shop: '1', parts: '6' },
      defaultMerchant: 'shop',
    },
    commandKeys,
  });
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config;
}
