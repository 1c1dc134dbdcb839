/** Entries of bank statements: what fits exactly is booked at once, everything else waits for the operator's call. */
import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { EntryRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import { findNumbers } from '../statements/find-numbers.ts';
import { type KnownInvoice, type Match, type MatchLookup, matchEntries } from '../statements/match.ts';
import type { StatementEntry } from '../statements/shapes.ts';
import { type BookedPayment, bookIn, type NewPayment } from './payments.ts';
import { checkText, mayWork } from './working.ts';

/** Entries that are matched and booked in one transaction. */
const portionMax = 200;

/** What became of a statement. */
export interface Imported {
  booked: number;
  waiting: number;
  /** Taken from an earlier statement: nothing was done. */
  again: number;
}

/**
 * Takes a statement's entries. Taken twice, the second time does nothing; interrupted and repeated, it goes on.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`
 */
export async function importEntries(
  core: Core,
  billing: Billing,
  actor: Actor,
  entries: readonly StatementEntry[],
): Promise<Imported> {
  mayWork(core, actor);
  const done: Imported = { booked: 0, waiting: 0, again: 0 };
  for (let at = 0; at < entries.length; at += portionMax) {
    const portion = entries.slice(at, at + portionMax);
    const part = await core.store.write((tx) => importPortion(tx, core, billing, actor, portion));
    done.booked += part.booked;
    done.waiting += part.waiting;
    done.again += part.again;
    core.errandsWait();
  }
  await core.store.write((tx) =>
    audit(tx, core.clock.nowMs(), {
      actor: actor.name,
      action: 'billing.statement',
      subject: entries[0]?.account ?? 'none',
      customer: null,
      after: done,
    }),
  );
  return done;
}

async function importPortion(
  tx: Tx,
  core: Core,
  billing: Billing,
  actor: Actor,
  entries: readonly StatementEntry[],
): Promise<Imported> {
  const done: Imported = { booked: 0, waiting: 0, again: 0 };
  const { lookup, known } = await lookupFor(tx, billing, entries);
  // What was taken before is not matched again: it would only be found to be paid.
  const fresh = entries.filter((entry) => !known.has(keyOf(entry)));
  done.again += entries.length - fresh.length;
  const taken = new Set<string>();
  for (const match of matchEntries(fresh, lookup)) {
    const key = keyOf(match.entry);
    if (taken.has(key)) {
      done.again += 1;
      continue;
    }
    taken.add(key);
    if (await take(tx, core, billing, { actor, match })) done[match.outcome] += 1;
    else done.again += 1;
  }
  return done;
}

const keyOf = ({ account, reference }: Pick<StatementEntry, 'account' | 'reference'>): string =>
  `${account}\n${reference}`;

/** What the matching must know, with the accounts of all whose invoices are named locked. */
async function lookupFor(
  tx: Tx,
  billing: Billing,
  entries: readonly StatementEntry[],
): Promise<{ lookup: MatchLookup; known: ReadonlySet<string> }> {
  const series = await tx
    .selectFrom('billing_series')
    .select('prefix')
    .distinct()
    .where('kind', '=', 'invoice')
    .execute();
  const prefixes = [...new Set([billing.prefixOf('invoice'), ...series.map(({ prefix }) => prefix)])];
  const invoices = await namedInvoices(tx, [
    ...new Set(entries.flatMap(({ purpose }) => findNumbers(purpose, prefixes))),
  ]);
  const rows = await tx
    .selectFrom('billing_entries')
    .select(['account', 'reference'])
    .where('account', 'in', [...new Set(entries.map(({ account }) => account))])
    .where('reference', 'in', [...new Set(entries.map(({ reference }) => reference))])
    .execute();
  const known = new Set(rows.map(keyOf));
  return {
    known,
    lookup: {
      accounts: new Set([billing.config.seller.iban]),
      prefixes,
      invoice: (number) => invoices.get(number),
      isKnown: () => false,
    },
  };
}

async function namedInvoices(tx: Tx, numbers: readonly string[]): Promise<Map<string, KnownInvoice>> {
  if (numbers.length === 0) return new Map();
  const find = () =>
    tx
      .selectFrom('billing_documents')
      .leftJoin('billing_open', 'billing_open.invoice', 'billing_documents.number')
      .select(['number', 'billing_documents.customer', 'billing_documents.currency', 'total', 'open'])
      .where('kind', '=', 'invoice')
      .where('number', 'in', [...numbers])
      .execute();
  const customers = [...new Set((await find()).map(({ customer }) => customer))];
  if (customers.length === 0) return new Map();
  await tx
    .selectFrom('billing_accounts')
    .select('customer')
    .where('customer', 'in', customers)
    .orderBy('customer')
    .forUpdate()
    .execute();
  const rows = await find();
  return new Map(rows.map((row) => [row.number, { ...row, open: row.open ?? 0 }]));
}

/** Books what fits, and writes the entry down. False: somebody else has just taken it. */
async function take(
  tx: Tx,
  core: Core,
  billing: Billing,
  { actor, match }: { actor: Actor; match: Match },
): Promise<boolean> {
  const { entry } = match;
  const nowMs = core.clock.nowMs();
  let booked: BookedPayment | null = null;
  if (match.outcome === 'booked') {
    const invoices = match.payments.map(({ number }) => number);
    const wanted = paymentOf(entry, match.customer, invoices);
    booked = await bookIn(tx, core, billing, { actor, wanted });
  }
  const put = await tx
    .insertInto('billing_entries')
    .values({
      account: entry.account,
      reference: entry.reference,
      day: entry.day,
      amount: entry.amount,
      currency: entry.currency,
      direction: entry.direction,
      reversal: entry.reversal ? 1 : 0,
      payer_name: entry.payer.name,
      payer_iban: entry.payer.iban,
      payer_code: entry.payer.code,
      purpose: entry.purpose,
      state: match.outcome,
      why: match.outcome === 'waiting' ? match.why : null,
      customer: match.outcome === 'booked' ? match.customer : null,
      payment: booked?.payment ?? null,
      decided_by: actor.name,
      decided_at_ms: nowMs,
      imported_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.columns(['account', 'reference']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return put !== undefined;
}

/** One movement of an account is one payment, whoever books it. */
const paymentOf = (
  {
    account,
    reference,
    amount,
    currency,
    day,
  }: Pick<StatementEntry, 'account' | 'reference' | 'amount' | 'currency' | 'day'>,
  customer: string,
  invoices: readonly string[],
): NewPayment => ({
  customer,
  currency,
  amount,
  day,
  reference: `${account} ${reference}`,
  invoices,
});

/**
 * The operator's call: whose money an entry is. It pays the named invoices first, then the oldest, the rest is credit.
 *
 * @throws Refusal `forbidden`, `restored`, `notFound`; `conflict` when it is booked, or no money that came in
 */
export async function bookEntry(
  core: Core,
  billing: Billing,
  actor: Actor,
  { entry: id, customer, invoices = [] }: { entry: number; customer: string; invoices?: readonly string[] },
): Promise<BookedPayment> {
  mayWork(core, actor);
  const booked = await core.store.write(async (tx) => {
    const entry = await lockEntry(tx, id);
    if (entry.direction !== 'credit' || entry.reversal === 1 || entry.account !== billing.config.seller.iban)
      throw new Refusal('conflict', 'this is no money that came in on the account of the seller');
    const done = await bookIn(tx, core, billing, { actor, wanted: paymentOf(entry, customer, invoices) });
    await tx
      .updateTable('billing_entries')
      .set({
        state: 'booked',
        customer,
        payment: done.payment,
        decided_by: actor.name,
        decided_at_ms: core.clock.nowMs(),
      })
      .where('id', '=', id)
      .execute();
    return done;
  });
  core.errandsWait();
  return booked;
}

/** The operator's call: it is not to be booked. @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`, `conflict` */
export async function setAside(
  core: Core,
  actor: Actor,
  { entry: id, reason }: { entry: number; reason: string },
): Promise<void> {
  mayWork(core, actor);
  checkText('reason', reason, 1000);
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const before = await lockEntry(tx, id);
    await tx
      .updateTable('billing_entries')
      .set({ state: 'setAside', why: reason, decided_by: actor.name, decided_at_ms: nowMs })
      .where('id', '=', id)
      .execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.entry.setAside',
      subject: String(id),
      customer: null,
      before: { state: before.state, why: before.why },
      after: { reason },
    });
  });
}

async function lockEntry(tx: Tx, id: number): Promise<EntryRow> {
  const entry = await tx
    .selectFrom('billing_entries')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (entry === undefined) throw new Refusal('notFound', 'there is no such entry');
  if (entry.state === 'booked') throw new Refusal('conflict', `it is booked as ${entry.payment}`);
  return entry;
}

/** Entries in the order in which they came, such as those that wait. `after`: the last one of the page before. */
export const statementEntries = (
  { store }: Core,
  {
    after,
    limit,
    state,
  }: { after?: number | undefined; limit: number; state?: EntryRow['state'] | undefined },
): Promise<EntryRow[]> =>
  store.reader
    .selectFrom('billing_entries')
    .selectAll()
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? 0))
    .orderBy('id')
    .limit(limit)
    .execute();
