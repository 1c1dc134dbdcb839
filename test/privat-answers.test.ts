import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passesLuhn } from '../gateway/contract/card-data.ts';
import type { TerminalRequest } from '../gateway/payments/terminal-port.ts';
import { answerOf } from '../gateway/terminal/privat-json/answers.ts';
import { createLocalTime } from '../gateway/terminal/privat-json/local-time.ts';
import { type Message, readMessage } from '../gateway/terminal/privat-json/message.ts';
import {
  baselineOf,
  readingOf,
  receiptAnswerOf,
  receiptFactsOf,
} from '../gateway/terminal/privat-json/receipts.ts';
import { frameOf } from './support/driver-bench.ts';
import { approved, makePan, receiptOf } from './support/terminal-answers.ts';

const test = suite('privat-answers');

const kyiv = createLocalTime('Europe/Kyiv');
const payment: TerminalRequest = { type: 'payment', amount: 10050, merchant: '1' };

function message(params: Record<string, string>, error = false, text = '', method = 'Purchase'): Message {
  const { message } = readMessage(
    new TextEncoder().encode(frameOf(method, params, error, text).slice(0, -1)),
  );
  if (message === null) throw new Error('not read');
  return message;
}

test('a full answer, copied field by field', () => {
  assert.equal(answerOf(message(approved()), 'payment', payment), {
    verdict: 'approved',
    code: '0000',
    source: 'terminal',
    text: '',
    details: {
      amount: 10050,
      card: { pan: '473117******9838', scheme: 'VISA', entry: 'contactless' },
      rrn: '083998389823',
      authCode: '483920',
      invoice: '1923984011',
      terminal: 'S1260S6Y',
      agreement: null,
      signatureRequired: false,
      receipt: 'SALE\n100.50 UAH\nAPPROVED',
    },
  });
});

test('a short answer leaves the rest empty', () => {
  const { details, verdict } = answerOf(message({ responseCode: '0000' }), 'payment', payment);
  assert.is(verdict, 'approved');
  assert.equal([details.amount, details.card, details.invoice, details.receipt], [null, null, null, null]);
});

test('no card data gets through, wherever the terminal puts it', () => {
  const pan = makePan();
  assert.ok(passesLuhn(pan));
  const track2 = `;${pan}=27091010000000000001?`;
  const dirty = approved({
    pan,
    cardHolderName: 'Shevchenko/Taras',
    track1: `%B${pan}^KOSTENKO/LINA^27091010000000000001?`,
    track2,
    pinblock: 'AABBCCDD00112233',
    OTPpassword: '771177',
    rrn: pan,
    agreementNum: pan,
    hstFld63Sf89: 'secret text',
    receipt: `CARD ${pan.replace(/(.{4})/g, '$1 ')}\nTaras Shevchenko\nLINA KOSTENKO\n${track2}\nEXP 2709\n`,
  });
  const text = `refused for SHEVCHENKO TARAS, ${pan}`;
  for (const made of [
    answerOf(message(dirty, true, text), 'payment', payment),
    receiptFactsOf(message(dirty, true, text), kyiv),
    receiptAnswerOf(message(dirty, false, text), null, kyiv),
  ]) {
    const all = JSON.stringify(made);
    for (const secret of [
      pan,
      pan.slice(6, 12),
      'shevchenko',
      'taras',
      'kostenko',
      'lina',
      'AABBCC',
      '771177',
      '1010000',
      'secret text',
    ])
      assert.not.ok(all.toLowerCase().includes(secret.toLowerCase()), `${secret} in ${all}`);
    assert.ok(all.includes('473117******'));
  }
});

test('a receipt that names holder and expiry itself, in an answer without fields for them', () => {
  const kept = (text: string) =>
    receiptFactsOf(message(receiptOf('7', { receipt: text })), kyiv).details.receipt;
  assert.is(
    kept('ВЛАСНИК SHEVCHUK/BOHDAN\nДІЄ ДО 2708\nСУМА 27.08\n'),
    'ВЛАСНИК ********/******\nДІЄ ДО ****\nСУМА 27.08\n',
  );
  assert.is(
    kept('Cardholder name: TARAS SHEVCHENKO\nEXP. 08/27'),
    'Cardholder name: ***** **********\nEXP. **/**',
  );
  assert.is(kept('Держатель:\nТАРАС ШЕВЧЕНКО\nСУМА 1'), 'Держатель:\n***** ********\nСУМА 1');
  for (const plain of [
    'CARDHOLDER COPY\nCARDHOLDER SIGNATURE ____',
    'ПІДПИС ВЛАСНИКА КАРТКИ ____',
    'EXPRESS 1234\nEXPO 20 26',
    'КОПІЯ ДІЄ ДО КІНЦЯ ДНЯ',
  ])
    assert.is(kept(plain), plain);
});

test('how the card was read, and whose it is', () => {
  const card = (params: Record<string, string>) =>
    answerOf(message(approved(params)), 'payment', payment).details.card;
  for (const [mode, entry] of [
    ['051', 'chip'],
    ['071', 'contactless'],
    ['910', 'contactless'],
    ['022', 'magstripe'],
    ['901', 'magstripe'],
    ['012', 'manual'],
    ['801', 'fallback'],
    ['33', null],
    ['', null],
  ] as const)
    assert.is(card({ posEntryMode: mode })?.entry, entry, mode);
  assert.is(card({ paymentSystem: '' })?.scheme, 'Visa Credit');
  assert.is(card({ pan: '4422********6333' })?.pan, '4422********6333');
  assert.is(card({ pan: '' }), null);
});

test('an approval that contradicts itself is unclear', () => {
  const verdict = (
    params: Record<string, string>,
    error = false,
    type: TerminalRequest['type'] = 'payment',
  ) => answerOf(message(approved(params), error), type, null).verdict;
  assert.is(verdict({}, true), 'unclear');
  assert.is(verdict({ trnStatus: '2' }), 'unclear');
  assert.is(verdict({ trnStatus: '3' }), 'unclear');
  assert.is(verdict({ trnStatus: '3' }, false, 'reversal'), 'approved');
  assert.is(verdict({ responseCode: '0010' }), 'partiallyApproved');
  assert.is(verdict({ responseCode: '' }), 'unclear');
});

test('cash is told only when it was handed out', () => {
  const request: TerminalRequest = { type: 'cashback', amount: 30, cash: 100, merchant: '1' };
  const cash = (params: Record<string, string>, error = false) =>
    answerOf(message(params, error), 'cashback', request).details.cashApproved;
  assert.is(cash({ responseCode: '0000', amountCash: '1.00', resultCashback: 'true' }), 100);
  assert.is(cash({ responseCode: '0000' }), 100);
  assert.is(cash({ responseCode: '0000', amountCash: '1.00', resultCashback: 'false' }), 0);
  assert.is(cash({ responseCode: '0010', amount: '0.30', amountCash: '1.00' }), 0);
  assert.is(cash({ responseCode: '0005', amountCash: '1.00' }, true), 0);
});

test('operations without money are done, or say why not', () => {
  const of = (type: TerminalRequest['type'], params: Record<string, string>, error = false, text = '') => {
    const { verdict, source, details } = answerOf(message(params, error, text), type, null);
    return [verdict, source, details.balance ?? details.receipt];
  };
  assert.equal(of('totals', { receipt: 'X', responseCode: '0000' }), ['done', 'terminal', 'X']);
  assert.equal(of('totals', { receipt: 'X' }), ['done', 'terminal', 'X']);
  assert.equal(of('reconciliation', { receipt: 'Z' }), ['unclear', 'terminal', 'Z']);
  assert.equal(of('reconciliation', { responseCode: '0001' }, true, 'log file is empty!'), [
    'failed',
    'terminal',
    null,
  ]);
  assert.equal(of('balance', { balance: '12.30', responseCode: '0000' }), ['done', 'terminal', 1230]);
  assert.equal(of('balance', { balance: 'unknown', code: '01', responseCode: '0001' }, true), [
    'declined',
    'host',
    null,
  ]);
  assert.equal(of('totals', { responseCode: '1001' }, true), ['cancelled', 'terminal', null]);
});

test('a receipt tells its transaction, not the look-up', () => {
  const declined = receiptFactsOf(message(receiptOf('7', { responseCode: '0005', txnType: '2' })), kyiv);
  assert.equal([declined.verdict, declined.type, declined.reversed], ['declined', 'refund', false]);
  const types = ['0', '1', '2', '3', '4', ''].map(
    (txnType) => receiptFactsOf(message(receiptOf('7', { txnType })), kyiv).type,
  );
  assert.equal(types, ['undefined', 'payment', 'refund', 'reversal', 'instalment', 'undefined']);
  assert.ok(receiptFactsOf(message(receiptOf('7', { txnType: '3' })), kyiv).reversed);
  assert.ok(receiptFactsOf(message(receiptOf('7', { trnStatus: '3' })), kyiv).reversed);
  assert.is(receiptFactsOf(message(receiptOf('7', { trnStatus: '2' })), kyiv).verdict, 'unclear');
});

test('the last receipt as a baseline', () => {
  const { rrn } = receiptOf('7');
  assert.equal(baselineOf(message(receiptOf('7'))), {
    kind: 'receipt',
    invoice: '7',
    mark: `${rrn}|10050|21.11.2026|10:00:20|483920`,
  });
  assert.equal(baselineOf(message({ invoiceNumber: '0', responseCode: '1000' }, true)), { kind: 'none' });
  assert.equal(baselineOf(message({}, true)), { kind: 'none' });
  assert.equal(baselineOf(message({ responseCode: '0000' })), { kind: 'unavailable' });
});

test('another receipt is not taken for the one that was asked for', () => {
  assert.is(readingOf(message(receiptOf('000007')), '7', kyiv).kind, 'read');
  assert.is(readingOf(message(receiptOf('8')), '7', kyiv).kind, 'notFound');
  assert.is(readingOf(message({}, true), '7', kyiv).kind, 'notFound');
  const wrong = receiptAnswerOf(message(receiptOf('8')), '7', kyiv);
  assert.equal([wrong.verdict, wrong.details.receipt, wrong.details.card], ['failed', null, null]);
});

test('a receipt that was asked for by a command', () => {
  const { verdict, details } = receiptAnswerOf(message(receiptOf('7', { responseCode: '0005' })), null, kyiv);
  assert.is(verdict, 'done');
  assert.equal(details.transaction, {
    type: 'payment',
    code: '0005',
    amount: 10050,
    at: '2026-11-21T08:00:20.000Z',
  });
  const none = receiptAnswerOf(message({ responseCode: '1000' }, true, 'not found'), '7', kyiv);
  assert.equal([none.verdict, none.code, none.text], ['failed', '1000', 'not found']);
  assert.is(receiptAnswerOf(message({ responseCode: '0001' }, true), null, kyiv).verdict, 'declined');
});

const iso = (spans: ReturnType<typeof kyiv>) =>
  spans?.map(({ fromMs, toMs }) => `${new Date(fromMs).toISOString()} +${toMs - fromMs}`) ?? null;

test('local time, winter and summer, to the second and to the minute', () => {
  assert.equal(iso(kyiv('21.11.2026', '10:00:20')), ['2026-11-21T08:00:20.000Z +999']);
  assert.equal(iso(kyiv('02.07.2019', '0941')), ['2019-07-02T06:41:00.000Z +59999']);
  assert.equal(iso(kyiv('2/7/19', '094105')), ['2019-07-02T06:41:05.000Z +999']);
  for (const [date, time] of [
    [null, '0941'],
    ['02.07.2019', null],
    ['31.02.2019', '09:41:00'],
    ['02.13.2019', '09:41:00'],
    ['02.07.2019', '25:00:00'],
    ['yesterday', 'noon'],
  ] as const)
    assert.is(kyiv(date, time), null, `${date} ${time}`);
});

test('the hour that comes twice is two spans, the hour that is skipped is none', () => {
  // Clocks in Kyiv went back from 4:00 to 3:00 on 25.10.2026, and forward from 3:00 to 4:00 on 29.03.2026.
  assert.equal(iso(kyiv('25.10.2026', '03:30:00')), [
    '2026-10-25T00:30:00.000Z +999',
    '2026-10-25T01:30:00.000Z +999',
  ]);
  assert.equal(iso(kyiv('25.10.2026', '02:59:59')), ['2026-10-24T23:59:59.000Z +999']);
  assert.equal(iso(kyiv('25.10.2026', '0400')), ['2026-10-25T02:00:00.000Z +59999']);
  assert.is(kyiv('29.03.2026', '03:30:00'), null);
  assert.equal(iso(kyiv('29.03.2026', '02:59:59')), ['2026-03-29T00:59:59.000Z +999']);
  assert.equal(iso(kyiv('29.03.2026', '04:00:00')), ['2026-03-29T01:00:00.000Z +999']);
});

test('a time zone that does not exist is named', () => {
  assert.throws(() => createLocalTime('Europe/Atlantis'), /Europe\/Atlantis/);
});

test.run();
