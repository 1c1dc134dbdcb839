/** The tables of bills into which many rows are written at once. */
import { type Bulk, insertMany } from '../../store/insert-many.ts';
import type { Dialect } from '../../store/schema.ts';
import type { Tx } from '../../store/store.ts';
import type {
  AccountRow,
  BillingCreditTable,
  BillingLedgerTable,
  BillingLinesTable,
  BillingPartiesTable,
  DocumentRow,
  OpenRow,
} from '../../store/tables-billing.ts';

/** A row of the ledger before it has its number. */
export type LedgerLine = Omit<BillingLedgerTable, 'id'>;

const documents: Bulk<DocumentRow> = {
  table: 'billing_documents',
  columns: {
    number: 'text',
    kind: 'text',
    seller: 'text',
    customer: 'text',
    day: 'text',
    due_day: 'text',
    month: 'text',
    currency: 'text',
    net: 'int',
    vat_mode: 'text',
    vat_rate: 'int',
    vat: 'int',
    total: 'int',
    seller_party: 'text',
    buyer_party: 'text',
    invoice: 'text',
    reason: 'text',
    issued_at_ms: 'int',
    credit_used: 'int',
  },
};

const lines: Bulk<BillingLinesTable> = {
  table: 'billing_lines',
  columns: {
    invoice: 'text',
    billed_as: 'text',
    plan: 'text',
    price: 'int',
    days: 'int',
    days_of_month: 'int',
    amount: 'int',
  },
};

const open: Bulk<OpenRow> = {
  table: 'billing_open',
  columns: {
    invoice: 'text',
    customer: 'text',
    currency: 'text',
    due_day: 'text',
    open: 'int',
    reminded: 'int',
  },
};

const ledger: Bulk<LedgerLine> = {
  table: 'billing_ledger',
  columns: {
    customer: 'text',
    currency: 'text',
    invoice: 'text',
    source: 'text',
    amount: 'int',
    at_ms: 'int',
  },
};

const parties: Bulk<BillingPartiesTable> = {
  table: 'billing_parties',
  columns: { id: 'text', details: 'text' },
  unlessThere: true,
};

const accounts: Bulk<AccountRow> = {
  table: 'billing_accounts',
  columns: {
    customer: 'text',
    state: 'text',
    since_day: 'text',
    decided_by: 'text',
    deferred_until: 'text',
  },
  unlessThere: true,
};

const credit: Bulk<BillingCreditTable> = {
  table: 'billing_credit',
  columns: { customer: 'text', currency: 'text', amount: 'int' },
};

/** Ways to write many rows in this transaction. */
export function bulks(tx: Tx, dialect: Dialect) {
  const into =
    <Row extends { [Name in keyof Row]: string | number | null }>(bulk: Bulk<Row>) =>
    (rows: readonly Row[]): Promise<void> =>
      insertMany(tx, dialect, bulk, rows);
  return {
    documents: into(documents),
    lines: into(lines),
    open: into(open),
    ledger: into(ledger),
    parties: into(parties),
    accounts: into(accounts),
    credit: into(credit),
  };
}
