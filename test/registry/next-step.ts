import type { Dialect } from '../../provisioning/registry/store/schema.ts';

const changes = `
ALTER TABLE customers ADD COLUMN language TEXT NOT NULL DEFAULT 'uk';
UPDATE customers SET name = name || ' (moved)';
`;

/** A step of the migrations as a later version may have one: it adds a column, changes every row, makes a table. */
export const nextStep: Readonly<Record<Dialect, string>> = {
  sqlite: `${changes}CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer TEXT NOT NULL) STRICT;`,
  postgres: `${changes}CREATE TABLE invoices (id BIGINT PRIMARY KEY, customer TEXT NOT NULL);`,
};
