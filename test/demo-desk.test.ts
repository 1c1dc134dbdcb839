/** The demo's shop and desk: an order, the box's page, the terminal, and back in the shop, paid, with its receipt. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isoTime } from '../gateway/contract/time.ts';
import { pause } from '../gateway/seams/time.ts';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { systemTime } from '../gateway/system/time.ts';
import { openBrowser, sizes, type Tab } from './support/browser.ts';
import { type Child, swipe } from './support/child.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';
import { waitMaxMs } from './support/trail.ts';

const test = suite('demo with its desk');

const endings: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const tempDir = tempDirs(test);

const freePorts = ['mqtt', 'terminal', 'registry', 'desk', 'shop'].flatMap((name) => [`--${name}-port`, '0']);

/** The demo, up; without its registry, which is not what is looked at here. */
async function startDemo(...args: string[]): Promise<{ demo: Child; shop: string; desk: string }> {
  const home = tempDir();
  const demo = swipe(['demo', ...freePorts, '--no-registry', ...args], { XDG_STATE_HOME: home, HOME: home });
  endings.push(() => demo.end('SIGKILL'));
  await demo.out.find((line) => line === 'Ctrl-C ends it.', 'the demo to be up');
  const said = demo.out.items.join('\n');
  const [, shop = ''] = /^open in a browser: +(http:\S+)$/m.exec(said) ?? [];
  const [, desk = ''] = /^desk +(http:\S+),/m.exec(said) ?? [];
  return { demo, shop, desk };
}

const textAt = async (url: string): Promise<string> => (await fetch(url)).text();

/** How an order stands on the shop's page. */
const stateIn = (page: string, number: number): string =>
  new RegExp(`id="order-${number}" class="[^"]*" data-state="(\\w+)"`).exec(page)?.[1] ?? 'not there';

async function pressed(shop: string, number: number, query = 'lang=en'): Promise<string> {
  const answer = await fetch(`${shop}/orders/${number}/pay?${query}`, { method: 'POST', redirect: 'manual' });
  assert.is(answer.status, 303);
  return answer.headers.get('location') ?? '';
}

/** Takes the box's page for an order to its end, as a browser without scripts does; where it leads back to. */
async function paidAt(link: string): Promise<string> {
  const field = (page: string, name: string): string =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? '';
  const page = await textAt(link);
  const form = new URLSearchParams({ order: field(page, 'order'), token: field(page, 'token') });
  const answer = await fetch(`${new URL(link).origin}/payNow`, { method: 'POST', body: form });
  assert.is(answer.status, 200);
  for (const endMs = systemTime.monotonicMs() + 2 * waitMaxMs; ; ) {
    const [, back = ''] = /data-leaves="(http[^"]+)"/.exec(await textAt(link)) ?? [];
    if (back !== '') return back.replaceAll('&amp;', '&');
    assert.ok(systemTime.monotonicMs() < endMs, await textAt(link));
    await pause(systemTime, 50);
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = systemTime.monotonicMs() + 2 * waitMaxMs; !(await isSo()); ) {
    assert.ok(systemTime.monotonicMs() < endMs, String(isSo));
    await pause(systemTime, 50);
  }
}

const idIn = (link: string): string => {
  const [, payload = ''] = (new URL(link).searchParams.get('order') ?? '').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).id;
};

test('by its links alone: paid; declined, and tried again; partly; results that are not believed', async () => {
  const { demo, shop, desk } = await startDemo();
  const page = await fetch(shop);
  assert.match(
    page.headers.get('content-security-policy') ?? '',
    /^default-src 'none'.*frame-ancestors 'none'$/,
  );
  assert.is(stateIn(await page.text(), 1), 'open');

  const link = await pressed(shop, 1);
  assert.ok(link.startsWith(`${desk}/payNow?order=`), link);
  assert.is(await pressed(shop, 1), link, 'no second payment while the first may still be paid');
  assert.is(
    await pressed(shop, 1, 'lang=en&via=kassa-api'),
    `kassa-api://payNow?order=${new URL(link).searchParams.get('order')}`,
  );
  assert.is(stateIn(await textAt(shop), 1), 'waiting');
  const back = await paidAt(link);
  assert.ok(back.startsWith(`${shop}/orders/1?lang=en&result=`), back);

  const odd = {
    'another order': back.replace('/orders/1?', '/orders/2?'),
    'a broken signature': `${back.slice(0, -4)}AAAA`,
    'another key': `${shop}/orders/1?result=${signCommand({ id: idIn(link), outcome: 'approved', at: isoTime(0) }, { kid: 'x', secret: 'eA' })}`,
  };
  for (const [name, address] of Object.entries(odd)) {
    assert.is((await fetch(address)).status, 400, name);
    assert.is(stateIn(await textAt(`${shop}/orders/2`), 2), 'open', name);
  }
  const paid = await fetch(back);
  assert.is(paid.url, `${shop}/orders/1?lang=en`);
  assert.is(stateIn(await paid.text(), 1), 'paid');
  assert.is(await pressed(shop, 1), '/orders/1?lang=en#order-1', 'paid is paid');
  // The slip, and the shop's own document.
  await until(async () => (await fetch(`${shop}/papers/2.png`)).ok);
  const png = Buffer.from(await (await fetch(`${shop}/papers/2.png`)).arrayBuffer());
  assert.is(png.subarray(1, 4).toString(), 'PNG');
  assert.ok(png.readUInt32BE(20) > 500, 'as high as a receipt');

  // Its browser never comes back: the shop asks by itself.
  const declined = await pressed(shop, 2);
  await paidAt(declined);
  assert.is(stateIn(await textAt(shop), 2), 'notPaid');
  assert.is.not(idIn(await pressed(shop, 2)), idIn(declined), 'another try is another payment');

  assert.is(stateIn(await (await fetch(await paidAt(await pressed(shop, 4)))).text(), 4), 'partlyPaid');
  const rest = await (await fetch(await paidAt(await pressed(shop, 4)))).text();
  assert.is(stateIn(rest, 4), 'paid');
  assert.match(demo.out.items.join('\n'), /Purchase 450\.00 approved/, 'the rest alone');

  assert.is((await fetch(`${shop}/orders/3/pay`)).status, 405, 'no GET asks for money');
  const foreign = { method: 'POST', headers: { Origin: 'http://shop.example' } };
  assert.is((await fetch(`${shop}/orders/3/pay`, foreign)).status, 403);
  assert.is((await fetch(shop.replace('127.0.0.1', 'localhost'))).status, 421);
  for (const path of ['/orders/9', '/papers/99.png', '/papers/x.png', '/%'])
    assert.is((await fetch(shop + path)).status, 404, path);
  assert.equal(await demo.end('SIGTERM'), { code: 0, signal: null });
  assert.equal(demo.err.items, []);
});

test('without a desk: no shop, no printer', async () => {
  const { demo, shop, desk } = await startDemo('--no-desk');
  assert.equal([shop, desk], ['', '']);
  assert.ok(demo.out.items.some((line) => line.startsWith('try in a second shell:')));
});

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

const stateOf = (number: number): string => `document.querySelector('#order-${number}')?.dataset.state`;
const screen = `document.querySelector('#screen1')?.textContent`;

needing(test, 'chromium')(
  'in a browser: a click on pay, and back, paid, with what is beside it',
  async () => {
    const { shop, desk } = await startDemo();
    const browser = await openBrowser();
    endings.push(() => browser.close());
    const tab = await browser.tab('uk');
    const beside = await browser.tab('en');
    await beside.go(shop);
    await beside.until(`${screen} === 'READY'`);
    await tab.go(shop);
    await look(tab, 'shop-1-orders');
    await tab.click('#order-1 button');
    await tab.until(`location.href.startsWith('${desk}/payNow')`);
    await tab.until(`document.querySelector('form button') !== null`);
    await beside.until(`${stateOf(1)} === 'waiting'`);
    await tab.click('form button');
    await beside.until(`${screen} === 'CARD, PLEASE'`);
    assert.is(await beside.read(`document.querySelector('#screen2').textContent`), '208.50 UAH');
    await beside.until(`document.querySelector('#led').textContent.startsWith('blue')`);
    // Its flashes, not only its name.
    const lamp = `document.querySelector('#lamp').getAttribute('fill')`;
    await beside.until(`/ 255\\)$/.test(${lamp})`);
    await beside.until(`${lamp} === '#3a3f45'`);
    await look(beside, 'shop-2-card');
    await beside.until(`${screen} === 'APPROVED 0000'`);
    await tab.until(`location.href === '${shop}/orders/1?lang=uk#order-1'`);
    await tab.until(`${stateOf(1)} === 'paid'`);
    await beside.until(`${stateOf(1)} === 'paid'`);
    for (const one of [tab, beside])
      await one.until(
        `document.querySelector('#paper').naturalHeight > 500 && document.querySelector('#paper').src.endsWith('/2.png')`,
      );
    await tab.until(`document.querySelector('#led').textContent.startsWith('зелений')`);
    await look(tab, 'shop-3-paid');
    // Nothing here opens such links: the page stays where it is, and its policy lets the link pass.
    await tab.click('#order-2 button.plain');
    const hasLeft = async (): Promise<boolean> =>
      tab.requests.some((url) => url.startsWith('kassa-api://payNow?'));
    await until(hasLeft);
    await tab.go(`${shop}/orders/1?result=a.b.c`);
    await look(tab, 'shop-4-not-believed');
    const complaints = [...tab.complaints, ...beside.complaints].filter(
      (text) => !/status of 400/.test(text),
    );
    assert.equal(complaints, []);
    const own = [shop, desk, 'data:', 'kassa-api:'];
    const elsewhere = [...tab.requests, ...beside.requests].filter(
      (url) => !own.some((one) => url.startsWith(one)),
    );
    assert.equal(elsewhere, []);
  },
);

test.run();
