/** The page of a pay link: each state of the order has its own heading, and says what the seller is to do now. */
import { html } from 'hono/html';
import type { BoxStatus } from '../../contract/event.ts';
import type { BoxReason } from '../../contract/result.ts';
import { type LinkFault, linkFaults } from '../links/faults.ts';
import { type OrderView, type PayCommand, versionOf } from '../links/order.ts';
import { type Markup, money, type Page, shown } from './layout.ts';
import type { Said, Words } from './words.ts';

/** What the page is made of. */
export interface PayPageParts {
  words: Words;
  view: OrderView;
  status: BoxStatus;
  /** The terminal's: an order may leave it out. */
  currency: string;
  /** The link as it is asked again, in the same language; and its state. */
  self: { order: string; callback: string | null; token: string; state: string; otherLanguage: string };
  /** Something to be said beside it. */
  note: string | null;
}

/** The page. */
export function payPage({ words, view, status, currency, self, note }: PayPageParts): Page {
  const { tone, said, body } = partsOf(words, view, self, currency);
  const command = view.phase === 'fault' ? null : view.command;
  const main = html`<main class="${tone}">
<h1 tabindex="-1">${said.title}</h1>
${command === null ? '' : html`<p class="sum">${sumOf(command, words, currency)}</p>`}
${note === null ? '' : html`<p class="note" role="alert">${note}</p>`}
${body}
${command === null ? '' : facts(words, command, status)}
</main>`;
  const goesOn = view.phase === 'running' || view.phase === 'ready' || isUnknown(view);
  return {
    words,
    title: `${said.title}${command?.order ? ` · ${shown(command.order)}` : ''}`,
    main,
    otherLanguage: self.otherLanguage,
    follows: goesOn ? { state: self.state, seen: versionOf(view), lost: words.lost } : null,
    leaves: view.phase === 'over' && !isUnknown(view) ? view.back : null,
  };
}

/** What a page that is open is told: the words for the moment, and whether all of it is another now. */
export function liveText(words: Words, view: OrderView): string {
  if (view.phase === 'running') return saidOfRun(words, view).text;
  return view.phase === 'ready' ? readySaid(words, view).text : '';
}

/** Changes within a phase are told in a line; any other is another page. */
export const phaseOf = (version: string): string =>
  version.startsWith('running-')
    ? version
        .split('-')
        .slice(0, version.includes('-recovering-') ? 2 : 1)
        .join('-')
    : version;

const isUnknown = (view: OrderView): boolean => view.phase === 'over' && view.result.outcome === 'unknown';

function partsOf(
  words: Words,
  view: OrderView,
  self: PayPageParts['self'],
  terminals: string,
): { tone: string; said: Said; body: Markup } {
  switch (view.phase) {
    case 'fault': {
      const said = words.orderFaults[view.fault];
      const detail = view.detail === '' ? '' : html`<p class="note">${shown(view.detail)}</p>`;
      return { tone: 'bad', said, body: html`<p>${said.text}</p>${detail}` };
    }
    case 'ready': {
      const said = readySaid(words, view);
      const { obstacle } = view;
      return {
        tone: obstacle === null ? '' : 'care',
        said,
        body: html`<p id="now" role="status" aria-live="polite">${said.text}</p>
<form method="post" action="/payNow?lang=${words.language}" class="screen">
<input type="hidden" name="order" value="${self.order}">
${self.callback === null ? '' : html`<input type="hidden" name="callback" value="${self.callback}">`}
<input type="hidden" name="token" value="${self.token}">
${obstacle === null ? html`<button type="submit">${words.pay}</button>` : html`<button type="submit" disabled>${words.pay}</button>`}
</form>`,
      };
    }
    case 'running': {
      const said = saidOfRun(words, view);
      return {
        tone: view.state === 'recovering' ? 'care' : '',
        said,
        body: html`<p id="now" role="status" aria-live="assertive">${said.text}</p>
<progress class="screen" aria-label="${said.title}"></progress>`,
      };
    }
    case 'over':
      return outcome(words, view, terminals);
  }
}

const readySaid = (words: Words, { obstacle }: OrderView & { phase: 'ready' }): Said =>
  obstacle === null ? words.ready : words.obstacles[obstacle];

const saidOfRun = (words: Words, { state, step }: OrderView & { phase: 'running' }): Said =>
  state === 'recovering' ? words.recovering : { title: words.running, text: words.steps[step ?? 'none'] };

const tones: Readonly<Record<string, string>> = {
  approved: 'good',
  partiallyApproved: 'care',
  unknown: 'care',
  done: 'good',
};

function outcome(
  words: Words,
  view: OrderView & { phase: 'over' },
  terminals: string,
): { tone: string; said: Said; body: Markup } {
  const { result, back } = view;
  const { outcome, reason, approvedAmount, currency, card, rrn, receipt } = result;
  const said = words.outcomes[outcome];
  const own = reason.source === 'box' ? (words.reasons[reason.code as BoxReason] ?? '') : shown(reason.text);
  // The box's own words are English; the terminal's are the bank's.
  const why = outcome === 'approved' ? '' : own;
  const part =
    outcome === 'partiallyApproved' && approvedAmount !== null
      ? money(approvedAmount, currency ?? terminals, words)
      : '';
  const stays = outcome === 'unknown';
  return {
    tone: tones[outcome] ?? 'bad',
    said: { ...said, title: part === '' ? said.title : `${said.title}: ${part}` },
    body: html`<div role="${stays ? 'alert' : 'status'}">
${why === '' ? '' : html`<p><strong>${why}</strong></p>`}
<p>${said.text}</p>
</div>
${back === null ? html`<p class="screen">${stays ? '' : words.noWayBack}</p>` : html`<p class="screen"><a class="button" href="${back}" rel="noreferrer">${words.back}</a></p><p class="screen">${stays ? '' : words.backSoon}</p>`}
${card === null ? '' : html`<dl><dt>${words.card}</dt><dd>${card.pan} ${card.scheme ?? ''}</dd>${rrn === null ? '' : html`<dt>${words.rrn}</dt><dd>${rrn}</dd>`}</dl>`}
${receipt === null ? '' : html`<h2>${words.receipt}</h2><pre>${receipt}</pre>`}`,
  };
}

const sumOf = (command: PayCommand, words: Words, terminals: string): string =>
  money(
    'cash' in command ? command.amount + command.cash : command.amount,
    command.currency ?? terminals,
    words,
  );

function facts(words: Words, { order, id, box }: PayCommand, { terminal }: BoxStatus): Markup {
  return html`<dl>
${order === undefined || order === '' ? '' : html`<dt>${words.order}</dt><dd>${shown(order)}</dd>`}
<dt>${words.box}</dt><dd>${box}</dd>
<dt>${words.terminal.label}</dt><dd>${words.terminal[terminal.state]}${terminal.id === null ? '' : ` (${shown(terminal.id)})`}</dd>
<dt>${words.operation}</dt><dd>${id}</dd>
</dl>`;
}

/** A page that says one thing. */
export function plainPage(words: Words, said: Said, detail: string, otherLanguage: string): Page {
  const main = html`<main class="bad"><h1 tabindex="-1">${said.title}</h1><p>${said.text}</p>
${detail === '' ? '' : html`<p class="note">${shown(detail)}</p>`}</main>`;
  return { words, title: said.title, main, otherLanguage, follows: null, leaves: null };
}

/** The page of a link that cannot be read. */
export const linkFaultPage = (words: Words, fault: LinkFault): Page =>
  plainPage(
    words,
    words.linkFault,
    words.details[fault] ?? linkFaults[fault],
    `?lang=${words.other.language}`,
  );
