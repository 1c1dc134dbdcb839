import { once } from 'node:events';
import { type AddressInfo, createServer as createPlain, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { isSwipeError, SwipeError } from '../gateway/seams/error.ts';
import { systemTime } from '../gateway/system/time.ts';
import * as shapes from '../provisioning/registry/api/shapes.ts';
import { lookAtServer, rememberedEnd } from '../provisioning/registry/broker/server-certificate.ts';
import type { ServerCertificate } from '../provisioning/registry/ports.ts';
import { issueBrokerCertificate } from '../provisioning/registry/services/broker-certificate.ts';
import type { Actor } from '../provisioning/registry/services/core.ts';
import { newToken, type Scope } from '../provisioning/registry/services/tokens.ts';
import { checkEnds } from '../provisioning/registry/upkeep/ends.ts';
import { onBoth } from './registry/stores.ts';
import { root, World } from './registry/world.ts';
import { newRequest, testAuthority } from './support/certificates.ts';
import { freePort } from './support/ports.ts';
import { tempDirs } from './support/temp.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('registry broker certificate');
const both = onBoth(test);
const tempDir = tempDirs(test);
const closing: (() => unknown)[] = [];
test.after.each(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const dayMs = 86_400_000;
const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n';

async function serve(options: TlsOptions): Promise<number> {
  const server = createServer(options, (socket) => socket.on('error', () => {}));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('the certificate that a server shows is judged as a box would, and only looked at', async () => {
  const nowMs = Date.now();
  const authority = await testAuthority(tempDir(), nowMs);
  const foreign = await testAuthority(tempDir(), nowMs);
  const ca = (await authority.trustedCas()).join('');
  const credentials = () => authority.issueInstance('registry-1', nowMs);
  const shows = async (
    by: typeof authority,
    { hosts = ['127.0.0.1'], atMs = nowMs } = {},
  ): Promise<ServerCertificate> => {
    const { csr: request, key } = await newRequest();
    const { chain: cert } = await by.issueBroker(hosts, request, atMs);
    // As Mosquitto does: nobody is let in without a certificate of the registry's CA.
    const port = await serve({ cert, key, ca, requestCert: true, rejectUnauthorized: true });
    return lookAtServer(`mqtts://127.0.0.1:${port}`, { credentials, ca, timers: systemTime });
  };
  const good = await shows(authority);
  assert.is(good.fault, null);
  assert.ok(Math.abs(good.notAfterMs - (nowMs + 398 * dayMs)) < 2000);
  assert.is((await shows(foreign)).fault, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  assert.is((await shows(authority, { hosts: ['broker.example'] })).fault, 'ERR_TLS_CERT_ALTNAME_INVALID');
  const expired = await shows(authority, { atMs: nowMs - 400 * dayMs });
  assert.is(expired.fault, 'CERT_HAS_EXPIRED');
  assert.ok(expired.notAfterMs < nowMs);
});

test('nobody there, nobody who speaks TLS, nobody who says anything: no certificate, and no waiting for ever', async () => {
  const { cert, key } = await (await testAuthority(tempDir(), Date.now())).issueInstance(
    'registry-1',
    Date.now(),
  );
  const time = new VirtualTime();
  const look = (port: number): Promise<string> =>
    lookAtServer(`mqtts://127.0.0.1:${port}`, {
      credentials: async () => ({ cert, key }),
      ca: cert,
      timers: time,
    }).then(
      () => 'seen',
      (error: Error) => `${isSwipeError(error, 'brokerUnreachable')} ${error.message}`,
    );
  const plain = async (greet: (socket: Socket) => void): Promise<number> => {
    const sockets: Socket[] = [];
    const server = createPlain((socket) => {
      sockets.push(socket.on('error', () => {}));
      greet(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  };
  assert.match(await look(await freePort()), /^true .*ECONNREFUSED/);
  assert.match(await look(await plain((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))), /^true /);
  let greeted: () => void = () => {};
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  const silent = look(await plain(() => greeted()));
  await greeting;
  await time.advance(3000);
  assert.match(await silent, /^true .*no answer/);
});

test('what was seen is asked for once an hour, and again within a minute while it cannot be seen', async () => {
  const time = new VirtualTime();
  let looks = 0;
  let shown: Promise<ServerCertificate | null> = Promise.resolve({ notAfterMs: 7, fault: null });
  const endMs = rememberedEnd(() => {
    looks += 1;
    return shown;
  }, time);
  assert.is(await endMs(), 7);
  assert.is(await endMs(), 7);
  assert.is(looks, 1);
  await time.advance(3_600_000);
  shown = Promise.reject(new Error('away'));
  shown.catch(() => {});
  assert.is(await endMs(), 7, 'the last that is known');
  await time.advance(60_000);
  shown = Promise.resolve({ notAfterMs: 8, fault: null });
  assert.is(await endMs(), 8);
  assert.is(looks, 3);
});

both('issued for names that fit, recorded, audited; whoever may not is told so', async (database) => {
  const world = new World(await database.open());
  const issue = (names: string[], actor: Actor = root) =>
    issueBrokerCertificate(world.core, actor, { names, csr }).then(
      ({ serial }) => serial,
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );
  const serial = await issue(['Broker.Example', '192.0.2.7', '2001:db8::7']);
  assert.match(serial, /^[0-9a-f]{20}$/);
  assert.match(await issue(['other.example']), /^malformed: names: broker\.example is missing/);
  for (const name of [
    '*.example',
    'broker',
    'a..b',
    'a b',
    '-a.example',
    'a-.example',
    '1.2.3',
    '192.0.2.256',
    'x\n',
    '',
  ])
    assert.match(
      await issue(['broker.example', name]),
      name === 'broker' ? /^[0-9a-f]{20}$/ : /^malformed: names: a broker needs/,
      JSON.stringify(name),
    );
  assert.match(await issue([]), /^malformed/);
  assert.match(await issue(Array.from({ length: 17 }, () => 'broker.example')), /^malformed/);
  assert.match(await issue(['broker.example'], { name: 'token:x', customer: 'CU-1' }), /^forbidden/);
  const row = await world.core.store.reader
    .selectFrom('certificates')
    .selectAll()
    .where('serial', '=', serial)
    .executeTakeFirstOrThrow();
  assert.equal([row.subject, row.ca], ['broker', 'ca-1']);
  const line = await world.core.store.reader
    .selectFrom('audit')
    .selectAll()
    .where('action', '=', 'broker.certificate.issued')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  assert.is(line.actor, 'person:test');
  assert.equal(JSON.parse(line.after ?? ''), {
    serial,
    ca: 'ca-1',
    names: ['Broker.Example', '192.0.2.7', '2001:db8::7'],
    not_after_ms: world.nowMs + 90 * dayMs,
  });
});

both(
  'by the API: a scope of its own, and during a rotation it says who would not take it yet',
  async (database) => {
    const world = new World(await database.open());
    await world.claimedBox(await world.customer());
    const tokenFor = async (scope: Scope): Promise<string> =>
      (await newToken(world.core, root, { name: 'x', scopes: [scope], customer: null, lifeMs: dayMs })).token;
    const body = { names: ['broker.example'], csr };
    const ask = async (scope: Scope, more: object = {}) =>
      world.call('POST', '/v1/operator/broker/certificates', {
        token: await tokenFor(scope),
        body: { ...body, ...more },
      });
    assert.is((await ask('authority:write')).status, 403);
    assert.is((await ask('broker:write', { names: 'broker.example' })).status, 400);
    assert.is((await ask('broker:write', { csr: 'BROKEN' })).status, 400);
    const before = (await ask('broker:write')).json;
    assert.equal((v.parse(shapes.brokerCertificate, before) as { behind: object }).behind, {
      boxes: 0,
      saleSystems: 0,
    });
    await world.authority.beginRotation();
    const during = (await ask('broker:write')).json as { behind: object };
    assert.equal(during.behind, { boxes: 1, saleSystems: 0 });
  },
);

both(
  'an alarm thirty days before its end, when boxes do not take it, and before the CA ends',
  async (database) => {
    const world = new World(await database.open());
    let shown: ServerCertificate = { notAfterMs: world.nowMs + 30 * dayMs + 1, fault: null };
    world.brokerCertificate = async () => shown;
    const open = async (): Promise<string[]> => {
      await checkEnds(world.core);
      const rows = await world.core.store.reader
        .selectFrom('alarms')
        .selectAll()
        .where('acknowledged_at_ms', 'is', null)
        .orderBy('id')
        .execute();
      return rows.map(({ kind, detail, times }) => `${kind} ${times}: ${detail}`);
    };
    assert.equal(await open(), []);
    world.nowMs += 1;
    assert.equal(await open(), [
      'brokerCertificate 1: the certificate that the broker shows ends in 30 days',
    ]);
    shown = { ...shown, fault: 'CERT_HAS_EXPIRED' };
    assert.equal(await open(), [
      'brokerCertificate 2: boxes do not take the certificate that the broker shows: CERT_HAS_EXPIRED',
    ]);
    await world.core.store.write((tx) => tx.updateTable('alarms').set({ acknowledged_at_ms: 1 }).execute());
    world.brokerCertificate = () => Promise.reject(new SwipeError('brokerUnreachable', 'away'));
    assert.equal(await open(), [], 'that it is away is told elsewhere');
    world.nowMs = 4e12 - 365 * dayMs - 1;
    assert.equal(await open(), []);
    world.nowMs += 1;
    assert.equal(await open(), ['caEnds 1: it ends in 365 days: rotate it']);
  },
);

both('the metrics say how long each is still good for', async (database) => {
  const world = new World(await database.open());
  const { token } = await newToken(world.core, root, {
    name: 'x',
    scopes: ['metrics:read'],
    customer: null,
    lifeMs: dayMs,
  });
  const value = async (name: string): Promise<string | undefined> => {
    const { text } = await world.call('GET', '/metrics', { token });
    return new RegExp(`^swipe_registry_${name} (.*)$`, 'm').exec(text)?.[1];
  };
  assert.is(await value('broker_certificate_seconds_left'), String(398 * 86_400));
  assert.is(await value('ca_seconds_left'), String((4e12 - world.nowMs) / 1000));
  assert.is(await value('tls_certificate_seconds_left'), undefined, 'it has none');
  world.brokerCertificate = () => Promise.reject(new Error('away'));
  world.nowMs += dayMs / 2;
  assert.is(
    await value('broker_certificate_seconds_left'),
    String(398 * 86_400 - 43_200),
    'the last one seen',
  );
});

test.run();
