/**
 * The box's process as `swipe gateway` runs it, but with a short rest between two connections: a simulated terminal
 * needs none, and a run restarts the gateway hundreds of times.
 *
 * gateway.ts CONFIG
 */
import { once } from 'node:events';
import { readConfig } from '../../../gateway/cli/config-file.ts';
import { startGateway } from '../../../gateway/main.ts';
import { createLog } from '../../../gateway/system/log.ts';

const stop = once(process, 'SIGTERM');
const config = readConfig(process.argv[2] ?? '');
const gateway = await startGateway(config, { log: createLog({ level: 'debug' }), sessionPauseMs: 20 });
try {
  await Promise.race([stop, gateway.failed]);
} finally {
  await gateway.stop();
}
