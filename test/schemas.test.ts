import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type OperationType, operationTypes } from '../gateway/contract/command.ts';
import { faultLine } from '../gateway/contract/faults.ts';
import { parseCommand } from '../gateway/contract/parse.ts';
import { schemaFiles } from '../gateway/contract/schemas/json-schemas.ts';

const test = suite('schemas');

const envelope = {
  id: '01JDAX5N3T7Q4V8B2R6W9YKZHM',
  box: 'SW-7K3M9QXA2BCD',
  issuedAt: '2026-11-21T10:00:00.000Z',
  expiresAt: '2026-11-21T10:02:00.000Z',
};
const money = { amount: 10_050, currency: 'UAH' };
const target = '01JDAX5N3T7Q4V8B2R6W9YKZHA';

const examples: Record<OperationType, object> = {
  payment: { ...money, merchant: 'shop', order: 'Z-123', iss: '1c', iat: 1_795_600_800 },
  refund: { ...money, rrn: '083998389823' },
  reversal: { invoice: '1923984010', originalAmount: 10_050, rrn: '083998389823', amount: 5_000 },
  cashback: { amount: 10_050, cash: 50_000 },
  preauthorization: { amount: 10_050 },
  completion: { amount: 10_050, finalAmount: 9_000, authCode: '483920', rrn: '083998389823' },
  instalment: { amount: 120_000, plan: 'partsAction', parts: 6 },
  instalmentRefund: { amount: 120_000, plan: 'instant', agreement: 'АЯ-1/2', partial: false },
  reconciliation: { merchant: '0' },
  totals: { merchant: 'shop' },
  receipt: {},
  balance: { merchant: 'shop' },
  print: {
    document: [
      { kind: 'logo', logo: { width: 16, height: 2, bits: 'gAGAAQ==' } },
      { kind: 'text', text: 'КАВ’ЯРНЯ «ҐАВА»', align: 'center', bold: true, size: 2 },
      { kind: 'rule', double: true },
      { kind: 'item', name: 'Кава', quantity: '2', price: 4_500, sum: 9_000 },
      { kind: 'total', label: 'СУМА', sum: 9_000, bold: true, size: 2 },
      { kind: 'qr', text: 'https://shop.example/r/1' },
      { kind: 'feed', lines: 2 },
      { kind: 'cut' },
    ],
  },
  abort: { target },
  status: { target },
  resolve: {
    target,
    outcome: 'approved',
    approvedAmount: 10_050,
    rrn: '083998389823',
    invoice: '7',
    by: 'Olha',
  },
};

for (const type of operationTypes) {
  test(`an example of ${type} is a command, and with an unknown member it is not`, () => {
    const example = { ...envelope, type, ...examples[type] };
    const parsed = parseCommand(example);
    assert.equal('faults' in parsed ? parsed.faults.map(faultLine) : [], []);
    const spoilt = parseCommand({ ...example, cvv: '123' });
    assert.equal('faults' in spoilt && spoilt.faults.map(({ path }) => path), ['cvv']);
  });
}

test('the generated files are current, and there are no others', () => {
  const files = schemaFiles();
  const directory = fileURLToPath(new URL('../gateway/contract/schemas/', import.meta.url));
  const present = readdirSync(directory).filter((name) => name.endsWith('.json'));
  assert.equal(present.sort(), Object.keys(files).sort());
  for (const [name, text] of Object.entries(files)) {
    assert.ok(readFileSync(directory + name, 'utf8') === text, `${name}: run npm run schemas`);
  }
});

test('every pattern works as draft 2020-12 reads it, and every reference has a definition', () => {
  for (const [name, text] of Object.entries(schemaFiles())) {
    const document: unknown = JSON.parse(text);
    for (const [key, value] of members(document)) {
      if (key === 'pattern') assert.not.throws(() => new RegExp(value, 'u'), `${name}: ${value}`);
      if (key === '$ref') assert.ok(typeof at(document, value) === 'object', `${name}: ${value}`);
    }
  }
});

test('what a JSON Schema cannot say stands there in words', () => {
  const command = schemaFiles()['command.schema.json'] ?? '';
  assert.match(command, '"$comment": "also checked: either operation (an id), or invoice together with');
  assert.match(command, /"format": "date-time"/);
});

/** What a reference within a document points at: `#/$defs/…`, `#/components/schemas/…`. */
function at(document: unknown, reference: string): unknown {
  const [root, ...path] = reference.split('/');
  assert.is(root, '#');
  return path.reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
}

function members(value: unknown): [key: string, value: string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    typeof member === 'string' ? [[key, member] as [string, string]] : members(member),
  );
}

test.run();
