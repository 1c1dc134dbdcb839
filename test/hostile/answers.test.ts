/** What the terminal answers, through the real session, driver and cashier: what is told of it is never made up. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../gateway/contract/result.ts';
import { approved } from '../support/terminal-answers.ts';
import { anyType, asked } from './asked.ts';
import { mutated } from './bytes.ts';
import { hostile } from './inputs.ts';
import { type MemberText, objectText, oddName, valueText } from './json.ts';
import { check, checkEvents, framed, operate, type Went } from './till.ts';

const test = suite('hostile: answers');

const amounts = [
  '100.50',
  '100,50',
  ' 100.5 ',
  '90.00',
  '90',
  '0.00',
  '-100.50',
  '1e999',
  '100.505',
  '1.00',
  '99.99',
];
const oddAmount = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...amounts, '9'.repeat(12), `${'9'.repeat(12)}.99`, `-${'9'.repeat(11)}`),
  },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 20_000 }).map((minor) => (minor / 100).toFixed(2)) },
);
const codes = [
  '0000',
  '00',
  '0',
  '0010',
  '10',
  '0005',
  '1000',
  '1001',
  '1002',
  '1004',
  '1008',
  '9999',
  '-1',
  '',
  'OK',
];
const dates = [
  '31.12.9999',
  '00.00.0000',
  '01.01.0000',
  '29.02.2027',
  '31.02.2026',
  '21.11.26',
  '99/99/99',
  '1.1.1',
];
const times = ['25:61:61', '0300', '24:00:00', '00:00:00', '-1:00', '235959'];
const byName: Readonly<Record<string, fc.Arbitrary<string>>> = {
  amount: oddAmount,
  amountCash: oddAmount,
  balance: oddAmount,
  responseCode: fc.constantFrom(...codes),
  code: fc.constantFrom(...codes),
  date: fc.constantFrom(...dates),
  time: fc.constantFrom(...times),
  txnType: fc.oneof(fc.constantFrom('0', '1', '2', '3', '4', '5'), oddName),
  trnStatus: fc.constantFrom('0', '1', '2', '3', '4'),
  invoiceNumber: fc.constantFrom(
    '0',
    '1923984010',
    '1923984011',
    '00000000000000000001',
    '9'.repeat(20),
    '-1',
    '1e3',
  ),
  resultCashback: fc.constantFrom('true', 'false', 'TRUE', '1'),
  posEntryMode: oddName,
  signVerif: fc.constantFrom('0', '1', 'true'),
};

/** A change of one of the answer's fields: to something that it may hold, or to whatever JSON has. */
const change: fc.Arbitrary<MemberText> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...Object.keys(byName))
      .chain((name) =>
        (byName[name] as fc.Arbitrary<string>).map((value): MemberText => [name, JSON.stringify(value)]),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...Object.keys(approved()), 'Amount ', ' rrn'), valueText),
  },
  { weight: 1, arbitrary: fc.tuple(oddName, valueText) },
);

const before = '1923984010';
const ours = '1923984011';

const messageText = (
  method: string,
  invoiceNumber: string,
  changes: readonly MemberText[],
  outer: readonly MemberText[],
): string => {
  const params = Object.entries(approved({ invoiceNumber })).map(
    ([name, value]): MemberText => [name, JSON.stringify(value)],
  );
  return objectText([
    ['method', JSON.stringify(method)],
    ['step', '0'],
    ['params', objectText([...params, ...changes])],
    ['error', 'false'],
    ['errorDescription', '""'],
    ...outer,
  ]);
};
const outerChange: fc.Arbitrary<MemberText> = fc.oneof(
  fc.tuple(
    fc.constantFrom('error', 'ERROR', 'errorDescritption', 'step'),
    fc.oneof(fc.constantFrom('true', '"true"', '1', 'null'), valueText),
  ),
  fc.tuple(fc.constantFrom('method', 'params', '__proto__'), valueText),
);
const outer = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(outerChange, { maxLength: 2 }) },
);

const answerText = (method: string, invoice: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(change, { maxLength: 4 }), outer)
    .map(([changes, more]) => messageText(method, invoice, changes, more));
const frame = (method: string, invoice: string): fc.Arbitrary<Uint8Array> =>
  fc
    .oneof(
      { weight: 2, arbitrary: answerText(method, invoice).map((text): Uint8Array => Buffer.from(text)) },
      { weight: 1, arbitrary: mutated(answerText(method, invoice)) },
    )
    .map(framed);
const answers = (method: string): fc.Arbitrary<Uint8Array[]> =>
  fc.array(frame(method, ours), { minLength: 1, maxLength: 2 });
const receipt = (invoice: string): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(framed(messageText('GetReceiptInfo', invoice, [], []))) },
    { weight: 1, arbitrary: frame('GetReceiptInfo', invoice) },
  );
/** The baseline; and after a break the last one, the one after the baseline, the baseline again. */
const receipts = fc.tuple(receipt(before), receipt(ours), receipt(ours), receipt(before));
const scripts = anyType.chain((type) =>
  fc.record({
    type: fc.constant(type),
    script: fc.record({
      answer: answers(asked[type]?.method ?? ''),
      receipts,
      breaks: fc.boolean(),
      late: fc.oneof(fc.constant([]), answers(asked[type]?.method ?? '')),
    }),
  }),
);

/** Every amount that the bytes tell, in hundredths, read apart from the code that is tested. */
function toldAmounts(bytes: readonly Uint8Array[]): number[] {
  const text = bytes.map((one) => Buffer.from(one).toString('latin1')).join('\n');
  return [...text.matchAll(/"\s*(?:amount|balance)\s*"\s*:\s*"?([^",}]*)/gi)].map(([, value = '']) =>
    Math.round(Number(value.trim().replace(',', '.')) * 100),
  );
}
const toldApproval = (bytes: readonly Uint8Array[]): boolean =>
  bytes.some((one) =>
    /"\s*(responsecode|code)\s*"\s*:\s*"?\s*0{1,4}\s*[",}]/i.test(Buffer.from(one).toString('latin1')),
  );

const hasMoney = ({ outcome }: Result): boolean => outcome === 'approved' || outcome === 'partiallyApproved';

function checkMoney({ results }: Went, expected: number | null, bytes: readonly Uint8Array[]): void {
  for (const result of results) {
    if (!hasMoney(result)) {
      assert.is(result.approvedAmount, null);
      continue;
    }
    assert.ok(expected !== null && toldApproval(bytes), `${result.outcome}, and no such code came`);
    const told = toldAmounts(bytes);
    const approvedAmount = result.approvedAmount ?? -1;
    if (result.outcome === 'partiallyApproved') {
      assert.ok(told.includes(approvedAmount), `${approvedAmount} was not told, but ${told}`);
      assert.ok(approvedAmount > 0 && (approvedAmount < expected || result.type === 'cashback'));
    } else assert.is(approvedAmount, expected);
  }
}

const reached = new Set<string>();

hostile(
  test,
  'whatever a terminal answers: one readable outcome, and money only as it was told',
  fc.asyncProperty(scripts, async ({ type, script }) => {
    const went = await operate(type, {}, script);
    assert.equal(went.failures, []);
    assert.ok(went.results.length >= 1 && went.charged <= 1);
    const finals = went.results.filter(({ outcome }) => outcome !== 'unknown');
    assert.ok(finals.length <= 1, 'more than one final outcome');
    for (const result of went.results) {
      check(result);
      reached.add(result.outcome);
      if (result.recovered) reached.add(`recovered ${result.outcome}`);
    }
    checkEvents(went.events);
    checkMoney(went, asked[type]?.amount ?? null, [...script.answer, ...script.receipts, ...script.late]);
  }),
);

test('those answers led everywhere', () => {
  const all = [
    'approved',
    'partiallyApproved',
    'declined',
    'cancelled',
    'failed',
    'unknown',
    'done',
    'recovered approved',
    'recovered failed',
  ];
  assert.equal(
    all.filter((outcome) => !reached.has(outcome)),
    [],
  );
});

test.run();
