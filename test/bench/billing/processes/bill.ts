/** Bills a month as the command does, and tells how far it is. Its argument: the config's file; then: the month. */
import { readRegistryConfig } from '../../../../gateway/cli/registry/config-file.ts';
import { silentLog } from '../../../../gateway/seams/log.ts';
import { billMonth } from '../../../../provisioning/registry/billing/run/month.ts';
import { openRegistry } from '../../../../provisioning/registry/main.ts';

const [file = '', month = ''] = process.argv.slice(2);
const registry = await openRegistry(readRegistryConfig(file), { log: silentLog });
try {
  const { core, billing } = registry;
  if (billing === null) throw new Error('the config has no billing');
  process.send?.({ began: true });
  const beganMs = performance.now();
  const done = await billMonth(core, billing, month, {
    onProgress: ({ boxes, boxesTotal }) => void process.send?.({ boxes, boxesTotal }),
  });
  const tookMs = performance.now() - beganMs;
  const againMs = performance.now();
  const { issued } = await billMonth(core, billing, month);
  process.send?.({ done, tookMs, againTookMs: performance.now() - againMs, again: issued });
} finally {
  await registry.close();
}
process.disconnect();
