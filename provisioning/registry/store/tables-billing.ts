/** The tables of bills as kysely knows them. Money is an integer of minor units beside its currency; days are text. */
import type { Generated, Insertable, Selectable } from 'kysely';
import type { Day, DocumentKind, Month, VatRule } from '../billing/shapes.ts';

/** What can be paid for. */
export interface BillingPlansTable {
  id: string;
  name: string;
  currency: string;
  created_at_ms: number;
}

/** What a plan costs from a month on. Of two for the same month the later row counts. */
export interface BillingPricesTable {
  id: Generated<number>;
  plan: string;
  from_month: Month;
  /** Per box and whole month. */
  price: number;
  trial_days: number;
  created_at_ms: number;
}

/** Which plan a customer has from a month on. Of two for the same month the later row counts. */
export interface BillingAssignmentsTable {
  id: Generated<number>;
  customer: string;
  /** One billing identity, or empty: all that have none of their own. */
  billed_as: string;
  /** null: an identity has the customer's again, a customer the default. */
  plan: string | null;
  from_month: Month;
  created_at_ms: number;
}

/** Days on which a billing identity is not billed, while it is this customer's. */
export interface BillingPausesTable {
  id: string;
  customer: string;
  billed_as: string;
  from_day: Day;
  to_day: Day;
  created_at_ms: number;
}

/** A customer as the law wants him named on the next document: {@link Party} as JSON. */
export interface BillingBuyersTable {
  customer: string;
  details: string;
  changed_at_ms: number;
}

/** Parties as they stand on documents; `id` is the hash of `details`, which is a {@link Party} as JSON. */
export interface BillingPartiesTable {
  id: string;
  details: string;
}

/** The last number that was given, by prefix and year. */
export interface BillingSeriesTable {
  prefix: string;
  year: number;
  seller: string;
  kind: DocumentKind;
  last: number;
}

/** Numbers that were given before a restore, to documents that the database does not know. */
export interface BillingLostNumbersTable {
  prefix: string;
  year: number;
  first: number;
  last: number;
  at_ms: number;
}

/** Papers without their lines. Lines are the invoice's, also of its act. */
export interface BillingDocumentsTable {
  number: string;
  kind: DocumentKind;
  /** The seller's code. */
  seller: string;
  customer: string;
  day: Day;
  due_day: Day | null;
  month: Month;
  currency: string;
  net: number;
  vat_mode: VatRule['mode'];
  vat_rate: number;
  vat: number;
  total: number;
  seller_party: string;
  buyer_party: string;
  invoice: string | null;
  reason: string | null;
  issued_at_ms: number;
  /** What the customer's credit paid of an invoice when it was issued. */
  credit_used: Generated<number>;
}

/** What the boxes of an invoice cost. */
export interface BillingLinesTable {
  invoice: string;
  billed_as: string;
  plan: string;
  price: number;
  days: number;
  days_of_month: number;
  amount: number;
}

/** How far the run of a month has come: all customers up to this one are billed. */
export interface BillingRunsTable {
  month: Month;
  state: 'running' | 'finished';
  after_customer: string;
  boxes: number;
  /** About how many there are to look at. */
  boxes_total: number;
  invoices: number;
  lines: number;
  /** Boxes of customers that were not billed, since one of their boxes has no plan. */
  without_plan: number;
  started_at_ms: number;
  finished_at_ms: number | null;
}

/** Money that came in. */
export interface BillingPaymentsTable {
  id: string;
  customer: string;
  currency: string;
  amount: number;
  day: Day;
  /** The seller's account and the bank's reference, or what the operator wrote: one payment, for ever. */
  reference: string;
  note: string | null;
  booked_by: string;
  booked_at_ms: number;
}

/** Payments that were none, or not this customer's. */
export interface BillingReversalsTable {
  payment: string;
  reason: string;
  decided_by: string;
  at_ms: number;
}

/** Credit that was paid back. */
export interface BillingMoneyBackTable {
  id: string;
  customer: string;
  currency: string;
  amount: number;
  day: Day;
  iban: string;
  reference: string;
  note: string | null;
  decided_by: string;
  at_ms: number;
}

/**
 * Where money went. With an invoice: so much of it is settled (or, below zero, open again); without: credit that grows
 * or shrinks. `source`: a payment, a credit note, `credit` (what moves from credit to an invoice: two rows), a
 * repayment.
 */
export interface BillingLedgerTable {
  id: Generated<number>;
  customer: string;
  currency: string;
  invoice: string | null;
  source: string;
  amount: number;
  at_ms: number;
}

/** Invoices of which something is open. */
export interface BillingOpenTable {
  invoice: string;
  customer: string;
  currency: string;
  due_day: Day;
  open: number;
  /** The last reminder that was written, in days after the due day; 0: none. */
  reminded: number;
}

/** Customers' credit, where there is some. */
export interface BillingCreditTable {
  customer: string;
  currency: string;
  amount: number;
}

/** Where customers stand. Locked by whoever changes what they owe. */
export interface BillingAccountsTable {
  customer: string;
  state: 'active' | 'pastDue' | 'suspended';
  since_day: Day;
  decided_by: string;
  /** Not suspended until this day is over. */
  deferred_until: Day | null;
}

/** Reminders to send: each is written once. */
export interface BillingRemindersTable {
  id: Generated<number>;
  invoice: string;
  customer: string;
  after_days: number;
  day: Day;
  open: number;
  currency: string;
}

/** Entries of bank statements. */
export interface BillingEntriesTable {
  id: Generated<number>;
  /** The account that the statement is of, and the entry's own reference there. */
  account: string;
  reference: string;
  day: Day;
  amount: number;
  currency: string;
  direction: 'credit' | 'debit';
  reversal: 0 | 1;
  payer_name: string | null;
  payer_iban: string | null;
  payer_code: string | null;
  purpose: string;
  state: 'booked' | 'waiting' | 'setAside';
  /** Why it waits, or was set aside. */
  why: string | null;
  /** Whose it is, once it is booked. */
  customer: string | null;
  payment: string | null;
  decided_by: string;
  decided_at_ms: number;
  imported_at_ms: number;
}

/** All tables of bills. */
export interface BillingTables {
  billing_plans: BillingPlansTable;
  billing_prices: BillingPricesTable;
  billing_assignments: BillingAssignmentsTable;
  billing_pauses: BillingPausesTable;
  billing_buyers: BillingBuyersTable;
  billing_parties: BillingPartiesTable;
  billing_series: BillingSeriesTable;
  billing_lost_numbers: BillingLostNumbersTable;
  billing_documents: BillingDocumentsTable;
  billing_lines: BillingLinesTable;
  billing_runs: BillingRunsTable;
  billing_payments: BillingPaymentsTable;
  billing_reversals: BillingReversalsTable;
  billing_money_back: BillingMoneyBackTable;
  billing_ledger: BillingLedgerTable;
  billing_open: BillingOpenTable;
  billing_credit: BillingCreditTable;
  billing_accounts: BillingAccountsTable;
  billing_reminders: BillingRemindersTable;
  billing_entries: BillingEntriesTable;
}

/** A document as it stands in the database. */
export type DocumentRow = Selectable<BillingDocumentsTable>;

/** A document as it is put there. */
export type NewDocument = Insertable<BillingDocumentsTable>;

/** A run as it stands in the database. */
export type RunRow = Selectable<BillingRunsTable>;

/** A customer's account as it stands in the database. */
export type AccountRow = Selectable<BillingAccountsTable>;

/** An invoice of which something is open. */
export type OpenRow = Selectable<BillingOpenTable>;

/** A payment as it stands in the database. */
export type PaymentRow = Selectable<BillingPaymentsTable>;

/** An entry of a bank statement as it stands in the database. */
export type EntryRow = Selectable<BillingEntriesTable>;
