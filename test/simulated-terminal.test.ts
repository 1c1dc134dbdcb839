import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passesLuhn } from '../gateway/contract/card-data.ts';
import { purchase, type TerminalMessage, world } from './support/terminal-world.ts';

const test = suite('simulated terminal');

test('a purchase goes through 9, 1, 6, 3, 10 and moves the money once the host has answered', async () => {
  const { time, terminal, connect, movements } = world({ options: { stepMs: 1000 } });
  const client = await connect();
  client.send('Purchase', purchase('100.50'));
  const shown: string[] = [];
  for (let second = 0; second < 5; second += 1) {
    const { params } = await client.service('getLastStatMsgCode');
    shown.push(`${params.LastStatMsgCode} ${movements().length}`);
    await time.advance(1000);
  }
  assert.equal(shown, ['9 0', '1 0', '6 0', '3 0', '10 1']);
  const answer = client.messages().at(-1);
  assert.is(answer?.method, 'Purchase');
  assert.is(answer?.error, false);
  const { params } = answer as TerminalMessage;
  assert.is(params.responseCode, '0000');
  assert.is(params.amount, '100.50');
  assert.is(params.trnStatus, '1');
  assert.match(params.rrn ?? '', /^\d{12}$/);
  assert.match(params.pan ?? '', /^\d{6}\*{6}\d{4}$/);
  assert.match(params.receipt ?? '', /SIMULATED[\s\S]*100\.50 ГРН/);
  assert.is(params.date, '21.11.2026');
  assert.match(params.time ?? '', /^10:00:0\d$/);
  assert.equal(movements(), ['sale 10050']);
  const last = (await client.ask('GetReceiptInfo', { invoiceNumber: '0' })).params;
  for (const name of [
    'invoiceNumber',
    'rrn',
    'amount',
    'approvalCode',
    'txnType',
    'merchant',
    'date',
    'time',
  ])
    assert.is(last[name], params[name], name);
  assert.is(terminal.isBusy(), false);
});

test('it is strict where real terminals are', async () => {
  const { connect, movements, terminal } = world({ options: { stepMs: 0, lookUpMs: 0 } });
  const client = await connect();
  const refusal = async (method: string, params: Record<string, string>) => {
    const answer = await client.ask(method, params);
    return `${answer.params.responseCode} ${answer.error} ${answer.errorDescription}`;
  };
  assert.is(await refusal('Purchase', { amount: '1.00' }), '1000 true Введіть discount');
  assert.is(await refusal('Purchase', { amount: '1.00', discount: '' }), '1000 true Введіть merchantId');
  for (const amount of ['1', '1.5', '1.005', '-1.00', '1 000.00', '0.00', 'x'])
    assert.is(await refusal('Purchase', purchase(amount)), '1000 true Невірний формат amount', amount);
  assert.is(
    await refusal('Purchase', { ...purchase('1.00'), merchantId: '99' }),
    '1000 true Невідомий merchantId',
  );
  assert.is(await refusal('Refund', { amount: '1.00', rrn: '12' }), '1000 true Невірний формат rrn');
  assert.is(await refusal('Withdrawal', { invoiceNumber: '7' }), '1000 true Чек не знайдено');
  const unknown = await client.ask('Teleport');
  assert.equal(unknown.params, { msgType: 'methodNotImplemented' });
  assert.equal((await client.service('teleport')).params, { msgType: 'methodNotImplemented' });
  assert.equal(movements(), []);
  assert.is((await client.ask('Purchase', purchase('1,25'))).params.responseCode, '0000');
  assert.equal(movements(), ['sale 125']);
  assert.is(terminal.receipts().length, 1);
});

test('a busy terminal answers deviceBusy to requests, and service messages at any time', async () => {
  const { connect } = world();
  const client = await connect();
  client.send('Purchase', purchase('1.00'));
  assert.is((await client.ask('PingDevice')).params.msgType, 'deviceBusy');
  assert.is((await client.service('getLastResult')).params.LastResult, '2');
  assert.is(
    (await client.service('getLastStatMsgDescription')).params.LastStatMsgDescription,
    'Очікування картки',
  );
  assert.is((await client.service('identify')).params.model, 's800');
  assert.is((await client.service('getMerchantList')).params['10'], 'INKASS1');
  assert.is((await client.service('getMaskList')).params['1'], 'SIMKKM01');
});

test('reversals mark the original receipt, partial ones lessen it', async () => {
  const { connect, movements } = world({ options: { stepMs: 0, lookUpMs: 0 } });
  const client = await connect();
  const first = (await client.ask('Purchase', purchase('100.50'))).params;
  const second = (await client.ask('Purchase', purchase('20.00'))).params;
  const read = async (invoiceNumber = '') => (await client.ask('GetReceiptInfo', { invoiceNumber })).params;

  const partly = await client.ask('WithdrawalPartly', {
    amount: '0.50',
    invoiceNumber: first.invoiceNumber ?? '',
  });
  assert.is(partly.params.amount, '0.50');
  assert.is('txnType' in partly.params, false);
  assert.is((await read(first.invoiceNumber)).amount, '100.00');
  assert.is((await read(first.invoiceNumber)).txnType, '1');

  const whole = await client.ask('Withdrawal', { invoiceNumber: first.invoiceNumber ?? '' });
  assert.is(whole.params.txnType, '3');
  assert.is(whole.params.amount, '100.00');
  assert.is((await read(first.invoiceNumber)).txnType, '3');
  assert.is((await read('0')).invoiceNumber, second.invoiceNumber);
  const again = await client.ask('Withdrawal', { invoiceNumber: first.invoiceNumber ?? '' });
  assert.is(again.params.responseCode, '1008');
  assert.equal(movements(), ['sale 10050', 'sale 2000', 'reversal 50', 'reversal 10000']);
});

test('closing the batch takes the receipts away; an empty one is an error', async () => {
  const { connect, terminal } = world({ options: { stepMs: 0, lookUpMs: 0, restartNumbers: true } });
  const client = await connect();
  await client.ask('Purchase', { ...purchase('5.00'), merchantId: '2' });
  await client.ask('Purchase', purchase('7.00'));
  assert.equal(
    terminal.totals().map(({ merchant, sales }) => `${merchant.index}: ${sales.count} ${sales.amount}`),
    ['2: 1 500', '1: 1 700'],
  );
  assert.match((await client.ask('Audit', { merchantId: '2' })).params.receipt ?? '', /ОПЛАТИ 1: 5\.00 ГРН/);
  assert.match((await client.ask('PrintBatchJournal', { merchantId: '0' })).params.receipt ?? '', /131221/);
  assert.is((await client.ask('Verify', { merchantId: '2' })).params.responseCode, '0000');
  assert.is(terminal.receipts().length, 1);
  assert.is((await client.ask('Verify', { merchantId: '0' })).params.responseCode, '0000');
  const empty = await client.ask('Verify', { merchantId: '0' });
  assert.is(empty.params.responseCode, '0001');
  assert.is(empty.errorDescription, 'Cannot obtain receipt: log file is empty!');
  const none = await client.ask('GetReceiptInfo', { invoiceNumber: '0' });
  assert.is(none.error, true);
  assert.equal(new Set(Object.values(none.params)), new Set(['']));
  assert.is((await client.ask('Purchase', purchase('1.00'))).params.invoiceNumber, '000001');
});

test('a declined operation has a receipt only where the script says so', async () => {
  const declined = { match: { amount: '9.99' }, do: 'decline', code: '0096' } as const;
  for (const declinedListed of [false, true]) {
    const { connect, movements } = world({
      options: { stepMs: 0, lookUpMs: 0, declinedListed },
      operations: [declined],
    });
    const client = await connect();
    const before = (await client.ask('Purchase', purchase('1.00'))).params;
    const answer = await client.ask('Purchase', purchase('9.99'));
    assert.is(answer.error, true);
    assert.is(answer.params.responseCode, '0096');
    assert.is(answer.params.rrn, '');
    const last = await client.ask('GetReceiptInfo', { invoiceNumber: '' });
    assert.is(last.error, false, 'the look-up itself went well');
    assert.is(last.params.responseCode, declinedListed ? '0096' : '0000');
    assert.is(answer.params.invoiceNumber, declinedListed ? last.params.invoiceNumber : '');
    assert.is(last.params.invoiceNumber === before.invoiceNumber, !declinedListed);
    assert.equal(movements(), ['sale 100']);
  }
});

test('the other operations are booked as what they are', async () => {
  const { connect, movements } = world({
    options: { stepMs: 0, lookUpMs: 0 },
    operations: [
      { match: { method: 'Cashback', amount: '2.00' }, do: 'partial' },
      { match: { method: 'Purchase' }, do: 'partial', amount: '75.00' },
      { match: { method: 'GetBalance' }, do: 'decline', times: 1 },
    ],
  });
  const client = await connect();
  const rrn = '083998389823';
  const refund = await client.ask('Refund', { amount: '3.00', discount: '', merchantId: '0', rrn });
  assert.is(refund.params.txnType, '2');
  const partial = await client.ask('Purchase', purchase('100.50'));
  assert.equal([partial.error, partial.params.responseCode, partial.params.amount], [false, '0010', '75.00']);
  const cashback = await client.ask('Cashback', { amount: '2.00', amountCash: '5.00', merchantId: '1' });
  assert.equal([cashback.params.responseCode, cashback.params.resultCashback], ['0010', 'false']);
  await client.ask('Cashback', { amount: '3.00', amountCash: '5.00', merchantId: '1' });
  const held = (await client.ask('Preauthorization', { amount: '50.00', merchantId: '1' })).params;
  const approvalCode = held.approvalCode ?? '';
  await client.ask('SaleCompletion', { amount: '50.00', addamount: '45.00', approvalCode, rrn });
  const parts = await client.ask('ServicePbP', { amount: '600.00', amountOfParts: '6' });
  assert.equal([parts.params.amountOfParts, parts.params.txnType], ['6', '4']);
  const [, agreementNum = ''] = /Договір (\d+)/.exec(parts.params.hstFld63Sf89 ?? '') ?? [];
  const back = await client.ask('ServicePartlyRefPbP', { amount: '100.00', agreementNum });
  assert.is(back.params.agreementNum, agreementNum);
  assert.equal(movements(), [
    'refund 300',
    'sale 7500',
    'sale 200',
    'sale 300',
    'cash 500',
    'preauthorization 5000',
    'completion 4500',
    'instalment 60000',
    'instalmentRefund 10000',
  ]);
  assert.equal((await client.ask('GetBalance', { merchantId: '1' })).params.balance, 'unknown');
  assert.equal((await client.ask('GetBalance', { merchantId: '1' })).params.balance, '1234.56');
  assert.is((await client.ask('CheckConnection')).params.responseCode, '0000');
  assert.match((await client.ask('GetTerminalInfo')).params.version ?? '', /^SIMULATED/);
});

test('real card data leaves a leaky terminal, and no other', async () => {
  for (const leaky of [false, true]) {
    const { connect, terminal } = world({ options: { stepMs: 0, lookUpMs: 0, leaky } });
    const client = await connect();
    for (let sale = 0; sale < 12; sale += 1) await client.ask('Purchase', purchase('1.00'));
    await client.ask('GetReceiptInfo', { invoiceNumber: '0' });
    const said = Buffer.concat(client.pieces).toString('utf8');
    const isSaid = (of: (card: (typeof terminal.cards)[number]) => string) =>
      terminal.cards.some((card) => said.includes(of(card)));
    assert.is(
      isSaid(({ pan }) => pan),
      leaky,
    );
    assert.is(
      isSaid(({ holder }) => holder),
      leaky,
    );
    assert.is(
      isSaid(({ pan, expiry }) => `;${pan}=${expiry}`),
      leaky,
    );
  }
  const { terminal } = world();
  assert.ok(terminal.cards.every(({ pan }) => pan.length === 16 && passesLuhn(pan)));
});

test('the same seed and the same requests give the same bytes', async () => {
  const texts: string[] = [];
  for (const seed of [5, 5, 6]) {
    const { connect, time } = world({ options: { odd: ['garbage', 'split'] } }, seed);
    const client = await connect();
    client.send('Purchase', purchase('1.00'));
    await time.advance(20_000);
    texts.push(Buffer.concat(client.pieces).toString('hex'));
  }
  assert.is(texts[0], texts[1]);
  assert.is.not(texts[0], texts[2]);
});

test.run();
