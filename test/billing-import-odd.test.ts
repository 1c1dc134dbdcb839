import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { account } from '../provisioning/registry/billing/arrears.ts';
import { bookByHand, bookWaiting } from '../provisioning/registry/billing/by-hand.ts';
import {
  type ImportedStatement,
  importStatement,
  type StatementFormat,
} from '../provisioning/registry/billing/import.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { balance, camt, type EntryParts, entry } from './fixtures/billing/camt.ts';
import { type BillingBench, kyiv, openBills, sellerIban } from './registry/billing-bench.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing import of odd entries');
const both = onBoth(test);

/** Friday, 6 November 2026. */
async function opened(store: Store): Promise<BillingBench> {
  const bench = await openBills(store);
  bench.at(kyiv('2026-11-06T10:00'));
  return bench;
}

const take = ({ core, billing }: BillingBench, text: string, format: StatementFormat = 'camt') =>
  importStatement(core, billing, root, { bytes: [Buffer.from(text)], format });

const good: EntryParts = { reference: 'good', amount: '200.00', purpose: 'SW-2026-000001' };
const fits: EntryParts = { reference: 'odd', amount: '100.00', purpose: 'SW-2026-000002' };

const file = (...entries: readonly EntryParts[]): string =>
  camt(entries.map((one) => entry(one)).join(''), '08', sellerIban);

const whys = ({ entries }: ImportedStatement): string[] => entries.map(({ state, why }) => why ?? state);

/** The odd one waits with this reason, the good one after it is booked, and the file again does nothing. */
async function waits(bench: BillingBench, text: string, why: string, format?: StatementFormat) {
  const told = await take(bench, text, format);
  assert.equal(whys(told), [why, 'booked']);
  const again = await take(bench, text, format);
  assert.equal([again.booked, again.waiting, again.again], [0, 0, 2]);
  assert.equal((await account(bench.core, root, 'CU-A')).open, []);
  assert.equal(await proveLedger(bench.store.reader), []);
  return told.entries[0]?.entry ?? 0;
}

both('the bank books Friday’s money as Monday’s: it waits until then', async (database) => {
  const bench = await opened(await database.open());
  const odd = await waits(bench, file({ ...fits, day: '2026-11-09' }, good), 'future');
  const book = () => bookWaiting(bench.core, bench.billing, root, { entry: odd, customer: 'CU-B' });
  await refused('malformed', book);
  bench.at(kyiv('2026-11-09T10:00'));
  assert.is((await book()).again, false);
});

both('its reference was used by hand for another payment: it waits for a look at both', async (database) => {
  const bench = await opened(await database.open());
  const { core, billing } = bench;
  const money = { amount: 7_000, currency: 'UAH', day: '2026-11-05', reference: 'odd' };
  await bookByHand(core, billing, root, { ...money, customer: 'CU-B' });
  const rest = { ...fits, amount: '30.00' };
  await waits(bench, file(rest, good), 'double');
  const { open } = await account(core, root, 'CU-B');
  assert.equal(
    open.map(({ open: sum }) => sum),
    [3_000],
  );
});

both('what no line may hold is left out: soft hyphens, directions, NUL', async (database) => {
  const bench = await opened(await database.open());
  const hyphens = { ...fits, reference: 'o\u00add\u200bd', purpose: 'SW\u00ad-2026-\u202a000002' };
  assert.equal(whys(await take(bench, file(hyphens, good))), ['booked', 'booked']);
  assert.equal(whys(await take(bench, file(fits))), ['booked'], 'the same without them');
  const csv = [
    'account,currency,date,amount,purpose,reference,payer',
    `${sellerIban},UAH,2026-11-05,1.00,a\u0000b\u0085c\u2028d,N\u00001,e\u0000f`,
  ].join('\n');
  const [row] = (await take(bench, csv, 'csv')).entries;
  assert.equal([row?.purpose, row?.reference, row?.payer.name], ['a b c d', 'N 1', 'e f']);
});

both('a purpose of 40,000 numbers, or of 21 that are open, waits', async (database) => {
  const bench = await opened(await database.open());
  const numbers = Array.from({ length: 40_000 }, (_, at) => `SW-2026-${String(at + 1).padStart(6, '0')} `);
  const pieces: string[] = [];
  for (let at = 0; at < numbers.length; at += 100)
    pieces.push(`<Ustrd>${numbers.slice(at, at + 100).join('')}</Ustrd>`);
  const details = `<NtryDtls><TxDtls><RmtInf>${pieces.join('')}</RmtInf></TxDtls></NtryDtls>`;
  await waits(bench, file({ ...fits, details }, good), 'longPurpose');
  const few = { ...fits, reference: 'few', purpose: numbers.slice(0, 21).join('') };
  assert.equal(whys(await take(bench, file(few))), ['longPurpose']);
  const long = `${sellerIban},UAH,2026-11-05,100.00,SW-2026-000002 ${'x'.repeat(9_000)},L`;
  const csv = `account,currency,date,amount,purpose,reference\n${long}\n`;
  assert.equal(whys(await take(bench, csv, 'csv')), ['longPurpose'], 'who knows what the rest says');
});

both('an odd one behind the first 200: those are booked, and so is what comes after it', async (database) => {
  const bench = await opened(await database.open());
  const others = Array.from({ length: 199 }, (_, at) => ({ reference: `w${at}`, purpose: 'none' }));
  const told = await take(bench, file(good, ...others, { ...fits, day: '2026-11-09' }, fits));
  assert.equal([told.booked, told.waiting], [1, 201]);
  assert.equal(whys(told).slice(-2), ['future', 'sameReference']);
  const audited = await bench.store.reader
    .selectFrom('audit')
    .select('after')
    .where('action', '=', 'billing.statement')
    .execute();
  assert.equal(
    audited.map(({ after }) => JSON.parse(after ?? '')),
    [{ booked: 1, waiting: 201, again: 0 }],
  );
});

both('a batch of one reference: each of its payments is booked, and once', async (database) => {
  const bench = await opened(await database.open());
  const part = (amount: string, purpose: string): string =>
    `<TxDtls><Refs><AcctSvcrRef>B</AcctSvcrRef></Refs><Amt Ccy="UAH">${amount}</Amt><RmtInf><Ustrd>${purpose}</Ustrd></RmtInf></TxDtls>`;
  const batch = (...parts: string[]): string =>
    file({ reference: 'B', amount: '300.00', details: `<NtryDtls>${parts.join('')}</NtryDtls>` });
  const [one, other] = [part('200.00', 'SW-2026-000001'), part('100.00', 'SW-2026-000002')] as const;
  assert.equal(whys(await take(bench, batch(one, other))), ['booked', 'booked']);
  const again = await take(bench, batch(other, one));
  assert.equal([again.booked, again.waiting, again.again], [0, 0, 2]);
});

both('a file that is broken as a whole is refused as a whole', async (database) => {
  const bench = await opened(await database.open());
  const whole = file(good, fits);
  const sums = camt(
    `${balance('OPBD', '0')}${entry(good)}${entry(fits)}${balance('CLBD', '300.01')}`,
    '08',
    sellerIban,
  );
  const rows = `account,currency,date,amount,purpose,reference\n${sellerIban},UAH,2026-11-05,200.00,SW-2026-000001,1\n`;
  for (const broken of [whole.slice(0, -9), whole.replace('200.00', '2oo'), sums])
    await refused('malformed', () => take(bench, broken));
  await refused('malformed', () => take(bench, 'not XML at all'));
  await refused('malformed', () => take(bench, `${rows}${sellerIban},UAH,2026-11-05`, 'csv'));
  for (const table of ['billing_entries', 'billing_payments'] as const)
    assert.equal(await bench.store.reader.selectFrom(table).select('id').execute(), []);
  assert.equal(whys(await take(bench, whole)), ['booked', 'booked']);
});

test.run();
