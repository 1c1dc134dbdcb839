import type { BillingDocument } from '../shapes.ts';
import { actBody } from './act.ts';
import { creditNoteBody } from './credit-note.ts';
import { shownDay } from './days.ts';
import { Html, html } from './html.ts';
import { invoiceBody } from './invoice.ts';
import type { Language } from './money.ts';
import { annex, type Sheet } from './parts.ts';
import { defaultQrRules, type PaymentQrRules } from './qr/of-invoice.ts';
import { stylesOf } from './styles.ts';
import { textsOf } from './texts.ts';

/** How a paper is wanted. */
export interface PaperOptions {
  language: Language;
  /** What is sold, in that language; absent: payment box service. */
  service?: string;
  /** Names of plans by their ids; absent: the ids. */
  plans?: Readonly<Record<string, string>>;
  qr?: PaymentQrRules;
  /**
   * What is open of an invoice now. All on a paper is as it was when it was issued, but where credit that paid for it was
   * taken back: then the page says so, and how to pay what is open. Absent: no more than it asked for.
   */
  open?: number;
}

// Nothing is fetched and nothing runs, whatever the page is opened with.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * A document as an HTML page of one file, for A4: an invoice with its payment QR code, an act of services with places to
 * sign, or a credit note. The same document and options give the same page to the byte. Throws a RangeError for amounts in no
 * currency of ISO 4217.
 */
export function paperPage(document: BillingDocument, options: PaperOptions): string {
  const { language } = options;
  const texts = textsOf(language);
  const sheet: Sheet = {
    document,
    language,
    texts,
    service: options.service ?? texts.defaultService,
    plans: options.plans ?? {},
  };
  const name = `${texts.titles[document.kind]} ${texts.number} ${document.number}`;
  const title = html`<h1>${name}</h1><p>${texts.from} ${shownDay(document.day, language)}</p>`;
  const page = html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no"><title>${name}</title>
<style>${new Html(stylesOf(texts))}</style></head>
<body>${bodyOf(sheet, title, options)}${annex(sheet, name)}</body></html>
`;
  return page.markup;
}

function bodyOf(sheet: Sheet, title: Html, { qr = defaultQrRules, open = 0 }: PaperOptions): Html {
  const { kind } = sheet.document;
  if (kind === 'act') return actBody(sheet, title);
  return kind === 'creditNote' ? creditNoteBody(sheet, title) : invoiceBody(sheet, title, qr, open);
}
