import type { Texts } from './texts.ts';

/** The page's style sheet: A4 when printed, heads of tables again on each page, no row cut in two. */
export const stylesOf = (texts: Texts): string => `
@page { size: A4; margin: 14mm 14mm 18mm 18mm;
  @bottom-right { content: "${texts.page} " counter(page) " / " counter(pages); font: 8pt sans-serif; color: #555; } }
* { box-sizing: border-box; }
html { font: 10pt/1.4 "Liberation Sans", Arial, Helvetica, "DejaVu Sans", sans-serif; color: #111; background: #fff;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; overflow-wrap: anywhere; }
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 8mm;
  border-bottom: 1.5pt solid #111; padding-bottom: 4mm; }
h1 { font-size: 17pt; line-height: 1.2; margin: 0 0 1mm; }
h2 { font-size: 11pt; margin: 0 0 2mm; }
p { margin: 0 0 2mm; }
.meta { color: #444; }
.sum { text-align: right; flex: none; max-width: 75mm; }
.sum b { display: block; font-size: 15pt; line-height: 1.25; white-space: nowrap; }
.parties { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 8mm; margin: 5mm 0; }
.parties h2, .label { font-size: 8pt; font-weight: normal; color: #555; text-transform: uppercase; letter-spacing: .04em; }
.parties .who { font-weight: bold; }
.parties dl { font-size: 9pt; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 3mm; margin: 1mm 0 0; }
dt { color: #555; }
dd { margin: 0; }
.iban { white-space: nowrap; overflow-wrap: normal; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { font-size: 8.5pt; text-align: left; vertical-align: bottom; border-bottom: 1pt solid #111; padding: 1.2mm 2mm; }
td { vertical-align: top; border-bottom: .5pt solid #bbb; padding: 1.2mm 2mm; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.totals { display: flex; flex-direction: column; align-items: flex-end; margin: 3mm 0; break-inside: avoid; }
.totals table { width: auto; min-width: 85mm; }
.totals td { border: 0; padding: .6mm 0; }
.totals td + td { padding-left: 8mm; }
.totals tr:last-child td { font-weight: bold; font-size: 11.5pt; border-top: 1pt solid #111; padding-top: 1.2mm; }
.words { margin: 0 0 5mm; break-inside: avoid; }
.pay { display: flex; gap: 8mm; align-items: flex-start; justify-content: space-between; border: 1pt solid #111;
  border-radius: 2mm; padding: 4mm; break-inside: avoid; }
.pay dl { grid-template-columns: 1fr; }
.pay dt { font-size: 8pt; margin-top: 1.6mm; }
.pay dt:first-child { margin-top: 0; }
.pay .copy { font-weight: bold; user-select: all; }
.pay .hint { color: #555; font-size: 8.5pt; margin: 2mm 0 0; }
.pay figure { margin: -2mm -2mm 0 0; flex: none; text-align: center; }
.pay figcaption { font-size: 8pt; color: #444; max-width: 46mm; margin: 0 auto; }
.qr { display: block; margin: 0 auto; }
.signatures { display: grid; grid-template-columns: 1fr 1fr; gap: 12mm; margin-top: 10mm; break-inside: avoid; }
.line { border-bottom: .75pt solid #111; height: 9mm; }
.under { font-size: 7.5pt; color: #555; text-align: center; }
.annex { break-before: page; }
.annex h2 { padding-bottom: 1mm; }
.annex table { font-size: 9pt; line-height: 1.25; }
.annex td { padding-top: .8mm; padding-bottom: .8mm; }
.note { margin-top: 2mm; }
@media screen { html { background: #eee; } body { width: 210mm; max-width: 100%; margin: 6mm auto; padding: 14mm 14mm 18mm 18mm;
  background: #fff; box-shadow: 0 0 3mm #0003; } .annex { margin-top: 12mm; } }
`;
