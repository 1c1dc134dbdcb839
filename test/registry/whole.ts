/** A registry with its keys, its broker, its HTTP port: all of it real. Needs mosquitto. */
import { writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { RegistrationAnswer } from '../../gateway/contract/registration.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { registryConfigOf } from '../../provisioning/registry/config.ts';
import { type RunningRegistry, startRegistry } from '../../provisioning/registry/main.ts';
import { type SwipeBroker, startSwipeBroker } from '../support/swipe-broker.ts';
import type { TestBox } from './world.ts';

/** Starts both in an empty directory; `later` takes what has to be done in the end. */
export async function startWhole(
  directory: string,
  later: (end: () => unknown) => void,
): Promise<{ registry: RunningRegistry; broker: SwipeBroker }> {
  const broker = await startSwipeBroker(directory, later);
  const masterKeyFile = `${directory}/master.key`;
  // That of the authority which has signed the broker's certificate.
  writeFileSync(masterKeyFile, '07'.repeat(32), { mode: 0o600 });
  const config = registryConfigOf(
    {
      listen: { port: 0 },
      database: { kind: 'sqlite', path: `${directory}/data/registry.db` },
      masterKeyFile,
      authorityDir: `${directory}/authority`,
      broker: {
        url: broker.url,
        control: { url: broker.url },
        crlFile: broker.crlFile,
        caFile: broker.caFile,
        pidFile: broker.pidFile,
      },
    },
    'test',
  );
  const registry = await startRegistry(config, { log: silentLog });
  later(() => registry.stop());
  return { registry, broker };
}

/** A box registers over HTTP, and notes what it was told. */
export async function registerAt(url: string, box: TestBox, claim?: string): Promise<RegistrationAnswer> {
  const body = box.signed(box.request(claim === undefined ? {} : { claim }));
  const response = await fetch(`${url}/v1/registrations`, { method: 'POST', body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const answer = JSON.parse(
    Buffer.from(text.split('.')[1] ?? '', 'base64url').toString(),
  ) as RegistrationAnswer;
  box.revision = answer.revision;
  box.trusts = answer.registryKeys.map(({ kid }) => kid);
  return answer;
}

/** Until it is so; the registry does what is to be done at the broker within a second or two. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    assert.ok(tries < 200, `never so: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
