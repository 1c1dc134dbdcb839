/**
 * Version 4: an invoice says what its customer's credit paid of it when it was issued, and errands have turns, so that
 * nobody waits behind a change of many.
 */
import type { Dialect } from './schema.ts';

/** What was paid at the instant of the issue, by the ledger: the run writes both in one transaction. */
const frozen = `
ALTER TABLE billing_documents ADD COLUMN credit_used INT NOT NULL DEFAULT 0
  CHECK (credit_used >= 0 AND credit_used <= total AND (credit_used = 0 OR kind = 'invoice'));
UPDATE billing_documents SET credit_used = (
    SELECT sum(ledger.amount) FROM billing_ledger AS ledger
    WHERE ledger.invoice = billing_documents.number AND ledger.source = 'credit' AND ledger.amount > 0
      AND ledger.at_ms = billing_documents.issued_at_ms
  )
  WHERE kind = 'invoice' AND EXISTS (
    SELECT 1 FROM billing_ledger AS ledger
    WHERE ledger.invoice = billing_documents.number AND ledger.source = 'credit' AND ledger.amount > 0
      AND ledger.at_ms = billing_documents.issued_at_ms
  );
`;

/** The turns of store/errands.ts. */
const turns = `
ALTER TABLE errands ADD COLUMN turn INT NOT NULL DEFAULT 2;
UPDATE errands SET turn = CASE WHEN kind = 'trust' THEN 0 WHEN kind IN ('box', 'saleSystem', 'ending') THEN 1 ELSE 2 END;
DROP INDEX errands_due;
CREATE INDEX errands_turn ON errands (turn, due_ms);
`;

const trigger = 'billing_documents_no_update';

/** As in schema.ts: INT stands for each dialect's own word. Documents are only added to: for this once they are not. */
export const billingMended: Readonly<Record<Dialect, string>> = {
  sqlite: `DROP TRIGGER ${trigger};
${frozen}
CREATE TRIGGER ${trigger} BEFORE UPDATE ON billing_documents BEGIN SELECT RAISE(ABORT, 'billing_documents is only added to'); END;
${turns}`,
  postgres: `ALTER TABLE billing_documents DISABLE TRIGGER billing_documents_no_change;
${frozen}
ALTER TABLE billing_documents ENABLE TRIGGER billing_documents_no_change;
${turns}`,
};
