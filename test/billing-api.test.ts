import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paperPolicy } from '../provisioning/registry/api/billing-routes.ts';
import { billingDay } from '../provisioning/registry/billing/daily/day.ts';
import { importEntries } from '../provisioning/registry/billing/ledger/import-entries.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { ibanOf } from './fixtures/billing/papers.ts';
import { kyiv, sellerIban } from './registry/billing-bench.ts';
import { paid, Site } from './registry/billing-site.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing api');
const both = onBoth(test);

both('papers: in pages, with lines, as a page to print that may load nothing', async (database) => {
  const site = await Site.open(await database.open());
  const numbers = async (query: string): Promise<string[]> =>
    (await site.get<{ number: string }[]>(`/documents?${query}`)).map(({ number }) => number);
  assert.equal(await numbers('limit=3'), ['SW-2026-000002', 'SW-2026-000001', 'SA-2026-000002']);
  assert.equal(await numbers('limit=3&after=SA-2026-000002'), ['SA-2026-000001']);
  assert.equal(await numbers('kind=invoice&customer=CU-A&month=2026-10'), ['SW-2026-000001']);
  await site.post('/payments', paid('R-1'));
  assert.equal(await numbers('open=true'), ['SW-2026-000002']);
  for (const query of ['month=2026-13', 'kind=bill', 'open=yes', 'after=SW-2026-000099', 'limit=0'])
    assert.is((await site.call('GET', `/documents?${query}`)).code, 'malformed', query);
  const act = await site.get<{ lines: { billedAs: string }[]; open: number }>('/documents/SA-2026-000001');
  assert.equal(
    act.lines.map(({ billedAs }) => billedAs),
    ['SW-1', 'SW-2'],
  );
  assert.equal(await site.get('/documents/SA-2026-000001/lines?limit=1&after=SW-1'), [act.lines[1]]);
  const page = await site.call('GET', '/documents/SW-2026-000001.html?language=en');
  assert.is(page.status, 200);
  assert.match(page.text, /^<!doctype html>\n<html lang="en">/);
  assert.is(page.headers.get('Content-Type'), 'text/html; charset=utf-8');
  assert.is(page.headers.get('Content-Security-Policy'), paperPolicy);
  assert.is(page.headers.get('X-Content-Type-Options'), 'nosniff');
  assert.is(page.headers.get('Cache-Control'), 'no-store');
  assert.not.match(page.text, /<script|<link|<img|https?:\/\/(?!www\.w3\.org|qr\.bank\.gov\.ua)/);
  const other = await site.call('GET', '/documents/SW-2026-000001');
  assert.match(
    other.headers.get('Content-Security-Policy') ?? '',
    /^default-src 'none'; frame-ancestors 'none'$/,
  );
  for (const place of ['SW-2026-000009', 'SW-2026-000009.html', '.html', "SW'--", 'SW-2026-000009/lines'])
    assert.is((await site.call('GET', `/documents/${place}`)).code, 'notFound', place);
  assert.is((await site.call('GET', '/documents/SW-2026-000001.html?language=pl')).code, 'malformed');
});

both('posted again after a reversal: told as reversed, and booked with `anew` alone', async (database) => {
  const site = await Site.open(await database.open());
  type Booked = { payment: string; again: boolean; reversed: string | null };
  const { payment } = await site.post<Booked>('/payments', paid('R-1'));
  await site.call('POST', `/payments/${payment}/reverse`, { reason: 'gone' });
  const told = await site.post<Booked>('/payments', paid('R-1'));
  assert.equal([told.payment, told.again, told.reversed], [payment, true, 'gone']);
  assert.is((await site.call('POST', '/payments', paid('R-1', { anew: 'yes' }))).code, 'malformed');
  const anew = await site.post<Booked>('/payments', paid('R-1', { anew: true }));
  assert.equal([anew.payment === payment, anew.again, anew.reversed], [false, false, null]);
});

both('money: booked once, exactly; entries that wait; credit; back again', async (database) => {
  const site = await Site.open(await database.open());
  const { core, billing, store } = site.bench;
  const first = await site.post<{ payment: string; again: boolean; state: string }>('/payments', paid('R-1'));
  assert.equal([first.again, first.state], [false, 'active']);
  const again = await site.post<{ payment: string; again: boolean }>('/payments', paid('R-1'));
  assert.equal([again.payment, again.again], [first.payment, true]);
  assert.is((await site.call('POST', '/payments', paid('R-1', { amount: 20_001 }))).code, 'conflict');
  const [row] = await site.get<{ reference: string }[]>('/payments?customer=CU-A');
  assert.is(row?.reference, `${sellerIban} R-1`, 'a statement with the same movement finds it');
  for (const wrong of [
    { amount: 100.5 },
    { amount: '100' },
    { amount: 0 },
    { amount: -1 },
    { amount: 1e21 },
    { amount: null },
    { currency: 'uah' },
    { currency: 'XXX' },
    { day: '2026-02-30' },
    { day: '2026-11-04' },
    { reference: '' },
    { reference: 'a\nb' },
    { invoices: 'SW-2026-000001' },
    { invoices: [] },
    { sum: 1 },
  ])
    assert.is(
      (await site.call('POST', '/payments', paid('R-2', wrong))).code,
      'malformed',
      JSON.stringify(wrong),
    );
  assert.is((await site.call('POST', '/payments', '{"amount":')).code, 'malformed');
  assert.is((await site.call('POST', '/payments', paid('R-2', { customer: 'CU-X' }))).code, 'notFound');
  assert.is((await site.call('POST', '/payments', paid('R-2', { customer: 'CU-B' }))).code, 'conflict');
  assert.is((await site.call('POST', '/payments', `${' '.repeat(70_000)}{}`)).code, 'tooLarge');

  const line = { account: sellerIban, referenceFrom: 'bank', day: '2026-11-02', currency: 'UAH' } as const;
  const payer = { name: 'x', iban: null, code: null };
  await importEntries(core, billing, root, [
    {
      ...line,
      reference: 'S-1',
      amount: 4_000,
      direction: 'credit',
      reversal: false,
      payer,
      purpose: 'рахунок SW-2026-000002',
    },
    { ...line, reference: 'S-2', amount: 7, direction: 'debit', reversal: false, payer, purpose: 'плата' },
  ]);
  const waiting = await site.get<{ entry: number; why: string }[]>('/entries?state=waiting');
  assert.equal(
    waiting.map(({ why }) => why),
    ['partial', 'debit'],
  );
  const [part, fee] = waiting.map(({ entry }) => entry);
  assert.equal(await site.get(`/entries?state=waiting&after=${part}`), [waiting[1]]);
  const booked = await site.post<{ customer: string; settled: object[] }>(`/entries/${part}/book`, {
    invoices: ['SW-2026-000002'],
  });
  assert.equal(booked.settled, [{ invoice: 'SW-2026-000002', amount: 4_000 }]);
  assert.is((await site.call('POST', `/entries/${part}/aside`, { reason: 'x' })).code, 'conflict');
  assert.is((await site.call('POST', `/entries/${fee}/book`, { customer: 'CU-B' })).code, 'conflict');
  assert.is((await site.call('POST', `/entries/${fee}/book`, {})).code, 'malformed');
  assert.is((await site.call('POST', '/entries/x/aside', { reason: 'x' })).code, 'notFound');
  assert.is((await site.call('POST', `/entries/${fee}/aside`, { reason: 'a fee' })).status, 204);

  const note = await site.post<{ number: string; credit: number }>('/credit-notes', {
    invoice: 'SW-2026-000001',
    total: 5_000,
    reason: 'broken',
  });
  assert.equal([note.number, note.credit], ['SC-2026-000001', 5_000]);
  assert.equal(await site.get('/credits'), [{ customer: 'CU-A', currency: 'UAH', amount: 5_000 }]);
  const back = { customer: 'CU-A', currency: 'UAH', amount: 2_000, day: '2026-11-02', reference: 'B-1' };
  const iban = ibanOf('388888', '26009000000042');
  assert.is(
    (await site.call('POST', '/money-back', { ...back, iban: iban.replace('2', '3') })).code,
    'malformed',
  );
  assert.is((await site.post<{ credit: number }>('/money-back', { ...back, iban })).credit, 3_000);
  assert.is((await site.call('POST', `/payments/${first.payment}/reverse`, { reason: 'none' })).status, 204);
  assert.is(
    (await site.call('POST', `/payments/${first.payment}/reverse`, { reason: 'x' })).code,
    'conflict',
  );
  // Of 200.00 there were 50.00 taken back, of which 20.00 have left.
  const owed = await site.get<{ open: { open: number }[] }>('/accounts/CU-A');
  assert.is(owed.open[0]?.open, 17_000);
  const told = await site.get<{ credit: object[]; open: object[] }>('/accounts/CU-B');
  assert.equal([told.credit, told.open.length], [[], 1]);
  assert.equal(await proveLedger(store.reader), []);
});

both('who is late; what stops for the operator’s word; plans, pauses, legal details', async (database) => {
  const site = await Site.open(await database.open());
  const { bench } = site;
  // Late first, as on every day; then so late that both are due at once.
  for (const day of ['2026-11-20', '2026-12-15']) {
    bench.at(kyiv(`${day}T04:00`));
    await billingDay(bench.core, bench.billing);
  }
  const late =
    await site.get<{ invoice: string; state: string; daysLate: number }[]>('/arrears?customer=CU-A');
  assert.equal(
    late.map(({ invoice, state, daysLate }) => [invoice, state, daysLate]),
    [['SW-2026-000001', 'pastDue', 29]],
  );
  assert.is((await site.get<object[]>('/reminders')).length, 4);
  assert.is((await site.get<object[]>('/reminders?after=3')).length, 1);
  const until = { until: '2026-12-31', reason: 'promised' };
  assert.equal(await site.post('/accounts/CU-B/defer', until), { state: 'pastDue' });
  assert.equal(await site.post('/suspensions'), { active: 0, pastDue: 0, suspended: 1 });
  assert.is((await site.get<{ state: string }>('/accounts/CU-A')).state, 'suspended');
  assert.is(
    (await site.call('POST', '/accounts/CU-B/defer', { until: '2026-12-01', reason: 'x' })).code,
    'malformed',
  );
  assert.is((await site.call('POST', '/accounts/CU-X/defer', until)).code, 'notFound');
  const runs = await site.get<{ month: string; invoices: number }[]>('/runs');
  assert.equal(
    runs.map(({ month, invoices }) => `${month} ${invoices}`),
    ['2026-11 2', '2026-10 2'],
  );

  const plan = {
    plan: 'basic',
    name: 'Базовий',
    currency: 'UAH',
    price: 24_990,
    trialDays: 14,
    fromMonth: '2026-01',
  };
  await site.post('/plans', plan);
  assert.is((await site.call('POST', '/plans', plan)).code, 'conflict');
  for (const wrong of [
    { currency: 'XXX' },
    { price: 1.5 },
    { trialDays: 400 },
    { fromMonth: '2026-1' },
    { plan: 'A' },
  ])
    assert.is((await site.call('POST', '/plans', { ...plan, plan: 'other', ...wrong })).code, 'malformed');
  const price = { price: 26_990, trialDays: 7, fromMonth: '2027-01' };
  assert.is((await site.call('POST', '/plans/basic/prices', price)).status, 204);
  assert.is(
    (await site.call('POST', '/plans/basic/prices', { ...price, fromMonth: '2026-12' })).code,
    'conflict',
  );
  assert.is((await site.get<{ prices: object[] }[]>('/plans'))[0]?.prices.length, 2);
  const assignment = { customer: 'CU-A', billedAs: 'SW-1', plan: 'basic', fromMonth: '2027-01' };
  assert.is((await site.call('POST', '/assignments', assignment)).status, 204);
  assert.equal(await site.get('/assignments/CU-A'), [{ ...assignment, replaced: false }]);
  const pause = { billedAs: 'SW-1', from: '2026-12-24', to: '2027-01-07' };
  const made = await site.post<{ pause: string }>('/pauses', pause);
  assert.is((await site.get<object[]>('/pauses/CU-A')).length, 1);
  assert.is((await site.call('DELETE', `/pauses/${made.pause}`)).status, 204);
  assert.equal(await site.get('/pauses/CU-A'), []);
  const party = { name: 'ПП «Крамниця»', code: '00654321' };
  await site.post('/buyers/CU-A', party);
  assert.is((await site.get<{ code: string }>('/buyers/CU-A')).code, '00654321');
  assert.is((await site.call('POST', '/buyers/CU-A', { ...party, iban: 'UA00' })).code, 'malformed');
  const log = await bench.store.reader.selectFrom('audit').select(['actor', 'action']).execute();
  for (const action of ['billing.deferred', 'billing.suspensions', 'billing.plan.assigned', 'billing.buyer'])
    assert.match(log.find((row) => row.action === action)?.actor ?? '', /^token:TK-/, action);
});

test.run();
