import { CompiledQuery } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bookByHand } from '../provisioning/registry/billing/by-hand.ts';
import { findDocument } from '../provisioning/registry/billing/documents.ts';
import { documentsCsv } from '../provisioning/registry/billing/export/csv.ts';
import { importStatement } from '../provisioning/registry/billing/import.ts';
import { creditNote } from '../provisioning/registry/billing/ledger/credit-notes.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { reversePayment } from '../provisioning/registry/billing/ledger/reversals.ts';
import { purposeOf } from '../provisioning/registry/billing/paper/purpose.ts';
import { invoiceQr } from '../provisioning/registry/billing/paper/qr/of-invoice.ts';
import { readPaymentLink } from '../provisioning/registry/billing/paper/qr/read.ts';
import { paperOf } from '../provisioning/registry/billing/papers.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { type Dialect, migrations } from '../provisioning/registry/store/schema.ts';
import { camt, entry } from './fixtures/billing/camt.ts';
import { type BillingBench, kyiv, openBills, sellerIban } from './registry/billing-bench.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing: credit that paid when the invoice was issued');
const both = onBoth(test);

/** A has overpaid, so that the bill of November finds so much credit; it is 200.00 and has the number 3. */
async function billedWith(bench: BillingBench, credit: number): Promise<string> {
  const { core, billing } = bench;
  const wanted = { customer: 'CU-A', currency: 'UAH', amount: 20_000 + credit, day: '2026-11-05' };
  const { payment } = await bookByHand(core, billing, root, { ...wanted, reference: 'early' });
  bench.at(kyiv('2026-12-01T03:17'));
  await billMonth(core, billing, '2026-11');
  return payment;
}

const shown = async (bench: BillingBench, number: string, language: 'uk' | 'en' = 'en'): Promise<string> =>
  (await paperOf(bench.core, root, number, { language })).replace(/<style>[\s\S]*?<\/style>/, '');

const textOf = (page: string): string => page.replace(/<[^>]*>/g, ' ').replace(/[\s\u00a0]+/g, ' ');

async function exported(bench: BillingBench, number: string): Promise<string[]> {
  const rows: string[] = [];
  for await (const row of documentsCsv([await findDocument(bench.core, root, number)])) rows.push(row);
  const [head = [], cells = []] = rows.map((row) => row.trim().split(','));
  return ['total', 'creditUsed', 'toPay'].map((name) => cells[head.indexOf(name)] ?? 'none');
}

both(
  'the page, the code and the export ask for what is left, and paying that is enough',
  async (database) => {
    const bench = await openBills(await database.open());
    bench.at(kyiv('2026-11-06T10:00'));
    await billedWith(bench, 3_000);
    const { core, billing } = bench;
    const invoice = await findDocument(core, root, 'SW-2026-000003');
    assert.equal([invoice.total, invoice.creditUsed, invoice.open], [20_000, 3_000, 17_000]);
    const qr = invoiceQr(invoice);
    assert.is('link' in qr ? readPaymentLink(qr.link).amount : qr.why, 17_000);
    const page = await shown(bench, 'SW-2026-000003');
    assert.match(page, /class="sum"><span class="label">To pay<\/span><b>170\.00/);
    const text = textOf(page);
    for (const said of ['Total 200.00', 'Paid from credit −30.00', 'To pay 170.00', 'Amount 170.00'])
      assert.ok(text.includes(said), said);
    assert.equal(await exported(bench, 'SW-2026-000003'), ['200.00', '30.00', '170.00']);
    assert.is((await findDocument(core, root, 'SA-2026-000003')).creditUsed, 0, 'its act is over all of it');

    bench.at(kyiv('2026-12-05T10:00'));
    const purpose = purposeOf(invoice);
    const paid = entry({ day: '2026-12-05', reference: 'Z1', amount: '170.00', purpose });
    const file = { bytes: [Buffer.from(camt(paid, '08', sellerIban))], format: 'camt' } as const;
    assert.is((await importStatement(core, billing, root, file)).booked, 1, 'it is just what is open');

    // A document: printed again, it says the same.
    assert.is(await shown(bench, 'SW-2026-000003'), page);
    await creditNote(core, billing, root, { invoice: 'SW-2026-000003', total: 20_000, reason: 'x' });
    assert.is(await shown(bench, 'SW-2026-000003'), page);
    assert.equal(await exported(bench, 'SW-2026-000003'), ['200.00', '30.00', '170.00']);
    assert.equal(await exported(bench, 'SC-2026-000001'), ['200.00', '0.00', '']);
    assert.equal(await proveLedger(bench.store.reader), []);
  },
);

both('what credit paid whole asks for nothing, and has no code', async (database) => {
  const bench = await openBills(await database.open());
  bench.at(kyiv('2026-11-06T10:00'));
  await billedWith(bench, 25_000);
  const invoice = await findDocument(bench.core, root, 'SW-2026-000003');
  assert.equal([invoice.total, invoice.creditUsed, invoice.open], [20_000, 20_000, 0]);
  assert.equal(invoiceQr(invoice), { why: 'nothingToPay' });
  const text = textOf(await shown(bench, 'SW-2026-000003'));
  assert.match(text, /To pay 0\.00/);
  assert.match(text, /Paid in full from credit/);
  assert.not.match(text, /Due by|Payment details|Scan/);
  // 50.00 of the credit are left for the next bill.
  bench.at(kyiv('2027-01-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-12');
  const next = await findDocument(bench.core, root, 'SW-2027-000001');
  assert.equal([next.customer, next.creditUsed, next.open], ['CU-A', 5_000, 15_000]);
});

for (const credit of [25_000, 3_000])
  both(`credit of ${credit} that is taken back: the page says how to pay what is open`, async (database) => {
    const bench = await openBills(await database.open());
    bench.at(kyiv('2026-11-06T10:00'));
    const payment = await billedWith(bench, credit);
    const { core, billing } = bench;
    const before = await shown(bench, 'SW-2026-000003');
    const act = await shown(bench, 'SA-2026-000003');
    await reversePayment(core, billing, root, { payment, reason: 'taken back by the bank' });

    const page = await shown(bench, 'SW-2026-000003');
    const english = textOf(page);
    for (const said of [
      `Paid from credit −${credit === 3_000 ? '30' : '200'}.00`,
      'has since been taken back. Open again, to be paid now: 200.00 UAH',
      'Amount 200.00 UAH',
    ])
      assert.ok(english.includes(said), said);
    assert.not.match(english, /nothing to pay/);
    const ukrainian = textOf(await shown(bench, 'SW-2026-000003', 'uk'));
    assert.match(ukrainian, /згодом скасовано\. Зараз до сплати: 200,00 грн/);
    const [link = ''] = /https:[^"]*/.exec(page) ?? [];
    const { amount, purpose } = readPaymentLink(link);
    assert.is(amount, 20_000);
    assert.is(
      page.slice(0, page.indexOf('<p class="note">')),
      before.slice(0, page.indexOf('<p class="note">')),
    );
    assert.is(await shown(bench, 'SA-2026-000003'), act);
    assert.is(await shown(bench, 'SW-2026-000003'), page, 'printed again, it says the same');

    bench.at(kyiv('2026-12-05T10:00'));
    const paid = entry({ day: '2026-12-05', reference: 'Z1', amount: '200.00', purpose });
    const file = { bytes: [Buffer.from(camt(paid, '08', sellerIban))], format: 'camt' } as const;
    assert.is((await importStatement(core, billing, root, file)).booked, 1, 'it is just what is open');
    assert.is(await shown(bench, 'SW-2026-000003'), before, 'it was paid');
  });

both('the purpose names the tax of what is to pay, and all parts make the whole', async (database) => {
  const bench = await openBills(await database.open(), { vat: { mode: 'included', rateBasisPoints: 2000 } });
  bench.at(kyiv('2026-11-06T10:00'));
  await billedWith(bench, 3_000);
  const invoice = await findDocument(bench.core, root, 'SW-2026-000003');
  assert.is(invoice.vat.amount, 3_333);
  assert.match(purposeOf(invoice), /у т\.ч\. ПДВ 20% 28\.33 грн$/);
});

const steps = migrations as Readonly<Record<Dialect, string>>[];
const before = `
INSERT INTO customers (id, name, created_at_ms) VALUES ('CU-A', 'A', 0);
INSERT INTO billing_parties (id, details) VALUES ('P', '{}');
INSERT INTO billing_documents (number, kind, seller, customer, day, due_day, month, currency, net, vat_mode, vat_rate, vat,
  total, seller_party, buyer_party, invoice, reason, issued_at_ms) VALUES
  ('SW-2026-000001', 'invoice', '1', 'CU-A', '2026-11-01', '2026-11-15', '2026-10', 'UAH', 200, 'none', 0, 0, 200, 'P', 'P', NULL, NULL, 1000),
  ('SA-2026-000001', 'act', '1', 'CU-A', '2026-10-31', NULL, '2026-10', 'UAH', 200, 'none', 0, 0, 200, 'P', 'P', 'SW-2026-000001', NULL, 1000),
  ('SW-2026-000002', 'invoice', '1', 'CU-A', '2026-12-01', '2026-12-15', '2026-11', 'UAH', 200, 'none', 0, 0, 200, 'P', 'P', NULL, NULL, 3000);
INSERT INTO billing_ledger (customer, currency, invoice, source, amount, at_ms) VALUES
  ('CU-A', 'UAH', NULL, 'credit', -30, 1000), ('CU-A', 'UAH', 'SW-2026-000001', 'credit', 30, 1000),
  ('CU-A', 'UAH', 'SW-2026-000001', 'credit', 50, 2000), ('CU-A', 'UAH', 'SW-2026-000002', 'PM-1', 20, 3000);
INSERT INTO errands (kind, subject, due_ms, tries, version) VALUES ('trust', 'crl', 1, 0, 0), ('notice', 'SW-1', 1, 0, 0);
`;

both('what was issued before this was kept gets it from the ledger', async (database) => {
  const later = steps.splice(3);
  try {
    const old = await database.open();
    const statements = before.split(';\n').filter((statement) => statement.trim() !== '');
    await old.write(async (tx) => {
      for (const statement of statements) await tx.executeQuery(CompiledQuery.raw(statement));
    });
  } finally {
    steps.push(...later);
  }
  const store = await database.open();
  const rows = await store.reader
    .selectFrom('billing_documents')
    .select(['number', 'credit_used'])
    .orderBy('number')
    .execute();
  assert.equal(
    rows.map(({ number, credit_used }) => [number, credit_used]),
    [
      ['SA-2026-000001', 0],
      ['SW-2026-000001', 30],
      ['SW-2026-000002', 0],
    ],
  );
  const attack = CompiledQuery.raw('UPDATE billing_documents SET credit_used = 1');
  const error = await store
    .write((tx) => tx.executeQuery(attack))
    .then(
      () => null,
      (reason: Error) => reason,
    );
  assert.match(error?.message ?? 'changed', /only added to/, 'and is kept again');
});

test.run();
