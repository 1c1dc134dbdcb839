/** The grammar of pay links: what is read, what is not, and that any input whatever gets a clear word. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linkFaults } from '../gateway/desk/links/faults.ts';
import {
  type Callback,
  linkSchemes,
  type PayLink,
  readLinkQuery,
  readPayLink,
  withResult,
  writePayLink,
} from '../gateway/desk/links/pay-link.ts';
import { hostile } from './hostile/inputs.ts';

const test = suite('desk: pay links');

const order = 'eyJh.eyJi.c2ln';
const faultOf = (text: string): string => {
  const read = readPayLink(text);
  return 'fault' in read ? read.fault : JSON.stringify(read.value);
};

test('what stands in the docs is read as they say', () => {
  const link = `kassa-api://payNow?order=${order}&callback=https%3A%2F%2Fshop.example%2Forders%2F17%3Fseller%3D5%26x%3D1`;
  assert.equal(readPayLink(link), {
    value: {
      scheme: 'kassa-api',
      order,
      callback: { url: 'https://shop.example/orders/17?seller=5&x=1' },
      result: null,
    },
  });
  const inner = `print-api://payNow?order=${order}&callback=https%3A%2F%2Fshop.example%2F`;
  const outer = `pay-api://payNow?callback=${encodeURIComponent(inner)}&order=${order}&result=${order}`;
  assert.equal(readPayLink(outer), {
    value: {
      scheme: 'pay-api',
      order,
      callback: {
        link: { scheme: 'print-api', order, callback: { url: 'https://shop.example/' }, result: null },
      },
      result: order,
    },
  });
});

test('what programs on the way make of a link is still the same link', () => {
  const { value } = readPayLink(`kassa-api://payNow?order=${order}`) as { value: PayLink };
  for (const spelling of [
    `KASSA-API://payNow?order=${order}`,
    `kassa-api://paynow/?order=${order}`,
    `kassa-api://PAYNOW?%6Frder=${order.replace('.', '%2E')}`,
  ])
    assert.equal(readPayLink(spelling), { value }, spelling);
});

test('each thing that is wrong has its word', () => {
  const start = 'kassa-api://payNow?';
  const good = `${start}order=${order}`;
  const nested = (depth: number): string =>
    depth === 0 ? good : `${good}&callback=${encodeURIComponent(nested(depth - 1))}`;
  const cases: [string, string][] = [
    ['', 'notALink'],
    ['https://shop.example/payNow?order=a.b.c', 'notALink'],
    ['javascript://payNow?order=a.b.c', 'notALink'],
    [`kassa-api://payLater?order=${order}`, 'notALink'],
    [`kassa-api://payNow/x?order=${order}`, 'notALink'],
    [`kassa-api://user@payNow?order=${order}`, 'notALink'],
    [`kassa-api:payNow?order=${order}`, 'notALink'],
    [start, 'unnamed'],
    [`${good}&`, 'unnamed'],
    [`${good}&callback=`, 'unnamed'],
    [`${good}&=x`, 'unnamed'],
    [`${good}&order`, 'unnamed'],
    [`${good}&order=${order}`, 'repeated'],
    [`${good}&%6Frder=${order}`, 'repeated'],
    [`${good}&sum=1`, 'unknownParameter'],
    [`${good}&callback=https://shop.example/?a=1&b=2`, 'unknownParameter'],
    [`${good}&__proto__=1`, 'unknownParameter'],
    [`${start}callback=https://shop.example/`, 'orderMissing'],
    [`${start}order=abc`, 'orderMalformed'],
    [`${start}order=a.b.c.d`, 'orderMalformed'],
    [`${start}order=a.b%2Bc.d`, 'orderMalformed'],
    [`${start}order=a.b.${'c'.repeat(16_384)}`, 'orderTooLong'],
    [`${good}&callback=${'x'.repeat(32_768)}`, 'tooLong'],
    [`${good}&result=x`, 'resultMalformed'],
    [`${good}&callback=%zz`, 'badEncoding'],
    [`${good}&callback=%E0%A4%A`, 'badEncoding'],
    [`${good}&callback=%ff`, 'badEncoding'],
    [`${good}#x`, 'badCharacter'],
    [`${good} `, 'badCharacter'],
    [`${good}&callback="x"`, 'badCharacter'],
    [`${good}&callback=https://магазин.example/`, 'badCharacter'],
    [`${good}&callback=https%3A%2F%2Fa%40b%2F`, 'callbackMalformed'],
    [`${good}&callback=https%3A%5C%5Cevil.example`, 'callbackMalformed'],
    [`${good}&callback=https%3A%2F%2Fa%2F%23x`, 'callbackMalformed'],
    [`${good}&callback=https%3A%2F%2Fa%2F%0d%0aSet-Cookie%3Ax`, 'callbackMalformed'],
    [`${good}&callback=javascript%3Aalert(1)`, 'callbackMalformed'],
    [`${good}&callback=kassa-api%3A%2F%2FpayNow%3Forder%3Dx`, 'orderMalformed'],
    [nested(4), 'tooDeep'],
  ];
  for (const [text, fault] of cases) assert.is(faultOf(text), fault, text.slice(0, 100));
  assert.match(faultOf(nested(3)), /^\{/);
  assert.equal(readLinkQuery(`order=${order}&lang=uk`), { fault: 'unknownParameter' });
  assert.ok('value' in readLinkQuery(`order=${order}&lang=uk`, ['lang']));
});

test('the result is added to whatever the callback has already, unless no server would take it', () => {
  assert.is(withResult('https://a.example', order), `https://a.example?result=${order}`);
  assert.is(withResult('https://a.example/?x=1', order), `https://a.example/?x=1&result=${order}`);
  assert.is(withResult('https://a.example/', 'x'.repeat(8000)), 'https://a.example/');
});

const part = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'AZaz09-_') });
const jws = fc.tuple(part, part, part).map((parts) => parts.join('.'));
const url = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.webAuthority(),
    fc.webPath(),
    fc.option(fc.webQueryParameters()),
  )
  .map(([scheme, host, path, query]) => `${scheme}://${host}${path}${query === null ? '' : `?${query}`}`)
  .filter((text) => !text.includes('@') && text.length <= 1000);
const linkAt = (depth: number): fc.Arbitrary<PayLink> =>
  fc.record(
    {
      scheme: fc.constantFrom(...linkSchemes),
      order: jws,
      callback: fc.option(callbackAt(depth)),
      result: fc.option(jws),
    },
    { noNullPrototype: true },
  );
function callbackAt(depth: number): fc.Arbitrary<Callback> {
  const web = url.map((text): Callback => ({ url: text }));
  return depth === 0
    ? web
    : fc.oneof(
        web,
        linkAt(depth - 1).map((link): Callback => ({ link })),
      );
}

hostile(
  test,
  'what is written is read again, callbacks in callbacks too',
  fc.property(linkAt(3), (link) => {
    assert.equal(readPayLink(writePayLink(link)), { value: link });
  }),
);

const noise = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '%',
    '%2',
    '&',
    '=',
    '?',
    '#',
    '+',
    '://',
    'payNow',
    'order=',
    'callback=',
    '%00',
    '%E2%80%AE',
    '\\',
  ),
);
const bad = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .tuple(fc.constantFrom('kassa-api://payNow?', 'pay-api://', 'order=', ''), fc.array(noise))
    .map(([start, rest]) => start + rest.join('')),
  // A good link with a piece of it replaced.
  fc
    .tuple(linkAt(2).map(writePayLink), fc.nat(), fc.nat(10), noise)
    .map(
      ([text, at, length, put]) =>
        text.slice(0, at % text.length) + put + text.slice((at % text.length) + length),
    ),
);

hostile(
  test,
  'any text whatever: a known word, or a link that is written and read again as itself',
  fc.property(bad, (text) => {
    for (const read of [readPayLink(text), readLinkQuery(text, ['lang'])]) {
      if ('fault' in read) assert.ok(Object.hasOwn(linkFaults, read.fault));
      else if ('scheme' in read.value)
        assert.equal(readPayLink(writePayLink(read.value as PayLink)), { value: read.value });
    }
  }),
);

test.run();
