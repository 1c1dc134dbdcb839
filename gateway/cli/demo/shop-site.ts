/** The sample shop's addresses. Whatever a GET does, it asks for no money: browsers fetch ahead. */
import type { ServerResponse } from 'node:http';
import { languageFor } from '../../desk/pages/words.ts';
import { systemTime } from '../../system/time.ts';
import { askAfter, payable, type ShopsBox } from './shop-asking.ts';
import { sampleOrders } from './shop-goods.ts';
import type { Live } from './shop-live.ts';
import { ShopOrder } from './shop-orders.ts';
import { faultPage, listPage, policyWith, versionOf } from './shop-page.ts';
import { commonHeaders, type ShopAnswer, type ShopHandler } from './shop-server.ts';
import { type ShopWords, shopWordsIn } from './shop-words.ts';

/** What the site is made of. */
export interface ShopSiteParts {
  at: ShopsBox;
  live: Live;
  /** A paper as PNG. */
  png(number: number): Uint8Array | null;
}

const followersMax = 16;
const lookEveryMs = 100;
/** A proxy or a browser may take a silent stream for a dead one. */
const sayAgainMs = 10_000;
/** Somebody whose browser never came back is looked after so often. */
const askEveryMs = 2000;

/** Makes the site. */
export function createShopSite({ at, live, png }: ShopSiteParts): ShopHandler {
  const orders = sampleOrders.map((order) => new ShopOrder(order));
  const policy = policyWith(at.deskUrl);
  const followers = new Set<ServerResponse>();
  let askedMs = Number.NEGATIVE_INFINITY;

  const page = (body: string, status = 200): ShopAnswer => ({
    status,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy },
    body,
  });
  const goTo = (address: string): ShopAnswer => ({ status: 303, headers: { Location: address } });
  const askAfterAll = async (): Promise<void> => {
    askedMs = systemTime.monotonicMs();
    await Promise.all(orders.map((one) => askAfter(at, one)));
  };

  async function orderPage(one: ShopOrder, url: URL, words: ShopWords): Promise<ShopAnswer> {
    const result = url.searchParams.get('result');
    if (result === null) {
      await askAfter(at, one);
      return page(await listPage(words, orders, live, one.order.number));
    }
    const fault = one.hear(result, at.box, at.key);
    if (fault !== null) return page(await faultPage(words, fault), 400);
    // What is believed is kept: the address does not have to hold it.
    return goTo(addressOf(one, words));
  }

  async function payPage(one: ShopOrder, url: URL, words: ShopWords): Promise<ShopAnswer> {
    const { language } = words;
    await askAfter(at, one);
    if (one.due === 0) return goTo(addressOf(one, words));
    const query = `payNow?order=${payable(at, one, language)}`;
    return goTo(
      url.searchParams.get('via') === 'kassa-api'
        ? `kassa-api://${query}`
        : `${at.deskUrl}/${query}&lang=${language}`,
    );
  }

  function follow(response: ServerResponse, words: ShopWords): void {
    followers.add(response);
    response.writeHead(200, { ...commonHeaders, 'Content-Type': 'text/event-stream; charset=utf-8' });
    let said = '';
    let saidMs = systemTime.monotonicMs();
    let ledMs = live.panelMs();
    const tell = (): void => {
      const led = live.ledSince(ledMs);
      ledMs = led.at(-1)?.[0] ?? ledMs;
      const view = { ...live.view(words), orders: versionOf(orders) };
      const text = JSON.stringify(view);
      const nowMs = systemTime.monotonicMs();
      if (nowMs - askedMs > askEveryMs) void askAfterAll();
      const isNews = text !== said || led.length > 0 || nowMs - saidMs > sayAgainMs;
      // Whoever does not read misses what happens meanwhile.
      if (isNews && response.writableLength === 0) {
        response.write(`data: ${JSON.stringify({ ...view, led, panelMs: live.panelMs() })}\n\n`);
        [said, saidMs] = [text, nowMs];
      }
      cancel = systemTime.after(lookEveryMs, tell);
    };
    let cancel = systemTime.after(0, tell);
    response.once('close', () => {
      cancel();
      followers.delete(response);
    });
  }

  return async ({ method, url, language }, response) => {
    const words = shopWordsIn(languageFor(url.searchParams.get('lang') ?? undefined, language));
    const [, room = '', name = '', deed] = url.pathname.split('/');
    const one = room === 'orders' ? orders.find(({ order }) => String(order.number) === name) : undefined;
    if (one !== undefined && deed === 'pay')
      return method === 'POST' ? payPage(one, url, words) : notThisWay('POST');
    if (method !== 'GET') return notThisWay('GET');
    if (one !== undefined && deed === undefined) return orderPage(one, url, words);
    if (url.pathname === '/live') {
      if (followers.size >= followersMax) return { status: 503, body: 'too many look already\n' };
      follow(response, words);
      return null;
    }
    const [, number] = /^\/papers\/(\d{1,9})\.png$/.exec(url.pathname) ?? [];
    const picture = number === undefined ? null : png(Number(number));
    if (picture !== null) return { status: 200, headers: { 'Content-Type': 'image/png' }, body: picture };
    if (url.pathname !== '/') return { status: 404, body: 'nothing is here\n' };
    await askAfterAll();
    return page(await listPage(words, orders, live, null));
  };
}

const addressOf = ({ order }: ShopOrder, { language }: ShopWords): string =>
  `/orders/${order.number}?lang=${language}#order-${order.number}`;

const notThisWay = (allowed: string): ShopAnswer => ({
  status: 405,
  headers: { Allow: allowed },
  body: `allowed: ${allowed}\n`,
});
