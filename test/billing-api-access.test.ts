import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { routes } from '../provisioning/registry/api/app.ts';
import openapi from '../provisioning/registry/api/openapi.json' with { type: 'json' };
import { json as jsonType } from '../provisioning/registry/api/route.ts';
import { scopes } from '../provisioning/registry/services/tokens.ts';
import { sellerIban } from './registry/billing-bench.ts';
import { at, paid, type Reply, Site } from './registry/billing-site.ts';
import { onBoth } from './registry/stores.ts';

const test = suite('billing api: who may what');
const both = onBoth(test);

/** A call of every route, as somebody would try it. */
const tries = routes
  .filter(({ path }) => path.startsWith(at))
  .map(({ method, path, scope }) => ({ method: method.toUpperCase(), path: path.slice(at.length), scope }));

both('a token for reading writes nothing, one for something else reads nothing', async (database) => {
  const site = await Site.open(await database.open());
  const reading = await site.tokenFor(['billing:read']);
  const foreign = await site.tokenFor(scopes.filter((scope) => !scope.startsWith('billing:')));
  assert.ok(tries.length > 25);
  for (const { method, path, scope } of tries) {
    const place = path.replace(/:\w+/g, 'CU-A');
    assert.is(scope, method === 'GET' ? 'billing:read' : 'billing:write', path);
    assert.is((await site.call(method, place, undefined, foreign)).code, 'forbidden', path);
    if (method !== 'GET')
      assert.is((await site.call(method, place, undefined, reading)).code, 'forbidden', path);
  }
});

both('a token of one customer: another’s bills are not there, and it decides nothing', async (database) => {
  const site = await Site.open(await database.open());
  await site.post('/payments', paid('R-1', { amount: 30_000 }));
  const token = await site.tokenFor(scopes, 'CU-B');
  const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
    site.call(method, path, body, token);
  const lists = ['/documents', '/payments', '/arrears', '/credits', '/reminders'];
  for (const list of lists) {
    const { status, text } = await call('GET', list);
    assert.is(status, 200, list);
    assert.not.match(text, /CU-A|000001/, list);
    const asked = await call('GET', `${list}?customer=CU-A`);
    assert.not.match(asked.text, /CU-A|000001/, list);
  }
  assert.match((await call('GET', '/documents')).text, /SW-2026-000002/);
  assert.is((await call('GET', '/documents/SW-2026-000002.html')).status, 200);
  assert.is((await call('GET', '/accounts/CU-B')).status, 200);
  assert.is((await call('GET', '/buyers/CU-B')).status, 200);
  for (const place of [
    '/documents/SW-2026-000001',
    '/documents/SW-2026-000001.html',
    '/documents/SA-2026-000001/lines',
    '/accounts/CU-A',
    '/buyers/CU-A',
    '/pauses/CU-A',
    '/assignments/CU-A',
  ])
    assert.is((await call('GET', place)).code, 'notFound', place);
  await site.bench.plan({ plan: 'friends', price: 1 });
  await site.bench.plan({ plan: 'own', price: 2 });
  await site.post('/assignments', { customer: 'CU-A', plan: 'friends', fromMonth: '2026-12' });
  await site.post('/assignments', { customer: 'CU-B', plan: 'own', fromMonth: '2026-12' });
  const plansOf = ({ json }: Reply) => (json as { plan: string }[]).map(({ plan }) => plan);
  assert.equal(plansOf(await call('GET', '/plans')), ['box', 'own'], 'what others pay is not told');
  assert.equal(plansOf(await site.call('GET', '/plans')), ['box', 'friends', 'own']);
  assert.is((await call('GET', '/documents?after=SW-2026-000001')).code, 'malformed');
  for (const place of ['/entries', '/runs']) assert.is((await call('GET', place)).code, 'forbidden', place);
  const before = await site.bench.papers();
  const because = { reason: 'x' };
  for (const [path, body] of [
    ['/payments', paid('R-2', { invoices: ['SW-2026-000002'], amount: 10_000 })],
    ['/payments/PM-1/reverse', because],
    ['/entries/1/book', { customer: 'CU-B' }],
    ['/entries/1/aside', because],
    ['/credit-notes', { invoice: 'SW-2026-000002', reason: 'mine' }],
    [
      '/money-back',
      { customer: 'CU-B', currency: 'UAH', amount: 1, day: '2026-11-02', iban: sellerIban, reference: 'x' },
    ],
    ['/accounts/CU-B/defer', { until: '2026-12-31', reason: 'mine' }],
    ['/suspensions', undefined],
    ['/plans', { plan: 'p', name: 'p', currency: 'UAH', price: 0, trialDays: 0, fromMonth: '2026-01' }],
    ['/plans/box/prices', { price: 0, trialDays: 0, fromMonth: '2027-01' }],
    ['/assignments', { customer: 'CU-B', plan: 'box', fromMonth: '2026-01' }],
    ['/pauses', { billedAs: 'SW-3', from: '2026-12-24', to: '2026-12-25' }],
    ['/buyers/CU-B', { name: 'x' }],
  ] as const)
    assert.is((await call('POST', path, body)).code, 'forbidden', path);
  assert.is((await call('DELETE', '/pauses/PA-1')).code, 'forbidden');
  assert.equal(await site.bench.papers(), before);
});

both('a restored registry books and issues nothing, and is read all the same', async (database) => {
  const site = await Site.open(await database.open());
  site.bench.world.restored = true;
  assert.is((await site.call('POST', '/payments', paid('R-1'))).code, 'restored');
  assert.is((await site.call('POST', '/suspensions')).code, 'restored');
  assert.is((await site.call('GET', '/documents')).status, 200);
});

both('where nobody is billed there are no bills', async (database) => {
  const site = new Site(await database.open(), false);
  site.token = await site.tokenFor();
  for (const { method, path } of tries.filter(({ method }) => method === 'GET'))
    assert.is((await site.call(method, path.replace(/:\w+/g, 'CU-A'))).code, 'notFound', path);
  assert.is((await site.call('POST', '/payments', paid('R-1'))).code, 'notFound');
});

test('every call is described, also that a paper may be had as a page', () => {
  const paths = openapi.paths as Record<
    string,
    Record<string, { responses: Record<string, { content?: object }> }>
  >;
  for (const { method, path } of routes) {
    const described = paths[path.replace(/:([a-z]+)/g, '{$1}')]?.[method];
    assert.ok(described, `${method} ${path}`);
  }
  const paper = paths[`${at}/documents/{number}`]?.get?.responses[200]?.content;
  assert.equal(Object.keys(paper ?? {}), [jsonType, 'text/html']);
});

test.run();
