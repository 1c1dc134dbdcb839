/** Where the commands for people look when they are told nothing. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { controlSocketOf, packagedStateDir } from '../control/protocol.ts';
import { readConfig } from './config-file.ts';

/** Where the demo keeps everything: the box's config, state and log, a sender's key, and the same of the registry. */
export function demoPlaces() {
  const root = join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'swipe', 'demo');
  return {
    root,
    config: join(root, 'gateway.json'),
    sender: join(root, 'sender.json'),
    state: join(root, 'state'),
    log: join(root, 'gateway.log'),
    registry: {
      config: join(root, 'registry.json'),
      database: join(root, 'registry', 'registry.db'),
      masterKey: join(root, 'registry-master.key'),
      authority: join(root, 'registry-authority'),
      log: join(root, 'registry.log'),
    },
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

/** Where the package keeps the registry's config. */
export const packagedRegistryConfig = '/etc/swipe-registry/registry.json';

/**
 * The registry's config for its daily work: the one that was named, else the package's, else the demo's. Not the demo's
 * first: whoever retires a box means the one at the counter.
 */
export function registryConfigPath(named: string | undefined): string {
  if (named !== undefined) return named;
  const { config } = demoPlaces().registry;
  return !existsSync(packagedRegistryConfig) && existsSync(config) ? config : packagedRegistryConfig;
}
