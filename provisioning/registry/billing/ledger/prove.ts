/** Proves that what stands as open, and as credit, follows from what was issued and booked. */
import { sql } from 'kysely';
import type { Reader } from '../../store/store.ts';

/** Something that does not add up. */
export interface Difference {
  /** What is wrong. */
  kind: 'open' | 'credit' | 'source' | 'lines' | 'both' | 'gap' | 'act';
  /** Where: an invoice, a customer and a currency, a payment, a series. */
  subject: string;
}

/** At most so many differences are told of each kind: one is too many. */
const most = 100;

const proofs: Readonly<Record<Difference['kind'], string>> = {
  // What is open of an invoice is its total without what was settled.
  open: `
    SELECT d.number AS subject FROM billing_documents d
    LEFT JOIN (SELECT invoice, sum(amount) AS settled FROM billing_ledger WHERE invoice IS NOT NULL GROUP BY invoice) l
      ON l.invoice = d.number
    LEFT JOIN billing_open o ON o.invoice = d.number
    WHERE d.kind = 'invoice' AND d.total - coalesce(l.settled, 0) <> coalesce(o.open, 0)`,
  // Credit is the sum of the rows without an invoice.
  credit: `
    SELECT customer || ' ' || currency AS subject FROM (
      SELECT customer, currency, amount FROM billing_ledger WHERE invoice IS NULL
      UNION ALL SELECT customer, currency, -amount FROM billing_credit
    ) all_rows GROUP BY customer, currency HAVING sum(amount) <> 0`,
  // Every payment, credit note and repayment is in the ledger with all its money, and moving credit makes none.
  source: `
    SELECT source AS subject FROM (
      SELECT source, amount FROM billing_ledger
      UNION ALL SELECT id, -amount FROM billing_payments WHERE id NOT IN (SELECT payment FROM billing_reversals)
      UNION ALL SELECT number, -total FROM billing_documents WHERE kind = 'creditNote'
      UNION ALL SELECT id, amount FROM billing_money_back
    ) all_rows GROUP BY source HAVING sum(amount) <> 0`,
  // An invoice is the sum of its lines: with the tax, or without it.
  lines: `
    SELECT d.number AS subject FROM billing_documents d
    LEFT JOIN (SELECT invoice, sum(amount) AS amount FROM billing_lines GROUP BY invoice) l ON l.invoice = d.number
    WHERE d.kind = 'invoice'
      AND coalesce(l.amount, 0) <> CASE d.vat_mode WHEN 'onTop' THEN d.net ELSE d.total END`,
  // Credit and something open in one currency never stand side by side.
  both: `
    SELECT DISTINCT c.customer || ' ' || c.currency AS subject FROM billing_credit c
    JOIN billing_open o ON o.customer = c.customer AND o.currency = c.currency`,
  // A series has as many documents as its last number says, without those that a restore lost.
  gap: `
    SELECT s.prefix || '-' || s.year AS subject FROM billing_series s
    WHERE s.last <> (
      SELECT count(*) FROM billing_documents d
      WHERE d.number LIKE s.prefix || '-' || s.year || '-%'
    ) + (
      SELECT coalesce(sum(l.last - l.first + 1), 0) FROM billing_lost_numbers l
      WHERE l.prefix = s.prefix AND l.year = s.year
    )`,
  // Every invoice has its act.
  act: `
    SELECT d.number AS subject FROM billing_documents d
    LEFT JOIN billing_documents a ON a.invoice = d.number AND a.kind = 'act'
    WHERE d.kind = 'invoice' AND (a.number IS NULL OR a.total <> d.total)`,
};

/** Reckons all of it anew, and tells what does not add up: nothing, on a database that nobody has tampered with. */
export async function proveLedger(reader: Reader): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const [kind, proof] of Object.entries(proofs) as [Difference['kind'], string][]) {
    const { rows } = await sql<{ subject: string }>`${sql.raw(proof)} LIMIT ${sql.lit(most)}`.execute(reader);
    differences.push(...rows.map(({ subject }) => ({ kind, subject })));
  }
  return differences;
}
