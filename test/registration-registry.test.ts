/** The box's own registrar against the registry itself: its API, its rules, its database, its CA. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBoxKey } from '../gateway/cloud/box-key.ts';
import type { Exchange } from '../gateway/cloud/registration/asking.ts';
import type { Kept } from '../gateway/cloud/registration/kept.ts';
import { createRegistrar } from '../gateway/cloud/registration/registrar.ts';
import { p256KeyOf, tlsKeyOf } from '../gateway/cloud/registration/tls-key.ts';
import { jwsTypes } from '../gateway/contract/registration.ts';
import { readRetryAfter } from '../gateway/contract/retry-after.ts';
import { silentLog } from '../gateway/seams/log.ts';
import type { Time } from '../gateway/seams/time.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { retireBox, revokeKey } from '../provisioning/registry/services/boxes.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { openSqlite } from '../provisioning/registry/store/sqlite.ts';
import type { FakeAuthority } from './registry/fakes.ts';
import { testNowMs } from './registry/stores.ts';
import { root, World } from './registry/world.ts';
import { testAuthority } from './support/certificates.ts';
import { FakeDisk } from './support/registrar-bench.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registration: the registry itself');
const tempDir = tempDirs(test);

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries === 1000) throw new Error(`not so in 10 s: ${what}`);
    await new Promise<void>((resolve) => void systemTime.after(10, resolve));
  }
}

/** A registry with a real CA, and a way to make boxes that know it. */
async function setUp() {
  const directory = tempDir();
  const store = await openSqlite(`${directory}/registry.db`, {
    nowMs: testNowMs,
    newId: 'test',
    timers: systemTime,
  });
  // Whatever signs certificates fits; the stand-in is what most tests of the registry need.
  const authority = (await testAuthority(directory, testNowMs)) as unknown as FakeAuthority;
  const world = new World(store, { authority });
  const boxes: { stop(): Promise<void> }[] = [];
  const exchange: Exchange = async (body) => {
    const { status, headers, text } = await world.call('POST', '/v1/registrations', {
      body,
      type: 'application/jose',
    });
    return { status, retryAfterMs: readRetryAfter(headers.get('Retry-After') ?? undefined, undefined), text };
  };
  const time: Time = {
    ...systemTime,
    nowMs: () => world.nowMs,
    after: systemTime.after,
    monotonicMs: systemTime.monotonicMs,
  };

  /** Boots a box; what it keeps is on this disk. */
  async function boot(seed: number, disk: FakeDisk, more: { claim?: string; serial?: string } = {}) {
    const boxKey = makeBoxKey(new Uint8Array(32).fill(seed));
    const tlsKey = tlsKeyOf(
      p256KeyOf(() => new Uint8Array(32).fill(seed)),
      boxKey.box,
    );
    let answers = 0;
    const registrar = createRegistrar({
      box: boxKey.box,
      boxKey,
      registry: { url: 'https://registry.example', key: world.keys.trusted()[0]?.x ?? '', claim: more.claim },
      ownKids: [],
      file: disk,
      tlsKeys: { own: () => tlsKey },
      exchange: async (...asked) => {
        try {
          return await exchange(...asked);
        } finally {
          // The registrar goes on in the same turn of the loop.
          setImmediate(() => {
            answers += 1;
          });
        }
      },
      hardware: { model: null, serial: more.serial ?? `machine ${seed}`, system: null },
      time,
      // Nobody waits for half a minute here.
      random: { ...systemRandom, fraction: () => 0, bytes: systemRandom.bytes },
      log: silentLog,
    });
    registrar.start({
      clock: { nowMs: () => world.nowMs, isTrusted: () => true, learn() {} },
      terminal: () => ({ vendor: 'PAX', model: null, software: null, id: null }),
      lastSequence: () => 0,
      brokerChanged() {},
    });
    boxes.push(registrar);
    await until('an answer', () => answers > 0);
    const heard = async (deed: () => void): Promise<void> => {
      const before = answers;
      deed();
      await until('another answer', () => answers > before);
    };
    /** As the broker would bring it. */
    const call = (): Promise<void> =>
      heard(() => {
        const { heard: last, trusted } = JSON.parse(disk.text?.split('\n')[1] ?? '') as Kept;
        const notice = world.keys.sign(
          { box: boxKey.box, revision: (last?.revision ?? 0) + 1 },
          jwsTypes.notice,
          trusted.map(({ kid }) => kid),
        );
        registrar.notice(Buffer.from(notice));
      });
    return { registrar, box: boxKey.box, call };
  }

  const close = async (): Promise<void> => {
    for (const box of boxes) await box.stop();
    await store.close();
  };
  return { world, boot, close };
}

type Setting = Awaited<ReturnType<typeof setUp>>;

const withRegistry =
  (run: (setting: Setting) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const setting = await setUp();
    try {
      await run(setting);
    } finally {
      await setting.close();
    }
  };

test(
  'claimed with its code: active, with a certificate that is its own, also after a restart',
  withRegistry(async ({ world, boot }) => {
    const disk = new FakeDisk();
    const stranger = await boot(1, new FakeDisk());
    assert.is(stranger.registrar.view().reason, 'claimNeeded');
    await stranger.registrar.stop();

    const claim = await world.claim(await world.customer());
    const { registrar } = await boot(1, disk, { claim: claim.toLowerCase().replaceAll('-', ' ') });
    assert.equal([registrar.view().state, registrar.view().failure], ['active', null]);
    const way = registrar.broker();
    assert.is(way.url, 'mqtts://broker.example:8883');
    assert.match(way.ca ?? '', /BEGIN CERTIFICATE/);
    await registrar.stop();

    const again = await boot(1, disk, { claim });
    assert.is(again.registrar.view().state, 'active');
    assert.is(again.registrar.broker().cert, way.cert, 'none was issued that was not needed');
    assert.equal(await world.alarms(), []);
    await again.registrar.stop();

    // A third of its life later there is another one.
    world.nowMs += 31 * 86_400_000;
    const later = await boot(1, disk);
    assert.not.equal(later.registrar.broker().cert, way.cert);
  }),
);

test(
  'a disk that was lost: the count goes on from where the registry knows it, and there is an alarm',
  withRegistry(async ({ world, boot }) => {
    const claim = await world.claim(await world.customer());
    const disk = new FakeDisk();
    for (let boots = 0; boots < 3; boots += 1) {
      const { registrar } = await boot(1, disk, { claim });
      await registrar.stop();
    }
    const fresh = new FakeDisk();
    const { registrar } = await boot(1, fresh, { claim });
    await until('active', () => registrar.view().state === 'active');
    assert.equal(
      (await world.alarms()).map(({ kind }) => kind),
      ['countBehind'],
    );
  }),
);

test(
  'paired over MQTT: the code is shown, the key comes, and goes',
  withRegistry(async ({ world, boot }) => {
    const claim = await world.claim(await world.customer());
    const { registrar, box, call } = await boot(1, new FakeDisk(), { claim });
    const { code } = await newPairingCode(world.core, root, box);
    await call();
    assert.is(registrar.view().pairing?.code, code);
    const { csr } = tlsKeyOf(
      p256KeyOf(() => new Uint8Array(32).fill(77)),
      'whoever',
    );
    const reply = await world.call('POST', '/v1/pairings', { body: { code, name: '1C', csr } });
    const { kid, secret } = reply.json as { kid: string; secret: string };
    assert.is(registrar.keys.present(kid), null);
    await call();
    const key = registrar.keys.present(kid);
    assert.equal([key?.alg, key?.alg === 'HS256' && key.secret], ['HS256', secret]);
    assert.ok(key?.allow?.includes('payment'));
    for (const type of ['refund', 'cashback', 'instalmentRefund', 'resolve'] as const)
      assert.not(key?.allow?.includes(type), type);
    assert.is(registrar.view().pairing, null);
    await revokeKey(world.core, root, kid);
    await call();
    assert.is(registrar.keys.present(kid), null);
    assert.ok(registrar.keys.known(kid));
  }),
);

test(
  "the registry's key is rotated under a running box",
  withRegistry(async ({ world, boot }) => {
    const claim = await world.claim(await world.customer());
    const { registrar, call } = await boot(1, new FakeDisk(), { claim });
    await world.keys.beginRotation();
    await call();
    await call();
    await world.keys.finishRotation();
    await call();
    assert.equal([registrar.view().state, registrar.view().failure], ['active', null]);
  }),
);

test(
  'retired under way: told at the call; on a disk of before as well; back with a new claim, and not with the old one',
  withRegistry(async ({ world, boot }) => {
    const customer = await world.customer();
    const [disk, claim] = [new FakeDisk(), await world.claim(customer)];
    const { registrar, box, call } = await boot(1, disk, { claim });
    const before = disk.text;
    await call();
    assert.is(registrar.view().state, 'active');
    await retireBox(world.core, root, box, 'retired');
    await call();
    await until('told so', () => registrar.view().reason === 'retired');
    assert.is(registrar.view().state, 'unregistered');
    await registrar.stop();

    // A card out of a copy knows a lower count and a lower revision, and that it is active.
    const copied = new FakeDisk();
    copied.text = before;
    const old = await boot(1, copied, { claim });
    await until('the old card is told, too', () => old.registrar.view().reason === 'retired');
    await old.registrar.stop();

    const back = await boot(1, disk, { claim: await world.claim(customer) });
    await until('back', () => back.registrar.view().state === 'active');
    assert.match(back.registrar.broker().cert ?? '', /BEGIN CERTIFICATE/);
    assert.equal(
      (await world.alarms()).map(({ kind }) => kind),
      ['countBehind'],
      'by the copied card',
    );
  }),
);

test(
  'a copied card and a stolen box are told no more than a reason',
  withRegistry(async ({ world, boot }) => {
    const claim = await world.claim(await world.customer());
    const { registrar, box } = await boot(1, new FakeDisk(), { claim });
    const copy = await boot(1, new FakeDisk(), { serial: 'another machine' });
    assert.match(copy.registrar.view().failure ?? '', /^hardwareChanged: /);
    assert.is(copy.registrar.view().state, 'unregistered');
    await registrar.stop();
    await copy.registrar.stop();

    await retireBox(world.core, root, box, 'stolen');
    const thief = await boot(1, new FakeDisk());
    await until('told so', () => thief.registrar.view().reason === 'retired');
    assert.equal([thief.registrar.view().state, thief.registrar.view().failure], ['unregistered', null]);
    assert.throws(() => thief.registrar.broker(), /has not told/);
  }),
);

test.run();
