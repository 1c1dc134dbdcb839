import { shownDay, shownMonth } from './days.ts';
import { type Html, html } from './html.ts';
import { linesTable, partyBlock, type Sheet, totals } from './parts.ts';

/** What an act of services says, without its annex: what was done in the month, and places to sign. */
export function actBody(sheet: Sheet, title: Html): Html {
  const { document, language, texts } = sheet;
  const contract = document.buyer.contract ?? document.seller.contract;
  const under =
    contract === null
      ? ''
      : ` ${texts.underContract} ${texts.number} ${contract.number} ${texts.from} ${shownDay(contract.day, language)}`;
  return html`<header><div>${title}<p class="meta">${texts.period}: ${shownMonth(document.month, language)}${
    document.invoice === null ? '' : ` · ${texts.toInvoice} ${texts.number} ${document.invoice}`
  }</p></div></header>
<div class="parties">${partyBlock(sheet, texts.performer, document.seller)}${partyBlock(sheet, texts.client, document.buyer)}</div>
<p>${texts.actText}${under}:</p>
${linesTable(sheet)}
${totals(sheet)}
<p>${texts.claims}</p>
<div class="signatures">${signature(sheet, texts.performer, document.seller.name)}${signature(sheet, texts.client, document.buyer.name)}</div>`;
}

function signature({ texts }: Sheet, role: string, name: string): Html {
  const line = (under: string): Html => html`<div class="line"></div><div class="under">${under}</div>`;
  return html`<section><span class="label">${role}</span><div>${name}</div>
${line(texts.position)}${line(texts.signature)}${line(texts.name)}</section>`;
}
