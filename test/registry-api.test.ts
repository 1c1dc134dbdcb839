import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { routes } from '../provisioning/registry/api/app.ts';
import { json } from '../provisioning/registry/api/route.ts';
import { newToken, type Scope, scopes } from '../provisioning/registry/services/tokens.ts';
import { onBoth } from './registry/stores.ts';
import { type Reply, root, TestBox, World } from './registry/world.ts';

const test = suite('registry api');
const both = onBoth(test);

const dayMs = 86_400_000;

async function tokenFor(
  world: World,
  { may = scopes, customer = null }: { may?: readonly Scope[]; customer?: string | null } = {},
): Promise<string> {
  const made = await newToken(world.core, root, { name: 'test', scopes: may, customer, lifeMs: dayMs });
  return made.token;
}

/** A call with a token; what comes back fits the schema that the description promises. */
async function operate(
  world: World,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Reply> {
  const reply = await world.call(method, path, { token, ...(body === undefined ? {} : { body }) });
  if (reply.status !== 200) return reply;
  const place = path.split('?', 1)[0] ?? '';
  const route = routes.find(
    (one) =>
      one.method === method.toLowerCase() &&
      new RegExp(`^${one.path.replace(/:\w+/g, '[^/]+')}$`).test(place),
  );
  const schema = route?.answer?.[json];
  if (schema === undefined) throw new Error(`${method} ${path} is described nowhere`);
  v.parse(schema, reply.json);
  return reply;
}

both('an operator’s day: customer, claim, box, pairing code, audit, alarms, retire', async (database) => {
  const world = new World(await database.open());
  const token = await tokenFor(world);
  const call = (method: string, path: string, body?: object): Promise<Reply> =>
    operate(world, token, method, `/v1/operator${path}`, body);
  const { customer } = (await call('POST', '/customers', { name: 'Крамниця "У Ліни"' })).json as {
    customer: string;
  };
  const { code } = (await call('POST', '/claims', { customer })).json as { code: string };
  const box = new TestBox();
  await box.register(world, { claim: code });
  const list = (await call('GET', `/boxes?customer=${customer}&status=claimed`)).json as { box: string }[];
  assert.equal(
    list.map((one) => one.box),
    [box.id],
  );
  const pairing = (await call('POST', `/boxes/${box.id}/pairing-codes`)).json as { code: string };
  const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx';
  const paired = await world.call('POST', '/v1/pairings', { body: { code: pairing.code, name: '1C', csr } });
  assert.is(paired.status, 200);
  const whole = (await call('GET', `/boxes/${box.id}`)).json as { pairings: { keys: { kid: string }[] }[] };
  const kid = whole.pairings[0]?.keys[0]?.kid ?? '';
  assert.is((await call('DELETE', `/keys/${kid}`)).status, 204);
  assert.is((await call('POST', `/boxes/${box.id}/retire`, { as: 'lost' })).status, 204);
  await box.send(world, box.signed());
  const alarms = (await call('GET', '/alarms')).json as { alarm: number; kind: string }[];
  assert.equal(
    alarms.map(({ kind }) => kind),
    ['retiredSeen'],
  );
  assert.is((await call('POST', `/alarms/${alarms[0]?.alarm}/acknowledge`)).status, 204);
  assert.equal((await call('GET', '/alarms')).json, []);
  const log = (await call('GET', '/audit?limit=1000')).json as { actor: string; action: string }[];
  const actions = new Set(log.map(({ action }) => action));
  for (const action of [
    'customer.added',
    'claim.added',
    'box.claimed',
    'pairing.added',
    'key.revoked',
    'box.lost',
  ])
    assert.ok(actions.has(action), action);
  const actor = log.find(({ action }) => action === 'box.lost')?.actor ?? '';
  assert.match(actor, /^token:TK-/);
  assert.is((await call('GET', '/customers')).status, 200);
  assert.is((await call('GET', '/claims')).status, 200);
  assert.is((await call('GET', '/tokens')).status, 200);
  assert.is((await call('GET', '/authority')).status, 200);
});

both('without a token, with a wrong, an ended, or one for something else: nothing', async (database) => {
  const world = new World(await database.open());
  const ended = await tokenFor(world);
  world.nowMs += dayMs;
  const list = '/v1/operator/boxes';
  for (const token of [undefined, 'x', `swipe_${'A'.repeat(43)}`, ended]) {
    const reply = await world.call('GET', list, token === undefined ? {} : { token });
    assert.is(reply.problem?.code, 'unauthorized', token);
    assert.is(reply.headers.get('WWW-Authenticate'), 'Bearer');
  }
  const reading = await tokenFor(world, { may: ['boxes:read'] });
  assert.is((await world.call('GET', list, { token: reading })).status, 200);
  for (const route of routes.filter(({ scope }) => scope !== undefined && scope !== 'boxes:read')) {
    const path = route.path.replace(/:\w+/g, 'SW-000000000000');
    const reply = await world.call(route.method.toUpperCase(), path, { token: reading });
    assert.is(reply.problem?.code, 'forbidden', route.path);
  }
  assert.is((await world.call('GET', '/metrics', { token: reading })).problem?.code, 'forbidden');
});

both('another customer’s data with a valid token: it is not there', async (database) => {
  const world = new World(await database.open());
  const [mine, theirs] = [await world.customer('Mine'), await world.customer('Theirs')];
  const [own, foreign] = [await world.claimedBox(mine), await world.claimedBox(theirs)];
  await world.claim(theirs);
  const token = await tokenFor(world, { customer: mine });
  const call = (method: string, path: string, body?: object): Promise<Reply> =>
    operate(world, token, method, `/v1/operator${path}`, body);
  const code = async (method: string, path: string, body?: object): Promise<string | undefined> =>
    (await call(method, path, body)).problem?.code;
  assert.equal(
    ((await call('GET', '/boxes')).json as { box: string }[]).map(({ box }) => box),
    [own.id],
  );
  assert.equal((await call('GET', `/boxes?customer=${theirs}`)).json, []);
  for (const list of ['/customers', '/claims', '/audit?limit=1000', '/alarms?all=true', '/tokens'])
    assert.not.ok((await call('GET', list)).text.includes(theirs), list);
  assert.is(await code('GET', `/boxes/${foreign.id}`), 'notFound');
  assert.is(await code('POST', `/boxes/${foreign.id}/retire`, { as: 'stolen' }), 'notFound');
  assert.is(await code('POST', `/boxes/${foreign.id}/pairing-codes`), 'notFound');
  assert.is(await code('POST', `/boxes/${own.id}/move`, { customer: theirs }), 'forbidden');
  assert.is(await code('POST', '/claims', { customer: theirs }), 'notFound');
  assert.is(await code('POST', '/claims', { customer: mine, replaces: foreign.id }), 'notFound');
  assert.is(await code('POST', `/customers/${theirs}/leave`), 'notFound');
  assert.is(await code('POST', '/customers', { name: 'x' }), 'forbidden');
  assert.is(
    await code('POST', '/tokens', { name: 'x', scopes: ['boxes:read'], customer: theirs }),
    'forbidden',
  );
  assert.is(await code('POST', '/authority/rotate', { what: 'ca', step: 'begin' }), 'forbidden');
  const all = await world.core.store.reader
    .selectFrom('claims')
    .select('id')
    .where('customer', '=', theirs)
    .execute();
  for (const { id } of all) assert.is(await code('DELETE', `/claims/${id}`), 'notFound');
  const bound = await call('POST', '/tokens', { name: 'x', scopes: ['boxes:read'] });
  const { token: inner } = bound.json as { token: string };
  const seen = await world.call('GET', '/v1/operator/boxes', { token: inner });
  assert.not.ok(seen.text.includes(foreign.id), 'what it makes is bound as it is');
});

both('nobody gives more than he has', async (database) => {
  const world = new World(await database.open());
  const token = await tokenFor(world, { may: ['tokens:write', 'boxes:read'] });
  const wish = { name: 'x', scopes: ['boxes:read', 'boxes:write'] };
  const reply = await world.call('POST', '/v1/operator/tokens', { token, body: wish });
  assert.is(reply.problem?.code, 'forbidden');
  assert.match(reply.problem?.detail ?? '', /boxes:write/);
});

both('health, metrics, the description', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  await box.send(world, 'nonsense');
  const token = await tokenFor(world, { may: ['metrics:read'] });
  const { text, headers } = await world.call('GET', '/metrics', { token });
  assert.match(headers.get('Content-Type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(
    text,
    /^swipe_registry_http_requests_total\{route="post \/v1\/registrations",status="200"\} 1$/m,
  );
  assert.match(text, /^swipe_registry_refusals_total\{code="malformed"\} 1$/m);
  assert.match(
    text,
    /^swipe_registry_http_request_seconds_bucket\{route="post \/v1\/registrations",le="\+Inf"\} 2$/m,
  );
  assert.match(text, /^swipe_registry_errands_due 1$/m);
  assert.match(text, /^swipe_registry_restored 0$/m);
  for (const line of text.trim().split('\n'))
    assert.match(line, /^(# (HELP|TYPE) .+|[a-z_]+(\{[^}]*\})? [-+.\de]+)$/);
  const description = (await world.call('GET', '/v1/openapi.json')).json as {
    openapi: string;
    paths: object;
  };
  assert.is(description.openapi, '3.1.0');
  assert.is(Object.keys(description.paths).length, new Set(routes.map(({ path }) => path)).size);
  assert.equal((await world.call('GET', '/v1/health')).json, {
    ok: true,
    version: (await import('../gateway/version.ts')).version,
    mode: 'normal',
    time: '2026-11-21T08:00:00.000Z',
  });
});

test.run();
