/** Card data from the terminal, through the real session, driver and cashier: none of it stays anywhere. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { approved } from '../support/terminal-answers.ts';
import { anyType, asked } from './asked.ts';
import { cardPan, readable } from './cards.ts';
import { hostile } from './inputs.ts';
import { check, checkEvents, framed, operate } from './till.ts';

const test = suite('hostile: leaks');

const holder = 'ZYXOVSKA/QWIRINA';
const discretionary = '27092017731';
/** Free text and what is never kept: anything may stand there. */
const texts = 'receipt errorDescription track1 track2 track3 cardExpiryDate bank'.split(' ');
/** Short fields with a use of their own: a number or a track by mistake. */
const places = 'merchant terminalId issuerName paymentSystem pan date time responseCode code'.split(' ');
/** References, in which no text fits; a number of the card that the answer names is no reference. */
const references = ['rrn', 'invoiceNumber', 'agreementNum', 'approvalCode'];
const leaks = fc
  .record({
    pan: cardPan,
    mask: fc.constantFrom('X', '*', null),
    shown: fc.constantFrom(4, 6),
    spread: fc.subarray([...texts, ...places, ...references], { minLength: 1 }),
    shape: fc.constantFrom('plain', 'spaced', 'track1', 'track2', 'sentence', 'name'),
    number: fc.constantFrom('plain', 'spaced', 'track1', 'track2'),
    code: fc.constantFrom('0000', '0005', '1001', '1004', '1008', 'x'),
    type: anyType,
    breaks: fc.boolean(),
    raw: fc.boolean(),
  })
  .map((leak) => ({ ...leak, text: dirty(leak.shape, leak.pan), line: dirty(leak.number, leak.pan) }));

function dirty(shape: string, pan: string): string {
  switch (shape) {
    case 'spaced':
      return (pan.match(/.{1,4}/g) ?? []).join(' ');
    case 'track1':
      return `%B${pan}^${holder}^${discretionary}?`;
    case 'track2':
      return `;${pan}=${discretionary}?`;
    case 'sentence':
      return `CARD ${pan} OF ${holder}\n`;
    case 'name':
      return `THANK YOU ${holder.split('/').reverse().join(' ')}`;
    default:
      return pan;
  }
}

hostile(
  test,
  'whatever card data a terminal strews about: none of it is kept, logged or told',
  fc.asyncProperty(leaks, async ({ pan, mask, shown, spread, code, type, breaks, text, line, raw }) => {
    const masked =
      mask === null ? pan : pan.slice(0, shown) + mask.repeat(pan.length - shown - 4) + pan.slice(-4);
    const fields: Record<string, string> = {
      ...approved({ pan: masked, cardHolderName: holder, responseCode: code }),
    };
    for (const place of spread)
      if (place !== 'errorDescription')
        fields[place] = texts.includes(place) ? text : places.includes(place) ? line : pan;
    const errorDescription = spread.includes('errorDescription') ? text : '';
    const frame = (method: string): Uint8Array =>
      framed(JSON.stringify({ method, step: 0, params: fields, error: false, errorDescription }));
    const answer = [...(raw ? [framed(`${text}{"method":"Purch`)] : []), frame(asked[type]?.method ?? '')];
    const went = await operate(
      type,
      {},
      { answer, receipts: [frame('GetReceiptInfo')], breaks, late: answer },
    );
    assert.is(readable(pan, went.everything), '');
    for (const secret of [...holder.split('/'), discretionary])
      assert.not.ok(went.everything.includes(secret), secret);
    checkEvents(went.events);
    for (const result of went.results) check(result);
  }),
);

test.run();
