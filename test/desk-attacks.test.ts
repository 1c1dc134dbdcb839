/** What somebody on the shop's network may try at the desk, and what happens then. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commandMaxBytes } from '../gateway/contract/topics.ts';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { type DeskBox, deskKeys, openDeskBox, refusalIn, resultIn } from './support/desk-box.ts';
import { raw, request, statusOf } from './support/raw-http.ts';
import { recordingLog } from './support/scripted-broker.ts';

const test = suite('desk: attacks');
const opened: DeskBox[] = [];
test.after.each(async () => {
  for (const box of opened.splice(0)) await box.close();
});
async function open(...args: Parameters<typeof openDeskBox>): Promise<DeskBox> {
  const box = await openDeskBox(...args);
  opened.push(box);
  return box;
}
const { shop, nobody } = deskKeys;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('forged, replayed, misdirected and swapped signatures charge nothing', async () => {
  const box = await open();
  const payment = box.payment();
  const good = signCommand(payment, shop);
  const [header = '', payload = '', signature = ''] = good.split('.');
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tries: [what: string, jws: string, answer: string][] = [
    ['no key of the box', signCommand(payment, nobody), '401 unsigned'],
    ['the name of a known key', signCommand(payment, { ...nobody, kid: 'shop' }), '401 unsigned'],
    ['another amount', `${header}.${encode({ ...payment, amount: 1 })}.${signature}`, '401 unsigned'],
    ['no signature', `${encode({ alg: 'none', kid: 'shop' })}.${payload}.`, '401 unsigned'],
    ['another algorithm', `${encode({ alg: 'EdDSA', kid: 'shop' })}.${payload}.${signature}`, '401 unsigned'],
    [
      'a key of its own',
      `${encode({ alg: 'HS256', kid: 'shop', crit: ['b64'], b64: false })}.${payload}.${signature}`,
      '401 unsigned',
    ],
    ['for another box', signCommand({ ...payment, box: 'SW-OTHER' }, shop), '421 otherBox'],
    ['a read token', box.token(), '400 malformed'],
    ['a list', signCommand([payment], shop), '400 malformed'],
    ['no id', signCommand({ ...payment, id: undefined }, shop), '400 malformed'],
    ['nothing', '', '401 unsigned'],
    ['an essay', 'x'.repeat(commandMaxBytes + 1), '413 oversized'],
  ];
  for (const [what, jws, answer] of tries) assert.is(await refusalIn(await box.post(jws)), answer, what);
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(1024, 'x')) });
  const chunked = { method: 'POST', duplex: 'half', headers: { 'content-type': 'text/plain' } } as const;
  const drowned = await fetch(`${box.url}/v1/operations`, { ...chunked, body: endless }).then(
    refusalIn,
    String,
  );
  // The answer may be lost on the way to somebody who does not stop sending.
  assert.match(drowned, /^(413 oversized|TypeError: fetch failed)$/);
  const inPieces = await fetch(`${box.url}/v1/operations`, {
    ...chunked,
    body: new Blob([box.token()]).stream(),
  });
  assert.is(await refusalIn(inPieces), '400 malformed', 'a body in chunks is read');
  assert.equal(box.ledger(), []);
  // What was heard on the network may be sent again: it is the same operation.
  const result = await resultIn(await box.post(good, '?wait=30'));
  for (let each = 0; each < 20; each += 1) assert.equal(await resultIn(await box.post(good)), result);
  assert.equal(box.ledger(), ['sale 10050']);
  assert.equal(box.failures, []);
});

test('nobody reads without a fresh token of a known key for this box', async () => {
  const box = await open();
  const nowMs = Date.now();
  const at = (offsetMs: number): string => new Date(nowMs + offsetMs).toISOString();
  const tries: [what: string, token: string, answer: string][] = [
    ['a command', signCommand(box.payment(), shop), '401 unsigned'],
    ['a command that also says use', signCommand({ ...box.payment(), use: 'read' }, shop), '401 unsigned'],
    ['of an unknown key', box.token(nobody), '401 unsigned'],
    ['of another box', box.token(shop, { box: 'SW-OTHER' }), '421 otherBox'],
    ['too old', box.token(shop, { issuedAt: at(-700_000), expiresAt: at(-1) }), '401 unsigned'],
    ['too long', box.token(shop, { expiresAt: at(3_600_000) }), '401 unsigned'],
    ['from the future', box.token(shop, { issuedAt: at(200_000), expiresAt: at(300_000) }), '401 unsigned'],
    ['endless', box.token(shop, { expiresAt: undefined }), '401 unsigned'],
    ['long', 'x'.repeat(10_000), '401 unsigned'],
  ];
  for (const [what, token, answer] of tries)
    for (const path of ['/v1/status', '/v1/events', '/v1/operations/some-operation'])
      assert.is(await refusalIn(await box.get(path, bearer(token))), answer, `${what}: ${path}`);
  assert.is(await refusalIn(await box.get('/v1/status')), '401 unsigned');
  assert.is(await refusalIn(await box.get('/v1/status', { authorization: 'Basic eDp5' })), '401 unsigned');
  assert.is((await box.get('/v1/status', bearer(box.token()))).status, 200);
});

test('a name that is not the box’s is refused, on every path: DNS rebinding', async () => {
  const box = await open({ desk: { hosts: ['kassa.local'] } });
  const { port } = box;
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1.evil.example',
    'kassa.local.evil.example',
    '192.168.1.1',
    '[::1]',
    '0',
    '2130706433',
    '0x7f.1',
    '127.1',
    'localhost',
    'kassa.local@evil',
    '',
    ' ',
    '127.0.0.1:x',
  ])
    for (const path of ['/health', '/v1/status', '/payNow', '/openapi.json', '/nowhere'])
      assert.match(statusOf(await raw(box, request(`GET ${path}`, host))), /^4(21|00)$/, `${host} ${path}`);
  for (const host of [`127.0.0.1:${port}`, '127.0.0.1', 'kassa.local', `KASSA.local:${port}`])
    assert.is(statusOf(await raw(box, request('GET /health', host))), '200', host);
  assert.is(statusOf(await raw(box, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n')), '400', 'no Host');
  assert.is(statusOf(await raw(box, 'GET /health HTTP/1.0\r\n\r\n')), '400', 'HTTP/1.0 has none');
  const absolute = await raw(box, request(`GET http://evil.example/health`, 'evil.example'));
  assert.is(statusOf(absolute), '421');
  const twice = await raw(box, request('GET /health', `127.0.0.1:${port}`, 'Host: evil.example'));
  assert.match(statusOf(twice), /^4/);
});

test('pages of other origins may not ask, but those of the config', async () => {
  const box = await open({ desk: { origins: ['https://shop.example'] } });
  const jws = signCommand(box.payment(), shop);
  for (const origin of [
    'https://evil.example',
    'null',
    'https://shop.example.evil.example',
    'http://shop.example',
    'https://shop.example:444',
  ]) {
    assert.is(
      await refusalIn(await box.post(jws, '?wait=5', { origin, 'content-type': 'text/plain' })),
      '403 foreignOrigin',
      origin,
    );
    const asked = await box.get('/health', { origin });
    assert.is(asked.headers.get('access-control-allow-origin'), null, origin);
    assert.is(asked.status, 403);
  }
  assert.equal(box.ledger(), []);
  const preflight = await fetch(`${box.url}/v1/operations`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://shop.example',
      'access-control-request-method': 'POST',
      'access-control-request-private-network': 'true',
    },
  });
  assert.is(preflight.status, 204);
  const { headers } = preflight;
  assert.is(headers.get('access-control-allow-origin'), 'https://shop.example');
  assert.is(headers.get('access-control-allow-private-network'), 'true');
  assert.is(headers.get('access-control-allow-credentials'), null);
  assert.is((await box.post(jws, '?wait=30', { origin: 'https://shop.example' })).status, 200);
});

test('paths, methods, parameters and headers that are none', async () => {
  const { log, lines } = recordingLog();
  const box = await open({ log });
  const host = `127.0.0.1:${box.port}`;
  const token = box.token();
  const tries: [line: string, status: RegExp][] = [
    ['GET /v1/operations/..%2f..%2fetc%2fpasswd', /^404$/],
    ['GET /../../etc/passwd', /^404$/],
    ['GET //v1/status', /^404$/],
    ['GET /v1//status', /^404$/],
    ['GET /v1/status/', /^404$/],
    ['GET /V1/STATUS', /^404$/],
    ['GET /v1/operations/%00abcdefgh', /^404$/],
    ['GET /v1/operations/%0d%0aX-Evil:1', /^404$/],
    ['GET /v1/operations/%zz', /^40[04]$/],
    ['GET /v1/operations/__proto__', /^404$/],
    ['GET /v1/operations/constructor', /^404$/],
    ['GET /v1/operations/some-operation?wait=0', /^400$/],
    ['GET /v1/operations/some-operation?wait=61', /^400$/],
    ['GET /v1/operations/some-operation?wait=1&wait=2', /^400$/],
    ['GET /v1/operations/some-operation?wait=1e1', /^400$/],
    ['GET /v1/operations/some-operation?after=-1', /^400$/],
    ['GET /v1/operations', /^405$/],
    ['DELETE /v1/operations/some-operation', /^405$/],
    ['PUT /v1/operations', /^405$/],
    ['TRACE /health', /^40[05]$/],
    ['POST /health', /^405$/],
    ['GET * ', /^4/],
    ['NONSENSE', /^400$/],
    [`GET /${'x'.repeat(60_000)}`, /^431$/],
  ];
  for (const [line, status] of tries)
    assert.match(
      statusOf(await raw(box, request(line, host, `Authorization: Bearer ${token}`))),
      status,
      line,
    );
  const injected = await raw(box, request('GET /payNow?order=a.b.c&lang=%0d%0aSet-Cookie:%20x=1', host));
  assert.not.match(injected, /set-cookie/i);
  const smuggled = `POST /v1/operations HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/status HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const answers = await raw(box, smuggled);
  assert.is(answers.split('HTTP/1.1 ').length - 1, 1, answers.slice(0, 300));
  assert.is(statusOf(answers), '400');
  assert.is((await box.get('/health')).status, 200);
  const written = JSON.stringify(lines);
  assert.not.match(written, token.slice(0, 40));
});

test.run();
