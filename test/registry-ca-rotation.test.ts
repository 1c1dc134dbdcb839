import { readFileSync, writeFileSync } from 'node:fs';
import type { MqttClient } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import {
  jwsTypes,
  type PairingAnswer,
  type PairingsAnswer,
  pairingAnswerSchema,
  pairingsAnswerSchema,
  type RegistrationAnswer,
} from '../gateway/contract/registration.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { reloadByPidFile } from '../provisioning/registry/broker/trust-files.ts';
import { issueBrokerCertificate } from '../provisioning/registry/services/broker-certificate.ts';
import { addCustomer, newClaim } from '../provisioning/registry/services/customers.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { beginRotation, finishRotation } from '../provisioning/registry/services/rotations.ts';
import { stragglers } from '../provisioning/registry/services/stragglers.ts';
import { registerAt, startWhole, until } from './registry/whole.ts';
import { hmacJws, root, TestBox } from './registry/world.ts';
import { newRequest } from './support/certificates.ts';
import { needing } from './support/needs.ts';
import { entrance, reads, type SwipeBroker, writes } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry CA rotation');
const closing: (() => unknown)[] = [];
const tempDir = tempDirs(test);
test.after.each(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const later = (close: () => unknown): void => void closing.push(close);

/** What a box or a sale system has on its disk, and nothing else, when it goes to the broker. */
interface Disk {
  cert: string;
  key: string;
  /** Whom it takes for the broker. */
  ca: string;
}

const enter = (broker: SwipeBroker, { cert, key, ca }: Disk): Promise<MqttClient> =>
  broker.enter({ cert, key }, { ca });

/** A box that keeps what it is told. */
class Box extends TestBox {
  disk: Disk = { cert: '', key: '', ca: '' };

  static async claimed(url: string, claim: string): Promise<Box> {
    const box = new Box();
    const { csr, key } = await newRequest();
    box.csr = csr;
    box.disk.key = key;
    box.keep(await registerAt(url, box, claim));
    return box;
  }

  async registers(url: string): Promise<RegistrationAnswer> {
    const answer = await registerAt(url, this);
    this.keep(answer);
    return answer;
  }

  keep({ certificate, broker }: RegistrationAnswer): void {
    this.disk = { ...this.disk, cert: certificate ?? this.disk.cert, ca: broker?.ca ?? this.disk.ca };
    if (certificate !== null) this.certificate = null;
  }
}

const casIn = (pem: string): number => pem.match(/BEGIN CERTIFICATE/g)?.length ?? 0;

needing(test, 'mosquitto')(
  'the CA is rotated under a box that is awake, one that sleeps through part of it, one that sleeps through all of it',
  async () => {
    const { registry, broker } = await startWhole(tempDir(), later);
    const { core, url } = registry;
    const { customer } = await addCustomer(core, root, 'Shop');
    const claim = async (): Promise<string> => (await newClaim(core, root, { customer })).code;
    const [awake, steady, dozing, asleep] = [
      await Box.claimed(url, await claim()),
      await Box.claimed(url, await claim()),
      await Box.claimed(url, await claim()),
      await Box.claimed(url, await claim()),
    ];
    const { code } = await newPairingCode(core, root, awake.id);
    const request = await newRequest();
    const response = await fetch(`${url}/v1/pairings`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code, name: '1C', csr: request.csr }),
    });
    const paired: PairingAnswer = v.parse(pairingAnswerSchema, await response.json());
    let saleDisk: Disk = { cert: paired.certificate ?? '', key: request.key, ca: paired.broker?.ca ?? '' };
    await until(async () => (await entrance(enter(broker, saleDisk))) === 'in');
    // One session for all that follows: the box registers, and has no reason to leave the broker.
    const session = await enter(broker, steady.disk);
    await until(() => writes(session, topicsOf(steady.id).status));
    for (const { disk } of [awake, dozing, asleep]) assert.is(await entrance(enter(broker, disk)), 'in');

    await beginRotation(core, root, 'ca');
    await until(() => casIn(readFileSync(broker.caFile, 'utf8')) === 2);
    // Nobody has learned anything yet, and everybody gets in.
    for (const { disk } of [dozing, asleep]) assert.is(await entrance(enter(broker, disk)), 'in');
    await steady.registers(url);
    const told = await awake.registers(url);
    assert.is(casIn(told.broker?.ca ?? ''), 2);
    assert.ok(told.certificate !== null, 'its certificate is of the old CA: there is a new one at once');
    // Only the broker and the registry have heard of the new CA so far: the box enters by it, and knows the broker by the old one.
    await until(async () => (await entrance(enter(broker, awake.disk))) === 'in');
    saleDisk = await renewed(url, paired, saleDisk);
    await until(async () => (await entrance(enter(broker, saleDisk))) === 'in');

    const finish = (force = false): Promise<string> =>
      finishRotation(core, root, 'ca', force).then(
        () => 'finished',
        (error: Error) => error.message,
      );
    assert.is(await finish(), '2 boxes and 0 sale systems have not moved yet');
    const names = (await stragglers(core, 'ca', { limit: 10 })).map(({ id }) => id);
    assert.equal(names, [dozing.id, asleep.id].sort());
    assert.match(await finish(true), /nobody would take the broker's own certificate any more \(\w+\)/);

    const { csr, key } = await newRequest();
    const own = await issueBrokerCertificate(core, root, { names: ['127.0.0.1'], csr });
    assert.equal(own.behind, { boxes: 2, saleSystems: 0 });
    writeFileSync(broker.certFile, own.certificate);
    writeFileSync(broker.keyFile, key);
    await reloadByPidFile(broker.pidFile)();
    // What has learned of the new CA takes the broker for itself; what has not does not, and asks the registry.
    await until(async () => (await entrance(enter(broker, dozing.disk))) !== 'in');
    assert.match(await entrance(enter(broker, dozing.disk)), /UNABLE_TO_VERIFY|SELF_SIGNED|LOCAL_ISSUER/);
    assert.is(await entrance(enter(broker, awake.disk)), 'in');
    assert.is(await entrance(enter(broker, saleDisk)), 'in');
    await dozing.registers(url);
    assert.is(await entrance(enter(broker, dozing.disk)), 'in');

    assert.is(await finish(), '1 boxes and 0 sale systems have not moved yet');
    const left = { ...awake.disk };
    assert.is(await finish(true), 'finished');
    await until(() => casIn(readFileSync(broker.caFile, 'utf8')) === 1);
    for (const disk of [left, dozing.disk, saleDisk]) assert.is(await entrance(enter(broker, disk)), 'in');
    // Even if it took the broker for itself, it would not be let in any more.
    await until(async () => (await entrance(enter(broker, { ...asleep.disk, ca: left.ca }))) !== 'in');
    assert.is.not(await entrance(enter(broker, asleep.disk)), 'in');
    const back = await asleep.registers(url);
    assert.is(casIn(back.broker?.ca ?? ''), 1);
    assert.is(await entrance(enter(broker, asleep.disk)), 'in');
    assert.equal(await stragglers(core, 'ca', { limit: 10 }), []);
    assert.is(await finish(), 'no rotation of the CA goes on');

    // The session that was there before all of it is there still, and the registry's own way to the broker is open.
    assert.ok(await writes(session, topicsOf(steady.id).status));
    const now = await enter(broker, awake.disk);
    assert.ok(await reads(now, topicsOf(awake.id).registry));
    const notice = new Promise<void>((resolve) => void now.once('message', () => resolve()));
    await newPairingCode(core, root, awake.id);
    await notice;
  },
);

/** A sale system asks for its boxes with a signing request. */
async function renewed(url: string, { kid, secret = '' }: PairingAnswer, disk: Disk): Promise<Disk> {
  const { csr, key } = await newRequest();
  const body = hmacJws({ time: isoTime(Date.now()), csr }, { typ: jwsTypes.pairingsQuery, kid }, secret);
  const response = await fetch(`${url}/v1/pairings/query`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/jose' },
    body,
  });
  const answer: PairingsAnswer = v.parse(pairingsAnswerSchema, await response.json());
  return { cert: answer.certificate ?? '', key, ca: answer.broker?.ca ?? disk.ca };
}

test.run();
