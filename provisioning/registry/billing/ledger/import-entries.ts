/** Takes the entries of a bank statement: what fits exactly is booked at once, everything else waits for a person. */
import { isRefusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { Billing } from '../billing.ts';
import {
  type KnownInvoice,
  type Match,
  type MatchLookup,
  matchEntries,
  numbersIn,
} from '../statements/match.ts';
import type { StatementEntry } from '../statements/shapes.ts';
import { type KnownEntries, knownEntries, putEntry } from './known-entries.ts';
import { bookIn } from './payments.ts';
import { paymentOf } from './statement-entries.ts';
import { lastMoneyDay, mayWork } from './working.ts';

/** Entries that are matched and booked in one transaction. */
const portionMax = 200;

/** What became of a statement. */
export interface Imported {
  booked: number;
  waiting: number;
  /** Taken from an earlier statement: nothing was done. */
  again: number;
}

/** An entry that stands in the books, now or since an earlier statement. */
export interface TakenEntry {
  id: number;
  again: boolean;
}

type Done = Imported & { taken: TakenEntry[] };

const nothing = (): Done => ({ booked: 0, waiting: 0, again: 0, taken: [] });

/**
 * Takes a statement's entries. Taken twice, the second time does nothing; interrupted and repeated, it goes on.
 *
 * @throws Refusal `forbidden`, `restored`
 */
export async function importEntries(
  core: Core,
  billing: Billing,
  actor: Actor,
  entries: readonly StatementEntry[],
): Promise<Imported> {
  const { taken: _, ...done } = await takeEntries(core, billing, actor, entries);
  return done;
}

/** The same; tells every entry's place, too. */
export async function takeEntries(
  core: Core,
  billing: Billing,
  actor: Actor,
  entries: readonly StatementEntry[],
): Promise<Done> {
  mayWork(core, actor);
  const done = nothing();
  for (let at = 0; at < entries.length; at += portionMax) {
    const portion = entries.slice(at, at + portionMax);
    const told = done.taken.map(({ id }) => id);
    const part = await core.store.write((tx) => takePortion(tx, { core, billing, actor }, portion, told));
    done.booked += part.booked;
    done.waiting += part.waiting;
    done.again += part.again;
    done.taken.push(...part.taken);
    core.errandsWait();
  }
  const { taken: _, ...after } = done;
  await core.store.write((tx) =>
    audit(tx, core.clock.nowMs(), {
      actor: actor.name,
      action: 'billing.statement',
      subject: entries[0]?.account ?? 'none',
      customer: null,
      after,
    }),
  );
  return done;
}

interface Parts {
  core: Core;
  billing: Billing;
  actor: Actor;
}

async function takePortion(
  tx: Tx,
  parts: Parts,
  entries: readonly StatementEntry[],
  before: readonly number[],
): Promise<Done> {
  const done = nothing();
  const told = new Set(before);
  const tell = (id: number, became: keyof Imported): void => {
    told.add(id);
    done[became] += 1;
    done.taken.push({ id, again: became === 'again' });
  };
  const known = await knownEntries(tx, entries);
  // What was taken before is not matched again: it would only be found to be paid.
  const fresh = entries.filter((entry) => {
    const id = known.find(entry, told);
    if (id !== null) tell(id, 'again');
    return id === null;
  });
  // What becomes of each is settled before anything is booked.
  for (const match of matchEntries(fresh, await lookupFor(tx, parts, fresh, known))) {
    const { id, became } = await take(tx, parts, match, told);
    tell(id, became);
  }
  return done;
}

/** What the matching must know, with the accounts of all whose invoices are named locked. */
async function lookupFor(
  tx: Tx,
  { core, billing }: Parts,
  entries: readonly StatementEntry[],
  { isTaken }: KnownEntries,
): Promise<MatchLookup> {
  const series = await tx
    .selectFrom('billing_series')
    .select('prefix')
    .distinct()
    .where('kind', '=', 'invoice')
    .execute();
  const prefixes = [...new Set([billing.prefixOf('invoice'), ...series.map(({ prefix }) => prefix)])];
  const invoices = await namedInvoices(tx, [
    ...new Set(entries.flatMap((entry) => numbersIn(entry, prefixes))),
  ]);
  return {
    accounts: new Set([billing.config.seller.iban]),
    prefixes,
    invoice: (number) => invoices.get(number),
    isTaken,
    lastDay: lastMoneyDay(billing, core.clock.nowMs()),
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

/** Writes the entry down, and books what fits: in this order, so that nobody books what somebody else has taken. */
async function take(
  tx: Tx,
  { core, billing, actor }: Parts,
  match: Match,
  told: ReadonlySet<number>,
): Promise<{ id: number; became: keyof Imported }> {
  const { entry } = match;
  const fits = match.outcome === 'booked';
  const { id, again, isSecond } = await putEntry(tx, entry, {
    why: fits ? 'double' : match.why,
    decidedBy: actor.name,
    nowMs: core.clock.nowMs(),
    told,
  });
  if (again) return { id, became: 'again' };
  if (!fits) return { id, became: 'waiting' };
  const change = (
    values: { state: 'booked'; why: null; customer: string; payment: string } | { why: string },
  ) => tx.updateTable('billing_entries').set(values).where('id', '=', id).execute();
  if (isSecond) {
    await change({ why: 'sameReference' });
    return { id, became: 'waiting' };
  }
  try {
    const { customer } = match;
    const invoices = match.payments.map(({ number }) => number);
    const { payment } = await bookIn(tx, core, billing, {
      actor,
      wanted: paymentOf(entry, customer, invoices),
    });
    await change({ state: 'booked', why: null, customer, payment });
    return { id, became: 'booked' };
  } catch (error) {
    // Somebody booked another payment by this reference, by hand: nothing was changed, and a person must look at both.
    if (isRefusal(error, 'conflict')) return { id, became: 'waiting' };
    throw error;
  }
}
