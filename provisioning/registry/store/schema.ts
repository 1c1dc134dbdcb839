/** How the tables are made and changed: forward only, one step per version. Never change a step that was released. */

import { billing, billingIsForEver } from './schema-billing.ts';
import { billingMended } from './schema-billing-mended.ts';
import { scale } from './schema-scale.ts';

/** The databases that the registry works on. */
export type Dialect = 'sqlite' | 'postgres';

// Written once for both: INT, NUMBERED, TABLE_END and KEYED_END (a table that is kept by its key) stand for each
// one's own words.
const words: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  sqlite: {
    INT: 'INTEGER',
    NUMBERED: 'INTEGER PRIMARY KEY AUTOINCREMENT',
    TABLE_END: 'STRICT',
    KEYED_END: 'STRICT, WITHOUT ROWID',
  },
  postgres: {
    INT: 'BIGINT',
    NUMBERED: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
    TABLE_END: '',
    KEYED_END: '',
  },
};

const first = `
CREATE TABLE meta (
  only_row INT PRIMARY KEY CHECK (only_row = 1),
  database_id TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('normal', 'restored')),
  created_at_ms INT NOT NULL,
  restored_at_ms INT,
  crl_number INT NOT NULL,
  crl TEXT,
  crl_until_ms INT
) TABLE_END;

CREATE TABLE customers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at_ms INT NOT NULL,
  left_at_ms INT
) TABLE_END;

CREATE TABLE claims (
  id TEXT PRIMARY KEY,
  mac TEXT NOT NULL UNIQUE,
  customer TEXT NOT NULL REFERENCES customers (id),
  replaces TEXT,
  created_at_ms INT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at_ms INT NOT NULL,
  used_at_ms INT,
  used_by TEXT,
  CHECK ((used_at_ms IS NULL) = (used_by IS NULL))
) TABLE_END;
CREATE INDEX claims_customer ON claims (customer, id);

CREATE TABLE boxes (
  id TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  customer TEXT NOT NULL REFERENCES customers (id),
  status TEXT NOT NULL CHECK (status IN ('claimed', 'retired', 'lost', 'stolen')),
  billed_as TEXT NOT NULL,
  claimed_at_ms INT NOT NULL,
  ended_at_ms INT,
  replaces TEXT,
  replaced_by TEXT,
  count INT NOT NULL,
  nonce TEXT NOT NULL,
  counted_at_ms INT NOT NULL,
  count_raised INT NOT NULL,
  revision INT NOT NULL,
  registry_kid TEXT,
  version TEXT NOT NULL,
  hardware_model TEXT,
  hardware_serial TEXT,
  hardware_system TEXT,
  terminal_vendor TEXT,
  terminal_model TEXT,
  terminal_software TEXT,
  terminal_id TEXT,
  sequence INT NOT NULL,
  certificate TEXT,
  CHECK ((status = 'claimed') = (ended_at_ms IS NULL))
) TABLE_END;
CREATE INDEX boxes_customer ON boxes (customer, id);
CREATE UNIQUE INDEX boxes_billed ON boxes (billed_as) WHERE status = 'claimed';

CREATE TABLE tenures (
  id NUMBERED,
  billed_as TEXT NOT NULL,
  customer TEXT NOT NULL REFERENCES customers (id),
  from_ms INT NOT NULL,
  until_ms INT
) TABLE_END;
CREATE UNIQUE INDEX tenures_open ON tenures (billed_as) WHERE until_ms IS NULL;
CREATE INDEX tenures_customer ON tenures (customer, id);

CREATE TABLE sale_systems (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  customer TEXT NOT NULL REFERENCES customers (id),
  created_at_ms INT NOT NULL,
  ended_at_ms INT
) TABLE_END;
CREATE INDEX sale_systems_customer ON sale_systems (customer, id);

CREATE TABLE pairing_codes (
  id TEXT PRIMARY KEY,
  mac TEXT NOT NULL UNIQUE,
  box TEXT NOT NULL REFERENCES boxes (id),
  sealed TEXT,
  created_at_ms INT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at_ms INT NOT NULL,
  used_at_ms INT,
  used_by TEXT
) TABLE_END;
CREATE INDEX pairing_codes_box ON pairing_codes (box) WHERE sealed IS NOT NULL;

CREATE TABLE pairings (
  id TEXT PRIMARY KEY,
  box TEXT NOT NULL REFERENCES boxes (id),
  sale_system TEXT NOT NULL REFERENCES sale_systems (id),
  allow TEXT NOT NULL,
  created_at_ms INT NOT NULL,
  ended_at_ms INT
) TABLE_END;
CREATE UNIQUE INDEX pairings_open ON pairings (box, sale_system) WHERE ended_at_ms IS NULL;
CREATE INDEX pairings_sale_system ON pairings (sale_system) WHERE ended_at_ms IS NULL;

CREATE TABLE command_keys (
  kid TEXT PRIMARY KEY,
  pairing TEXT NOT NULL REFERENCES pairings (id),
  alg TEXT NOT NULL CHECK (alg IN ('HS256', 'EdDSA')),
  sealed TEXT,
  public_key TEXT,
  created_at_ms INT NOT NULL,
  ends_at_ms INT,
  last_request_ms INT NOT NULL,
  CHECK ((alg = 'HS256') = (sealed IS NOT NULL) AND (alg = 'EdDSA') = (public_key IS NOT NULL))
) TABLE_END;
CREATE INDEX command_keys_pairing ON command_keys (pairing);

CREATE TABLE certificates (
  serial TEXT PRIMARY KEY,
  ca TEXT NOT NULL,
  subject TEXT NOT NULL,
  issued_at_ms INT NOT NULL,
  not_before_ms INT NOT NULL,
  not_after_ms INT NOT NULL,
  revoked_at_ms INT
) TABLE_END;
CREATE INDEX certificates_subject ON certificates (subject, not_after_ms);
CREATE INDEX certificates_revoked ON certificates (not_after_ms) WHERE revoked_at_ms IS NOT NULL;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  customer TEXT REFERENCES customers (id),
  created_at_ms INT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at_ms INT NOT NULL,
  revoked_at_ms INT
) TABLE_END;

CREATE TABLE audit (
  id NUMBERED,
  at_ms INT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  customer TEXT,
  before TEXT,
  after TEXT
) TABLE_END;
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_customer ON audit (customer, id);

CREATE TABLE alarms (
  id NUMBERED,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  customer TEXT,
  detail TEXT NOT NULL,
  first_at_ms INT NOT NULL,
  last_at_ms INT NOT NULL,
  times INT NOT NULL,
  acknowledged_at_ms INT,
  acknowledged_by TEXT
) TABLE_END;
CREATE UNIQUE INDEX alarms_open ON alarms (kind, subject) WHERE acknowledged_at_ms IS NULL;

CREATE TABLE attempts (
  key TEXT PRIMARY KEY,
  failures INT NOT NULL,
  first_at_ms INT NOT NULL,
  last_at_ms INT NOT NULL,
  blocked_until_ms INT NOT NULL
) TABLE_END;

CREATE TABLE errands (
  id NUMBERED,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  due_ms INT NOT NULL,
  tries INT NOT NULL,
  version INT NOT NULL,
  UNIQUE (kind, subject)
) TABLE_END;
CREATE INDEX errands_due ON errands (due_ms);
`;

const auditIsForEver: Readonly<Record<Dialect, string>> = {
  sqlite: ['UPDATE', 'DELETE']
    .map(
      (what) =>
        `CREATE TRIGGER audit_no_${what.toLowerCase()} BEFORE ${what} ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;`,
    )
    .join('\n'),
  postgres: `
CREATE FUNCTION audit_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_for_ever();
-- A box's row changes with every registration: room on the page keeps the indexes out of it.
ALTER TABLE boxes SET (fillfactor = 80);`,
};

function written(text: string, dialect: Dialect): string {
  return text.replace(/\b(INT|NUMBERED|TABLE_END|KEYED_END)\b/g, (word) => words[dialect][word] ?? word);
}

/** What brings a database from version n to n + 1, in order. */
export const migrations: readonly Readonly<Record<Dialect, string>>[] = [
  {
    sqlite: `${written(first, 'sqlite')}\n${auditIsForEver.sqlite}`,
    postgres: `${written(first, 'postgres')}\n${auditIsForEver.postgres}`,
  },
  { sqlite: written(scale, 'sqlite'), postgres: written(scale, 'postgres') },
  {
    sqlite: `${written(billing, 'sqlite')}\n${billingIsForEver.sqlite}`,
    postgres: `${written(billing, 'postgres')}\n${billingIsForEver.postgres}`,
  },
  { sqlite: written(billingMended.sqlite, 'sqlite'), postgres: written(billingMended.postgres, 'postgres') },
];
