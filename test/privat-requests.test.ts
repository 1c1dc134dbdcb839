import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instalmentPlans } from '../gateway/contract/command.ts';
import type { TerminalRequest } from '../gateway/payments/terminal-port.ts';
import { demandHundredths, readAmount, writeAmount } from '../gateway/terminal/privat-json/amounts.ts';
import { meaningOf, meaningOfMessage } from '../gateway/terminal/privat-json/codes.ts';
import { encodeMessage, readMessage } from '../gateway/terminal/privat-json/message.ts';
import { callsFor, methodsOfType, typeOfMethod } from '../gateway/terminal/privat-json/requests.ts';

const test = suite('privat-requests');

const wire = (request: TerminalRequest): string[] =>
  callsFor(request).map(({ method, params }) => `${method} ${JSON.stringify(params)}`);

const vectors: [TerminalRequest, ...string[]][] = [
  [
    { type: 'payment', amount: 10050, merchant: '1' },
    'Purchase {"amount":"100.50","discount":"","merchantId":"1","facepay":"false","subMerchant":""}',
  ],
  [
    { type: 'refund', amount: 30, merchant: '0', rrn: '014721258513' },
    'Refund {"amount":"0.30","discount":"","merchantId":"0","rrn":"014721258513","subMerchant":""}',
  ],
  [
    { type: 'reversal', invoice: '131220', amount: null, originalAmount: 500, merchant: '1' },
    'Withdrawal {"invoiceNumber":"131220"}',
  ],
  [
    { type: 'reversal', invoice: '131220', amount: 500, originalAmount: 500, merchant: '1' },
    'Withdrawal {"invoiceNumber":"131220"}',
  ],
  [
    { type: 'reversal', invoice: '131220', amount: 30, originalAmount: 500, merchant: '1' },
    'WithdrawalPartly {"amount":"0.30","invoiceNumber":"131220"}',
  ],
  [
    { type: 'cashback', amount: 30, cash: 100, merchant: '1' },
    'Cashback {"amount":"0.30","amountCash":"1.00","merchantId":"1","subMerchant":""}',
  ],
  [
    { type: 'preauthorization', amount: 50000, merchant: '1' },
    'Preauthorization {"amount":"500.00","merchantId":"1"}',
  ],
  [
    {
      type: 'completion',
      amount: 50000,
      finalAmount: 45000,
      authCode: '483920',
      rrn: '083998389823',
      merchant: '1',
    },
    'SaleCompletion {"amount":"500.00","addamount":"450.00","approvalCode":"483920","rrn":"083998389823"}',
  ],
  [{ type: 'reconciliation', merchant: '0' }, 'Verify {"merchantId":"0"}'],
  [{ type: 'totals', merchant: '0' }, 'Audit {"merchantId":"0"}'],
  [{ type: 'balance', merchant: '1' }, 'GetBalance {"merchantId":"1"}'],
  [
    { type: 'receipt', invoice: null },
    'GetReceiptInfo {"invoiceNumber":"0"}',
    'PrintReceiptNum {"invoiceNumber":"0","prnFlag":"0"}',
  ],
];

for (const [request, ...expected] of vectors)
  test(`${request.type}: ${expected[0]}`, () => assert.equal(wire(request), expected));

test('every instalment plan has its sale, its refund and its partial refund', () => {
  const methods = instalmentPlans.map((plan) => [
    wire({ type: 'instalment', plan, amount: 30, parts: 6, merchant: '1' })[0],
    ...[false, true].map(
      (partial) =>
        callsFor({
          type: 'instalmentRefund',
          plan,
          amount: 350,
          agreement: '12345',
          partial,
          merchant: '1',
        })[0].method,
    ),
  ]);
  const sale = '{"amount":"0.30","amountOfParts":"6","subMerchant":""}';
  assert.equal(methods, [
    [`ServicePbP ${sale}`, 'ServiceRefPbP', 'ServicePartlyRefPbP'],
    [`ServicePbPperiod ${sale}`, 'ServiceRefPbPperiod', 'ServicePartlyRefPbPperiod'],
    [`ServicePbPAct ${sale}`, 'ServiceRefPbPAct', 'ServicePartlyRefPbPAct'],
    [`ServiceInstantPbI ${sale}`, 'ServiceRefPbI', 'ServicePartlyRefPbI'],
    [`ServicePbIAct ${sale}`, 'ServiceRefPbIAct', 'ServicePartlyRefPbIAct'],
  ]);
  assert.equal(
    callsFor({
      type: 'instalmentRefund',
      plan: 'parts',
      amount: 350,
      agreement: '12345',
      partial: true,
      merchant: '1',
    }),
    [{ method: 'ServicePartlyRefPbP', params: { amount: '3.50', agreementNum: '12345' } }],
  );
});

test('each method carries one type', () => {
  const methods = Object.values(methodsOfType).flat();
  assert.is(new Set(methods).size, methods.length);
  assert.is(typeOfMethod('ServicePartlyRefPbI'), 'instalmentRefund');
  assert.is(typeOfMethod('PingDevice'), null);
});

test('amounts go there and back without a float', () => {
  for (const minor of [1, 10, 99, 100, 10050, 999_999_999_999])
    assert.is(readAmount(writeAmount(minor)), minor);
  assert.is(writeAmount(5), '0.05');
  assert.is(readAmount('1234,5'), 123450);
  assert.is(readAmount(' 7 '), 700);
  assert.is(readAmount('-3.05'), -305);
  for (const bad of [null, '', 'unknown', '1.234', '1 000.00', '.', '1e3', '9'.repeat(13)])
    assert.is(readAmount(bad), null, String(bad));
  assert.throws(() => writeAmount(0.5), /not an amount/);
});

test('a currency without hundredths is refused', () => {
  demandHundredths('UAH');
  for (const currency of ['JPY', 'KWD', 'CLF', 'uah', ''])
    assert.throws(
      () => demandHundredths(currency),
      (error: { code?: string }) => error.code === 'configInvalid',
      currency,
    );
});

const codes: [string | null, string, string, string][] = [
  ['0000', 'approved', 'terminal', '0000'],
  ['00', 'approved', 'terminal', '0000'],
  ['0010', 'partiallyApproved', 'host', '0010'],
  ['10', 'partiallyApproved', 'host', '0010'],
  ['0005', 'declined', 'host', '0005'],
  ['96', 'declined', 'host', '0096'],
  ['0999', 'declined', 'host', '0999'],
  ['1000', 'failed', 'terminal', '1000'],
  ['1001', 'cancelled', 'terminal', '1001'],
  ['1002', 'declined', 'terminal', '1002'],
  ['1003', 'failed', 'terminal', '1003'],
  ['1004', 'failed', 'terminal', '1004'],
  ['1005', 'failed', 'terminal', '1005'],
  ['1006', 'failed', 'terminal', '1006'],
  ['1007', 'failed', 'terminal', '1007'],
  ['1008', 'unclear', 'terminal', '1008'],
  ['1009', 'unclear', 'terminal', '1009'],
  ['9999', 'unclear', 'terminal', '9999'],
  ['', 'unclear', 'terminal', ''],
  [null, 'unclear', 'terminal', ''],
  ['OK', 'unclear', 'terminal', 'OK'],
  ['00000', 'unclear', 'terminal', '00000'],
];

for (const [given, verdict, source, code] of codes)
  test(`code ${given}: ${verdict}`, () => {
    const meaning = meaningOf(given);
    assert.equal([meaning.verdict, meaning.source, meaning.code], [verdict, source, code]);
  });

test('the older twin of a code stands in for it, and must not contradict it', () => {
  const of = (params: Record<string, string>) => {
    const { message } = readMessage(encodeMessage('Purchase', params).slice(0, -1));
    if (message === null) throw new Error('not read');
    return meaningOfMessage(message).verdict;
  };
  assert.is(of({ code: '00' }), 'approved');
  assert.is(of({ code: '00', responseCode: '0000' }), 'approved');
  assert.is(of({ code: '05', responseCode: '0000' }), 'unclear');
  assert.is(of({ code: 'A1', responseCode: '0000' }), 'approved');
});

test.run();
