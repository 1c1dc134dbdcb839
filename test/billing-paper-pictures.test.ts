import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type PaperOptions, paperPage } from '../provisioning/registry/billing/paper/page.ts';
import { purposeOf } from '../provisioning/registry/billing/paper/purpose.ts';
import { readPaymentLink } from '../provisioning/registry/billing/paper/qr/read.ts';
import type { BillingDocument } from '../provisioning/registry/billing/shapes.ts';
import { actOver, creditNote, invoiceOver, planNames, seller } from './fixtures/billing/papers.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('billing paper: pictures');
const tempDir = tempDirs(test);
const run = promisify(execFile);

// Debian's Chromium as it ships asks the network for much; a test's browser does not.
const flags = (
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
  '--disable-component-update --disable-sync --hide-scrollbars --no-pdf-header-footer'
).split(' ');

async function browse(directory: string, page: string, ...how: readonly string[]): Promise<void> {
  const file = join(directory, 'page.html');
  writeFileSync(file, page);
  const profile = join(directory, `profile-${how.length}-${how[0]?.slice(2, 8)}`);
  mkdirSync(profile);
  await run('chromium', [...flags, `--user-data-dir=${profile}`, ...how, pathToFileURL(file).href], {
    timeout: 120_000,
  });
}

/** A page at A4's width, 210 mm at 96 dots per inch, twice as fine, and a bit more on the screen's sides. */
async function pictureOf(directory: string, page: string): Promise<string> {
  const picture = join(directory, 'page.png');
  await browse(
    directory,
    page,
    `--screenshot=${picture}`,
    '--window-size=840,1300',
    '--force-device-scale-factor=2',
  );
  return picture;
}

async function printed(directory: string, page: string): Promise<string> {
  const pdf = join(directory, 'page.pdf');
  await browse(directory, page, `--print-to-pdf=${pdf}`);
  return pdf;
}

/** What the one QR code in a picture says. */
async function scannedFrom(picture: string): Promise<string> {
  const only = ['-S*.enable=0', '-Sqrcode.enable=1'];
  const { stdout } = await run('zbarimg', ['--quiet', '--raw', ...only, picture], { timeout: 60_000 });
  const codes = stdout.split('\n').filter((line) => line !== '');
  assert.is(codes.length, 1, `codes in the picture: ${codes.length}`);
  return codes[0] ?? '';
}

function fieldsAre(link: string, invoice: BillingDocument, format: '002' | '003'): void {
  const is003 = format === '003';
  assert.equal(readPaymentLink(link), {
    format,
    encoding: 'windows-1251',
    function: 'UCT',
    recipient: invoice.seller.name,
    iban: invoice.seller.iban,
    amount: invoice.total,
    recipientCode: invoice.seller.code,
    category: is003 ? 'SUPP/SUPP' : null,
    reference: is003 ? invoice.number : null,
    purpose: purposeOf(invoice),
    display: null,
    lock: is003 ? 'FFFF' : null,
    validUntil: null,
    createdAt: null,
  });
}

const withPlans = (language: 'uk' | 'en'): PaperOptions => ({ language, plans: planNames[language] });

for (const [language, count] of [
  ['uk', 1],
  ['en', 40],
  ['uk', 400],
] as const)
  needing(
    test,
    'chromium',
    'zbarimg',
  )(`the code is read off the page, field by field: ${language}, ${count} boxes`, async () => {
    const directory = tempDir();
    const invoice = invoiceOver(count);
    const picture = await pictureOf(directory, paperPage(invoice, withPlans(language)));
    fieldsAre(await scannedFrom(picture), invoice, '003');
  });

needing(
  test,
  'chromium',
  'zbarimg',
)('the largest code, of level M, and one of format 002', async () => {
  const largest = invoiceOver(1, { seller: { ...seller, name: 'Ш'.repeat(140) }, total: 99_999_999_999 });
  const older: PaperOptions = { ...withPlans('uk'), qr: { format: '002', category: 'SUPP/SUPP' } };
  const first = await pictureOf(tempDir(), paperPage(largest, withPlans('uk')));
  fieldsAre(await scannedFrom(first), largest, '003');
  const second = await pictureOf(tempDir(), paperPage(invoiceOver(2), older));
  fieldsAre(await scannedFrom(second), invoiceOver(2), '002');
});

needing(
  test,
  'chromium',
  'zbarimg',
  'pdftoppm',
)('printed, the code is read off the paper at 150 dots per inch', async () => {
  const directory = tempDir();
  const pdf = await printed(directory, paperPage(invoiceOver(1), withPlans('uk')));
  await run('pdftoppm', [
    '-r',
    '150',
    '-f',
    '1',
    '-l',
    '1',
    '-png',
    '-singlefile',
    pdf,
    join(directory, 'sheet'),
  ]);
  fieldsAre(await scannedFrom(join(directory, 'sheet.png')), invoiceOver(1), '003');
});

needing(
  test,
  'chromium',
  'pdftotext',
)('printed: A4, and the annex has its heads on every page', async () => {
  const pagesOf = async (document: BillingDocument, language: 'uk' | 'en'): Promise<string[]> => {
    const directory = tempDir();
    const pdf = await printed(directory, paperPage(document, withPlans(language)));
    assert.match(readFileSync(pdf, 'latin1'), /\/MediaBox\s*\[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]/);
    const { stdout } = await run('pdftotext', ['-layout', pdf, '-'], { maxBuffer: 10_000_000 });
    return stdout.split('\f').slice(0, -1);
  };
  for (const document of [invoiceOver(1), actOver(3), creditNote()])
    assert.is((await pagesOf(document, 'uk')).length, 1, document.kind);
  const [paper, ...annex] = await pagesOf(invoiceOver(400), 'en');
  assert.match(paper ?? '', /Payment details/);
  assert.ok(annex.length >= 7 && annex.length <= 12, `${annex.length} pages`);
  for (const page of annex) assert.match(page, /No\. +Box +Plan +Days +Price per month +Amount/);
  const text = annex.join('\n');
  for (const { billedAs } of invoiceOver(400).lines)
    assert.is(text.split(` ${billedAs} `).length, 2, billedAs);
});

test.run();
