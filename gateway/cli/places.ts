/** Where the commands for people look when they are told nothing. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { controlSocketOf, packagedStateDir } from '../control/protocol.ts';
import { readConfig } from './config-file.ts';

/** Where the demo keeps everything: its config, a sender's key, the box's state, the log. */
export function demoPlaces() {
  const root = join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'swipe', 'demo');
  return {
    root,
    config: join(root, 'gateway.json'),
    sender: join(root, 'sender.json'),
    state: join(root, 'state'),
    log: join(root, 'gateway.log'),
  };
}

/** Where the package keeps the config. */
export const packagedConfig = '/etc/swipe/gateway.json';

/** The config to use: the one that was named, else that of a running demo, else the package's. */
export function configPath(named: string | undefined): string {
  if (named !== undefined) return named;
  const { config } = demoPlaces();
  return existsSync(config) ? config : packagedConfig;
}

/** The control socket to ask: that of the named config, else of the package, else of the demo. */
export function socketPath(namedConfig: string | undefined): string {
  if (namedConfig !== undefined) return controlSocketOf(readConfig(namedConfig).stateDir);
  const installed = controlSocketOf(packagedStateDir);
  return existsSync(installed) ? installed : controlSocketOf(demoPlaces().state);
}
