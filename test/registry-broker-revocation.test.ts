import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { topicsOf } from '../gateway/contract/topics.ts';
import type { RevokedCertificate } from '../provisioning/registry/ports.ts';
import { newRequest } from './support/certificates.ts';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { ended, entrance, type Identity, startSwipeBroker, wanting } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry broker: revocation');
const tempDir = tempDirs(test);

const box = 'SW-7K3M9QXA2BCD';
const otherBox = 'SW-111111111111';
const shop = 'SS-7K3M9QXA2BCD';
const dayMs = 86_400_000;

/** The reason code of a refused publish or subscribe (MQTT 5 §2.4). */
const codeOf = (error: { code?: number; packet?: { granted?: number[] } }): unknown =>
  error.code ?? error.packet?.granted?.[0];

const revoked = ({ serial, ca }: Identity): RevokedCertificate => ({ serial, ca, revokedAtMs: Date.now() });

needing(test, 'mosquitto')('a revoked box is cut off within 10 seconds and stays out; the others go on', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box, otherBox], { [shop]: [box] }));
    const [stolen, good] = [await broker.identity(box), await broker.identity(otherBox)];
    const live = await broker.enter(stolen, {
      will: { topic: topicsOf(box).status, payload: Buffer.from('will'), retain: true, qos: 1 },
    });
    const bystander = await broker.enter(good);
    const watcher = await broker.enter(await broker.identity(shop));
    const told = new Promise<string>(
      (resolve) => void watcher.on('message', (_topic, payload) => resolve(payload.toString())),
    );
    await watcher.subscribeAsync(topicsOf(box).status, { qos: 1 });

    const startedMs = performance.now();
    await broker.trust([revoked(stolen)]);
    await broker.access.removeBox(box);
    await ended(live);
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(`\na revoked box is cut off after ${seconds.toFixed(2)} s`);
    assert.is(await entrance(broker.enter(stolen)), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED');
    assert.ok(seconds < 10);
    assert.is(await told, '{"online":false}');
    assert.is(bystander.connected, true);
    assert.is(await entrance(broker.enter(good)), 'in');
    // Asked for again, it is as it should be.
    await broker.access.removeBox(box);
    // A restarted broker has not forgotten.
    await broker.stop();
    await broker.start();
    assert.is(await entrance(broker.enter(stolen)), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED');
  }),
);

needing(test, 'mosquitto')('without the list a removed box gets in, but may do nothing', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box], { [shop]: [box] }));
    const identity = await broker.identity(box);
    await broker.access.removeBox(box);
    const client = await broker.enter(identity);
    for (const topic of Object.values(topicsOf(box))) {
      assert.is(await client.publishAsync(topic, 'x', { qos: 1 }).catch(codeOf), 0x87);
      assert.is(await client.subscribeAsync(topic, { qos: 1 }).catch(codeOf), 0x87);
    }
    // And the session can be ended although the broker knows no such user.
    const over = ended(client);
    await broker.access.disconnect(box);
    await over;
  }),
);

needing(test, 'mosquitto')(
  'a connection that was begun before the revocation is checked by the new list',
  () =>
    withCleanup(async (later) => {
      const broker = await startSwipeBroker(tempDir(), later);
      await broker.access.reconcile(wanting([box]));
      const { cert, key, ...issued } = await broker.identity(box);
      const wire = connect(broker.port, '127.0.0.1');
      later(() => wire.destroy());
      await new Promise<void>((resolve) => void wire.once('connect', () => resolve()));
      // The broker answers this one, so it has accepted the other.
      await broker.access.syncBox({ box, saleSystems: [] });
      await broker.trust([revoked({ cert, key, ...issued })]);
      const ca = (await broker.authority.trustedCas()).join('');
      const tls = tlsConnect({ socket: wire, ca, cert, key, checkServerIdentity: () => undefined });
      const error = await new Promise<{ code?: string }>((resolve) => void tls.once('error', resolve));
      assert.is(error.code, 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED');
    }),
);

needing(test, 'mosquitto')('revocations of the same second all count', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    const people = await Promise.all([
      broker.identity(box),
      broker.identity(otherBox),
      broker.identity(shop),
    ]);
    const list: RevokedCertificate[] = [];
    const nowMs = Date.now();
    const early = await broker.authority.crl([], nowMs, nowMs);
    for (const identity of people) {
      list.push(revoked(identity));
      await broker.trust(list, nowMs);
    }
    // A list that was made earlier and comes later changes nothing.
    await broker.access.trust({ cas: await broker.authority.trustedCas(), crl: early });
    for (const identity of people)
      assert.is(await entrance(broker.enter(identity)), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED');
  }),
);

needing(test, 'mosquitto')(
  'an expired list keeps everybody out who is not in, until there is a new one',
  () =>
    withCleanup(async (later) => {
      const broker = await startSwipeBroker(tempDir(), later);
      await broker.access.reconcile(wanting([box]));
      const identity = await broker.identity(box);
      const live = await broker.enter(identity);
      await broker.stop();
      await ended(live);
      // As if the registry had last been at work a month ago; the first list of this test is younger, so take it away.
      rmSync(broker.crlFile);
      await broker.trust([], Date.now() - 31 * dayMs);
      await broker.start();
      assert.is(await entrance(broker.enter(identity)), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED');
      // The registry needs no connection of its own to mend it.
      await broker.trust([]);
      assert.is(await entrance(broker.enter(identity)), 'in');
    }),
);

needing(test, 'mosquitto')("only certificates of this CA are taken: none, another CA, the broker's own", () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    const foreign = await startSwipeBroker(tempDir(), later);
    assert.match(await entrance(broker.enter({})), /CERTIFICATE_REQUIRED/);
    assert.match(await entrance(broker.enter(await foreign.identity(box))), /UNKNOWN_CA/);
    const { csr, key } = await newRequest();
    const server = await broker.authority.issueBroker(['registry-1'], csr, Date.now());
    assert.match(await entrance(broker.enter({ cert: server.chain, key })), /CERTIFICATE/);
  }),
);

needing(test, 'mosquitto')('a CA rotation: one box moves in time, one sleeps through it and comes back', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    const { authority } = broker;
    await broker.access.reconcile(wanting([box, otherBox]));
    const [oldCa = ''] = await authority.trustedCas();
    const [awake, asleep] = [await broker.identity(box), await broker.identity(otherBox)];
    const live = await broker.enter(awake);

    const { ca } = await authority.beginRotation(Date.now());
    await broker.trust([]);
    // Nobody notices: the live session goes on, old certificates are taken, and those of the new CA as well.
    assert.is(live.connected, true);
    assert.is(await entrance(broker.enter(asleep)), 'in');
    const moved = await broker.identity(box);
    assert.is(moved.ca, ca);
    assert.is(await entrance(broker.enter(moved)), 'in');
    // Each CA's revocations count.
    await broker.trust([revoked(moved)]);
    assert.match(await entrance(broker.enter(moved)), /REVOKED/);
    const again = await broker.identity(box);
    assert.is(await entrance(broker.enter(again, { ca: oldCa })), 'in');

    await authority.finishRotation();
    await broker.trust([]);
    // The one that slept registers over HTTPS and has a certificate of the new CA.
    assert.match(await entrance(broker.enter(asleep, { ca: oldCa })), /UNKNOWN_CA/);
    const woken = await broker.identity(otherBox);
    assert.is(await entrance(broker.enter(woken, { ca: oldCa })), 'in');
    assert.is(await entrance(broker.enter(again, { ca: oldCa })), 'in');
  }),
);

test.run();
