import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passesLuhn } from '../gateway/contract/card-data.ts';
import { ignoredClaims, type OperationType, operationTypes } from '../gateway/contract/command.ts';
import { commandMaxLifeMs, parseCommand } from '../gateway/contract/parse.ts';
import { largestAmount } from '../gateway/contract/primitives.ts';
import { isoTime } from '../gateway/contract/time.ts';
import {
  approvedByHand,
  byReceipt,
  envelope,
  example,
  type Members,
  parse,
  rrn,
  target,
} from './support/commands.ts';
import { startMs } from './support/records.ts';

const test = suite('command');

function valid(payload: Members, message?: string): void {
  const parsed = parse(payload);
  assert.ok('command' in parsed, message ?? JSON.stringify('faults' in parsed && parsed.faults));
}

function faulty(payload: unknown, path: string, message?: string): void {
  const parsed = parse(payload);
  if ('command' in parsed) assert.unreachable(`${message ?? path}: valid`);
  else
    assert.ok(
      parsed.faults.some((fault) => fault.path === path),
      `${message ?? path}: ${JSON.stringify(parsed.faults)}`,
    );
}

const contentOf = (payload: unknown): string => parse(payload).content;

test('each of the sixteen types has an example that is valid', () => {
  assert.is(operationTypes.length, 16);
  for (const type of operationTypes) {
    const parsed = parse(example(type));
    assert.ok('command' in parsed, `${type}: ${JSON.stringify('faults' in parsed && parsed.faults)}`);
    if ('command' in parsed) assert.is(parsed.command.type, type);
  }
});

test('the other forms of a reversal, a resolve and a receipt are valid', () => {
  valid(example('reversal', byReceipt));
  valid(example('reversal', { ...byReceipt, amount: 10050 }));
  valid(example('reversal', { amount: 1 }));
  valid(example('resolve', approvedByHand));
  valid(example('receipt', { invoice: '1923984010' }));
});

test('each member that a type needs is missed by its name', () => {
  for (const type of operationTypes) {
    const optional = new Set(['merchant', 'operation']);
    const needed = Object.keys(example(type)).filter((name) => !optional.has(name));
    for (const name of needed) faulty(example(type, { [name]: undefined }), name, `${type} without ${name}`);
  }
});

const limits: [OperationType, string, good: unknown[], bad: unknown[]][] = [
  [
    'payment',
    'id',
    ['a'.repeat(8), 'Z_-9'.repeat(16)],
    ['a'.repeat(7), 'a'.repeat(65), 'a b c d e', 12345678],
  ],
  ['payment', 'box', ['SW-7K3M9QXA2BCD'], ['', 'a/b', '+', '#', null]],
  [
    'payment',
    'amount',
    [1, largestAmount],
    [0, -1, largestAmount + 1, 0.5, 100.5, '100', null, true, [1], 1e300],
  ],
  ['payment', 'currency', ['UAH', 'EUR'], ['uah', 'UA', 'UAHH', 980, null]],
  ['payment', 'merchant', ['1', 'Каса 1', 'x'.repeat(64)], ['', 'x'.repeat(65), 1, null]],
  ['payment', 'order', ['', 'x'.repeat(64), 'Замовлення №5'], ['x'.repeat(65), 5, null, {}]],
  ['refund', 'rrn', ['123456', rrn, '9999999999999'], ['12345', 'x'.repeat(21), '0839983898 3', 83998389823]],
  ['cashback', 'cash', [1, largestAmount], [0, 0.01, '1']],
  ['completion', 'finalAmount', [1, 20000], [0, -5, '1']],
  ['completion', 'authCode', ['1', 'A1B2C3'], ['', 'x'.repeat(11), 'A-1']],
  [
    'instalment',
    'plan',
    ['parts', 'partsPeriod', 'partsAction', 'instant', 'instantAction'],
    ['Parts', '', 6],
  ],
  ['instalment', 'parts', [2, 99], [1, 100, 2.5, '6']],
  ['instalmentRefund', 'agreement', ['1', 'А-1/2.3', 'x'.repeat(40)], ['', 'x'.repeat(41), 'a b']],
  ['instalmentRefund', 'partial', [true, false], ['true', 0, null]],
  ['reversal', 'operation', ['12345678'], ['1234567', 5]],
  ['receipt', 'invoice', ['0', '9'.repeat(20)], ['', '9'.repeat(21), '1a', 1]],
  ['abort', 'target', ['12345678'], ['x', null]],
  ['status', 'target', ['12345678'], ['x', null]],
  ['resolve', 'outcome', ['failed'], ['declined', 'unknown', '']],
  ['resolve', 'by', ['x', 'x'.repeat(64)], ['', 'x'.repeat(65), 7]],
  [
    'payment',
    'issuedAt',
    [isoTime(startMs), '2026-11-21T12:00:00+02:00'],
    ['2026-11-21', '', startMs, 'now'],
  ],
];
for (const [type, name, good, bad] of limits)
  test(`the limits of ${name} in a ${type}`, () => {
    for (const value of good) valid(example(type, { [name]: value }), `${JSON.stringify(value)} is allowed`);
    for (const value of bad)
      faulty(example(type, { [name]: value }), name, `${JSON.stringify(value)} is not`);
  });

test('a reversal names its original in exactly one way, and not more than the original', () => {
  faulty(example('reversal', { operation: undefined }), '', 'in no way');
  faulty(example('reversal', { ...byReceipt, operation: target }), '', 'in two ways');
  for (const name of ['invoice', 'originalAmount', 'rrn'])
    faulty(example('reversal', { ...byReceipt, [name]: undefined }), '', `without ${name}`);
  faulty(example('reversal', { ...byReceipt, amount: 10051 }), '', 'more than the original');
});

test('a resolve says what was approved, or that nothing was', () => {
  for (const name of ['approvedAmount', 'rrn', 'invoice']) {
    faulty(example('resolve', { ...approvedByHand, [name]: undefined }), '', `without ${name}`);
    faulty(example('resolve', { [name]: { ...approvedByHand }[name] }), '', `failed, with ${name}`);
  }
});

test('an unknown member makes a command invalid, also one that every object inherits', () => {
  for (const type of operationTypes) faulty(example(type, { tip: 100 }), 'tip', type);
  const text = JSON.stringify(example('payment')).slice(0, -1);
  for (const name of ['__proto__', 'constructor', 'toString', 'typ', 'Amount']) {
    const parsed = parseCommand(JSON.parse(`${text},"${name}":1}`));
    assert.ok('faults' in parsed && parsed.faults[0]?.path === name, name);
  }
  faulty(example('payment', { rrn }), 'rrn', "another type's member");
});

test('claims of RFC 7519 are ignored, whatever they hold, and are no part of the content', () => {
  const plain = parse(example('payment'));
  for (const name of ignoredClaims)
    for (const value of [1, 'x', null, { deep: [1] }]) {
      const parsed = parse(example('payment', { [name]: value }));
      assert.equal(parsed, plain, name);
    }
});

test('the content does not depend on times, claims, the order of members, or how a number is written', () => {
  const content = contentOf(example('payment'));
  const later = { issuedAt: isoTime(startMs + 1000), expiresAt: isoTime(startMs + 60_000), iat: 5 };
  assert.is(contentOf(example('payment', later)), content);
  assert.is(contentOf(Object.fromEntries(Object.entries(example('payment')).reverse())), content);
  const text = JSON.stringify(example('payment'));
  assert.is(parseCommand(JSON.parse(text.replace('10050', '1.005e4'))).content, content);
});

test('any other difference is another content', () => {
  const changes = [
    { amount: 10051 },
    { order: 'Z-1' },
    { order: '' },
    { merchant: '1' },
    { type: 'refund', rrn },
    { currency: 'EUR' },
    { box: 'SW-OTHER' },
    { tip: 1 },
  ];
  const contents = changes.map((change) => contentOf(example('payment', change)));
  assert.is(new Set([...contents, contentOf(example('payment'))]).size, changes.length + 1);
});

test('a command lives for at most 15 minutes, and not backwards', () => {
  const living = (lifeMs: number) => example('payment', { expiresAt: isoTime(startMs + lifeMs) });
  valid(living(1));
  valid(living(commandMaxLifeMs));
  for (const lifeMs of [commandMaxLifeMs + 1, 0, -1]) faulty(living(lifeMs), 'expiresAt', `${lifeMs} ms`);
  assert.is(commandMaxLifeMs, 900_000);
});

test('of a malformed command id, type and order are told as far as they can be read', () => {
  const parsed = parse(example('payment', { amount: 0, order: 'Z-1' }));
  assert.ok('faults' in parsed);
  if (!('faults' in parsed)) return;
  assert.is(parsed.id, envelope.id);
  assert.is(parsed.type, 'payment');
  assert.is(parsed.order, 'Z-1');

  const worse = parse(example('payment', { id: 'a/b', type: 'pay ment', order: 'x'.repeat(65) }));
  assert.ok('faults' in worse);
  if ('faults' in worse) assert.equal([worse.id, worse.type, worse.order], [null, null, null]);
  const tooLong = parse({ type: 'x'.repeat(33) });
  assert.ok('faults' in tooLong && tooLong.type === null);
});

test('several faults are all told', () => {
  const parsed = parse(example('payment', { amount: 0, currency: 'x', tip: 1, order: 5 }));
  const paths = 'faults' in parsed ? parsed.faults.map(({ path }) => path).sort() : [];
  assert.equal(paths, ['amount', 'currency', 'order', 'tip']);
});

test('a fault shows no card number, neither in the value nor in the name of a member', () => {
  const head = `473117${'0'.repeat(9)}`;
  const pan = [...'0123456789'].map((digit) => head + digit).find(passesLuhn) ?? '';
  for (const change of [{ amount: pan }, { amount: Number(pan) }, { [pan]: 1 }, { currency: `x${pan}` }]) {
    const parsed = parse(example('payment', change));
    assert.ok('faults' in parsed);
    assert.not.match(JSON.stringify('faults' in parsed && parsed.faults), pan);
  }
});

test.run();
