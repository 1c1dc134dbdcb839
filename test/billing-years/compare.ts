/** Holds what the registry has against what the oracle has: papers, lines, open sums, credit, standing, reminders. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Bill, billOf, customerOf, purseOf } from './facts.ts';
import type { OwnBill } from './oracle-lines.ts';
import { firstPaidDay } from './oracle-lines.ts';
import { daysOfMonth, later, midnightOf, monthWith } from './wall-calendar.ts';
import type { World } from './world.ts';

const hash = (what: unknown): string =>
  createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 24);

/** A number that was just given: never given before, and of the year on the paper. */
function newNumber(world: World, number: string, day: string, prefix: string): void {
  if (world.papers.has(number)) world.violation(`${number} was given twice`);
  if (world.lost.has(number)) world.violation(`${number} was given before the restore`);
  if (!number.startsWith(`${prefix}-${day.slice(0, 4)}-`))
    world.violation(`${number} is on a paper of ${day}`);
}

type Line = {
  invoice: string;
  billed_as: string;
  plan: string;
  price: number;
  days: number;
  days_of_month: number;
  amount: number;
};

async function linesOf(world: World, month: string, after: string): Promise<Map<string, Line[]>> {
  const rows = await world.reader
    .selectFrom('billing_lines')
    .innerJoin('billing_documents', 'number', 'billing_lines.invoice')
    .selectAll('billing_lines')
    .where('month', '=', month)
    .where('kind', '=', 'invoice')
    .where('number', '>', after)
    .orderBy('number')
    .orderBy('billed_as')
    .execute();
  const lines = new Map<string, Line[]>();
  for (const row of rows) {
    const own = lines.get(row.invoice);
    if (own === undefined) lines.set(row.invoice, [row]);
    else own.push(row);
  }
  return lines;
}

const papersOf = (world: World) =>
  world.reader
    .selectFrom('billing_documents as paper')
    .innerJoin('billing_parties as buyer', 'buyer.id', 'paper.buyer_party')
    .innerJoin('billing_parties as seller', 'seller.id', 'paper.seller_party')
    .selectAll('paper')
    .select(['buyer.details as buyer_details', 'seller.details as seller_details'])
    .orderBy('paper.number');

/**
 * Compares the invoices of a month that were not there before with those that must be there now.
 *
 * @returns them as bills, to be owed
 */
export async function compareMonth(
  world: World,
  month: string,
  wanted: ReadonlyMap<string, OwnBill>,
  days: ReadonlySet<string>,
): Promise<Bill[]> {
  const { facts } = world;
  const rows = await papersOf(world).where('month', '=', month).execute();
  const acts = new Map(rows.flatMap((row) => (row.kind === 'act' ? [[row.invoice, row] as const] : [])));
  const fresh = rows.filter((row) => row.kind === 'invoice' && !facts.bills.has(row.number));
  const lines = await linesOf(world, month, '');
  const found = new Set<string>();
  const bills: Bill[] = [];
  for (const row of fresh) {
    const key = `${row.customer} ${row.currency}`;
    const own = wanted.get(key);
    if (found.has(key)) world.violation(`${month}: ${key} has two invoices`);
    found.add(key);
    if (own === undefined) {
      world.violation(`${month}: ${row.number} for ${key}, who owes nothing`);
      continue;
    }
    const { name, code } = JSON.parse(row.buyer_details) as { name: string; code: string | null };
    const { name: wantedName, buyer } = customerOf(facts, row.customer);
    if (!days.has(row.day)) world.violation(`${row.number} is of ${row.day}, it was written on ${[...days]}`);
    newNumber(world, row.number, row.day, 'SW');
    const { mode, rateBasisPoints } = facts.tax;
    const paper = [row.net, row.vat, row.total, row.vat_mode, row.vat_rate, row.due_day, name, code].join(
      ' ',
    );
    world.same(
      `invoices ${row.number} of ${key}`,
      paper,
      [
        own.net,
        own.vat,
        own.total,
        mode,
        rateBasisPoints,
        later(row.day, 14),
        ...buyerWords(wantedName, buyer),
      ].join(' '),
    );
    world.same(
      `sellers of ${row.number}`,
      (JSON.parse(row.seller_details) as { code: string }).code,
      '12345678',
    );
    const { credit } = purseOf(facts, row.customer, row.currency);
    world.same(`credit used of ${row.number}`, row.credit_used, Math.min(credit, own.total));
    const act = acts.get(row.number);
    const lastDay = daysOfMonth(month).at(-1) ?? '';
    world.same(
      `acts of ${row.number}`,
      `${act?.day} ${act?.total} ${act?.vat}`,
      `${lastDay} ${own.total} ${own.vat}`,
    );
    const own_lines = lines.get(row.number) ?? [];
    compareLines(world, row.number, own_lines, own);
    if (act !== undefined) newNumber(world, act.number, lastDay, 'SA');
    world.papers.set(row.number, hash([row, own_lines]));
    if (act !== undefined) world.papers.set(act.number, hash([act, []]));
    const { number, customer, currency, vat, total } = row;
    bills.push({
      number,
      customer,
      currency,
      month,
      due: row.due_day ?? '',
      vat,
      total,
      open: total,
      back: 0,
      backVat: 0,
    });
  }
  for (const key of wanted.keys()) if (!found.has(key)) world.violation(`${month}: no invoice for ${key}`);
  return bills;
}

const buyerWords = (name: string, buyer: string | null): [string, string | null] => {
  if (buyer === null) return [name, null];
  const party = JSON.parse(buyer) as { name: string; code: string };
  return [party.name, party.code];
};

function compareLines(world: World, number: string, lines: readonly Line[], own: OwnBill): void {
  const wanted = new Map(own.lines.map((line) => [line.identity, line]));
  for (const line of lines) {
    const must = wanted.get(line.billed_as);
    wanted.delete(line.billed_as);
    const words = [line.plan, line.price, line.days, line.days_of_month, line.amount].join(' ');
    const mustBe =
      must === undefined ? 'none' : [must.plan, must.price, must.days, must.of, must.amount].join(' ');
    world.same(`lines ${number} ${line.billed_as}`, words, mustBe);
  }
  for (const { identity, days, amount } of wanted.values())
    world.violation(`${number}: no line for ${identity}, ${days} days, ${amount}`);
}

/** A credit note: a number of its own, and the tax in its part of the total, to half a minor unit of all parts together. */
export async function notePaper(world: World, number: string, bill: Bill, total: number): Promise<void> {
  const row = await papersOf(world).where('paper.number', '=', number).executeTakeFirstOrThrow();
  newNumber(world, number, row.day, 'SC');
  world.same(
    `notes ${number}`,
    `${row.total} ${row.net + row.vat} ${row.invoice}`,
    `${total} ${total} ${bill.number}`,
  );
  bill.backVat += row.vat;
  const off = BigInt(bill.backVat) * BigInt(bill.total) - BigInt(bill.vat) * BigInt(bill.back);
  if (row.vat < 0 || (off < 0n ? -off : off) * 2n > BigInt(bill.total))
    world.violation(`${number}: ${bill.backVat} of the tax ${bill.vat} for ${bill.back} of ${bill.total}`);
  world.papers.set(number, hash([row, []]));
}

/** Everything that stands now. */
export async function compareBalances(world: World): Promise<void> {
  const { facts, reader } = world;
  const open = await reader.selectFrom('billing_open').selectAll().execute();
  for (const row of open) {
    const bill = facts.bills.get(row.invoice);
    world.same(
      `open ${row.invoice}`,
      `${row.open} ${row.customer} ${row.due_day}`,
      `${bill?.open} ${bill?.customer} ${bill?.due}`,
    );
  }
  world.same('open invoices', open.length, facts.open.size);
  const credit = new Map(
    (await reader.selectFrom('billing_credit').selectAll().execute()).map((row) => [
      `${row.customer} ${row.currency}`,
      row.amount,
    ]),
  );
  const owing = new Set(open.map((row) => `${row.customer} ${row.currency}`));
  for (const { id, purses } of facts.customers.values())
    for (const [currency, purse] of purses) {
      const key = `${id} ${currency}`;
      world.same(`credit ${key}`, credit.get(key) ?? 0, purse.credit);
      if (credit.has(key) && owing.has(key)) world.violation(`${key} has credit and owes something`);
      credit.delete(key);
    }
  for (const key of credit.keys()) world.violation(`credit of ${key}, of which the oracle knows nothing`);
  const accounts = await reader.selectFrom('billing_accounts').selectAll().execute();
  const known = new Map(accounts.map((row) => [row.customer, row]));
  for (const { id, state, since, deferredUntil } of facts.customers.values()) {
    const row = known.get(id);
    world.same(`standing ${id}`, row?.state ?? 'active', state);
    world.same(`deferral ${id}`, row?.deferred_until ?? null, deferredUntil);
    if (since !== null) world.same(`since ${id}`, row?.since_day, since);
  }
  const reminders = await reader.selectFrom('billing_reminders').selectAll().orderBy('id').execute();
  const told = new Map<string, string>();
  for (const { invoice, after_days, day, open: sum } of reminders)
    told.set(invoice, `${told.get(invoice) ?? ''}${after_days} ${day} ${sum};`);
  let count = 0;
  for (const [invoice, own] of facts.reminders) {
    count += own.length;
    const words = own.map(({ after, day, open: sum }) => `${after} ${day} ${sum};`).join('');
    world.same(`reminders ${invoice}`, told.get(invoice), words);
  }
  world.same('reminders together', reminders.length, count);
  const paid = await reader
    .selectFrom('billing_payments')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.sum<number>('amount').as('amount')])
    .executeTakeFirstOrThrow();
  let amount = 0;
  for (const payment of facts.payments.values()) amount += payment.amount;
  world.same('payments', `${paid.count} ${paid.amount ?? 0}`, `${facts.payments.size} ${amount}`);
}

/** No invoice is settled by more than its total, or by less than nothing. */
export async function compareSettled(world: World): Promise<void> {
  const { rows } = await sql<{ invoice: string; settled: number }>`
    SELECT invoice, sum(amount) AS settled FROM billing_ledger WHERE invoice IS NOT NULL GROUP BY invoice`.execute(
    world.reader,
  );
  for (const { invoice, settled } of rows) {
    const { total, open } = billOf(world.facts, invoice);
    world.same(`settled ${invoice}`, Number(settled), total - open);
  }
}

/** What boxes would be told now, of up to so many. */
export async function compareTold(world: World, most: number): Promise<void> {
  const { facts, trueMs } = world;
  const core = world.core(0);
  if (core.clock.nowMs() !== trueMs) return;
  const rows = await core.store.reader
    .selectFrom('boxes')
    .select(['id as box', 'billed_as as billedAs', 'customer', 'claimed_at_ms as claimedAtMs'])
    .where('status', '=', 'claimed')
    .orderBy('claimed_at_ms', 'desc')
    .limit(most)
    .execute();
  const { statesOf } = core.billing;
  if (statesOf === undefined) return;
  const states = await core.store.write((tx) => statesOf(tx, rows, trueMs));
  for (const [at, { box, billedAs, customer }] of rows.entries()) {
    const { state } = customerOf(facts, customer);
    const endMs = midnightOf(firstPaidDay(facts, billedAs));
    const own = state !== 'active' ? `${state} null` : endMs > trueMs ? `trial ${endMs}` : 'active null';
    const told = states[at];
    world.same(`told ${box}`, `${told?.state} ${told?.untilMs}`, own);
  }
}

/** Every paper as it was when it was written, and no number left out. */
export async function comparePapers(world: World): Promise<void> {
  const months = await world.reader.selectFrom('billing_documents').select('month').distinct().execute();
  const series = new Map<string, number>();
  let count = 0;
  for (const { month } of months) {
    const lines = await linesOf(world, month, '');
    for (const row of await papersOf(world).where('month', '=', month).execute()) {
      count += 1;
      const own = row.kind === 'invoice' ? (lines.get(row.number) ?? []) : [];
      world.same(`papers ${row.number}`, hash([row, own]), world.papers.get(row.number));
      const name = row.number.slice(0, 7);
      series.set(name, (series.get(name) ?? 0) + 1);
      if (monthWith(row.number) === '') world.violation(row.number);
    }
  }
  world.same('papers together', count, world.papers.size);
  const rows = await world.reader.selectFrom('billing_series').selectAll().execute();
  for (const { prefix, year, last } of rows) {
    const name = `${prefix}-${year}`;
    const lost = [...world.lost].filter((number) => number.startsWith(`${name}-`)).length;
    world.same(`series ${name}`, last, (series.get(name) ?? 0) + lost);
  }
}
