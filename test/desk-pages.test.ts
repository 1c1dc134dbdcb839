/** The pay links' pages as a browser meets them: what each link shows, and what a press starts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readResult, signCommand } from '../gateway/simulators/sale-system.ts';
import { type DeskBox, deskKeys, openDeskBox, until } from './support/desk-box.ts';
import { press, show } from './support/desk-pages.ts';

const test = suite('desk: pages');
const opened: DeskBox[] = [];
test.after.each(async () => {
  for (const box of opened.splice(0)) await box.close();
});
const { shop } = deskKeys;
const callback = 'https://shop.example/orders/17?seller=5';
async function open(options: Parameters<typeof openDeskBox>[0] = {}): Promise<DeskBox> {
  const box = await openDeskBox({ desk: { callbacks: ['https://shop.example'] }, ...options });
  opened.push(box);
  return box;
}
const orderOf = (box: DeskBox, members: object = {}) =>
  box.payment({ order: 'Z-17 <b>', callback, ...members });
const linkOf = (jws: string, more = ''): string => `/payNow?order=${jws}${more}`;

test('a link starts nothing; a press does, once; the way back carries the signed result', async () => {
  const box = await open();
  const payment = orderOf(box);
  const jws = signCommand(payment, shop);
  const page = await show(box, linkOf(jws, `&callback=${encodeURIComponent(callback)}`));
  assert.is(page.heading, 'Ready to take the payment');
  assert.match(page.text, /100\.50/);
  assert.match(page.text, 'Z-17 &lt;b&gt;');
  for (let ahead = 0; ahead < 3; ahead += 1)
    await show(box, linkOf(jws), { 'sec-purpose': 'prefetch;prerender' });
  assert.is(box.journal.find(payment.id), null, 'nothing is written, nothing started');

  const pressed = await Promise.all([press(box, jws, page.token), press(box, jws, page.token)]);
  assert.equal(
    pressed.map(({ status }) => status),
    [303, 303],
  );
  const target = pressed[0]?.headers.get('location') ?? '';
  assert.match(target, /^\/payNow\?order=/);
  await until(() => box.journal.resultOf(payment.id) !== null);
  const over = await show(box, target);
  assert.is(over.heading, 'Paid');
  const href = /class="button" href="([^"]+)"/.exec(over.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  assert.ok(href.startsWith(`${callback}&result=`), href);
  const result = readResult(new URL(href).searchParams.get('result') ?? '', shop);
  assert.equal([result?.outcome, result?.id, result?.order], ['approved', payment.id, 'Z-17 <b>']);

  // The same link again, and a press on an old page: the same result, no second charge.
  assert.is((await show(box, linkOf(jws))).heading, 'Paid');
  assert.is((await press(box, jws, page.token)).status, 303);
  assert.equal(box.ledger(), ['sale 10050']);
});

test('a page may load nothing from elsewhere, be framed by nobody, be kept by nobody', async () => {
  const box = await open();
  const { headers, text } = await show(box, linkOf(signCommand(orderOf(box), shop)));
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'/);
  assert.not.match(policy, /unsafe|\*|http/);
  assert.match(policy, "frame-ancestors 'none'");
  assert.equal(
    ['cache-control', 'x-frame-options', 'x-content-type-options', 'referrer-policy'].map((name) =>
      headers.get(name),
    ),
    ['no-store', 'DENY', 'nosniff', 'same-origin'],
  );
  assert.not.match(text, /(src|href)="(https?:)?\/\/(?!shop\.example)/);
  assert.not.match(text, / on[a-z]+="| style="/);
});

test('Ukrainian unless the browser wants English, and a switch between them', async () => {
  const box = await open();
  const link = linkOf(signCommand(orderOf(box), shop));
  const headingFor = async (accepted: string, more = ''): Promise<string> =>
    (await show(box, link + more, { 'accept-language': accepted })).heading;
  const [uk, en] = ['Можна приймати оплату', 'Ready to take the payment'];
  assert.is(await headingFor('de-DE,de;q=0.9'), uk);
  assert.is(await headingFor('en-GB,uk;q=0.5'), en);
  assert.is(await headingFor('en;q=0.4, uk-UA;q=0.8'), uk);
  assert.is(await headingFor('uk', '&lang=en'), en);
  assert.match(
    (await show(box, link)).text,
    /<html lang="en">[\s\S]*href="\/payNow\?order=[^"]+lang=uk" lang="uk"/,
  );
});

test('each link that is of no use has its own heading, and no button', async () => {
  const box = await open();
  const good = signCommand(orderOf(box), shop);
  const [header = '', , signature = ''] = good.split('.');
  const changed = Buffer.from(JSON.stringify(orderOf(box, { amount: 1 }))).toString('base64url');
  const past = { issuedAt: '2026-01-01T10:00:00Z', expiresAt: '2026-01-01T10:02:00Z' };
  const paid = orderOf(box);
  await (await box.post(signCommand(paid, shop), '?wait=30')).text();
  const sign = (members: object): string => signCommand(orderOf(box, members), shop);
  const cases: [what: string, link: string, status: number, heading: string][] = [
    ['tampered', linkOf([header, changed, signature].join('.')), 401, 'This order is not genuine'],
    ['unknown key', linkOf(signCommand(orderOf(box), deskKeys.nobody)), 401, 'This order is not genuine'],
    ['other box', linkOf(sign({ box: 'SW-OTHER' })), 421, 'This order is for another box'],
    ['expired', linkOf(sign(past)), 410, 'This link is too old'],
    ['faulty', linkOf(sign({ amount: 1.5 })), 400, 'This order has a fault'],
    ['refund', linkOf(sign({ type: 'refund', rrn: '083998389823' })), 400, 'This is no payment'],
    [
      'foreign callback',
      linkOf(sign({ callback: 'https://evil.example/' })),
      403,
      'The box may not send anybody there',
    ],
    [
      'like an allowed one',
      linkOf(sign({ callback: 'https://shop.example.evil.example/' })),
      403,
      'The box may not send anybody there',
    ],
    [
      'callback changed',
      linkOf(good, '&callback=https://evil.example/'),
      400,
      'The link leads elsewhere than the order',
    ],
    ['taken', linkOf(sign({ id: paid.id, amount: 2 })), 409, 'This order’s number is taken'],
    ['a read token', linkOf(box.token()), 400, 'This order has a fault'],
    ['no order', '/payNow', 400, 'This link cannot be read'],
    ['twice', linkOf(good, `&order=${good}`), 400, 'This link cannot be read'],
    ['markup', linkOf(good, '&x=%3Cscript%3E'), 400, 'This link cannot be read'],
  ];
  for (const [what, link, status, heading] of cases) {
    const page = await show(box, link);
    assert.equal([page.status, page.heading], [status, heading], what);
    assert.not.match(page.text, /<button|<form|href="https:\/\/evil/, what);
  }
  assert.is(box.ledger().length, 1);
});

test('while the box cannot take a payment the order is not handed in: it can be pressed when it can', async () => {
  const box = await open({ script: { options: { stepMs: 300, lookUpMs: 1 } } });
  const first = box.payment();
  const waiting = box.post(signCommand(first, shop), '?wait=60');
  await until(() => box.gateway.status().operation !== null);
  const order = orderOf(box);
  const jws = signCommand(order, shop);
  const page = await show(box, linkOf(jws));
  assert.is(page.heading, 'The box is busy');
  assert.match(page.text, /<button type="submit" disabled>/);
  const state = /data-state="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const seen = /data-seen="([^"]+)"/.exec(page.text)?.[1] ?? '';
  assert.is((await press(box, jws, page.token)).status, 303);
  assert.is(box.journal.find(order.id), null, 'the press came too early: nothing is known of the order');
  await (await waiting).text();
  const live = (await (await box.get(`${state}&seen=${seen}`)).json()) as { reload: boolean; seen: string };
  assert.equal([live.reload, live.seen], [true, 'ready-free']);
  assert.is((await press(box, jws, page.token)).status, 303);
  await until(() => box.journal.resultOf(order.id) !== null);
  assert.is((await show(box, linkOf(jws))).heading, 'Paid');
});

test('the state of the order comes as it changes, and reloads the page when it is another one', async () => {
  const box = await open({ script: { options: { stepMs: 1100, lookUpMs: 1 } } });
  const jws = signCommand(orderOf(box), shop);
  const { token } = await show(box, linkOf(jws));
  await press(box, jws, token);
  const texts: string[] = [];
  let seen = 'running-accepted-none';
  for (;;) {
    const answer = await box.get(`/payNow/state?order=${jws}&lang=en&seen=${seen}`);
    const live = (await answer.json()) as { reload: boolean; seen: string; text: string };
    seen = live.seen;
    if (live.reload) break;
    texts.push(live.text);
  }
  assert.is(seen, 'over-1');
  assert.ok(texts.includes('Asking the bank') && texts.length >= 3, texts.join());
});

test('what the terminal or the box says otherwise has its own page', async () => {
  const rules = [
    { match: { amount: '1.01' }, do: 'decline', code: '0005' },
    { match: { amount: '1.02' }, do: 'customerCancels' },
    { match: { amount: '1.03' }, do: 'partial', amount: '1.00' },
  ] as const;
  const box = await open({ script: { options: { stepMs: 1, lookUpMs: 1 }, operations: [...rules] } });
  const heading = async (members: object): Promise<string> => {
    const jws = signCommand(orderOf(box, members), shop);
    await (await box.post(jws, '?wait=30')).text();
    return (await show(box, linkOf(jws))).heading;
  };
  assert.is(await heading({ amount: 101 }), 'Declined');
  assert.is(await heading({ amount: 102 }), 'Cancelled');
  assert.match(await heading({ amount: 103 }), /^Paid in part: UAH.1\.00$/);
  assert.is(await heading({ amount: 900_000_000 }), 'Not started');
});

test('suspended, and an outcome that nobody knows: what the seller has to do then', async () => {
  const suspended = await open({
    registration: { current: () => ({ state: 'suspended', untilMs: null }), onChange() {} },
  });
  assert.is(
    (await show(suspended, linkOf(signCommand(orderOf(suspended), shop)))).heading,
    'The box is suspended',
  );
  const box = await open({
    script: {
      options: { stepMs: 1, lookUpMs: 1, noReceiptLookUp: true },
      operations: [{ match: { method: 'Purchase' }, do: 'garbled' }],
    },
  });
  const jws = signCommand(orderOf(box), shop);
  await (await box.post(jws, '?wait=60')).text();
  const page = await show(box, linkOf(jws));
  assert.is(page.heading, 'The outcome is not known');
  assert.match(page.text, /Do not take the payment again/);
  assert.match(page.text, /data-leaves=""/, 'the seller has to read this');
  const next = await show(box, linkOf(signCommand(orderOf(box), shop)));
  assert.is(next.heading, 'An earlier payment is not clear');
});

test.run();
