/** The whole way in a real browser: the shop's page, the pay link, the box's page, the terminal, back in the shop, paid. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readResult, signCommand } from '../gateway/simulators/sale-system.ts';
import { type Browser, openBrowser, sizes, type Tab } from './support/browser.ts';
import { type DeskBox, deskKeys, openDeskBox, until } from './support/desk-box.ts';
import { type Served, serve } from './support/http.ts';
import { needing } from './support/needs.ts';

const test = suite('desk: in a browser');
const inBrowser = needing(test, 'chromium');
const { shop: key } = deskKeys;

const endings: (() => Promise<void>)[] = [];
test.after.each(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

interface Site {
  box: DeskBox;
  shop: Served;
  browser: Browser;
  /** An order's link, as the shop's page has it. */
  link(members?: object): { id: string; jws: string; address: string };
  links: Map<string, string>;
}

/** A shop whose page has the links, and whose other page is where they lead back to. */
async function open(script: Parameters<typeof openDeskBox>[0] = {}): Promise<Site> {
  const links = new Map<string, string>();
  const shop = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
    const result = readResult(searchParams.get('result') ?? '', key);
    const text =
      pathname === '/back'
        ? `<title>back</title><h1>Order ${searchParams.get('order')}: ${result?.outcome ?? 'no result'}</h1>`
        : `<title>shop</title><h1>Orders</h1>${[...links].map(([name, to]) => `<p><a id="${name}" href="${to}">pay ${name}</a></p>`).join('')}`;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(text);
  });
  endings.push(() => shop.close());
  const box = await openDeskBox({ desk: { callbacks: [shop.url] }, ...script });
  endings.push(() => box.close());
  const browser = await openBrowser();
  endings.push(() => browser.close());
  return {
    box,
    shop,
    browser,
    links,
    link(members = {}) {
      const payment = box.payment({ order: 'Z-17', callback: `${shop.url}/back?order=17`, ...members });
      const jws = signCommand(payment, key);
      const address = `${box.url}/payNow?order=${jws}`;
      return { id: payment.id, jws, address };
    },
  };
}

/** Keeps a picture where SWIPE_PICTURES says, at both widths; without it looks that nothing sticks out. */
async function look(tab: Tab, name: string): Promise<void> {
  for (const [size, at] of Object.entries(sizes)) {
    await tab.resize(at);
    const wide = await tab.read<number>('document.documentElement.scrollWidth');
    assert.ok(wide <= at.width, `${name}, ${size}: ${wide} pixels wide`);
    const directory = process.env.SWIPE_PICTURES;
    if (directory === undefined) continue;
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `${name}-${size}.png`), await tab.picture());
  }
}
const heading = `document.querySelector('h1')?.textContent`;

inBrowser('from the shop to the terminal and back, by keyboard alone', async () => {
  const { box, shop, browser, link, links } = await open({
    script: { options: { stepMs: 1300, lookUpMs: 1 } },
  });
  const { id, address } = link();
  links.set('order', address);
  const tab = await browser.tab('uk');
  await tab.go(shop.url);
  await tab.click('#order');
  await tab.until(`${heading} === 'Можна приймати оплату'`);
  await look(tab, '1-ready');
  assert.is(box.journal.find(id), null, 'nothing was started by looking');
  assert.is(
    await tab.read('document.activeElement.tagName'),
    'H1',
    'a screen reader begins with the heading',
  );
  await tab.key('Tab');
  assert.is(await tab.read('document.activeElement.tagName'), 'BUTTON');
  await tab.key('Enter');
  await tab.until(`${heading} === 'Триває оплата'`);
  assert.is(await tab.read(`document.querySelector('#now').getAttribute('aria-live')`), 'assertive');
  await tab.until(`document.querySelector('#now')?.textContent.includes('картку')`);
  await look(tab, '2-card');
  await tab.until(`document.querySelector('#now')?.textContent === 'Запит до банку'`);
  await tab.until(`${heading} === 'Оплачено'`);
  await look(tab, '3-paid');
  await tab.until(`document.title === 'back'`);
  assert.is(await tab.read(heading), 'Order 17: approved');
  assert.equal(box.ledger(), ['sale 10050']);

  // Back in the browser: the page is loaded again, and nothing is charged again.
  await tab.go(address);
  await tab.until(`${heading} === 'Оплачено'`);
  assert.equal(box.ledger(), ['sale 10050']);
  assert.equal(
    tab.complaints.filter((text) => !/favicon/.test(text)),
    [],
  );
  const elsewhere = tab.requests.filter(
    (url) => !url.startsWith(box.url) && !url.startsWith(shop.url) && !url.startsWith('data:'),
  );
  assert.equal(elsewhere, []);
});

inBrowser('declined, cancelled, not known: each its own page, in English', async () => {
  const { box, browser, link } = await open({
    script: {
      options: { stepMs: 5, lookUpMs: 1, noReceiptLookUp: true },
      operations: [
        { match: { amount: '1.01' }, do: 'decline', code: '0005' },
        { match: { amount: '1.02' }, do: 'customerCancels' },
        { match: { amount: '1.03' }, do: 'garbled' },
      ],
    },
  });
  const tab = await browser.tab('en');
  for (const [amount, name, title] of [
    [101, '4-declined', 'Declined'],
    [102, '5-cancelled', 'Cancelled'],
    [103, '6-unknown', 'The outcome is not known'],
  ] as const) {
    const { address, id } = link({ amount, callback: undefined });
    await tab.go(address);
    await tab.click('button');
    await until(() => box.journal.resultOf(id) !== null, 90_000);
    await tab.until(`${heading} === '${title}'`);
    await look(tab, name);
  }
  await tab.go(link().address);
  await tab.until(`${heading} === 'An earlier payment is not clear'`);
  assert.is(await tab.read(`document.querySelector('button').disabled`), true);
  await look(tab, '7-unresolved');
});

inBrowser(
  'links of no use: tampered, foreign callback, expired, and the test page of the handlers',
  async () => {
    const { box, browser, link } = await open();
    const tab = await browser.tab('uk');
    const { jws } = link();
    const parts = jws.split('.');
    const tampered = `${parts[0]}.${Buffer.from(JSON.stringify(box.payment({ amount: 1 }))).toString('base64url')}.${parts[2]}`;
    const past = { issuedAt: '2026-01-01T10:00:00Z', expiresAt: '2026-01-01T10:02:00Z' };
    for (const [name, address, title] of [
      ['8-tampered', `${box.url}/payNow?order=${tampered}`, 'Це замовлення несправжнє'],
      ['9-foreign', link({ callback: 'https://evil.example/' }).address, 'Касі не дозволено туди повертати'],
      ['10-expired', link(past).address, 'Посилання застаріло'],
      ['11-broken', `${box.url}/payNow?order=x`, 'Посилання не вдається прочитати'],
    ] as const) {
      await tab.go(address);
      assert.is(await tab.read(heading), title);
      assert.is(await tab.read(`document.querySelector('button, form, a.button')`), null);
      await look(tab, name);
    }
    await tab.go(`${box.url}/handlers?lang=uk`);
    const other = await browser.tab('uk');
    await other.go(await tab.read<string>(`document.querySelector('a[href^="http"].button').href`));
    assert.is(await other.read(heading), 'Працює');
    await tab.until(`document.querySelector('li.good strong')?.textContent.includes('працює')`);
    await look(tab, '12-handlers');
    assert.equal(box.ledger(), []);
  },
);

inBrowser('without scripts: the page goes on by loading itself again', async () => {
  const { box, browser, link } = await open({ script: { options: { stepMs: 200, lookUpMs: 1 } } });
  const { jws } = link();
  const tab = await browser.tab('en');
  await tab.scripts(false);
  await tab.go(`${box.url}/payNow?order=${jws}`);
  await tab.key('Tab');
  await tab.key('Tab');
  await tab.key('Enter');
  await tab.until(`document.title === 'back'`);
  assert.equal(box.ledger(), ['sale 10050']);
});

inBrowser('a page that fetches ahead, and a foreign page that sends the form, start nothing', async () => {
  const { box, shop, browser, link, links } = await open();
  const { id, jws, address } = link();
  links.set('order', address);
  const tab = await browser.tab('en');
  await tab.go(shop.url);
  const rules = JSON.stringify({ prerender: [{ urls: [address] }], prefetch: [{ urls: [address] }] });
  await tab.read(`(() => {
    const rules = document.createElement('script');
    rules.type = 'speculationrules';
    rules.textContent = ${JSON.stringify(rules)};
    document.head.append(rules);
    for (const rel of ['prefetch', 'preload']) {
      const ahead = Object.assign(document.createElement('link'), { rel, href: ${JSON.stringify(address)}, as: 'fetch' });
      document.head.append(ahead);
    }
    const image = new Image();
    image.src = ${JSON.stringify(address)};
    return 0;
  })()`);
  await until(() => tab.requests.filter((url) => url === address).length >= 2);
  // What a foreign page can do without asking: a form, and a request of plain text.
  await tab.read(`(() => {
    fetch(${JSON.stringify(`${box.url}/v1/operations`)}, { method: 'POST', mode: 'no-cors', body: ${JSON.stringify(jws)} }).catch(() => {});
    const form = Object.assign(document.createElement('form'), { method: 'post', action: ${JSON.stringify(`${box.url}/payNow`)} });
    form.append(Object.assign(document.createElement('input'), { name: 'order', value: ${JSON.stringify(jws)} }));
    document.body.append(form);
    form.submit();
    return 0;
  })()`);
  await tab.until(`document.body.innerText.includes('foreignOrigin')`);
  assert.is(box.journal.find(id), null);
  assert.equal(box.ledger(), []);
});

test.run();
