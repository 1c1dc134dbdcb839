/** One A4 page, in any browser and without any file of another place. */
export const style = `
@page { size: A4; margin: 10mm 16mm; }
* { box-sizing: border-box; margin: 0; padding: 0; }
body { font: 9.2pt/1.28 "Noto Sans", "DejaVu Sans", "Liberation Sans", Arial, sans-serif; color: #14181d;
  width: 178mm; margin: 12mm auto; }
@media print { body { margin: 0; } }
header { display: flex; justify-content: space-between; align-items: flex-start;
  border-bottom: 1.2mm solid #14181d; padding-bottom: 3mm; margin-bottom: 2.5mm; }
header p { font-weight: 700; letter-spacing: .06em; color: #4a5563; }
header .sub { font-weight: 400; letter-spacing: 0; }
h1 { font-size: 23pt; line-height: 1.15; }
.box { margin-top: 2.5mm; font: 700 17pt/1.1 "DejaVu Sans Mono", "Liberation Mono", monospace; color: #14181d; }
.box span { display: block; font: 400 9pt/1.5 "Noto Sans", "DejaVu Sans", sans-serif; letter-spacing: 0;
  color: #4a5563; }
header svg { width: 34mm; height: 34mm; flex: none; }
h2 { font-size: 11.5pt; margin: 3.6mm 0 1mm; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .5mm 2mm .5mm 0; border-bottom: .2mm solid #d5dae0; }
.facts th { width: 42mm; font-weight: 400; color: #4a5563; }
.facts td { font-weight: 600; overflow-wrap: anywhere; }
.mark { width: 7mm; font-weight: 700; }
.tests td:last-child { width: 32mm; text-align: right; padding-right: 0; }
.tests .ok .mark { color: #159a3c; }
.tests .note { color: #4a5563; }
.tests .warning .mark, .tests .fault .mark { color: #d11a1a; }
.tests, .lights { font-size: 8.8pt; }
.lights i { display: inline-block; width: 3.4mm; height: 3.4mm; border-radius: 50%; }
.lights td:nth-child(2) { width: 60mm; }
.check { margin-top: 3.6mm; padding: 2mm 3mm; border: .5mm solid #14181d; font-weight: 700; }
footer { display: flex; gap: 14mm; margin-top: 12mm; }
footer div { flex: 1; border-top: .3mm solid #14181d; padding-top: 1mm; color: #4a5563; font-size: 9pt; }
tr, .check, footer { break-inside: avoid; }
`;
