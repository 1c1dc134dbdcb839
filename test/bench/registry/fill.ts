/**
 * A registry that has known so many boxes for two years, written in bulk: the rows that registrations, claims and
 * pairings would have left, without their keys. Both databases get the same; numbers are spread as ids are.
 */
import type { Dialect } from '../../../provisioning/registry/store/schema.ts';
import { told } from './boxes.ts';

/** How much, and whose. */
export interface Fill {
  boxes: number;
  /** How many of them are one customer's. */
  big: number;
  ca: string;
  registryKid: string;
  nowMs: number;
  count: number;
}

/** The customer with many boxes. */
export const bigCustomer = 'CU-B1GB1GB1GB1G';
const dayMs = 86_400_000;
/** How many boxes a customer has on average. */
const each = 200;
/** Every so manieth box is paired. */
const paired = 5;

interface Words {
  numbers(most: number): string;
  /** 12 hexadecimal digits of a number below 2^48. */
  hex12(expression: string): string;
  /** So many characters that look random. */
  noise(length: number, seed: string): string;
}

/** How each dialect says it. */
export const words: Readonly<Record<Dialect, Words>> = {
  sqlite: {
    numbers: (most) =>
      `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${most}) SELECT i FROM n) n`,
    hex12: (expression) => `printf('%012X', ${expression})`,
    noise: (length) => `substr(hex(randomblob(${Math.ceil(length / 2)})), 1, ${length})`,
  },
  postgres: {
    numbers: (most) => `generate_series(1::bigint, ${most}) AS n(i)`,
    hex12: (expression) => `upper(lpad(to_hex(${expression}), 12, '0'))`,
    noise: (length, seed) =>
      `substr(${Array.from({ length: Math.ceil(length / 32) }, (_, at) => `md5('${seed}${at}' || n.i)`).join(' || ')}, 1, ${length})`,
  },
};

/** The statements that fill an empty database; each may take a while. */
export function fillStatements(
  dialect: Dialect,
  { boxes, big, ca, registryKid, nowMs, count }: Fill,
): string[] {
  const { numbers, hex12, noise } = words[dialect];
  // Odd, so no two numbers meet below 2^48; large, so that neighbours lie far apart.
  const spread = (factor: number, expression = 'n.i'): string =>
    hex12(`(${expression} * ${factor}) % ${2 ** 48}`);
  const box = `'SW-' || ${spread(2654435761)}`;
  const customers = Math.max(1, Math.floor(boxes / each));
  const customerOf = (expression: string): string =>
    `'CU-' || ${spread(2246822519, `(${expression} % ${customers} + 1)`)}`;
  const customer = `CASE WHEN n.i <= ${big} THEN '${bigCustomer}' ELSE ${customerOf('n.i')} END`;
  const saleSystem = `CASE WHEN n.i <= ${big} THEN 'SS-B1GB1GB1GB1G' ELSE 'SS-' || ${spread(2246822519, `(n.i % ${customers} + 1)`)} END`;
  const serial = (age: number): string => `lower(${spread(3266489917)}) || '0000000${age}'`;
  const claimedMs = `${nowMs} - (n.i % 700 + 1) * ${dayMs}`;
  // Renewed every 30 days of 90: the newest is 0 to 29 days old.
  const issuedMs = (age: number): string => `${nowMs} - (n.i % 30 + ${30 * age}) * ${dayMs}`;
  const from = numbers(boxes);
  const pairedOnly = `${from} WHERE n.i % ${paired} = 0`;
  return [
    `INSERT INTO customers (id, name, created_at_ms) VALUES ('${bigCustomer}', 'A chain', ${nowMs - 700 * dayMs})`,
    `INSERT INTO customers (id, name, created_at_ms)
      SELECT ${customerOf('(n.i - 1)')}, 'Shop ' || n.i, ${nowMs - 700 * dayMs} FROM ${numbers(customers)}`,
    `INSERT INTO boxes (id, public_key, customer, status, billed_as, claimed_at_ms, count, nonce, counted_at_ms,
        count_raised, revision, registry_kid, version, hardware_model, hardware_serial, hardware_system,
        terminal_vendor, terminal_model, terminal_software, terminal_id, sequence, certificate, certificate_ca,
        certificate_renew_ms)
      SELECT ${box}, ${noise(42, 'k')} || 'A', ${customer}, 'claimed', ${box}, ${claimedMs}, ${count},
        ${noise(21, 'n')} || 'A', ${nowMs} - n.i % ${dayMs}, 0, ${count}, '${registryKid}', '${told.version}',
        '${told.model}', ${noise(16, 's')}, '${told.system}', '${told.vendor}', '${told.terminal}',
        '${told.software}', 'S1' || (n.i % 1000000), n.i % 100000, ${serial(0)}, '${ca}',
        ${issuedMs(0)} + ${30 * dayMs}
      FROM ${from}`,
    `INSERT INTO tenures (billed_as, customer, from_ms) SELECT ${box}, ${customer}, ${claimedMs} FROM ${from}`,
    ...[0, 1].map(
      (age) => `INSERT INTO certificates (serial, ca, subject, issued_at_ms, not_before_ms, not_after_ms)
        SELECT ${serial(age)}, '${ca}', ${box}, ${issuedMs(age)}, ${issuedMs(age)}, ${issuedMs(age)} + ${90 * dayMs}
        FROM ${from}`,
    ),
    `INSERT INTO claims (id, mac, customer, created_at_ms, created_by, expires_at_ms, used_at_ms, used_by)
      SELECT 'CL-' || ${spread(2654435761)}, ${spread(2654435761)} || ${noise(31, 'm')}, ${customer}, ${claimedMs},
        'token:TK-BENCH', ${claimedMs} + ${7 * dayMs}, ${claimedMs}, ${box} FROM ${from}`,
    `INSERT INTO audit (at_ms, actor, action, subject, customer, before, after)
      SELECT ${claimedMs}, 'box:' || ${box}, 'box.claimed', ${box}, ${customer}, NULL,
        '{"status":"claimed","claim":"CL-' || ${spread(2654435761)} || '","replaces":null}' FROM ${from}`,
    `INSERT INTO sale_systems (id, name, customer, created_at_ms)
      VALUES ('SS-B1GB1GB1GB1G', '1C', '${bigCustomer}', ${nowMs - 700 * dayMs})`,
    `INSERT INTO sale_systems (id, name, customer, created_at_ms)
      SELECT 'SS-' || ${spread(2246822519, `((n.i - 1) % ${customers} + 1)`)}, '1C', ${customerOf('(n.i - 1)')},
        ${nowMs - 700 * dayMs} FROM ${numbers(customers)}`,
    `INSERT INTO pairings (id, box, sale_system, allow, created_at_ms)
      SELECT 'PA-' || ${spread(2654435761)}, ${box}, ${saleSystem}, '["payment","reversal"]', ${claimedMs}
      FROM ${pairedOnly}`,
    `INSERT INTO command_keys (kid, pairing, alg, public_key, created_at_ms, last_request_ms)
      SELECT 'K-' || ${spread(2654435761)}, 'PA-' || ${spread(2654435761)}, 'EdDSA', ${noise(42, 'p')} || 'A',
        ${claimedMs}, 0 FROM ${pairedOnly}`,
    'CREATE TABLE bare (id TEXT PRIMARY KEY, count BIGINT NOT NULL, nonce TEXT NOT NULL, counted_at_ms BIGINT NOT NULL)',
  ];
}

/** What the bare loop changes: a row for each box. */
export const bareRows = 'INSERT INTO bare SELECT id, count, nonce, counted_at_ms FROM boxes';
