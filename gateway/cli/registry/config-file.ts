/** The registry's config, and who works with it. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type RegistryConfig, registryConfigOf } from '../../../provisioning/registry/config.ts';
import { type OpenRegistry, openRegistry } from '../../../provisioning/registry/main.ts';
import { type Operator, scopes } from '../../../provisioning/registry/services/tokens.ts';
import { messageOf, SwipeError } from '../../seams/error.ts';
import { silentLog } from '../../seams/log.ts';

/** The registry's config in this file, defaults filled in. @throws SwipeError `configInvalid` with every fault */
export function readRegistryConfig(path: string): RegistryConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SwipeError('configInvalid', `the config ${path} cannot be read: ${messageOf(error)}`);
  }
  try {
    return registryConfigOf(JSON.parse(text), path);
  } catch (error) {
    if (error instanceof SwipeError) throw error;
    throw new SwipeError('configInvalid', `the config ${path} is not JSON`);
  }
}

/** The person at the keyboard, who may everything. */
export function person(): Operator {
  const name = process.env.SUDO_USER ?? userInfo().username;
  return { name: `person:${name}`, customer: null, scopes };
}

/** Opens the registry's parts, does something with them, closes them. */
export async function using<Answer>(
  config: RegistryConfig,
  use: (registry: OpenRegistry) => Promise<Answer>,
): Promise<Answer> {
  const registry = await openRegistry(config, { log: silentLog });
  try {
    return await use(registry);
  } finally {
    await registry.close();
  }
}
