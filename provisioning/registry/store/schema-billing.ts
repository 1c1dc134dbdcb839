/**
 * Version 3: bills. What was issued, booked or decided is only added to; the database itself refuses to change it.
 * `billing_open`, `billing_credit` and `billing_accounts` say where things stand now: kept in the transaction that
 * adds, and provable from what was added (billing/ledger/prove.ts).
 */
import type { Dialect } from './schema.ts';

/** As in schema.ts: INT, NUMBERED, TABLE_END and KEYED_END stand for each dialect's own words. */
export const billing = `
DROP INDEX tenures_customer;
CREATE INDEX tenures_customer ON tenures (customer, billed_as, from_ms);
CREATE INDEX tenures_billed ON tenures (billed_as, from_ms);

CREATE TABLE billing_plans (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  created_at_ms INT NOT NULL
) TABLE_END;

CREATE TABLE billing_prices (
  id NUMBERED,
  plan TEXT NOT NULL REFERENCES billing_plans (id),
  from_month TEXT NOT NULL,
  price INT NOT NULL CHECK (price >= 0),
  trial_days INT NOT NULL CHECK (trial_days >= 0),
  created_at_ms INT NOT NULL
) TABLE_END;
CREATE INDEX billing_prices_plan ON billing_prices (plan, from_month);

CREATE TABLE billing_assignments (
  id NUMBERED,
  customer TEXT NOT NULL REFERENCES customers (id),
  billed_as TEXT NOT NULL,
  plan TEXT REFERENCES billing_plans (id),
  from_month TEXT NOT NULL,
  created_at_ms INT NOT NULL
) TABLE_END;
CREATE INDEX billing_assignments_customer ON billing_assignments (customer, billed_as, from_month);

CREATE TABLE billing_pauses (
  id TEXT PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (id),
  billed_as TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL,
  created_at_ms INT NOT NULL,
  CHECK (to_day >= from_day)
) TABLE_END;
CREATE INDEX billing_pauses_box ON billing_pauses (customer, billed_as, to_day);

CREATE TABLE billing_buyers (
  customer TEXT PRIMARY KEY REFERENCES customers (id),
  details TEXT NOT NULL,
  changed_at_ms INT NOT NULL
) TABLE_END;

CREATE TABLE billing_parties (
  id TEXT PRIMARY KEY,
  details TEXT NOT NULL
) TABLE_END;

CREATE TABLE billing_series (
  prefix TEXT NOT NULL,
  year INT NOT NULL,
  seller TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('invoice', 'act', 'creditNote')),
  last INT NOT NULL,
  PRIMARY KEY (prefix, year)
) TABLE_END;

CREATE TABLE billing_lost_numbers (
  prefix TEXT NOT NULL,
  year INT NOT NULL,
  first INT NOT NULL,
  last INT NOT NULL,
  at_ms INT NOT NULL,
  PRIMARY KEY (prefix, year, first),
  CHECK (last >= first)
) TABLE_END;

CREATE TABLE billing_documents (
  number TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('invoice', 'act', 'creditNote')),
  seller TEXT NOT NULL,
  customer TEXT NOT NULL REFERENCES customers (id),
  day TEXT NOT NULL,
  due_day TEXT,
  month TEXT NOT NULL,
  currency TEXT NOT NULL,
  net INT NOT NULL,
  vat_mode TEXT NOT NULL CHECK (vat_mode IN ('included', 'onTop', 'none')),
  vat_rate INT NOT NULL,
  vat INT NOT NULL,
  total INT NOT NULL CHECK (total > 0),
  seller_party TEXT NOT NULL REFERENCES billing_parties (id),
  buyer_party TEXT NOT NULL REFERENCES billing_parties (id),
  invoice TEXT REFERENCES billing_documents (number),
  reason TEXT,
  issued_at_ms INT NOT NULL,
  CHECK (net + vat = total),
  CHECK ((kind = 'invoice') = (due_day IS NOT NULL)),
  CHECK ((kind = 'invoice') = (invoice IS NULL)),
  CHECK ((kind = 'creditNote') = (reason IS NOT NULL))
) TABLE_END;
CREATE UNIQUE INDEX billing_documents_once ON billing_documents (month, customer, currency) WHERE kind = 'invoice';
CREATE UNIQUE INDEX billing_documents_act ON billing_documents (invoice) WHERE kind = 'act';
CREATE INDEX billing_documents_notes ON billing_documents (invoice) WHERE kind = 'creditNote';
CREATE INDEX billing_documents_customer ON billing_documents (customer, month, number);
CREATE INDEX billing_documents_month ON billing_documents (month, number);

CREATE TABLE billing_lines (
  invoice TEXT NOT NULL,
  billed_as TEXT NOT NULL,
  plan TEXT NOT NULL,
  price INT NOT NULL,
  days INT NOT NULL,
  days_of_month INT NOT NULL,
  amount INT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (invoice, billed_as)
) KEYED_END;

CREATE TABLE billing_runs (
  month TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('running', 'finished')),
  after_customer TEXT NOT NULL,
  boxes INT NOT NULL,
  boxes_total INT NOT NULL,
  invoices INT NOT NULL,
  lines INT NOT NULL,
  without_plan INT NOT NULL,
  started_at_ms INT NOT NULL,
  finished_at_ms INT
) TABLE_END;

CREATE TABLE billing_payments (
  id TEXT PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (id),
  currency TEXT NOT NULL,
  amount INT NOT NULL CHECK (amount > 0),
  day TEXT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  note TEXT,
  booked_by TEXT NOT NULL,
  booked_at_ms INT NOT NULL
) TABLE_END;
CREATE INDEX billing_payments_customer ON billing_payments (customer, id);

CREATE TABLE billing_reversals (
  payment TEXT PRIMARY KEY REFERENCES billing_payments (id),
  reason TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  at_ms INT NOT NULL
) TABLE_END;

CREATE TABLE billing_money_back (
  id TEXT PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (id),
  currency TEXT NOT NULL,
  amount INT NOT NULL CHECK (amount > 0),
  day TEXT NOT NULL,
  iban TEXT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  note TEXT,
  decided_by TEXT NOT NULL,
  at_ms INT NOT NULL
) TABLE_END;
CREATE INDEX billing_money_back_customer ON billing_money_back (customer, id);

CREATE TABLE billing_ledger (
  id NUMBERED,
  customer TEXT NOT NULL REFERENCES customers (id),
  currency TEXT NOT NULL,
  invoice TEXT REFERENCES billing_documents (number),
  source TEXT NOT NULL,
  amount INT NOT NULL,
  at_ms INT NOT NULL
) TABLE_END;
CREATE INDEX billing_ledger_customer ON billing_ledger (customer, currency, id);
CREATE INDEX billing_ledger_invoice ON billing_ledger (invoice) WHERE invoice IS NOT NULL;
CREATE INDEX billing_ledger_source ON billing_ledger (source);

CREATE TABLE billing_open (
  invoice TEXT PRIMARY KEY REFERENCES billing_documents (number),
  customer TEXT NOT NULL,
  currency TEXT NOT NULL,
  due_day TEXT NOT NULL,
  open INT NOT NULL CHECK (open > 0),
  reminded INT NOT NULL
) TABLE_END;
CREATE INDEX billing_open_customer ON billing_open (customer, currency, due_day, invoice);
CREATE INDEX billing_open_due ON billing_open (due_day, invoice);

CREATE TABLE billing_credit (
  customer TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount INT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (customer, currency)
) TABLE_END;

CREATE TABLE billing_accounts (
  customer TEXT PRIMARY KEY REFERENCES customers (id),
  state TEXT NOT NULL CHECK (state IN ('active', 'pastDue', 'suspended')),
  since_day TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  deferred_until TEXT
) TABLE_END;
CREATE INDEX billing_accounts_state ON billing_accounts (state, customer) WHERE state <> 'active';

CREATE TABLE billing_reminders (
  id NUMBERED,
  invoice TEXT NOT NULL REFERENCES billing_documents (number),
  customer TEXT NOT NULL,
  after_days INT NOT NULL,
  day TEXT NOT NULL,
  open INT NOT NULL,
  currency TEXT NOT NULL,
  UNIQUE (invoice, after_days)
) TABLE_END;
CREATE INDEX billing_reminders_customer ON billing_reminders (customer, id);

CREATE TABLE billing_entries (
  id NUMBERED,
  account TEXT NOT NULL,
  reference TEXT NOT NULL,
  day TEXT NOT NULL,
  amount INT NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('credit', 'debit')),
  reversal INT NOT NULL CHECK (reversal IN (0, 1)),
  payer_name TEXT,
  payer_iban TEXT,
  payer_code TEXT,
  purpose TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('booked', 'waiting', 'setAside')),
  why TEXT,
  customer TEXT,
  payment TEXT REFERENCES billing_payments (id),
  decided_by TEXT NOT NULL,
  decided_at_ms INT NOT NULL,
  imported_at_ms INT NOT NULL,
  UNIQUE (account, reference),
  CHECK ((state = 'booked') = (payment IS NOT NULL))
) TABLE_END;
CREATE INDEX billing_entries_state ON billing_entries (state, id);
`;

/** Whatever stands in these is for ever. */
const forEver = [
  'billing_plans',
  'billing_prices',
  'billing_assignments',
  'billing_parties',
  'billing_lost_numbers',
  'billing_documents',
  'billing_lines',
  'billing_payments',
  'billing_reversals',
  'billing_money_back',
  'billing_ledger',
  'billing_reminders',
];

/** What keeps them so. */
export const billingIsForEver: Readonly<Record<Dialect, string>> = {
  sqlite: forEver
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (what) =>
          `CREATE TRIGGER ${table}_no_${what.toLowerCase()} BEFORE ${what} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is only added to'); END;`,
      ),
    )
    .join('\n'),
  postgres: [
    `CREATE FUNCTION billing_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$;`,
    ...forEver.map(
      (table) =>
        `CREATE TRIGGER ${table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION billing_is_for_ever();`,
    ),
  ].join('\n'),
};
