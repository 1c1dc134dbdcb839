import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { askOnce } from '../gateway/cloud/registration/asking.ts';
import { createExchange } from '../gateway/cloud/registration/exchange.ts';
import { nothingKept } from '../gateway/cloud/registration/kept.ts';
import { retryAfterMaxMs } from '../gateway/contract/retry-after.ts';
import { messageOf } from '../gateway/seams/error.ts';
import { systemTime } from '../gateway/system/time.ts';
import { newRequest, testAuthority } from './support/certificates.ts';
import { serve } from './support/http.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registration: HTTP');
const tempDir = tempDirs(test);

const never = new AbortController().signal;
const failure = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'an answer',
    (error) => messageOf(error),
  );

test('posts the question and reads the answer: status, Retry-After, text', async () => {
  const seen: unknown[] = [];
  const server = await serve((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const { 'content-type': type, 'content-length': length, connection } = request.headers;
      seen.push([request.method, request.url, type, length, connection, body]);
      response.writeHead(429, { 'retry-after': '17' }).end('später');
    });
  });
  try {
    for (const url of [server.url, `${server.url}/`, `${server.url}/swipe`])
      assert.equal(await createExchange({ url })('a.b.c', never), {
        status: 429,
        retryAfterMs: 17_000,
        text: 'später',
      });
    const said = (path: string) => ['POST', path, 'application/jose', '5', 'close', 'a.b.c'];
    assert.equal(seen, [
      said('/v1/registrations'),
      said('/v1/registrations'),
      said('/swipe/v1/registrations'),
    ]);
  } finally {
    await server.close();
  }
});

test('a Retry-After that is a date is taken by the date of the same answer, and by no other clock', async () => {
  let headers: Record<string, string> = {};
  const server = await serve((_request, response) => {
    response.sendDate = false;
    response.writeHead(503, headers).end('nothing to read');
  });
  const parts = { exchange: createExchange({ url: server.url }), time: systemTime };
  const kept = nothingKept('SW-7K3M9QXA2BCD', 'A'.repeat(43));
  const question = { box: kept.box, nonce: '', kept, publicKey: null };
  const date = 'Sat, 21 Nov 2026 08:00:00 GMT';
  try {
    for (const [sent, waitMs] of [
      [{ 'retry-after': 'Sat, 21 Nov 2026 08:01:30 GMT', date }, 90_000],
      [{ 'retry-after': 'Saturday, 21-Nov-26 09:00:00 GMT', date }, 3_600_000],
      [{ 'retry-after': 'Sat, 21 Nov 2026 07:00:00 GMT', date }, 0],
      [{ 'retry-after': 'Sun, 22 Nov 2099 08:00:00 GMT', date }, retryAfterMaxMs],
      [{ 'retry-after': '999999999' }, retryAfterMaxMs],
      [{ 'retry-after': 'Sat, 21 Nov 2026 08:01:30 GMT' }, null],
      [{ 'retry-after': 'soon', date }, null],
      [{ date }, null],
    ] as const) {
      headers = { ...sent };
      const asked = await askOnce(parts, 'a.b.c', question, new AbortController());
      assert.is(asked.kind === 'unanswered' && asked.retryAfterMs, waitMs, JSON.stringify(sent));
    }
  } finally {
    await server.close();
  }
});

test('65,536 bytes are read and not one more, whatever the server claims', async () => {
  let size = 65_536;
  const server = await serve((_request, response) => void response.writeHead(200).end('x'.repeat(size)));
  const endless = await serve((_request, response) => {
    const more = (): void => void (response.destroyed || response.write('x'.repeat(10_000), more));
    more();
  });
  try {
    const exchange = createExchange({ url: server.url });
    assert.is((await exchange('q', never)).text.length, size);
    size += 1;
    assert.is(await failure(exchange('q', never)), 'its answer is too long');
    assert.is(await failure(createExchange({ url: endless.url })('q', never)), 'its answer is too long');
  } finally {
    await server.close();
    await endless.close();
  }
});

test('nobody there, hung up before and within the answer, given up: each says so', async () => {
  let deed: 'hangUp' | 'breakOff' | 'nothing' = 'hangUp';
  const server = await serve((request, response) => {
    if (deed === 'hangUp') request.socket.destroy();
    if (deed === 'breakOff')
      response.writeHead(200, { 'content-length': '100' }).write('part', () => request.socket.destroy());
  });
  const exchange = createExchange({ url: server.url });
  assert.match(await failure(exchange('q', never)), /hang up|ECONNRESET/);
  deed = 'breakOff';
  assert.match(await failure(exchange('q', never)), /aborted|ECONNRESET/);
  deed = 'nothing';
  const stop = new AbortController();
  const asked = failure(exchange('q', stop.signal));
  stop.abort(new Error('enough'));
  assert.match(await asked, /abort/);
  await server.close();
  assert.match(await failure(exchange('q', never)), /ECONNREFUSED/);
});

test('a redirection is an answer as any other: it is not followed', async () => {
  let asked = 0;
  const server = await serve((_request, response) => {
    asked += 1;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  try {
    assert.is((await createExchange({ url: server.url })('q', never)).status, 307);
    assert.is(asked, 1);
  } finally {
    await server.close();
  }
});

test("HTTPS: the config's CA is believed, from a text or a file; a stranger's is not", async () => {
  const directory = tempDir();
  const authority = await testAuthority(directory, Date.now());
  const { csr, key } = await newRequest();
  const { chain } = await authority.issueBroker(['127.0.0.1'], csr, Date.now());
  const server = await serve((_request, response) => void response.end('ok'), { cert: chain, key });
  try {
    const ca = (await authority.trustedCas()).join('');
    const file = join(directory, 'ca.pem');
    writeFileSync(file, ca);
    for (const known of [ca, file])
      assert.is((await createExchange({ url: server.url, ca: known })('q', never)).text, 'ok');
    assert.match(await failure(createExchange({ url: server.url })('q', never)), /certificate/);
    assert.match(await failure(createExchange({ url: server.url, ca: `${file}.not` })('q', never)), /ENOENT/);
  } finally {
    await server.close();
  }
});

test.run();
