import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import {
  type PairingAnswer,
  pairingAnswerSchema,
  type RegistrationAnswer,
} from '../gateway/contract/registration.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { registryConfigOf } from '../provisioning/registry/config.ts';
import { type RunningRegistry, startRegistry } from '../provisioning/registry/main.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { addCustomer, newClaim } from '../provisioning/registry/services/customers.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { root, TestBox } from './registry/world.ts';
import { newRequest } from './support/certificates.ts';
import { needing } from './support/needs.ts';
import {
  ended,
  entrance,
  reads,
  type SwipeBroker,
  startSwipeBroker,
  writes,
} from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry as a whole');
const closing: (() => unknown)[] = [];
const tempDir = tempDirs(test);
test.after.each(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const later = (close: () => unknown): void => void closing.push(close);

/** A registry with its keys, its broker, its HTTP port: all of it real. */
async function startAll(): Promise<{ registry: RunningRegistry; broker: SwipeBroker }> {
  const directory = tempDir();
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

async function register(url: string, box: TestBox, claim?: string): Promise<RegistrationAnswer> {
  const body = box.signed(box.request(claim === undefined ? {} : { claim }));
  const response = await fetch(`${url}/v1/registrations`, { method: 'POST', body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const answer = JSON.parse(
    Buffer.from(text.split('.')[1] ?? '', 'base64url').toString(),
  ) as RegistrationAnswer;
  box.revision = answer.revision;
  return answer;
}

/** Until it is so; the registry does what is to be done at the broker within a second or two. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    assert.ok(tries < 200);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

needing(test, 'mosquitto')(
  'claimed, paired, called, stolen: at a real broker, with real certificates',
  async () => {
    const { registry, broker } = await startAll();
    const { core, url } = registry;
    const { customer } = await addCustomer(core, root, 'Shop');
    const { code: claim } = await newClaim(core, root, { customer });
    const box = new TestBox();
    const boxKey = await newRequest();
    box.csr = boxKey.csr;
    const answer = await register(url, box, claim);
    const boxIdentity = { cert: answer.certificate ?? '', key: boxKey.key };
    const topics = topicsOf(box.id);
    await until(async () => (await entrance(broker.enter(boxIdentity))) === 'in');
    const boxClient = await broker.enter(boxIdentity);
    await until(() => writes(boxClient, topics.status));
    assert.ok(await reads(boxClient, topics.registry));
    const notices: number[] = [];
    boxClient.on('message', (_topic, payload) => {
      const [, part = ''] = payload.toString().split('.');
      notices.push((JSON.parse(Buffer.from(part, 'base64url').toString()) as { revision: number }).revision);
    });

    const { code } = await newPairingCode(core, root, box.id);
    await until(async () => notices.some((revision) => revision > box.revision));
    assert.is((await register(url, box)).pairing?.code, code);
    const saleKey = await newRequest();
    const response = await fetch(`${url}/v1/pairings`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code, name: '1C', csr: saleKey.csr }),
    });
    const paired: PairingAnswer = v.parse(pairingAnswerSchema, await response.json());
    assert.is(paired.broker?.url, broker.url);
    const saleClient = await broker.enter({ cert: paired.certificate ?? '', key: saleKey.key });
    await until(() => writes(saleClient, topics.commands));
    assert.not.ok(await writes(saleClient, topics.results));
    assert.ok(await reads(saleClient, topics.results));
    await until(async () => notices.some((revision) => revision > box.revision));
    assert.equal(
      (await register(url, box)).commandKeys.map(({ kid }) => kid),
      [paired.kid],
    );

    await retireBox(core, root, box.id, 'stolen');
    await ended(boxClient);
    await until(async () => (await entrance(broker.enter(boxIdentity))) !== 'in');
    await until(async () => !(await writes(saleClient, topics.commands)));
  },
);

test.run();
