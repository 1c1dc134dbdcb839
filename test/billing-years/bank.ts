/** What the bank's statements say, what becomes of it, and what the operator does with what waits. */

import { importEntries } from '../../provisioning/registry/billing/ledger/import-entries.ts';
import {
  bookEntry,
  setAside,
  statementEntries,
} from '../../provisioning/registry/billing/ledger/statement-entries.ts';
import { readCamt053 } from '../../provisioning/registry/billing/statements/camt/read.ts';
import { generalCsv, privatBank } from '../../provisioning/registry/billing/statements/csv/profiles.ts';
import { readStatementCsv } from '../../provisioning/registry/billing/statements/csv/read.ts';
import type { Statement } from '../../provisioning/registry/billing/statements/shapes.ts';
import { root } from '../registry/world.ts';
import { chosen } from './boxes.ts';
import type { Bill } from './facts.ts';
import { mustRefuse, reviewed } from './operator.ts';
import { judged, takeMoney } from './oracle-money.ts';
import { Payers } from './payers.ts';
import { type Format, statementBytes, type Transfer } from './statement-text.ts';
import { later, wallDay } from './wall-calendar.ts';
import type { World } from './world.ts';

const importance: readonly (readonly [number, Format])[] = [
  [5, 'camt'],
  [3, 'csv'],
  [2, 'privat'],
];

/** The bank's side of the world. */
export class Bank {
  readonly #world: World;
  readonly #payers: Payers;
  #last: { format: Format; transfers: Transfer[] } | null = null;
  /** Statements that a restored registry has to be given again. */
  #since: { format: Format; transfers: Transfer[] }[] = [];
  #again: { format: Format; transfers: Transfer[] }[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#payers = new Payers(world);
  }

  /** A backup is taken: what comes now is not in it. */
  backedUp(): void {
    this.#since = [];
  }

  /** A backup was restored: its statements are taken again, and what is open is paid by and by. */
  restored(): void {
    const { facts, dice } = this.#world;
    this.#again = this.#since;
    this.#since = [];
    for (const number of facts.open) {
      const bill = facts.bills.get(number);
      if (bill !== undefined) this.#payers.plan(bill, 'exact', dice.between(4, 30));
    }
  }

  /** New invoices. */
  billed(bills: readonly Bill[]): void {
    this.#payers.billed(bills);
  }

  /** The day's statements are read and taken. */
  async day(): Promise<void> {
    const { dice, trueMs } = this.#world;
    const today = wallDay(trueMs);
    for (const file of this.#again.splice(0)) await this.#take(file.format, file.transfers);
    const transfers = await this.#payers.due(today);
    if (dice.chance(0.15))
      transfers.push(
        this.#payers.transfer({
          amount: dice.between(100, 9_999),
          direction: 'debit',
          words: 'комісія банку',
        }),
      );
    if (dice.chance(0.03))
      transfers.push(
        this.#payers.transfer({
          amount: dice.between(100, 9_999),
          direction: 'debit',
          reversal: true,
          words: 'сторно',
        }),
      );
    const files = transfers.length > 40 && dice.chance(0.5) ? 2 : 1;
    const each = Math.ceil(transfers.length / files);
    for (let at = 0; at < transfers.length; at += each) {
      const part = transfers.slice(at, at + each);
      const format = part.some(({ reversal }) => reversal) ? 'camt' : dice.weighted(importance);
      // Statements overlap: what stood at the end of one stands in the next one, too.
      if (dice.chance(0.2)) this.#oddity(part);
      const { format: before, transfers: old } = this.#last ?? { format: 'camt', transfers: [] };
      const repeats = before === format && dice.chance(0.4) ? old.slice(-3) : [];
      await this.#take(format, [...repeats, ...part]);
      this.#last = { format, transfers: part };
    }
  }

  /** Banks give a reference twice, and book Friday's money as of Monday. */
  #oddity(transfers: readonly Transfer[]): void {
    const { dice, trueMs, billing } = this.#world;
    const [first, second] = transfers.filter(
      ({ account, direction, reversal }) =>
        account === billing.config.seller.iban && direction === 'credit' && !reversal,
    );
    if (second !== undefined && dice.chance(0.5)) {
      second.reference = first?.reference ?? '';
      second.isSecond = true;
    } else if (first !== undefined) first.day = later(wallDay(trueMs), 3);
  }

  async #read(format: Format, bytes: Uint8Array): Promise<Statement> {
    const pieces = [bytes.subarray(0, 700), bytes.subarray(700)];
    if (format === 'camt') return readCamt053(pieces);
    return readStatementCsv(pieces, format === 'csv' ? generalCsv : privatBank);
  }

  async #take(format: Format, transfers: Transfer[]): Promise<void> {
    const world = this.#world;
    const { dice, facts, billing } = world;
    if (transfers.length === 0) return;
    this.#since.push({ format, transfers });
    const { entries } = await this.#read(format, statementBytes(format, transfers));
    const lastOf = async (): Promise<number> =>
      (
        await world.reader
          .selectFrom('billing_entries')
          .select((eb) => eb.fn.max('id').as('last'))
          .executeTakeFirst()
      )?.last ?? 0;
    const before = await lastOf();
    const done = await world.act((core) => importEntries(core, billing, root, entries), {
      repeatable: true,
      statements: 8 + 6 * transfers.length,
    });
    const after = await lastOf();
    if (dice.chance(0.2)) {
      world.tally.add('statement taken twice');
      const again = await importEntries(world.core(0), billing, root, entries);
      world.same('statement again', `${again.booked} ${again.waiting} ${await lastOf()}`, `0 0 ${after}`);
    }
    const rows = await world.reader
      .selectFrom('billing_entries')
      .selectAll()
      .where('id', '>', before)
      .execute();
    const byMark = new Map(rows.map((row) => [/пл\.(\d+)\.$/.exec(row.purpose)?.[1] ?? '', row]));
    const better: string[] = [];
    for (const transfer of transfers) {
      const { mark, account, amount, currency, named } = transfer;
      if (facts.entries.has(mark)) {
        if (byMark.has(mark)) world.violation(`пл.${mark} was taken twice`);
        continue;
      }
      const isOurs = account === billing.config.seller.iban;
      const row = byMark.get(mark);
      const isSecond = transfer.isSecond === true && format !== 'privat';
      // Which day it is by the clock that took it, nobody else can say.
      const days = (Date.parse(transfer.day) - Date.parse(wallDay(world.trueMs))) / 86_400_000;
      const isEarly = days > 2 || (days > 0 && row?.why === 'future');
      const word = judged(facts, { ...transfer, isOurs, isSecond, isEarly });
      world.same(
        `entries пл.${mark} (${named}, ${amount} ${currency})`,
        row?.state === 'booked' ? 'booked' : row?.why,
        word,
      );
      world.tally.add(`entry ${word}`);
      if (word !== 'booked') {
        facts.entries.set(mark, { state: 'waiting', why: word, customer: null });
        continue;
      }
      const customer = facts.bills.get(named[0] ?? '')?.customer ?? '';
      facts.entries.set(mark, { state: 'booked', why: null, customer });
      takeMoney(facts, {
        id: row?.payment ?? '',
        mark,
        customer,
        currency,
        amount,
        named,
      });
      better.push(customer);
    }
    world.same('entries in a file', rows.length, new Set(byMark.keys()).size);
    for (const customer of new Set(better)) await reviewed(world, customer, done.today, null);
  }

  /** What waits is looked at by the operator. */
  async desk(): Promise<void> {
    const world = this.#world;
    const { dice, facts } = world;
    const rows = await statementEntries(world.core(1), { limit: 1000, state: 'waiting' });
    const waiting = [...facts.entries].filter(([, { state }]) => state === 'waiting');
    if (waiting.length <= 1000) world.same('waiting entries', rows.length, waiting.length);
    for (const { id, purpose } of rows) {
      const mark = /пл\.(\d+)\.$/.exec(purpose)?.[1] ?? '';
      const transfer = this.#payers.transfers.get(mark);
      const entry = facts.entries.get(mark);
      if (transfer === undefined || entry === undefined || !dice.chance(0.7)) continue;
      await this.#decide(id, transfer, entry.why ?? '');
    }
  }

  async #decide(id: number, transfer: Transfer, why: string): Promise<void> {
    const world = this.#world;
    const { dice, facts, billing } = world;
    const { mark, customer, currency, amount, named } = transfer;
    if (why === 'future' && transfer.day > wallDay(world.trueMs)) {
      // On the day before, a clock that is a little ahead may already let it pass.
      if (transfer.day > later(wallDay(world.trueMs), 2))
        await mustRefuse(world, `booking пл.${mark} before its day`, 'malformed', (core) =>
          bookEntry(core, billing, root, { entry: id, customer }),
        );
      return;
    }
    const isMoney = !['debit', 'reversal', 'otherAccount'].includes(why) && facts.customers.has(customer);
    if (why === 'debit' || why === 'otherAccount')
      await mustRefuse(world, `booking пл.${mark} (${why})`, 'conflict', (core) =>
        bookEntry(core, billing, root, { entry: id, customer: chosen([...facts.customers.keys()], 0) ?? '' }),
      );
    if (!isMoney || dice.chance(0.15)) {
      await world.act((core) => setAside(core, root, { entry: id, reason: 'не наше' }));
      facts.entries.set(mark, { state: 'setAside', why: 'не наше', customer: null });
      world.tally.add('entry set aside');
      for (const number of named) {
        const bill = facts.bills.get(number);
        if (bill !== undefined && bill.open > 0) this.#payers.plan(bill, 'exact', dice.between(5, 20));
      }
      return;
    }
    const own = named.filter((number) => {
      const bill = facts.bills.get(number);
      return bill?.customer === customer && bill.currency === currency;
    });
    const invoices = dice.chance(0.8) ? own : [];
    const { value, today } = await world.act((core) =>
      bookEntry(core, billing, root, { entry: id, customer, invoices }),
    );
    takeMoney(facts, {
      id: value.payment,
      mark,
      customer,
      currency,
      amount,
      named: invoices,
    });
    facts.entries.set(mark, { state: 'booked', why: null, customer });
    world.tally.add('entry booked by the operator');
    await reviewed(world, customer, today, value.state);
  }
}
