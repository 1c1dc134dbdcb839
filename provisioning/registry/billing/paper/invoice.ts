import { shownDay, shownMonth } from './days.ts';
import { Html, html } from './html.ts';
import { linesTable, partyBlock, type Sheet, totals, withCurrency } from './parts.ts';
import { purposeOf } from './purpose.ts';
import { shownIban } from './qr/iban.ts';
import { invoiceQr, type PaymentQrRules } from './qr/of-invoice.ts';
import { qrSvg } from './qr/svg.ts';
import { qrSymbol } from './qr/symbol.ts';
import { askedAgain, toPayOf } from './to-pay.ts';

/** What an invoice says, without its annex. `open`: what is open of it now. */
export function invoiceBody(sheet: Sheet, title: Html, rules: PaymentQrRules, open: number): Html {
  const { document, language, texts } = sheet;
  const { total: toPay } = toPayOf(document);
  return html`<header><div>${title}<p class="meta">${texts.period}: ${shownMonth(document.month, language)}</p></div>
<div class="sum"><span class="label">${texts.toPay}</span><b>${withCurrency(sheet, toPay)}</b>
${document.dueDay === null || toPay === 0 ? null : html`${texts.dueDay} ${shownDay(document.dueDay, language)}`}</div></header>
<div class="parties">${partyBlock(sheet, texts.seller, document.seller)}${partyBlock(sheet, texts.buyer, document.buyer)}</div>
${linesTable(sheet)}
${totals(sheet)}
${payment(sheet, rules, { toPay, open })}`;
}

function payment(
  sheet: Sheet,
  rules: PaymentQrRules,
  { toPay, open }: { toPay: number; open: number },
): Html {
  const { texts } = sheet;
  const again = askedAgain(sheet.document, open);
  if (again !== null)
    return html`<p class="note">${texts.creditTakenBack} <b>${texts.openAgain}: ${withCurrency(sheet, open)}</b></p>
${paymentBox({ ...sheet, document: again }, rules)}`;
  return toPay === 0 ? html`<p class="note">${texts.paidByCredit}</p>` : paymentBox(sheet, rules);
}

/** How to pay: the details to write off, and the code to scan where there can be one. */
function paymentBox(sheet: Sheet, rules: PaymentQrRules): Html {
  const { document, texts } = sheet;
  const { seller } = document;
  return html`<section class="pay"><div><h2>${texts.details}</h2><dl>
<dt>${texts.receiver}</dt><dd>${seller.name}${seller.code === null ? '' : `, ${seller.code}`}</dd>
${seller.iban === null ? null : html`<dt>${texts.iban}</dt><dd class="iban copy">${shownIban(seller.iban)}</dd>`}
${seller.bank === null ? null : html`<dt>${texts.bank}</dt><dd>${seller.bank}</dd>`}
<dt>${texts.amount}</dt><dd>${withCurrency(sheet, toPayOf(document).total)}</dd>
<dt>${texts.purpose}</dt><dd class="copy">${purposeOf(document)}</dd></dl>
<p class="hint">${texts.copyPurpose}</p></div>${qrFigure(sheet, rules)}</section>`;
}

function qrFigure({ document, texts }: Sheet, rules: PaymentQrRules): Html | null {
  const qr = invoiceQr(document, rules);
  if (!('link' in qr)) return null;
  // The link pays as well: on a telephone nobody can scan his own screen.
  return html`<figure><a href="${qr.link}" rel="noreferrer">${new Html(qrSvg(qrSymbol(qr.link), texts.qrTitle))}</a>
<figcaption>${texts.scan}</figcaption></figure>`;
}
