/** The LAN link as a sale system meets it: HTTP on loopback, the real gateway behind it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BoxEvent, BoxStatus } from '../gateway/contract/event.ts';
import type { Result } from '../gateway/contract/result.ts';
import { readResult, signCommand } from '../gateway/simulators/sale-system.ts';
import { type DeskBox, deskKeys, openDeskBox, refusalIn, resultIn, until } from './support/desk-box.ts';

const test = suite('desk: the LAN link');
const opened: DeskBox[] = [];
test.after.each(async () => {
  for (const box of opened.splice(0)) await box.close();
});
async function open(...args: Parameters<typeof openDeskBox>): Promise<DeskBox> {
  const box = await openDeskBox(...args);
  opened.push(box);
  return box;
}
const { shop, other } = deskKeys;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('a sale: waited for, signed, the same bytes again, and once at the bank', async () => {
  const box = await open();
  const payment = box.payment({ order: 'Z-1' });
  const jws = signCommand(payment, shop);
  const first = await box.post(jws, '?wait=30');
  assert.is(first.headers.get('content-type'), 'application/jose');
  const text = await first.clone().text();
  const result = await resultIn(first);
  assert.equal(
    [result.outcome, result.id, result.order, result.sequence],
    ['approved', payment.id, 'Z-1', 1],
  );
  assert.is(await (await box.post(`${jws}\r\n`)).text(), text, 'the same bytes, without waiting');
  const again = signCommand(
    { ...payment, expiresAt: '2099-01-01T00:00:00Z', issuedAt: '2098-12-31T23:59:00Z' },
    shop,
  );
  assert.is(await (await box.post(again)).text(), text, 'another deadline is no other content');
  assert.is(await (await box.get(`/v1/operations/${payment.id}`, bearer(box.token()))).text(), text);
  assert.equal(box.ledger(), ['sale 10050']);
});

test('without waiting: 202 and how far it is; the result is there to be fetched', async () => {
  const box = await open({ script: { options: { stepMs: 150, lookUpMs: 1 } } });
  const payment = box.payment();
  const first = await box.post(signCommand(payment, shop), '', {
    'content-type': 'text/plain;charset=utf-8',
  });
  assert.is(first.status, 202);
  assert.equal(await first.json(), { id: payment.id, state: 'accepted', step: null });
  await until(() => box.gateway.status().operation?.state === 'running');
  const path = `/v1/operations/${payment.id}`;
  const second = await box.get(path, bearer(box.token()));
  assert.is(second.status, 202);
  assert.is(((await second.json()) as { state: string }).state, 'running');
  const result = await resultIn(await box.get(`${path}?wait=60`, bearer(box.token())));
  assert.is(result.outcome, 'approved');
  const late = await box.get(`${path}?wait=1&after=${result.sequence}`, bearer(box.token()));
  assert.is(late.status, 202, 'no later result in that second');
});

test('100 clients wait for 100 operations at once: each gets its own, one at a time at the bank', async () => {
  const box = await open({ script: { options: { stepMs: 60, lookUpMs: 1 } } });
  const payments = Array.from({ length: 100 }, (_, at) => box.payment({ amount: 1000 + at }));
  const results = await Promise.all(
    payments.map(async (payment) => resultIn(await box.post(signCommand(payment, shop), '?wait=60'))),
  );
  assert.equal(
    results.map(({ id }) => id),
    payments.map(({ id }) => id),
  );
  const outcomes = results.map(({ outcome, reason }) => `${outcome} ${reason.code}`);
  const approved = results
    .filter(({ outcome }) => outcome === 'approved')
    .map(({ amount }) => `sale ${amount}`);
  // On a slow machine the last ones may come when the first sale is over.
  assert.ok(approved.length >= 1 && approved.length < 50, `${approved.length}`);
  assert.is(outcomes.filter((one) => one === 'refused busy').length, 100 - approved.length);
  assert.equal(box.ledger(), approved);
});

test('100 clients wait for the same operation: the same bytes for all, and a client that goes away changes nothing', async () => {
  const box = await open({ script: { options: { stepMs: 100, lookUpMs: 1 } } });
  const jws = signCommand(box.payment(), shop);
  const gone = new AbortController();
  const leaving = Array.from({ length: 20 }, () =>
    fetch(`${box.url}/v1/operations?wait=60`, {
      method: 'POST',
      body: jws,
      headers: { 'content-type': 'application/jose' },
      signal: gone.signal,
    }).catch(() => 'gone'),
  );
  const staying = Array.from({ length: 100 }, () => box.post(jws, '?wait=60'));
  await until(() => box.gateway.status().operation?.state === 'running');
  gone.abort();
  assert.equal(new Set(await Promise.all(leaving)), new Set(['gone']));
  const texts = await Promise.all((await Promise.all(staying)).map((response) => response.text()));
  assert.is(new Set(texts).size, 1);
  assert.is(readResult(texts[0] ?? '', shop)?.outcome, 'approved');
  assert.equal(box.ledger(), ['sale 10050']);
});

const rounds = process.env.SWIPE_SOAK === '1' ? 1000 : 100;

test(`broker and desk bring the same command at the same moment, ${rounds} times: one charge, one result`, async () => {
  const box = await open({
    script: { options: { stepMs: 1, lookUpMs: 0 } },
    limits: { perAddressPerMinute: 1e6, perMinute: 1e6 },
  });
  const heard = new Map<string, Result[]>();
  const broker = await box.onBroker(shop, {
    result: (result) => heard.set(result.id, [...(heard.get(result.id) ?? []), result]),
  });
  const ids: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const payment = box.payment({ amount: 100 + round });
    ids.push(payment.id);
    const onBroker = (): Promise<void> => broker.send(payment);
    const onLan = (): Promise<Response> => box.post(signCommand(payment, shop), '?wait=60');
    // Which of them is the first changes from round to round.
    const [response] =
      round % 2 === 0
        ? await Promise.all([onLan(), onBroker()])
        : (await Promise.all([onBroker(), onLan()])).reverse();
    const result = await resultIn(response as Response);
    assert.is(result.outcome, 'approved', payment.id);
    await until(() => heard.has(payment.id));
    for (const told of heard.get(payment.id) ?? []) assert.equal(told, result);
  }
  await broker.close();
  assert.equal(
    box.ledger(),
    ids.map((_, round) => `sale ${100 + round}`),
  );
  assert.equal(
    ids.map((id) => box.journal.resultOf(id)?.sequence),
    ids.map((_, round) => round + 1),
    'one result each, without gaps',
  );
  assert.equal(box.failures, []);
});

test('the same id with another content: 409, and what stands, stands', async () => {
  const box = await open();
  const payment = box.payment();
  const result = await resultIn(await box.post(signCommand(payment, shop), '?wait=30'));
  assert.is(await refusalIn(await box.post(signCommand({ ...payment, amount: 1 }, shop))), '409 duplicate');
  assert.is(
    await refusalIn(await box.post(signCommand({ ...payment, callback: 'https://x.example/' }, shop))),
    '409 duplicate',
  );
  assert.equal(await resultIn(await box.post(signCommand(payment, shop))), result);
  assert.equal(box.ledger(), ['sale 10050']);
});

test('another key of the box gets neither the result nor the state: it could not check them', async () => {
  const box = await open();
  const payment = box.payment();
  await resultIn(await box.post(signCommand(payment, shop), '?wait=30'));
  assert.is(await refusalIn(await box.post(signCommand(payment, other))), '403 otherKey');
  const path = `/v1/operations/${payment.id}`;
  assert.is(await refusalIn(await box.get(path, bearer(box.token(other)))), '403 otherKey');
  assert.is(
    await refusalIn(await box.get('/v1/operations/never-seen-1', bearer(box.token()))),
    '404 notFound',
  );
  // As over MQTT, `status` may ask for any operation: its own result is signed for who asked.
  const asked = await box.post(signCommand(box.command('status', { target: payment.id }), other));
  assert.is((await resultIn(asked, other)).target?.result?.outcome, 'approved');
});

test('what the box refuses is a signed result, as over MQTT', async () => {
  const box = await open();
  const outcome = async (command: object): Promise<string> => {
    const { outcome, reason } = await resultIn(await box.post(signCommand(command, shop), '?wait=5'));
    return `${outcome} ${reason.code}`;
  };
  assert.is(await outcome(box.payment({ amount: 0.5 })), 'refused invalid');
  assert.is(
    await outcome(box.payment({ issuedAt: '2026-01-01T10:00:00Z', expiresAt: '2026-01-01T10:01:00Z' })),
    'refused expired',
  );
  assert.is(
    await outcome(box.command('resolve', { target: 'operation-1', outcome: 'failed', by: 'x' })),
    'refused forbidden',
  );
  assert.is(await outcome(box.command('abort', { target: 'operation-2' })), 'done ');
  assert.is(await outcome(box.payment({ id: 'operation-2' })), 'refused aborted');
  assert.equal(box.ledger(), []);
});

test('a full disk takes nothing in, and says so', async () => {
  const box = await open();
  box.journal.isFull = true;
  const jws = signCommand(box.payment(), shop);
  assert.is(await refusalIn(await box.post(jws, '?wait=5')), '503 storageFull');
  box.journal.isFull = false;
  assert.is((await resultIn(await box.post(jws, '?wait=30'))).outcome, 'approved');
});

test('status and events need a token, health needs none', async () => {
  const box = await open({ script: { options: { stepMs: 1100, lookUpMs: 1 } } });
  assert.equal(await (await box.get('/health')).json(), {
    ok: true,
    box: box.box,
    version: box.gateway.status().version,
  });
  assert.is(((await (await box.get('/openapi.json')).json()) as { openapi: string }).openapi, '3.1.0');
  assert.equal(await (await box.get('/v1/status', bearer(box.token()))).json(), box.gateway.status());

  const gone = new AbortController();
  const response = await fetch(`${box.url}/v1/events`, { headers: bearer(box.token()), signal: gone.signal });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  let text = '';
  const reading = (async () => {
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>)
      text += Buffer.from(piece).toString();
  })().catch(() => {});
  const payment = box.payment();
  await resultIn(await box.post(signCommand(payment, shop), '?wait=30'));
  await until(() => text.includes('"operation":null', text.indexOf('progress')));
  gone.abort();
  await reading;
  const messages = text
    .trimEnd()
    .split('\n\n')
    .map((message) => message.split('\n'));
  const [first] = messages;
  assert.is(first?.[0], 'event: status');
  assert.is((JSON.parse(first?.[1]?.slice(6) ?? '') as BoxStatus).box, box.box);
  const events = messages
    .filter((lines) => lines.length === 1)
    .map(([line]) => JSON.parse(line?.slice(6) ?? '') as BoxEvent);
  const steps = events.flatMap((event) =>
    event.type === 'progress' && event.id === payment.id ? [event.step] : [],
  );
  assert.ok(steps.includes('authorising'), steps.join());
});

test('an event stream ends with its token', async () => {
  const box = await open();
  const nowMs = Date.now();
  const token = box.token(shop, {
    issuedAt: new Date(nowMs - 60_000).toISOString(),
    expiresAt: new Date(nowMs + 400).toISOString(),
  });
  const response = await box.get('/v1/events', bearer(token));
  assert.match(await response.text(), /^event: status/);
  assert.is(await refusalIn(await box.get('/v1/events', bearer(token))), '401 unsigned');
});

test('when the box stops, those that wait are told so at once, and the sale goes on where it was', async () => {
  const box = await openDeskBox({ script: { options: { stepMs: 60_000, lookUpMs: 1 } } });
  const jws = signCommand(box.payment(), shop);
  const waiting = Array.from({ length: 20 }, () => box.post(jws, '?wait=60').then(refusalIn));
  const stream = await box.get('/v1/events', bearer(box.token()));
  await until(() => box.gateway.status().operation?.state === 'running');
  await until(() => box.gateway.desk()?.waiting === 20);
  await box.close();
  assert.equal(new Set(await Promise.all(waiting)), new Set(['503 stopping']));
  assert.match(await stream.text(), /event: status/);
  assert.is(
    box.journal.find(JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()).id)?.stage,
    'running',
  );
});

test.run();
