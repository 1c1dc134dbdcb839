import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { connect } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { systemTime } from '../gateway/system/time.ts';
import { listen } from '../provisioning/registry/api/server.ts';
import { readPair, type TlsFiles, type TlsNews } from '../provisioning/registry/api/tls-pair.ts';
import type { Authority } from '../provisioning/registry/authority/authority.ts';
import { tlsNews } from '../provisioning/registry/upkeep/tls.ts';
import { onBoth } from './registry/stores.ts';
import { World } from './registry/world.ts';
import { newRequest, testAuthority } from './support/certificates.ts';
import { tempDirs } from './support/temp.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('registry tls');
const both = onBoth(test);
const tempDir = tempDirs(test);
const closing: (() => unknown)[] = [];
test.after.each(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const dayMs = 86_400_000;
const minuteMs = 60_000;

interface Place extends TlsFiles {
  authority: Authority;
  /** Puts a new pair in its place; its serial number. */
  renew(nowMs?: number): Promise<string>;
}

async function place(): Promise<Place> {
  const directory = tempDir();
  const authority = await testAuthority(directory, Date.now() - 1000 * dayMs);
  const files = { cert: `${directory}/fullchain.pem`, key: `${directory}/privkey.pem` };
  return {
    ...files,
    authority,
    async renew(nowMs = Date.now()) {
      const { csr, key } = await newRequest();
      const { chain, serial } = await authority.issueBroker(['127.0.0.1'], csr, nowMs);
      writeFileSync(files.cert, chain);
      writeFileSync(files.key, key);
      return serial;
    },
  };
}

/** A server with this pair, at a time that stands still, and what it tells. */
async function serve(files: TlsFiles) {
  const time = new VirtualTime(Date.now());
  const told: string[] = [];
  const news: TlsNews = { taken: () => told.push('taken'), fault: (why) => told.push(why) };
  const world = { fetch: async () => new Response('here') } as never;
  const config = { host: '127.0.0.1', port: 0, tls: { cert: files.cert, key: files.key } };
  const server = await listen(world, config, { time, news });
  closing.push(async () => {
    const closed = server.close();
    await time.advance(5000);
    await closed;
  });
  return { time, told, url: server.url, port: Number(new URL(server.url).port) };
}

/** The serial number of the certificate that a new connection is shown. */
const shownAt = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber.toLowerCase() ?? 'none');
      socket.destroy();
    }).on('error', reject);
  });

test('a new pair is taken without a restart; a connection that is open goes on', async () => {
  const here = await place();
  const first = await here.renew();
  const { time, told, url, port } = await serve(here);
  const ca = (await here.authority.trustedCas()).join('');
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
  closing.push(() => agent.destroy());
  const ask = (): Promise<{ text: string; reused: boolean }> =>
    new Promise((resolve, reject) => {
      const asked = get(url, { agent }, (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ text, reused: asked.reusedSocket }));
      }).on('error', reject);
    });
  assert.equal(await ask(), { text: 'here', reused: false });
  assert.is(await shownAt(port), first);
  const second = await here.renew();
  assert.is(await shownAt(port), first, 'it looks once a minute');
  await time.advance(minuteMs);
  assert.is(await shownAt(port), second);
  assert.equal(told, ['taken', 'taken']);
  assert.equal(await ask(), { text: 'here', reused: true });
  await time.advance(10 * minuteMs);
  assert.equal(told, ['taken', 'taken'], 'the same pair is no news');
});

test('a broken pair is not taken, and told; when it is whole it is', async () => {
  const here = await place();
  const first = await here.renew();
  const { time, told, port } = await serve(here);
  const old = { cert: readFileSync(here.cert), key: readFileSync(here.key) };
  const second = await here.renew();
  const next = { cert: readFileSync(here.cert), key: readFileSync(here.key) };

  // As certbot does it: one file after the other, and somebody looks in between.
  writeFileSync(here.cert, old.cert);
  await time.advance(minuteMs);
  assert.equal(told, ['taken'], 'nobody is called for a moment between two files');
  writeFileSync(here.cert, next.cert);
  await time.advance(minuteMs);
  assert.is(await shownAt(port), second);
  assert.equal(told.splice(0), ['taken', 'taken']);

  for (const [cert, key] of [
    [next.cert, old.key],
    [Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), next.key],
    [next.cert.subarray(0, 200), next.key],
    [Buffer.alloc(0), Buffer.alloc(0)],
  ] as const) {
    writeFileSync(here.cert, cert);
    writeFileSync(here.key, key);
    await time.advance(2 * minuteMs);
    assert.match(told.join(), /^listen\.tls: /);
    await time.advance(10 * minuteMs);
    assert.is(told.splice(0).length, 1, 'once a day');
    assert.is(await shownAt(port), second);
    assert.throws(
      () => readPair(here),
      (error: unknown) => isSwipeError(error, 'configInvalid'),
    );
    if (cert.length === 0) {
      await time.advance(dayMs);
      assert.is(told.splice(0).length, 1);
    }
    writeFileSync(here.cert, next.cert);
    writeFileSync(here.key, next.key);
    await time.advance(2 * minuteMs);
    assert.equal(told.splice(0), [], 'the old pair put back is no fault');
  }
  assert.is.not(first, second);
});

test('an expired certificate never takes the place of one that is good', async () => {
  const here = await place();
  await here.renew();
  const { time, told, port } = await serve(here);
  const shown = await shownAt(port);
  await here.renew(Date.now() - 400 * dayMs);
  await time.advance(minuteMs);
  assert.is(await shownAt(port), shown);
  assert.equal(told, ['taken', 'listen.tls: the new certificate has expired; the old one is kept']);
});

test('fourteen days before its end it says so, once a day', async () => {
  const here = await place();
  await here.renew(Date.now() - 384 * dayMs + minuteMs);
  const { time, told } = await serve(here);
  assert.equal(told, ['taken']);
  await time.advance(2 * minuteMs);
  assert.equal(told, ['taken', 'listen.tls: the certificate ends in 13 days']);
  await time.advance(dayMs);
  assert.is(told.at(-1), 'listen.tls: the certificate ends in 12 days');
  assert.is(told.length, 3);
});

both('a fault is an alarm, and how long it is good for a figure', async (database) => {
  const world = new World(await database.open());
  const ends: number[] = [];
  const news = tlsNews({ ...world.core, log: silentLog }, { tlsEnds: (atMs) => ends.push(atMs) });
  news.taken({ cert: Buffer.alloc(0), key: Buffer.alloc(0), notAfterMs: 7 });
  assert.equal(ends, [7]);
  news.fault('listen.tls: broken');
  for (let tries = 0; (await world.alarms()).length === 0 && tries < 500; tries += 1)
    await new Promise((resolve) => systemTime.after(5, () => resolve(null)));
  assert.equal(
    (await world.alarms()).map(({ kind, subject }) => `${kind} ${subject}`),
    ['tlsCertificate listen.tls'],
  );
});

test.run();
