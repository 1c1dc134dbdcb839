import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { billingWorks } from '../gateway/cli/registry/billing.ts';
import { paced, writeOut } from '../gateway/cli/registry/billing-output.ts';
import { findWork, helpOf } from '../gateway/cli/registry/works.ts';
import { command } from '../gateway/cli/registry.ts';
import { addDays, monthOf } from '../provisioning/registry/billing/rules/dates.ts';
import { BillingPlace, lastMonth, monthBefore, numbered, paying, today } from './registry/billing-place.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('billing command');
const tempDir = tempDirs(test);

test('bill twice: the same invoices, and it says so', async () => {
  const here = new BillingPlace(tempDir());
  await here.seed([1, 2, 1]);
  assert.is(
    await here.work('bill', '--period', lastMonth),
    `${lastMonth} is billed: 3 invoices over 4 boxes`,
  );
  const papers = await here.work('invoices', '--json');
  assert.is(
    await here.work('bill', '--period', lastMonth),
    `${lastMonth} was billed before: the same 3 invoices over 4 boxes, nothing was changed`,
  );
  assert.match(await here.work('bill'), `${lastMonth} was billed before`);
  assert.is((await here.json<{ issued: number }>('bill', '--period', lastMonth)).issued, 0);
  assert.is(await here.work('invoices', '--json'), papers);
  assert.match(await here.refused('bill', '--period', monthOf(today)), /can be billed from/);
  assert.match(await here.refused('bill', '--period', monthBefore), /nothing before .* is billed/);
  assert.match(
    await here.refused('bill', '--period', '2026-13'),
    /--period: found 2026-13, allowed: a month/,
  );
  assert.match(await here.work('audit', '--subject', lastMonth), /person:\w+ +billing\.run/);
});

test('a run that is stopped says so, and the next one goes on', async () => {
  const here = new BillingPlace(tempDir());
  await here.seed([1, 2, 1]);
  const signal = AbortSignal.abort();
  const said: string[] = [];
  const io = { out: (line: string) => void said.push(line), error() {}, signal };
  const failed = await command
    .run(['bill', '--period', lastMonth, '--config', here.config], io)
    .catch((error: Error) => error.message);
  assert.is(failed, 'the run was stopped; the next one goes on where it is');
  assert.equal(said, []);
  assert.is(
    await here.work('bill', '--period', lastMonth),
    `${lastMonth} is billed: 3 invoices over 4 boxes`,
  );
});

test('bill says which boxes have no plan, and which months are missing', async () => {
  const here = new BillingPlace(tempDir(), { defaultPlan: null, firstMonth: monthBefore });
  await here.seed([1, 2]);
  await here.work('plan', 'assign', 'box', '--customer', 'CU-1', '--from', '2020-01');
  const lines = await here.lines('bill', '--period', lastMonth);
  assert.is(lines[0], `${lastMonth} is billed: 1 invoices over 1 boxes`);
  assert.match(lines[1] ?? '', /^2 boxes were not billed: a box of each of their customers has no plan/);
  assert.is(lines[2], `not billed yet: ${monthBefore}`);
  await here.work('plan', 'assign', 'box', '--customer', 'CU-2', '--from', '2020-01');
  assert.is(
    (await here.lines('bill', '--period', lastMonth))[0],
    `${lastMonth} is billed: 2 invoices over 3 boxes, 1 of them now`,
  );
});

test('an invoice, its act and a credit note as pages and as JSON, to a file that is new', async () => {
  const here = await BillingPlace.billed(tempDir());
  const number = numbered('SW', 2);
  const uk = await here.work('invoice', number);
  assert.match(uk, /^<!doctype html>\n<html lang="uk">[\s\S]*<\/html>$/);
  assert.match(uk, number);
  assert.match(await here.work('invoice', number, '--language', 'en'), /<html lang="en">/);
  const file = `${here.directory}/invoice.html`;
  await here.work('invoice', number, '--to', file);
  assert.is(readFileSync(file, 'utf8'), `${uk}\n`);
  assert.match(await here.refused('invoice', number, '--to', file), /is there already: it is not replaced/);
  assert.match(await here.refused('invoice', number, '--to', `${here.directory}/no/x`), /cannot be written/);
  assert.match(await here.refused('invoice', numbered('SW', 9)), /there is no such document/);
  assert.match(await here.refused('invoice', number, '--language', 'pl'), /allowed: uk, en/);
  const act = await here.json<{ kind: string; invoice: string; lines: object[] }>(
    'invoice',
    numbered('SA', 2),
  );
  assert.equal([act.kind, act.invoice, act.lines.length], ['act', number, 2]);
  await here.work('credit-note', number, '--amount', '0.01', '--reason', 'a slip');
  assert.match(await here.work('invoice', numbered('SC', 1), '--language', 'en'), /a slip/);
});

test('invoices as a table, as CSV and as JSON', async () => {
  const here = await BillingPlace.billed(tempDir());
  await here.work(...paying(1, '100.00', 'R-1'));
  const lines = await here.lines('invoices', '--period', lastMonth);
  assert.is(lines.length, 4);
  assert.match(lines[1] ?? '', new RegExp(`^${numbered('SW', 3)} .* CU-3 +100\\.00 UAH +100\\.00 UAH`));
  assert.equal(await here.open(), ['CU-3 10000', 'CU-2 20000']);
  assert.is((await here.lines('invoices', '--customer', 'CU-2')).length, 2);
  assert.is((await here.lines('invoices', '--kind', 'act')).length, 4);
  assert.is((await here.lines('invoices', '--period', monthBefore)).length, 1);
  const csv = await here.lines('invoices', '--csv');
  assert.is(csv.length, 4);
  assert.ok(
    csv.every((line) => line.endsWith('\r')),
    'lines of RFC 4180',
  );
  assert.match(csv[2] ?? '', /^invoice,SW-.*,200\.00,2,\r$/);
  assert.is((await here.lines('invoices', '--csv', '--lines')).length, 5);
  const file = `${here.directory}/papers.csv`;
  await here.work('invoices', '--csv', '--spreadsheet', '--to', file);
  assert.match(readFileSync(file, 'utf8'), /^\ufeffkind;number;[\s\S]*;200,00;2;\r\n/);
  assert.match(await here.refused('invoices', '--csv', '--json'), /not both/);
  assert.match(await here.refused('invoices', '--lines'), /go with --csv/);
});

test('paid by hand: exactly, in part, too much, twice', async () => {
  const here = await BillingPlace.billed(tempDir());
  const whole = await here.lines(...paying(1, '100', 'R-1'));
  assert.match(whole[0] ?? '', /^PM-\w+ {2}booked$/);
  assert.equal(whole.slice(1), [`  ${numbered('SW', 1)}  100.00 UAH`, 'CU-1 is active']);
  assert.match(
    (await here.lines(...paying(1, '100.00', 'R-1')))[0] ?? '',
    /was booked before: nothing was changed$/,
  );
  assert.match(await here.refused(...paying(2, '100.00', 'R-1')), /reference is that of another payment/);
  await here.work(...paying(2, '0,29', 'R-2', '--note', 'cash'));
  assert.equal(await here.open(), ['CU-3 10000', 'CU-2 19971']);
  assert.match(await here.work(...paying(2, '200.01', 'R-3')), / {2}credit {2}0\.30 UAH\n/);
  const credit = ['--customer', 'CU-2', '--amount', '9999999999.99', '--currency', 'UAH'];
  const paid = await here.json<{ credit: number }>('pay', ...credit, '--day', today, '--reference', 'R-4');
  assert.is(paid.credit, 999_999_999_999);
  assert.is((await here.lines('payments', '--customer', 'CU-2')).length, 4);
  await here.prove();
});

test('a payment that was reversed is booked anew only where somebody says so', async () => {
  const here = await BillingPlace.billed(tempDir());
  const { payment } = await here.json<{ payment: string }>(...paying(1, '100.00', 'R-1'));
  await here.work('payment', 'reverse', payment, '--reason', 'taken back by the bank');
  const [said = ''] = await here.lines(...paying(1, '100.00', 'R-1'));
  assert.is(
    said,
    `${payment}  was booked before and reversed (taken back by the bank): nothing was changed. If the money is there: --anew`,
  );
  assert.ok((await here.open()).includes('CU-1 10000'));
  assert.match((await here.lines(...paying(1, '100.00', 'R-1', '--anew')))[0] ?? '', / {2}booked$/);
  assert.not.ok((await here.open()).includes('CU-1 10000'));
  assert.match(
    await here.refused('pay', '--entry', '7', '--customer', 'CU-1', '--anew'),
    /--anew does not go/,
  );
  await here.prove();
});

test('what people type is read exactly, or not at all', async () => {
  const here = await BillingPlace.billed(tempDir());
  for (const amount of [
    '100.005',
    '100.500',
    '1,000.00',
    '1 000',
    '1e3',
    '-5',
    '+5',
    '',
    '.5',
    '5.',
    '٣',
    '10000000000000000',
  ])
    assert.match(
      await here.refused(
        ...paying(1, amount, 'R')
          .map((word) => (word === amount ? `--amount=${word}` : word))
          .filter((word) => word !== '--amount'),
      ),
      /--amount: found .*, allowed: an amount in UAH such as 100\.50/,
      amount,
    );
  assert.match(
    await here.refused(...paying(1, '0.00', 'R')),
    /amount: allowed: an integer of minor units above 0/,
  );
  const typed = paying(1, '1', 'R');
  const with_ = (name: string, value: string): string[] =>
    typed.map((word, at) => (typed[at - 1] === name ? value : word));
  assert.match(await here.refused(...with_('--currency', 'XXX')), /--currency: found XXX, allowed/);
  assert.match(await here.refused(...with_('--currency', 'JPY'), '--note', 'x'), /not an invoice in JPY/);
  assert.match(
    await here.refused(...with_('--day', '2026-02-30')),
    /--day: found 2026-02-30, allowed: a day/,
  );
  assert.match(await here.refused(...with_('--day', addDays(today, 2))), /not in the future/);
  assert.match(await here.refused(...with_('--invoice', numbered('SW', 77))), /there is no invoice/);
  assert.match(
    await here.refused(...typed, '--customer', 'CU-2'),
    /is not an invoice in UAH of this customer/,
  );
  assert.match(await here.refused(...typed, '--statement', 'x'), /--\w+ does not go with --statement/);
  assert.match(await here.refused('pay'), /what is to be booked/);
  assert.match(await here.refused('pay', '--amount', '1'), /--currency is needed/);
  assert.match(await here.refused('pay', '--entry', 'x', '--customer', 'CU-1'), /--entry: found x/);
  assert.match(await here.refused('pay', '--entry', '7', '--customer', 'CU-1'), /there is no such entry/);
  assert.match(await here.refused('pay', '--entry', '7'), /whose money is it/);
  assert.match(await here.refused('pay', '--cheque', '7'), /--cheque/);
  assert.equal(await here.open(), ['CU-3 10000', 'CU-2 20000', 'CU-1 10000']);
});

test('where nobody is billed, all of it says so', async () => {
  const here = new BillingPlace(tempDir(), null);
  assert.match(await here.refused('bill'), /nobody is billed: the config has no "billing"/);
  assert.match(await here.refused('arrears'), /nobody is billed/);
});

test('every work has an example, which is one of its calls', () => {
  for (const { words, example = '', options, arguments: wanted = [] } of billingWorks) {
    const argv = (example.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));
    const found = findWork(argv);
    assert.equal(found?.work.words, words, example);
    const { positionals } = parseArgs({
      args: found?.rest ?? [],
      options: { json: { type: 'boolean' }, ...options },
      allowPositionals: true,
    });
    assert.is(positionals.length, wanted.length, example);
    assert.match(helpOf(words) ?? '', `example: swipe registry ${example}`);
  }
  assert.match(helpOf(['plan']) ?? '', /plan new [\s\S]*plan price /);
  assert.is(helpOf(['dance']), null);
});

test('long output keeps its line ends; what is not whole leaves no file; a long run shows that it goes on', async () => {
  const lines: string[] = [];
  const io = {
    out: (line: string) => void lines.push(line),
    error() {},
    signal: new AbortController().signal,
  };
  await writeOut(io, undefined, ['a\r\nb', 'c\r\n', '\nd']);
  assert.equal(lines, ['a\r', 'bc\r', '', 'd']);
  const file = `${tempDir()}/x`;
  function* torn(): Generator<string> {
    yield 'half';
    throw new Error('torn');
  }
  for (const _ of [1, 2])
    try {
      await writeOut(io, file, torn());
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, 'torn');
    }
  let nowMs = 0;
  const said: string[] = [];
  const say = paced(
    (line) => void said.push(line),
    () => nowMs,
  );
  for (nowMs = 0; nowMs <= 3000; nowMs += 400) say(String(nowMs));
  assert.equal(said, ['1200', '2400']);
});

test.run();
