/** What everybody should be billed, reckoned from the bare tables, day by day and box by box, with texts alone. */
import type { Store } from '../../provisioning/registry/store/store.ts';

const swedish = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Kyiv' });

/** What a line should say: `customer currency box plan price days amount`. */
export type NaiveLine = string;

interface Rows {
  tenures: { billed_as: string; customer: string; from_ms: number; until_ms: number | null }[];
  prices: { id: number; plan: string; from_month: string; price: number; trial_days: number }[];
  plans: { id: string; currency: string }[];
  assignments: {
    id: number;
    customer: string;
    billed_as: string;
    plan: string | null;
    from_month: string;
  }[];
  pauses: { customer: string; billed_as: string; from_day: string; to_day: string }[];
}

/** All lines of a month, sorted. Boxes without a plan have none, and neither do amounts of nothing. */
export async function naiveLines(store: Store, month: string, standard: string | null): Promise<NaiveLine[]> {
  const { reader } = store;
  const rows: Rows = {
    tenures: await reader.selectFrom('tenures').selectAll().orderBy('id').execute(),
    prices: await reader.selectFrom('billing_prices').selectAll().execute(),
    plans: await reader.selectFrom('billing_plans').selectAll().execute(),
    assignments: await reader.selectFrom('billing_assignments').selectAll().execute(),
    pauses: await reader.selectFrom('billing_pauses').selectAll().execute(),
  };
  const days = daysOf(month);
  const counts = new Map<string, number>();
  for (const box of new Set(rows.tenures.map(({ billed_as }) => billed_as)))
    for (const day of days) {
      const payer = payerOf(rows, box, day, standard);
      if (payer !== null) counts.set(`${payer} ${box}`, (counts.get(`${payer} ${box}`) ?? 0) + 1);
    }
  const lines: string[] = [];
  for (const [key, count] of counts) {
    const [customer = '', box = ''] = key.split(' ');
    const price = priceOf(rows, customer, box, month, standard);
    if (price === null) continue;
    // Half up, as one does it on paper: twice the fraction, cut off, and one more if it is odd.
    const twice = (BigInt(price.price) * BigInt(count) * 2n) / BigInt(days.length);
    const amount = (twice + 1n) / 2n;
    if (amount === 0n) continue;
    lines.push(`${customer} ${price.currency} ${box} ${price.plan} ${price.price} ${count} ${amount}`);
  }
  return lines.sort();
}

function daysOf(month: string): string[] {
  const days: string[] = [];
  for (let atMs = Date.parse(`${month}-01T12:00Z`); ; atMs += 86_400_000) {
    const day = new Date(atMs).toISOString().slice(0, 10);
    if (!day.startsWith(month)) return days;
    days.push(day);
  }
}

/** Who pays for a box on a day: nobody in its trial, in a pause, or when it is nobody's. */
function payerOf(rows: Rows, box: string, day: string, standard: string | null): string | null {
  const all = rows.tenures
    .filter(({ billed_as }) => billed_as === box)
    .sort((one, other) => one.from_ms - other.from_ms);
  const touching = all.filter(
    ({ from_ms, until_ms }) =>
      swedish.format(from_ms) <= day && (until_ms === null || swedish.format(until_ms) >= day),
  );
  const owner = touching.at(-1);
  if (owner === undefined) return null;
  const [identity = box] = box.split('.');
  const first = rows.tenures
    .filter(({ billed_as }) => billed_as === identity)
    .sort((one, other) => one.from_ms - other.from_ms)[0];
  if (first !== undefined) {
    const claimed = swedish.format(first.from_ms);
    const trial = priceOf(rows, first.customer, identity, claimed.slice(0, 7), standard)?.trialDays ?? 0;
    if ((Date.parse(day) - Date.parse(claimed)) / 86_400_000 < trial) return null;
  }
  const paused = rows.pauses.some(
    ({ customer, billed_as, from_day, to_day }) =>
      customer === owner.customer && billed_as === box && from_day <= day && day <= to_day,
  );
  return paused ? null : owner.customer;
}

function priceOf(
  { assignments, prices, plans }: Rows,
  customer: string,
  box: string,
  month: string,
  standard: string | null,
): { plan: string; currency: string; price: number; trialDays: number } | null {
  const latest = <Row extends { id: number; from_month: string }>(rows: Row[]): Row | undefined =>
    rows
      .filter(({ from_month }) => from_month <= month)
      .sort((one, other) =>
        one.from_month === other.from_month ? one.id - other.id : one.from_month < other.from_month ? -1 : 1,
      )
      .at(-1);
  const mine = assignments.filter((row) => row.customer === customer);
  const own = latest(mine.filter(({ billed_as }) => billed_as === box))?.plan;
  const plan = own ?? latest(mine.filter(({ billed_as }) => billed_as === ''))?.plan ?? standard;
  const price = latest(prices.filter((row) => row.plan === plan));
  const currency = plans.find(({ id }) => id === plan)?.currency;
  if (price === undefined || currency === undefined) return null;
  return { plan: price.plan, currency, price: price.price, trialDays: price.trial_days };
}

/** The lines that stand on the invoices of a month, written the same way. */
export async function billedLines(store: Store, month: string): Promise<NaiveLine[]> {
  const rows = await store.reader
    .selectFrom('billing_lines')
    .innerJoin('billing_documents', 'billing_documents.number', 'billing_lines.invoice')
    .selectAll('billing_lines')
    .select(['customer', 'currency'])
    .where('month', '=', month)
    .execute();
  return rows
    .map(
      ({ customer, currency, billed_as, plan, price, days, amount }) =>
        `${customer} ${currency} ${billed_as} ${plan} ${price} ${days} ${amount}`,
    )
    .sort();
}
