import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { type PairingAnswer, pairingAnswerSchema } from '../gateway/contract/registration.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { addCustomer, newClaim } from '../provisioning/registry/services/customers.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { registerAt, startWhole, until } from './registry/whole.ts';
import { root, TestBox } from './registry/world.ts';
import { newRequest } from './support/certificates.ts';
import { needing } from './support/needs.ts';
import { ended, entrance, reads, writes } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry as a whole');
const closing: (() => unknown)[] = [];
const tempDir = tempDirs(test);
test.after.each(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const later = (close: () => unknown): void => void closing.push(close);

needing(test, 'mosquitto')(
  'claimed, paired, called, stolen: at a real broker, with real certificates',
  async () => {
    const { registry, broker } = await startWhole(tempDir(), later);
    const { core, url } = registry;
    const { customer } = await addCustomer(core, root, 'Shop');
    const { code: claim } = await newClaim(core, root, { customer });
    const box = new TestBox();
    const boxKey = await newRequest();
    box.csr = boxKey.csr;
    const answer = await registerAt(url, box, claim);
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
    assert.is((await registerAt(url, box)).pairing?.code, code);
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
      (await registerAt(url, box)).commandKeys.map(({ kid }) => kid),
      [paired.kid],
    );

    await retireBox(core, root, box.id, 'stolen');
    await ended(boxClient);
    assert.ok((notices.at(-1) ?? 0) > box.revision, 'called before its session ended');
    assert.is((await registerAt(url, box)).reason, 'retired');
    await until(async () => (await entrance(broker.enter(boxIdentity))) !== 'in');
    await until(async () => !(await writes(saleClient, topics.commands)));
  },
);

test.run();
