import type { BillingDocument, InvoiceLine, Party } from '../shapes.ts';
import { amountInWords } from './amount-words.ts';
import { shownDay } from './days.ts';
import { groupsOf } from './groups.ts';
import { type Html, html } from './html.ts';
import { type Language, shownAmount } from './money.ts';
import { shownRate } from './purpose.ts';
import { shownIban } from './qr/iban.ts';
import type { Texts } from './texts.ts';

/** What every part of a page is made from. */
export interface Sheet {
  document: BillingDocument;
  language: Language;
  texts: Texts;
  /** What is sold, in the page's language. */
  service: string;
  /** Names of plans by their ids; a plan without one is named by its id. */
  plans: Readonly<Record<string, string>>;
}

/** Up to so many lines stand on the paper itself; more of them go into an annex, and their groups stand there. */
export const linesOnPaper = 12;

/** An amount of the document with its currency. */
export const withCurrency = ({ document, language }: Sheet, amount: number): string => {
  const currency = language === 'uk' && document.currency === 'UAH' ? 'грн' : document.currency;
  return `${shownAmount(amount, document.currency, language)}\u00a0${currency}`;
};

/** Who it is, as the law wants him named; a sole trader's code has ten digits, a company's eight. */
export function partyBlock({ texts, document, language }: Sheet, role: string, party: Party): Html {
  const payer =
    party.vatNumber !== null ? html`<dt>${texts.vatNumber}</dt><dd>${party.vatNumber}</dd>` : null;
  const isNoPayer = party === document.seller && document.vat.mode === 'none';
  return html`<section><h2>${role}</h2><div class="who">${party.name}</div><dl>
${party.code === null ? null : html`<dt>${party.code.length === 10 ? texts.personCode : texts.companyCode}</dt><dd>${party.code}</dd>`}
${payer}
${party.iban === null ? null : html`<dt>${texts.iban}</dt><dd class="iban">${shownIban(party.iban)}</dd>`}
${party.bank === null ? null : html`<dt>${texts.bank}</dt><dd>${party.bank}</dd>`}
${party.address === null ? null : html`<dt>${texts.address}</dt><dd>${party.address}</dd>`}
${party.contract === null ? null : html`<dt>${texts.contract}</dt><dd>${texts.number} ${party.contract.number} ${texts.from} ${shownDay(party.contract.day, language)}</dd>`}
</dl>${isNoPayer ? html`<div>${texts.noVatPayer}</div>` : null}</section>`;
}

/** What was done for how much: each box, or groups of equal ones where there are many. */
export function linesTable(sheet: Sheet): Html {
  return sheet.document.lines.length <= linesOnPaper
    ? table(sheet, sheet.document.lines, (line) => html`<br><span class="meta">${line.billedAs}</span>`)
    : html`${groupsTable(sheet)}<p class="note meta">${sheet.texts.annexNote}</p>`;
}

function table(sheet: Sheet, lines: readonly InvoiceLine[], more: (line: InvoiceLine) => Html): Html {
  const { texts } = sheet;
  const rows = lines.map(
    (
      line,
      index,
    ) => html`<tr><td class="n">${index + 1}</td><td>${serviceOf(sheet, line.plan)}${more(line)}</td>
<td class="n">${daysText(line)}</td><td class="n">${amountText(sheet, line.price)}</td>
<td class="n">${amountText(sheet, line.amount)}</td></tr>
`,
  );
  return html`<table><thead><tr><th class="n">${texts.number}</th><th>${texts.service}</th><th class="n">${texts.days}</th>
<th class="n">${texts.price}</th><th class="n">${texts.amount}</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function groupsTable(sheet: Sheet): Html {
  const { texts, document } = sheet;
  const rows = groupsOf(document.lines).map(
    (group, index) => html`<tr><td class="n">${index + 1}</td><td>${serviceOf(sheet, group.plan)}</td>
<td class="n">${group.count}</td><td class="n">${daysText(group)}</td><td class="n">${amountText(sheet, group.price)}</td>
<td class="n">${amountText(sheet, group.each)}</td><td class="n">${amountText(sheet, group.amount)}</td></tr>
`,
  );
  return html`<table><thead><tr><th class="n">${texts.number}</th><th>${texts.service}</th><th class="n">${texts.boxes}</th>
<th class="n">${texts.days}</th><th class="n">${texts.price}</th><th class="n">${texts.perBox}</th>
<th class="n">${texts.amount}</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Every box on pages of its own; null where they stand on the paper already. */
export function annex(sheet: Sheet, title: string): Html | null {
  const { document, texts } = sheet;
  if (document.lines.length <= linesOnPaper) return null;
  const rows = document.lines.map(
    (
      line,
      index,
    ) => html`<tr><td class="n">${index + 1}</td><td>${line.billedAs}</td><td>${planName(sheet, line.plan)}</td>
<td class="n">${daysText(line)}</td><td class="n">${amountText(sheet, line.price)}</td>
<td class="n">${amountText(sheet, line.amount)}</td></tr>
`,
  );
  return html`<section class="annex"><h2>${texts.annex}: ${title}</h2>
<table><thead><tr><th class="n">${texts.number}</th><th>${texts.box}</th><th>${texts.plan}</th><th class="n">${texts.days}</th>
<th class="n">${texts.price}</th><th class="n">${texts.amount}</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

const amountText = ({ document, language }: Sheet, amount: number): string =>
  shownAmount(amount, document.currency, language);

const daysText = ({ days, daysOfMonth }: { days: number; daysOfMonth: number }): string =>
  `${days} / ${daysOfMonth}`;

const planName = ({ plans }: Sheet, plan: string): string =>
  Object.hasOwn(plans, plan) ? (plans[plan] ?? plan) : plan;

const serviceOf = (sheet: Sheet, plan: string): string =>
  `${sheet.service}, ${sheet.texts.plan.toLowerCase()} «${planName(sheet, plan)}»`;

/**
 * Net, VAT and total; VAT that the prices hold stands below what it is part of. Below them what credit paid when it was
 * issued, and what is left to pay.
 */
export function totals(sheet: Sheet): Html {
  const { document, texts, language } = sheet;
  const { vat, net, total, creditUsed } = document;
  const row = (name: string, amount: number, sign = ''): Html =>
    html`<tr><td>${name}</td><td class="n">${sign}${withCurrency(sheet, amount)}</td></tr>`;
  const rate = shownRate(vat.rateBasisPoints, language === 'uk' ? ',' : '.');
  const rows =
    vat.mode === 'none'
      ? [
          html`<tr><td>${texts.vat}</td><td class="n">${texts.noVat.toLowerCase()}</td></tr>`,
          row(texts.total, total),
        ]
      : [
          row(texts.net, net),
          row(`${vat.mode === 'included' ? texts.ofWhichVat : texts.vat} ${rate}`, vat.amount),
          row(texts.totalWithVat, total),
        ];
  const paid =
    creditUsed === 0
      ? []
      : [row(texts.creditUsed, creditUsed, '\u2212'), row(texts.toPay, total - creditUsed)];
  return html`<div class="totals"><table><tbody>${rows}${paid}</tbody></table></div>
<p class="words"><span class="label">${creditUsed === 0 ? texts.inWords : texts.totalInWords}</span><br>${amountInWords(total, document.currency, language)}${
    vat.mode === 'none' ? ` (${texts.noVat.toLowerCase()})` : ''
  }</p>`;
}
