import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCloudLink } from '../gateway/cloud/cloud-link.ts';
import { createMqttConnector } from '../gateway/cloud/mqtt-connector.ts';
import { keptFileAt } from '../gateway/cloud/registration/kept-file.ts';
import { createTlsKeys } from '../gateway/cloud/registration/tls-key.ts';
import type { BoxStatus } from '../gateway/contract/event.ts';
import { SwipeError } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { systemTime } from '../gateway/system/time.ts';
import { readRequest } from '../provisioning/registry/authority/request.ts';
import { startAedes, startMosquitto } from './support/broker.ts';
import { recorder, settled, will, withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { box, boxKey } from './support/registrar-bench.ts';
import { ResultShelf } from './support/result-shelf.ts';
import { recordingLog, ScriptedBroker } from './support/scripted-broker.ts';
import { createSyncSignatures } from './support/sync-signatures.ts';
import { tempDirs } from './support/temp.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('registration: link and files');
const tempDir = tempDirs(test);

needing(test, 'mosquitto')('what one broker refuses another may know: each is tried with MQTT 5 first', () =>
  withCleanup(async (later) => {
    const old = await startAedes();
    later(old.stop);
    const modern = await startMosquitto();
    later(modern.stop);
    let now = old.url;
    const parts = { broker: () => ({ url: now }), box, timers: systemTime, log: silentLog };
    const connector = createMqttConnector(parts);
    for (const broker of [old, modern]) {
      now = broker.url;
      await (await connector.connect(will, recorder().handlers)).close();
    }
    assert.match(await modern.line(/New client connected/), /\(p5, /);
    const lost = createMqttConnector({
      ...parts,
      broker() {
        throw new SwipeError('brokerUnreachable', 'no way is known');
      },
    });
    assert.is(await settled(lost.connect(will, recorder().handlers)), 'brokerUnreachable');
  }),
);

test('the cloud link takes the new way at once: online, offline, and while it is trying', async () => {
  const time = new VirtualTime();
  const broker = new ScriptedBroker();
  const { log } = recordingLog();
  const link = createCloudLink({
    box,
    connector: broker,
    signatures: createSyncSignatures({ box, boxKey, commandKeys: [] }),
    journal: new ResultShelf(),
    desk: { receive() {} },
    status: () => ({ online: true }) as BoxStatus,
    time,
    random: { fraction: () => 0.5 },
    log,
  });
  link.renew();
  await time.settle();
  assert.is(broker.tries, 0, 'not started');
  broker.refuses = 'no way is known';
  link.start();
  await time.advance(120_000);
  const before = broker.tries;
  broker.refuses = null;
  link.renew();
  link.renew();
  await time.advance(0);
  assert.is(broker.tries, before + 1, 'without waiting for the pause');
  assert.ok(link.connected());

  const first = broker.now;
  link.renew();
  await time.advance(2000);
  assert.ok(link.connected());
  assert.not(first.open);
  assert.is(first.payloads(`swipe/v1/${box}/status`).at(-1), '{"online":false}');
  assert.is(broker.connections.length, 2);

  broker.now.lose('cut');
  broker.answers = false;
  await time.advance(5000);
  const hanging = broker.tries;
  link.renew();
  await time.advance(5000);
  assert.is(broker.tries, hanging, 'one try at a time');
  void link.stop();
  await time.advance(10_000);
});

test('the key and what is kept are files that only their owner reads; a key is made once, and anew when it is broken', async () => {
  const directory = tempDir();
  const file = join(directory, 'tls-key.pem');
  let draws = 0;
  const random = {
    bytes(length: number) {
      draws += 1;
      // Above the order of the curve: no private key.
      return new Uint8Array(length).fill(draws === 1 ? 255 : draws);
    },
  };
  const made = createTlsKeys(file, box, random).own();
  assert.is(draws, 2);
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.is(readFileSync(file, 'utf8'), made.pem);
  assert.equal(createTlsKeys(file, box, random).own().publicKey, made.publicKey);
  assert.is(draws, 2);
  writeFileSync(file, 'not a key');
  assert.not.equal(createTlsKeys(file, box, random).own().publicKey, made.publicKey);
  assert.throws(() => createTlsKeys(directory, box, random).own(), /EISDIR/);

  // The registry's own reader takes the request.
  assert.ok(await readRequest(made.csr));

  const kept = keptFileAt(join(directory, 'registration.json'));
  assert.is(kept.read(), null);
  kept.write('text');
  assert.is(kept.read(), 'text');
  assert.is(statSync(join(directory, 'registration.json')).mode & 0o777, 0o600);
  assert.throws(() => keptFileAt(directory).read(), /EISDIR/);
});

test.run();
