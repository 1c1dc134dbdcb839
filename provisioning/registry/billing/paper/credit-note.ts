import { shownMonth } from './days.ts';
import { type Html, html } from './html.ts';
import { linesTable, partyBlock, type Sheet, totals, withCurrency } from './parts.ts';

/** What a credit note says, without its annex: how much of which invoice is taken back, and why. */
export function creditNoteBody(sheet: Sheet, title: Html): Html {
  const { document, language, texts } = sheet;
  return html`<header><div>${title}<p class="meta">${texts.period}: ${shownMonth(document.month, language)}${
    document.invoice === null ? '' : ` · ${texts.toInvoice} ${texts.number} ${document.invoice}`
  }</p></div>
<div class="sum"><span class="label">${texts.taken}</span><b>${withCurrency(sheet, document.total)}</b></div></header>
<div class="parties">${partyBlock(sheet, texts.seller, document.seller)}${partyBlock(sheet, texts.buyer, document.buyer)}</div>
<p>${texts.creditText}</p>
${document.reason === null ? null : html`<p><span class="label">${texts.reason}</span><br>${document.reason}</p>`}
${document.lines.length === 0 ? null : linesTable(sheet)}
${totals(sheet)}`;
}
