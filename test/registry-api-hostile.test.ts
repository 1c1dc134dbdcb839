import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newToken, type Scope, scopes } from '../provisioning/registry/services/tokens.ts';
import { onBoth } from './registry/stores.ts';
import { type Reply, root, World } from './registry/world.ts';

const test = suite('registry api under attack');
const both = onBoth(test);

const dayMs = 86_400_000;

async function tokenFor(
  world: World,
  { may = scopes, customer = null }: { may?: readonly Scope[]; customer?: string | null } = {},
): Promise<string> {
  const made = await newToken(world.core, root, { name: 'test', scopes: may, customer, lifeMs: dayMs });
  return made.token;
}

both('bodies: too large, not JSON, of another type, with more than they should have', async (database) => {
  const world = new World(await database.open());
  const token = await tokenFor(world);
  const customers = '/v1/operator/customers';
  const large = await world.call('POST', '/v1/registrations', {
    body: 'x'.repeat(65_537),
    type: 'application/jose',
  });
  assert.is(large.status, 413);
  assert.is(large.problem?.code, 'tooLarge');
  const almost = await world.call('POST', '/v1/registrations', {
    body: 'x'.repeat(65_536),
    type: 'application/jose',
  });
  assert.is(almost.problem?.code, 'malformed');
  assert.is((await world.call('POST', customers, { token, body: '{"name":' })).problem?.code, 'malformed');
  const form = await world.call('POST', customers, {
    token,
    body: 'name=x',
    type: 'application/x-www-form-urlencoded',
  });
  assert.is(form.problem?.code, 'unsupportedMedia');
  const more = await world.call('POST', customers, { token, body: { name: 'x', id: 'CU-1', admin: true } });
  assert.is(more.problem?.code, 'malformed');
  assert.ok((more.problem?.faults?.length ?? 0) > 0);
  for (const name of ['', 'a\nb', 'a\u0000b', 'x'.repeat(129), 7, null, ['x']])
    assert.is((await world.call('POST', customers, { token, body: { name } })).problem?.code, 'malformed');
  const nested = await world.call('POST', customers, { token, body: '['.repeat(60_000) });
  assert.is(nested.problem?.code, 'malformed');
});

both('SQL in every place that a stranger fills', async (database) => {
  const world = new World(await database.open());
  const token = await tokenFor(world);
  const sql = `'; DROP TABLE boxes; --`;
  const box = await world.claimedBox(await world.customer(sql));
  await box.register(world, { version: sql, terminal: { vendor: sql, model: sql, software: sql, id: sql } });
  const paths = [
    'boxes/X',
    'boxes?customer=X',
    'boxes?after=X',
    'audit?subject=X',
    'audit?after=X',
    'alarms?after=X',
  ];
  for (const path of paths) {
    const reply = await world.call('GET', `/v1/operator/${path.replace('X', encodeURIComponent(sql))}`, {
      token,
    });
    assert.ok([200, 400, 404].includes(reply.status), `${path}: ${reply.status}`);
  }
  for (const nasty of ['%00', '%ed%a0%80', '%0d%0aX-Evil:%20yes', '..%2f..%2fetc', 'a'.repeat(5000)]) {
    const reply = await world.call('GET', `/v1/operator/boxes/${nasty}`, { token });
    assert.is(reply.status, 404, nasty);
    assert.is(reply.headers.get('X-Evil'), null);
  }
  const whole = await world.call('GET', `/v1/operator/boxes/${box.id}`, { token });
  assert.is((whole.json as { version: string }).version, sql, 'kept as it was told');
});

both('headers: what is answered is not kept, framed, sniffed, or told by whom', async (database) => {
  const world = new World(await database.open());
  for (const reply of [await world.call('GET', '/v1/health'), await world.call('GET', '/nowhere')]) {
    assert.is(reply.headers.get('Cache-Control'), 'no-store');
    assert.is(reply.headers.get('X-Content-Type-Options'), 'nosniff');
    assert.match(reply.headers.get('Content-Security-Policy') ?? '', /default-src 'none'/);
    assert.ok(reply.headers.get('Strict-Transport-Security'));
    assert.is(reply.headers.get('X-Powered-By'), null);
  }
  const wrong = await world.call('PUT', '/v1/registrations', { body: 'x' });
  assert.is(wrong.status, 405);
  assert.is(wrong.headers.get('Allow'), 'POST');
});

both('what goes wrong inside is told as that, without a word of how', async (database) => {
  const store = await database.open();
  const world = new World(store);
  world.authority.state = () => Promise.reject(new Error('secret /etc/path at line 7'));
  const token = await tokenFor(world);
  const reply = await world.call('GET', '/v1/operator/authority', { token });
  assert.is(reply.status, 500);
  assert.is(reply.problem?.code, 'failed');
  assert.not.match(reply.text, /secret|line|at /);
});

both('too many of one address, too many at once: told when to come again', async (database) => {
  const store = await database.open();
  const few = new World(store, { limits: { perAddressPerMinute: 3, atOnce: 100 } });
  const statuses: number[] = [];
  for (let at = 0; at < 5; at += 1) statuses.push((await few.call('GET', '/v1/health')).status);
  assert.equal(statuses, [200, 200, 200, 429, 429]);
  assert.is((await few.call('GET', '/v1/health', { address: '192.0.2.2' })).status, 200);
  const more = await few.call('GET', '/v1/health');
  assert.ok(Number(more.headers.get('Retry-After')) >= 20);
  few.nowMs += 20_000;
  assert.is((await few.call('GET', '/v1/health')).status, 200);

  const narrow = new World(store, { limits: { perAddressPerMinute: 1000, atOnce: 2 } });
  const replies = await Promise.all(Array.from({ length: 5 }, () => narrow.call('GET', '/v1/health')));
  assert.equal(
    replies.map(({ status }) => status),
    [200, 200, 503, 503, 503],
  );
  const pauses = replies.slice(2).map(({ headers }) => Number(headers.get('Retry-After')));
  assert.ok(pauses.every((seconds) => seconds >= 5 && seconds <= 60));
  assert.is((await narrow.call('GET', '/v1/health')).status, 200);
});

both('X-Forwarded-For is believed of our proxies alone', async (database) => {
  const store = await database.open();
  const limits = { perAddressPerMinute: 1, atOnce: 100 };
  const open = new World(store, { limits });
  const from = (world: World, forwarded: string): Promise<Reply> =>
    world.call('GET', '/v1/health', { headers: { 'X-Forwarded-For': forwarded } });
  assert.is((await from(open, '198.51.100.1')).status, 200);
  assert.is((await from(open, '198.51.100.2')).status, 429, 'it says so itself');
  const behind = new World(store, { limits, proxies: ['192.0.2.1'] });
  assert.is((await from(behind, '198.51.100.1')).status, 200);
  assert.is((await from(behind, '198.51.100.2')).status, 200);
  assert.is(
    (await from(behind, '203.0.113.7, 198.51.100.2')).status,
    429,
    'the nearest that is not ours counts',
  );
});

test.run();
