/** The sample shop's pages. */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { money } from '../../desk/pages/layout.ts';
import { wordsIn } from '../../desk/pages/words.ts';
import { sumOf } from './shop-goods.ts';
import type { Live } from './shop-live.ts';
import type { OrderState, ResultFault, ShopOrder } from './shop-orders.ts';
import { pageScript, pageStyle } from './shop-scripts.ts';
import type { ShopWords } from './shop-words.ts';

type Markup = ReturnType<typeof html>;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What a page may do: its own style and script, its own pictures and stream; its forms lead to the box. */
export const policyWith = (deskUrl: string): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(pageStyle)}`,
    `script-src ${hashOf(pageScript)}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    // The answer to a form is a way on to the box, by its address or by a link of its own.
    `form-action 'self' ${deskUrl} kassa-api:`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const frame = (words: ShopWords, title: string, data: Record<string, string>, body: Markup): Markup =>
  html`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(pageStyle)}</style>
${data.live === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="3"></noscript>`}
</head>
<body data-live="${data.live ?? ''}" data-orders="${data.orders ?? ''}">
<header><h1>${words.title}</h1><a href="/?lang=${words.other.language}" lang="${words.other.language}" hreflang="${words.other.language}">${words.other.name}</a></header>
${body}
<script>${raw(pageScript)}</script>
</body>
</html>
`;

/** A word that is another one whenever the list is. */
export const versionOf = (orders: readonly ShopOrder[]): string =>
  orders.map(({ state, paid }) => `${state} ${paid}`).join();

/** The order list, with the counter beside it. @param marked the order that somebody came back from */
export async function listPage(
  words: ShopWords,
  orders: readonly ShopOrder[],
  live: Live,
  marked: number | null,
): Promise<string> {
  const { ledText, screen, paper } = live.view(words);
  const data = { live: `/live?lang=${words.language}`, orders: versionOf(orders) };
  const body = html`<div class="counter">
<main>
<p class="intro">${words.intro}</p>
<ul>
${orders.map((one) => orderItem(words, one, one.order.number === marked))}
</ul>
</main>
<aside aria-label="${words.panel}">
<section class="brief"><h2>${words.led}</h2>
<div class="led"><svg viewBox="0 0 40 40" width="44" height="44" aria-hidden="true"><circle cx="20" cy="20" r="18" class="rim"/><circle id="lamp" cx="20" cy="20" r="14" fill="${live.colour()}"/></svg><span id="led">${ledText}</span></div></section>
<section class="brief"><h2>${words.terminal}</h2>
<div class="terminal" role="status"><p id="screen1">${screen[0]}</p><p id="screen2">${screen[1]}</p></div></section>
<section><h2>${words.receipt}</h2>
${paper > 0 ? '' : html`<p id="none">${words.noPaper}</p>`}
${paperPicture('paper', words.receipt, paper)}
${paperPicture('before', words.previous, paper - 1)}
</section>
<p id="lost" class="bad" role="alert" hidden>${words.lost}</p>
</aside>
</div>`;
  return String(await frame(words, words.title, data, body));
}

const paperPicture = (id: string, alt: string, number: number): Markup =>
  number > 0
    ? html`<img id="${id}" alt="${alt}" src="/papers/${number}.png">`
    : html`<img id="${id}" alt="${alt}" hidden>`;

const tones: Readonly<Record<OrderState, string>> = {
  open: '',
  waiting: 'care',
  unclear: 'bad',
  notPaid: 'bad',
  partlyPaid: 'care',
  paid: 'good',
};

function orderItem(words: ShopWords, shopOrder: ShopOrder, isMarked: boolean): Markup {
  const { order, state, due, paid } = shopOrder;
  const { language } = words;
  const shown = (sum: number): string => money(sum, 'UAH', wordsIn(language));
  const why = state === 'notPaid' || state === 'unclear' ? (shopOrder.last?.result?.reason ?? null) : null;
  const name = state === 'partlyPaid' ? words.payRest : state === 'notPaid' ? words.payAgain : words.pay;
  const label = shopOrder.pending === null ? name : words.goOn;
  const pay = `/orders/${order.number}/pay?lang=${language}`;
  return html`<li id="order-${order.number}" class="${isMarked ? 'marked' : ''}" data-state="${state}">
<div class="head"><strong>${order.name}</strong><span class="sum">${shown(sumOf(order))}</span></div>
<p>${order.items.map(({ name: text, quantity }) => `${text[language]}${quantity > 1 ? ` × ${quantity}` : ''}`).join(', ')}</p>
<p class="state ${tones[state]}"><strong>${words.states[state]}</strong>${state === 'partlyPaid' ? `: ${shown(paid)}` : ''}${why === null || why.text === '' ? '' : html`<span>${why.code} ${why.text}</span>`}</p>
${order.happens === null || paid > 0 ? '' : html`<p class="happens">${order.happens[language]}</p>`}
${due === 0 ? '' : html`<form method="post" action="${pay}"><button type="submit">${label} ${shown(due)}</button><button type="submit" class="plain" formaction="${pay}&via=kassa-api">${words.handler}</button></form>`}
</li>`;
}

/** Somebody came back with something that no box of this shop has signed for this order. */
export async function faultPage(words: ShopWords, fault: ResultFault): Promise<string> {
  const body = html`<main class="alone"><h2 class="bad">${words.notBelieved}</h2><p>${words.faults[fault]}</p>
<p><a href="/?lang=${words.language}">${words.back}</a></p></main>`;
  return String(await frame(words, words.notBelieved, {}, body));
}
