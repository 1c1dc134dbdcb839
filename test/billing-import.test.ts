import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImportedStatement } from '../provisioning/registry/billing/import.ts';
import { addDays } from '../provisioning/registry/billing/rules/dates.ts';
import { camt, entry } from './fixtures/billing/camt.ts';
import { BillingPlace, lastMonth, numbered, today } from './registry/billing-place.ts';
import { swipe } from './support/child.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('billing import');
const tempDir = tempDirs(test);

/** What a box costs in the fixtures: 299.88 hryvnias. */
const price = 29_988;
const days = [addDays(today, -2), addDays(today, -1)] as const;
const dotted = (day: string): string => day.split('-').reverse().join('.');

/** Customers CU-1, CU-2, … who owe 299.88 each, by the invoices 1, 2, … */
async function owing(count: number): Promise<BillingPlace> {
  const here = new BillingPlace(tempDir());
  await here.seed(
    Array.from({ length: count }, () => 1),
    price,
  );
  await here.work('bill', '--period', lastMonth);
  return here;
}

/** A fixture as the bank would write it these days: its days, and the numbers of papers. */
function fixture({ directory }: BillingPlace, name: string): string {
  const file = `${directory}/${name}`;
  const bytes = readFileSync(new URL(`fixtures/billing/${name}`, import.meta.url)).toString('latin1');
  const text = bytes
    .replaceAll('2026-11-05', days[0])
    .replaceAll('2026-11-06', days[1])
    .replaceAll('05.11.2026', dotted(days[0]))
    .replaceAll('06.11.2026', dotted(days[1]))
    .replaceAll('SW-2026-0001', 'SW-2026-0000')
    .replaceAll('SW-2026-00002', 'SW-2026-00000')
    .replaceAll('2026-0000', `${today.slice(0, 4)}-0000`)
    .replaceAll('sw 2026', `sw ${today.slice(0, 4)}`);
  writeFileSync(file, text, 'latin1');
  return file;
}

const whys = ({ entries }: ImportedStatement): string[] =>
  entries.map(({ reference, state, why }) => `${reference} ${why ?? state}`);

test('camt.053: good, double, partial, over, foreign, unknown, debit, reversal; twice; decided', async () => {
  const here = await owing(7);
  const file = fixture(here, 'statement-mixed.xml');
  const first = await here.json<ImportedStatement>('pay', '--statement', file);
  assert.equal(whys(first), [
    'G-1 booked',
    'G-1#2 double',
    'D-1 double',
    'P-1 partial',
    'O-1 over',
    'F-1 foreignCurrency',
    'U-1 unknownNumber',
    'N-1 noNumber',
    'M-1 severalCustomers',
    'R-1:R reversal',
    'X-1:D debit',
  ]);
  assert.equal([first.booked, first.waiting, first.again], [1, 10, 0]);
  const second = await here.lines('pay', '--statement', file, '--format', 'camt');
  assert.ok(second.includes('0 booked, 0 new ones wait, 11 were taken before'), second.join('\n'));
  assert.not.ok(second.includes('booked:'));
  assert.ok(second.some((line) => /^\d+ +partial +\S+ +100\.00 UAH .*часткова оплата/.test(line)));
  assert.is((await here.lines('payments')).length, 2);

  const id = (reference: string): string =>
    String(first.entries.find((one) => one.reference === reference)?.entry);
  const invoice = (count: number): string[] => ['--invoice', numbered('SW', count)];
  assert.match(await here.work('pay', '--entry', id('P-1'), ...invoice(2)), /100\.00 UAH\nCU-2 is active$/);
  assert.match(await here.work('pay', '--entry', id('O-1'), ...invoice(3)), / {2}credit {2}0\.12 UAH/);
  assert.match(await here.work('pay', '--entry', id('F-1'), '--customer', 'CU-4'), /credit {2}299\.88 EUR/);
  assert.match(await here.refused('pay', '--entry', id('F-1'), '--customer', 'CU-4'), /it is booked as PM-/);
  assert.match(
    await here.refused('pay', '--entry', id('X-1:D'), '--customer', 'CU-7'),
    /no money that came in/,
  );
  assert.match(
    await here.refused('pay', '--entry', id('N-1'), ...invoice(7), '--aside', 'x'),
    /neither --invoice/,
  );
  for (const reference of ['G-1#2', 'D-1', 'U-1', 'N-1', 'M-1', 'R-1:R', 'X-1:D'])
    await here.work('pay', '--entry', id(reference), '--aside', 'sent back by the bank');
  assert.is((await here.lines('entries')).length, 1);
  assert.is((await here.lines('entries', '--state', 'setAside')).length, 8);
  const open = (await here.json<{ documents: { customer: string; open: number }[] }>('invoices', '--open'))
    .documents;
  assert.equal(
    open.map(({ customer, open: sum }) => `${customer} ${sum}`),
    ['CU-7 29988', 'CU-6 29988', 'CU-5 29988', 'CU-4 29988', 'CU-2 19988'],
  );
  await here.prove();
});

test('CSV of PrivatBank, and a plain one: the bank is named, not guessed', async () => {
  const here = await owing(24);
  const privat = fixture(here, 'privat24.csv');
  assert.match(
    await here.refused('pay', '--statement', privat),
    /--format is needed: .* is no XML; allowed: camt, privatbank, csv/,
  );
  assert.match(
    await here.refused('pay', '--statement', privat, '--format', 'csv'),
    /the statement was not taken/,
  );
  assert.match(
    await here.refused('pay', '--statement', privat, '--format', 'camt'),
    /the statement was not taken/,
  );
  assert.match(
    await here.refused('pay', '--statement', privat, '--format', 'xls'),
    /allowed: camt, privatbank, csv/,
  );
  const told = await here.json<ImportedStatement>('pay', '--statement', privat, '--format', 'privatbank');
  assert.equal(
    told.entries.map(({ state, why, amount }) => `${amount} ${why ?? state}`),
    ['29988 booked', '1234560 over', '5000 debit'],
  );
  const again = await here.json<ImportedStatement>('pay', '--statement', privat, '--format', 'privatbank');
  assert.equal([again.booked, again.waiting, again.again], [0, 0, 3]);
  const general = fixture(here, 'general.csv');
  const plain = await here.json<ImportedStatement>('pay', '--statement', general, '--format', 'csv');
  assert.equal(whys(plain), ['G-1 double', 'G-2:D debit']);
  assert.is(
    (await here.lines('payments')).length,
    2,
    'told by another file with another reference: it waits',
  );
  await here.prove();
});

test('a broken file is refused where it is broken, and nothing of it is taken', async () => {
  const here = await owing(1);
  const good = readFileSync(fixture(here, 'statement-mixed.xml'), 'utf8');
  const broken = async (text: string | Buffer, format = 'camt'): Promise<string> => {
    const file = `${here.directory}/broken`;
    writeFileSync(file, text);
    return here.refused('pay', '--statement', file, '--format', format);
  };
  const refused = /^the statement was not taken: /;
  assert.match(
    await here.refused('pay', '--statement', fixture(here, 'statement-broken.xml')),
    /^the statement was not taken: line 9.*allowed: well-formed XML$/,
  );
  assert.match(await broken(good.slice(0, -30)), refused);
  assert.match(await broken(good.replace('299.88</Amt>', '299,88</Amt>')), refused);
  assert.match(await broken(`<!DOCTYPE x [<!ENTITY a "b">]>${good}`), /no document type and no entities/);
  assert.match(await broken(Buffer.from(good, 'utf16le')), refused);
  assert.match(await broken(''), refused);
  assert.match(await broken('', 'csv'), refused);
  const csv = readFileSync(fixture(here, 'general.csv'), 'utf8');
  assert.match(await broken(`${csv}2026-11-07,,UAH,1,x,,,x,G-3\n`, 'csv'), /line 4, account/);
  assert.match(await here.refused('pay', '--statement', here.directory), /cannot be read/);
  assert.match(await here.refused('pay', '--statement', '/nonexistent', '--format', 'csv'), /cannot be read/);
  assert.is((await here.lines('entries')).length, 1);
  assert.is((await here.lines('payments')).length, 1);
});

test('booked by hand with the bank’s reference, then told by its statement: one payment', async () => {
  const here = await owing(1);
  const number = numbered('SW', 1);
  const by = ['--invoice', number, '--currency', 'UAH', '--day', days[0], '--reference', 'B-1'];
  // Half of it by hand: what is left is just as much, so that the entry fits once more.
  await here.work('pay', '--amount', '149.94', ...by);
  const file = `${here.directory}/statement.xml`;
  writeFileSync(file, camt(entry({ amount: '149.94', day: days[0], reference: 'B-1', purpose: number })));
  const told = await here.json<ImportedStatement>('pay', '--statement', file);
  assert.equal(whys(told), ['B-1 booked']);
  assert.is((await here.lines('payments')).length, 2);
  assert.is(
    (await here.json<{ documents: { open: number }[] }>('invoices', '--open')).documents[0]?.open,
    14_994,
  );
  await here.prove();
});

test('killed again and again in the middle of a file: in the end each payment once', async () => {
  const count = 450;
  const here = await owing(count);
  const file = `${here.directory}/statement.xml`;
  const entries = Array.from({ length: count }, (_, at) =>
    entry({ amount: '299.88', day: days[0], reference: `R-${at}`, purpose: numbered('SW', at + 1) }),
  );
  writeFileSync(file, camt(entries.join('\n')));
  const args = ['registry', 'pay', '--statement', file, '--config', here.config];
  await here.inside(async ({ core }) => {
    const taken = async (): Promise<number> => {
      const { rows } = await core.store.reader
        .selectFrom('billing_entries')
        .select((eb) => eb.fn.countAll<number>().as('rows'))
        .executeTakeFirstOrThrow();
      return Number(rows);
    };
    const places: number[] = [];
    for (let before = 0; before < count; before = await taken()) {
      const child = swipe(args);
      while (child.isRunning && (await taken()) === before)
        await new Promise((resolve) => setTimeout(resolve, 5));
      await child.end('SIGKILL');
      places.push(await taken());
    }
    assert.ok(places.length > 1, `killed at ${places}`);
    assert.ok(
      places.every((place) => place % 200 === 0 || place === count),
      `a portion is taken whole: ${places}`,
    );
  });
  const child = swipe(args);
  assert.is((await child.exit).code, 0);
  assert.match(child.said().toString(), new RegExp(`0 booked, 0 new ones wait, ${count} were taken before`));
  assert.is((await here.lines('payments')).length, count + 1);
  assert.is((await here.lines('invoices', '--open')).length, 1);
  await here.prove();
});

test.run();
