import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCamt053 } from '../provisioning/registry/billing/statements/camt/read.ts';
import { generalCsv, privatBank } from '../provisioning/registry/billing/statements/csv/profiles.ts';
import { readStatementCsv } from '../provisioning/registry/billing/statements/csv/read.ts';
import { StatementFault } from '../provisioning/registry/billing/statements/fault.ts';
import { hashOf } from '../provisioning/registry/billing/statements/references.ts';
import type { Statement, StatementLimits } from '../provisioning/registry/billing/statements/shapes.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import { account, balance, camt, entry, inPieces } from './fixtures/billing/camt.ts';

const test = suite('billing statements under attack');

const limits: StatementLimits = { bytes: 50_000, entries: 50, text: 500 };

/** Either a refusal that says what is allowed, or entries that are in form; nothing else may come out. */
async function holds(reading: Promise<Statement>): Promise<'taken' | 'refused'> {
  let statement: Statement;
  try {
    statement = await reading;
  } catch (error) {
    assert.ok(
      isRefusal(error, 'tooLarge') || error instanceof StatementFault,
      String((error as Error).stack),
    );
    assert.match((error as Error).message, /^the statement was not taken: /);
    assert.ok((error as Error).message.length < 600);
    return 'refused';
  }
  for (const one of statement.entries) {
    assert.ok(Number.isSafeInteger(one.amount) && one.amount > 0);
    assert.match(one.currency, /^[A-Z]{3}$/);
    assert.match(one.day, /^\d{4}-\d\d-\d\d$/);
    assert.match(one.account, /^[A-Z0-9]{1,34}$/);
    assert.ok(one.reference.length > 0 && one.reference.length < 120);
    assert.ok([...one.purpose].length <= 2_000);
    assert.not.match(one.purpose + one.reference + one.payer.name, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  }
  const references = statement.entries.map((one) =>
    JSON.stringify([one.account, one.reference, hashOf(one)]),
  );
  assert.is(new Set(references).size, references.length);
  return 'taken';
}

const whole = camt(
  balance('OPBD', '1.00') +
    entry() +
    entry({ amount: '5.05', direction: 'DBIT', reference: null }) +
    balance('CLBD', '95.95'),
);
const names = [...new Set([...whole.matchAll(/<(\w+)/g)].map(([, name]) => name ?? ''))];

test('the file that is broken below is taken as it is', async () => {
  assert.is(await holds(readCamt053(inPieces(whole), limits)), 'taken');
});

test('5,000 broken files of XML: a clear refusal or entries in form', async () => {
  const at = fc.nat(whole.length);
  const scrap = fc.constantFrom(
    '<',
    '>',
    '&',
    '"',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?x ?>',
    '&#0;',
    '&#x10ffff;',
    '&lt;',
    '\u0000',
    '</Ntry>',
    '<Ntry>',
    '<!DOCTYPE a>',
    '\ufeff',
    ' xmlns="x"',
    '1e9',
    '-1',
    '🚀',
    '<Amt>',
    '</Stmt><Stmt>',
    '<a:b/>',
  );
  const cut = fc
    .tuple(at, fc.nat(60), scrap)
    .map(([from, count, put]) => whole.slice(0, from) + put + whole.slice(from + count));
  const swapped = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...names))
    .map(([one, other]) => whole.replaceAll(`<${one}>`, `<${other}>`).replaceAll(`</${one}>`, `</${other}>`));
  const dropped = fc.constantFrom(...names).chain((name) =>
    fc.nat(3).map((which) => {
      let seen = -1;
      return whole.replace(new RegExp(`<${name}\\b[^>]*>.*?</${name}>`, 'gs'), (found) => {
        seen += 1;
        return seen === which ? '' : found;
      });
    }),
  );
  const values = fc
    .tuple(
      fc.nat(60),
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        scrap,
        fc.string({ minLength: 400, maxLength: 600 }),
      ),
    )
    .map(([which, put]) => {
      let seen = -1;
      return whole.replace(/>[^<>\s]+</g, (found) => {
        seen += 1;
        return seen === which ? `>${put}<` : found;
      });
    });
  const tree = fc
    .array(fc.tuple(fc.constantFrom(...names, 'x'), fc.boolean()), { maxLength: 60 })
    .map((tags) =>
      camt(`<Ntry>${tags.map(([name, opens]) => (opens ? `<${name}>1` : `</${name}>`)).join('')}</Ntry>`),
    );
  const bytes = fc.tuple(at, fc.nat(255)).map(([where, value]) => {
    const changed = Buffer.from(whole);
    changed[where % changed.length] = value;
    return changed;
  });
  const outcomes = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(cut, swapped, dropped, values, tree, bytes, fc.string({ unit: 'binary', maxLength: 200 })),
      fc.integer({ min: 1, max: 3_000 }),
      async (file, size) => {
        outcomes[await holds(readCamt053(inPieces(file, size), limits))] += 1;
      },
    ),
    { numRuns: 5_000 },
  );
  assert.ok(outcomes.taken > 100 && outcomes.refused > 1_000, JSON.stringify(outcomes));
});

test('5,000 broken files of CSV: a clear refusal or entries in form', async () => {
  const rows = [
    'date,account,currency,amount,counterparty,purpose,reference',
    `2026-11-05,${account},UAH,299.88,"ТОВ ""Крамниця""",рахунок SW-2026-000123,G-1`,
    `2026-11-06,${account},UAH,-50.00,Bank,fee,G-2`,
    `06.11.2026 10:00,${account},UAH,7,Хтось,інше,`,
  ].join('\r\n');
  const scrap = fc.constantFrom(
    '"',
    '""',
    ',',
    ';',
    '\n',
    '\r',
    '\r\n',
    '\t',
    '\u0000',
    '\ufeff',
    '-',
    '1e9',
    '=1+1',
    '€',
    "'",
  );
  const cut = fc
    .tuple(fc.nat(rows.length), fc.nat(20), scrap)
    .map(([from, count, put]) => rows.slice(0, from) + put + rows.slice(from + count));
  const cells = fc
    .array(fc.array(fc.oneof(scrap, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 9 }), {
      maxLength: 6,
    })
    .map((lines) => [rows.split('\r\n')[0], ...lines.map((line) => line.join(','))].join('\n'));
  const bytes = fc.tuple(fc.nat(rows.length), fc.nat(255)).map(([where, value]) => {
    const changed = Buffer.from(rows);
    changed[where % changed.length] = value;
    return changed;
  });
  const outcomes = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(cut, cells, bytes, fc.string({ unit: 'binary', maxLength: 200 })),
      fc.constantFrom(generalCsv, generalCsv, generalCsv, privatBank),
      fc.integer({ min: 1, max: 600 }),
      async (file, profile, size) => {
        outcomes[await holds(readStatementCsv(inPieces(file, size), profile, limits))] += 1;
      },
    ),
    { numRuns: 5_000 },
  );
  assert.ok(outcomes.taken > 100 && outcomes.refused > 1_000, JSON.stringify(outcomes));
});

test('files made to cost much come to an end', async () => {
  const large: StatementLimits = { bytes: 1_000_000, entries: 1_000, text: 2_000 };
  const most = 950_000;
  const refusedOrTaken = (text: string): Promise<unknown> =>
    holds(readCamt053(inPieces(text, 65_536), large));
  await refusedOrTaken(camt(`<Ntry>${'<a/>'.repeat(most / 4)}</Ntry>`));
  await refusedOrTaken(camt(`<Ntry>${'<a>'.repeat(most / 3)}`));
  await refusedOrTaken(
    camt(`<Ntry ${Array.from({ length: 50_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`),
  );
  await refusedOrTaken(camt(`<Ntry><Amt Ccy="UAH">${'9'.repeat(most)}</Amt></Ntry>`));
  await refusedOrTaken(camt(`<Ntry><Amt Ccy="${'A'.repeat(most)}">1</Amt></Ntry>`));
  await refusedOrTaken(camt(entry({ purpose: '&#65;'.repeat(most / 5) })));
  await refusedOrTaken(camt('<!--'.repeat(most / 4)));
  await refusedOrTaken(camt('<Ntry/>'.repeat(100_000)));
  const csv = (text: string): Promise<unknown> =>
    holds(readStatementCsv(inPieces(text, 65_536), generalCsv, large));
  await csv('"'.repeat(most));
  await csv(','.repeat(most));
  await csv('\n'.repeat(most));
  await csv(`date,account,currency,amount,purpose\n2026-11-05,${account},UAH,${'1 '.repeat(most / 2)},x`);
  await csv(`date,account,currency,amount,purpose\n${`2026-11-05,${account},UAH,1,x\n`.repeat(60_000)}`);
});

test.run();
