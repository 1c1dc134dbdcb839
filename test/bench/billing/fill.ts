/** Customers with boxes for a month's bill, written in bulk: most had theirs all month, some came, went, moved or paused. */
import type { Dialect } from '../../../provisioning/registry/store/schema.ts';
import { words } from '../registry/fill.ts';

/** How much, and when. */
export interface Fill {
  boxes: number;
  customers: number;
  /** How many boxes are one customer's. */
  big: number;
  /** `YYYY-MM`, and when it begins. */
  month: string;
  monthMs: number;
}

const dayMs = 86_400_000;

/** The statements that fill an empty database; each may take a while. */
export function fillStatements(dialect: Dialect, { boxes, customers, big, month, monthMs }: Fill): string[] {
  const { numbers, hex12 } = words[dialect];
  // Odd, so no two numbers meet below 2^48; large, so that neighbours lie far apart.
  const spread = (factor: number, expression = 'n.i'): string =>
    hex12(`(${expression} * ${factor}) % ${2 ** 48}`);
  const box = `'SW-' || ${spread(2654435761)}`;
  const customerOf = (expression: string): string =>
    `'CU-' || ${spread(2246822519, `(${expression} % ${customers} + 1)`)}`;
  const customer = `CASE WHEN n.i <= ${big} THEN ${customerOf('1')} ELSE ${customerOf('n.i')} END`;
  const all = numbers(boxes);
  const who = numbers(customers);
  // Prime numbers, so that one customer's boxes differ. Three in a hundred came in the month, two went in it; the others have been there for up to two years.
  const fromMs = `${monthMs} + CASE WHEN n.i % 97 < 3 THEN n.i % 28 ELSE -20 - n.i % 700 END * ${dayMs}`;
  const untilMs = `CASE WHEN n.i % 97 IN (7, 8) THEN ${monthMs} + (n.i % 27 + 1) * ${dayMs} END`;
  const details = `'{"name":"Shop ' || n.i || '","code":"12345678","vatNumber":null,"iban":null,"bank":null,"address":"Kyiv","contract":null}'`;
  return [
    `INSERT INTO customers (id, name, created_at_ms) SELECT ${customerOf('(n.i - 1)')}, 'Shop ' || n.i, 0 FROM ${who}`,
    `INSERT INTO billing_buyers (customer, details, changed_at_ms)
      SELECT ${customerOf('(n.i - 1)')}, ${details}, 0 FROM ${who} WHERE n.i % 2 = 0`,
    `INSERT INTO billing_accounts (customer, state, since_day, decided_by)
      SELECT ${customerOf('(n.i - 1)')}, 'active', '2026-01-01', 'registry' FROM ${who} WHERE n.i % 10 <> 0`,
    `INSERT INTO billing_credit (customer, currency, amount)
      SELECT ${customerOf('(n.i - 1)')}, 'UAH', 5000 FROM ${who} WHERE n.i % 50 = 0`,
    // One in fifty was another customer's before.
    `INSERT INTO tenures (billed_as, customer, from_ms, until_ms)
      SELECT ${box}, ${customerOf('(n.i + 7)')}, ${fromMs} - 5 * ${dayMs}, ${fromMs} FROM ${all} WHERE n.i % 53 = 4`,
    `INSERT INTO tenures (billed_as, customer, from_ms, until_ms)
      SELECT ${box}, ${customer}, ${fromMs}, ${untilMs} FROM ${all}`,
    `INSERT INTO billing_plans (id, name, currency, created_at_ms)
      VALUES ('box', 'A box', 'UAH', 0), ('shop', 'A shop', 'UAH', 0), ('euro', 'Euro', 'EUR', 0)`,
    `INSERT INTO billing_prices (plan, from_month, price, trial_days, created_at_ms)
      VALUES ('box', '2020-01', 24990, 14, 0), ('shop', '2020-01', 19990, 0, 0), ('euro', '2020-01', 599, 0, 0)`,
    `INSERT INTO billing_assignments (customer, billed_as, plan, from_month, created_at_ms)
      SELECT ${customerOf('(n.i - 1)')}, '', 'shop', '2020-01', 0 FROM ${who} WHERE n.i % 10 = 1`,
    `INSERT INTO billing_assignments (customer, billed_as, plan, from_month, created_at_ms)
      SELECT ${customer}, ${box}, 'euro', '2020-01', 0 FROM ${all} WHERE n.i % 101 = 11`,
    `INSERT INTO billing_pauses (id, customer, billed_as, from_day, to_day, created_at_ms)
      SELECT 'PA-' || n.i, ${customer}, ${box}, '${month}-10', '${month}-19', 0 FROM ${all} WHERE n.i % 199 = 13`,
  ];
}
