import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { operationTypes } from '../gateway/contract/command.ts';
import {
  amountsOf,
  isNewMoney,
  kindOf,
  merchantOf,
  requestOf,
  type TerminalCommand,
  type Terms,
} from '../gateway/payments/requests.ts';
import { paymentCommand } from './support/records.ts';

const test = suite('requests');

const terms: Terms = {
  currency: 'UAH',
  defaultMerchant: 'shop',
  merchants: { shop: '1', incasso: '10', '5': '7' },
  maxAmount: 5_000_000,
};
const { id, box, issuedAt, expiresAt } = paymentCommand;
const envelope = { id, box, issuedAt, expiresAt };
const rrn = '083998389823';

const requestFor = (command: TerminalCommand, original: Parameters<typeof requestOf>[2] = null) =>
  requestOf(command, terms, original);

test('every type is asked of the terminal in its own words', () => {
  const merchant = '1';
  const asked: [TerminalCommand, object][] = [
    [
      { ...envelope, type: 'payment', amount: 10050, currency: 'UAH' },
      { type: 'payment', amount: 10050, merchant },
    ],
    [
      { ...envelope, type: 'refund', amount: 10050, currency: 'UAH', rrn },
      { type: 'refund', amount: 10050, rrn, merchant },
    ],
    [
      { ...envelope, type: 'cashback', amount: 10050, cash: 5000 },
      { type: 'cashback', amount: 10050, cash: 5000, merchant },
    ],
    [
      { ...envelope, type: 'preauthorization', amount: 10050 },
      { type: 'preauthorization', amount: 10050, merchant },
    ],
    [
      { ...envelope, type: 'completion', amount: 10050, finalAmount: 9000, authCode: '483920', rrn },
      { type: 'completion', amount: 10050, finalAmount: 9000, authCode: '483920', rrn, merchant },
    ],
    [
      { ...envelope, type: 'instalment', amount: 10050, plan: 'parts', parts: 6 },
      { type: 'instalment', amount: 10050, plan: 'parts', parts: 6, merchant },
    ],
    [
      {
        ...envelope,
        type: 'instalmentRefund',
        amount: 10050,
        plan: 'instant',
        agreement: 'A1',
        partial: true,
      },
      { type: 'instalmentRefund', amount: 10050, plan: 'instant', agreement: 'A1', partial: true, merchant },
    ],
    [
      { ...envelope, type: 'reconciliation' },
      { type: 'reconciliation', merchant },
    ],
    [
      { ...envelope, type: 'totals', merchant: '0' },
      { type: 'totals', merchant: '0' },
    ],
    [
      { ...envelope, type: 'balance', merchant: 'incasso' },
      { type: 'balance', merchant: '10' },
    ],
    [
      { ...envelope, type: 'receipt' },
      { type: 'receipt', invoice: null },
    ],
    [
      { ...envelope, type: 'receipt', invoice: '101' },
      { type: 'receipt', invoice: '101' },
    ],
  ];
  for (const [command, request] of asked) assert.equal(requestFor(command), request, command.type);
});

test('nothing of the envelope reaches the terminal', () => {
  const request = requestFor({ ...envelope, type: 'payment', amount: 1, currency: 'UAH', order: 'Z-1' });
  assert.equal(Object.keys(request).sort(), ['amount', 'merchant', 'type']);
});

const reversalOf = (amount: number | undefined, original: { amount: number; left: number }) =>
  requestFor(
    { ...envelope, type: 'reversal', operation: 'original-01', ...(amount !== undefined && { amount }) },
    { invoice: '99', ...original },
  );

test('a reversal of all that stands on the receipt is a whole one', () => {
  const whole = { type: 'reversal', invoice: '99', originalAmount: 10050, amount: null, merchant: '1' };
  assert.equal(reversalOf(undefined, { amount: 10050, left: 10050 }), whole);
  assert.equal(reversalOf(10050, { amount: 10050, left: 10050 }), whole);
  // The terminal shows what an earlier part has left.
  const rest = { ...whole, originalAmount: 7050 };
  assert.equal(reversalOf(undefined, { amount: 7050, left: 7050 }), rest);
});

test('a reversal of less is a partial one', () => {
  const part = { type: 'reversal', invoice: '99', originalAmount: 10050, amount: 3000, merchant: '1' };
  assert.equal(reversalOf(3000, { amount: 10050, left: 10050 }), part);
});

test('where the receipt does not show the earlier parts, no more than what is left is given back', () => {
  const shown = { amount: 10050, left: 7050 };
  const rest = { type: 'reversal', invoice: '99', originalAmount: 10050, amount: 7050, merchant: '1' };
  assert.equal(reversalOf(undefined, shown), rest);
  assert.equal(reversalOf(7050, shown), rest);
});

test('a merchant is a name of the config, or an index, or the default', () => {
  assert.equal(merchantOf({}, terms), { name: 'shop', index: '1' });
  assert.equal(merchantOf({ merchant: 'incasso' }, terms), { name: 'incasso', index: '10' });
  assert.equal(merchantOf({ merchant: '12' }, terms), { name: '12', index: '12' });
  assert.equal(
    merchantOf({ merchant: '5' }, terms),
    { name: '5', index: '7' },
    'a name goes before an index',
  );
  for (const merchant of ['kiosk', 'toString', '__proto__', '1234', '-1', '1.5', ''])
    assert.is(merchantOf({ merchant }, terms), null, merchant);
});

test('without a default the terminal chooses', () => {
  const none = { ...terms, defaultMerchant: undefined };
  assert.equal(merchantOf({}, none), { name: '0', index: '0' });
  assert.equal(merchantOf({}, { ...terms, defaultMerchant: '3' }), { name: '3', index: '3' });
});

test('the kinds: what can move money, what closes a batch, what only asks', () => {
  const kinds = (kind: string) => operationTypes.filter((type) => kindOf(type) === kind);
  assert.equal(kinds('batch'), ['reconciliation', 'print']);
  assert.equal(kinds('inquiry'), ['totals', 'receipt', 'balance']);
  assert.equal(kinds('money').slice(0, 8), [
    'payment',
    'refund',
    'reversal',
    'cashback',
    'preauthorization',
    'completion',
    'instalment',
    'instalmentRefund',
  ]);
  assert.is(kindOf('something new'), 'money', 'what is not known is treated with the most care');
});

test('new money is exactly what brings the shop a new payment', () => {
  assert.equal(operationTypes.filter(isNewMoney), ['payment', 'cashback', 'preauthorization', 'instalment']);
});

test('every sum that a command asks for is found, by its member', () => {
  assert.equal(amountsOf(paymentCommand), [['amount', 10050]]);
  assert.equal(amountsOf({ ...envelope, type: 'cashback', amount: 1, cash: 2 }), [
    ['amount', 1],
    ['cash', 2],
  ]);
  assert.equal(
    amountsOf({ ...envelope, type: 'completion', amount: 1, finalAmount: 2, authCode: '1', rrn }),
    [
      ['amount', 1],
      ['finalAmount', 2],
    ],
  );
  assert.equal(
    amountsOf({ ...envelope, type: 'reversal', invoice: '1', originalAmount: 3, rrn, amount: 2 }),
    [
      ['amount', 2],
      ['originalAmount', 3],
    ],
  );
  assert.equal(amountsOf({ ...envelope, type: 'totals' }), []);
});

test.run();
