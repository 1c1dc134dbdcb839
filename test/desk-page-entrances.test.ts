/** How links and presses reach the desk's pages: from elsewhere, behind an address, by a handler. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { type DeskBox, deskKeys, openDeskBox } from './support/desk-box.ts';
import { press, read, show } from './support/desk-pages.ts';

const test = suite('desk: ways to a page');
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

test('a press from elsewhere starts nothing', async () => {
  const box = await open({
    desk: { origins: ['https://shop.example'], callbacks: ['https://shop.example'] },
  });
  const order = orderOf(box);
  const jws = signCommand(order, shop);
  const { token } = await show(box, linkOf(jws));
  const refused: [what: string, headers: Record<string, string>, status: number][] = [
    ['a foreign page', { origin: 'https://evil.example' }, 403],
    ['a page in a sandbox', { origin: 'null' }, 403],
    ['the shop, which may call the API', { origin: 'https://shop.example' }, 403],
    ['a foreign page that hides its origin', { origin: '', 'sec-fetch-site': 'cross-site' }, 403],
    ['another page of the same site', { origin: '', 'sec-fetch-site': 'same-site' }, 403],
    ['a form of plain text', { 'content-type': 'text/plain' }, 415],
  ];
  for (const [what, headers, status] of refused)
    assert.is((await press(box, jws, token, headers)).status, status, what);
  const forged = await read(await press(box, jws, 'x'.repeat(43)));
  assert.match(forged.text, /Nothing was started: press once more/);
  assert.is(box.journal.find(order.id), null);
});

test('a link behind an address is the same as its plain form', async () => {
  const box = await open();
  const jws = signCommand(orderOf(box), shop);
  const opened = await show(
    box,
    `/open?KASSA-API://paynow/?order=${jws}&callback=${encodeURIComponent(callback)}`,
  );
  assert.is(opened.status, 303);
  const target = opened.headers.get('location') ?? '';
  assert.is(target, `/payNow?order=${jws}&callback=${encodeURIComponent(callback)}`);
  assert.is((await show(box, target)).heading, 'Ready to take the payment');
  for (const link of [
    'https://evil.example/',
    '//evil.example',
    `print-api://payNow?order=${jws}`,
    'kassa-api://payNow?order=x%0d%0aSet-Cookie:x',
    '',
  ])
    assert.equal(
      [(await show(box, `/open?${link}`)).status, (await show(box, `/open?${link}`)).headers.get('location')],
      [400, null],
      link,
    );
});

test('a handler is seen to work', async () => {
  const box = await open();
  const { headers } = await show(box, '/handlers');
  const address = headers.get('location') ?? '';
  const page = await show(box, address);
  assert.match(page.text, 'kassa-api: not seen yet');
  const order = /kassa-api:\/\/payNow\?order=([^"]+)/.exec(page.text)?.[1] ?? '';
  assert.is((await show(box, `/payNow?order=${order}`)).heading, 'It works');
  const after = await show(box, address);
  assert.match(after.text, 'kassa-api: works');
  assert.match(after.text, 'pay-api: not seen yet');
  assert.is(
    (await show(box, '/payNow?order=test.AAAAAAAAAAAAAAAA.kassa-api')).status,
    401,
    'a name that nobody gave',
  );
});

test.run();
