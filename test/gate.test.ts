import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Command, type OperationType, operationTypes } from '../gateway/contract/command.ts';
import { isoTime } from '../gateway/contract/time.ts';
import {
  checkState,
  checkTerms,
  checkTime,
  type GateState,
  type GateTime,
  isExpired,
  needsBaseline,
  type Refusal,
} from '../gateway/payments/gate.ts';
import { issuedAheadMs } from '../gateway/payments/limits.ts';
import { isNewMoney, type TerminalCommand, type Terms } from '../gateway/payments/requests.ts';
import { paymentCommand, startMs } from './support/records.ts';

const test = suite('gate');

const lifeMs = 120_000;
const command = (change: object = {}): Command => ({ ...paymentCommand, ...change }) as Command;
const ofType = (type: OperationType, change: object = {}) => command({ type, ...change }) as TerminalCommand;
const terminalTypes = operationTypes.filter(
  (type) => !['abort', 'status', 'resolve', 'print'].includes(type),
);

const reasonOf = (refusal: Refusal | null): string => refusal?.reason ?? 'admitted';

const timeAt = (change: Partial<GateTime> = {}): GateTime => ({
  nowMs: startMs + 1000,
  trusted: true,
  journalSinceMs: startMs - 86_400_000,
  ...change,
});
const atTime = (change: Partial<GateTime> = {}, of: Command = command()): string =>
  reasonOf(checkTime(of, timeAt(change)));

test('within its life a command is admitted, to the last millisecond', () => {
  assert.is(atTime(), 'admitted');
  assert.is(atTime({ nowMs: startMs + lifeMs - 1 }), 'admitted');
  assert.is(atTime({ nowMs: startMs + lifeMs }), 'expired');
  assert.is(isExpired(command(), startMs + lifeMs - 1), false);
  assert.is(isExpired(command(), startMs + lifeMs), true);
});

test('a command may come from at most 2 minutes ahead', () => {
  assert.is(issuedAheadMs, 120_000);
  assert.is(atTime({ nowMs: startMs - issuedAheadMs }), 'admitted');
  assert.is(atTime({ nowMs: startMs - issuedAheadMs - 1 }), 'invalid');
});

test('a command issued before this journal was made is expired, whatever the clock says', () => {
  assert.is(atTime({ journalSinceMs: startMs }), 'admitted');
  for (const trusted of [true, false]) {
    assert.is(atTime({ journalSinceMs: startMs + 1, trusted }), 'expired');
    assert.is(atTime({ journalSinceMs: startMs + 1, trusted }, command({ type: 'status' })), 'expired');
  }
});

test('without a trusted clock only abort and status are admitted', () => {
  for (const type of operationTypes) {
    const admitted = type === 'abort' || type === 'status';
    const reason = atTime({ trusted: false, nowMs: 0 }, command({ type }));
    assert.is(reason, admitted ? 'admitted' : 'clockUnknown', type);
  }
});

test('an offset does not change the time', () => {
  const kyiv = { issuedAt: '2026-11-21T12:00:00+02:00', expiresAt: '2026-11-21T12:02:00+02:00' };
  assert.is(isoTime(startMs), '2026-11-21T10:00:00.000Z');
  assert.is(atTime({ nowMs: startMs + lifeMs - 1 }, command(kyiv)), 'admitted');
  assert.is(atTime({ nowMs: startMs + lifeMs }, command(kyiv)), 'expired');
});

const terms: Terms = {
  currency: 'UAH',
  merchants: { shop: '1', incasso: '10' },
  defaultMerchant: 'shop',
  maxAmount: 20_000,
};
const underTerms = (change: object, type: OperationType = 'payment'): Refusal | null =>
  checkTerms(ofType(type, change), terms);

test("the currency must be the terminal's; where it may be left out, it may be", () => {
  assert.is(reasonOf(underTerms({})), 'admitted');
  assert.equal(underTerms({ currency: 'EUR' }), {
    reason: 'invalid',
    text: 'currency: found "EUR", allowed: UAH',
  });
  assert.is(reasonOf(underTerms({ currency: undefined }, 'cashback')), 'admitted');
  assert.is(reasonOf(underTerms({ currency: 'EUR' }, 'cashback')), 'invalid');
});

test('no sum may be above the limit of the box', () => {
  assert.is(reasonOf(underTerms({ amount: 20_000 })), 'admitted');
  for (const member of ['amount', 'cash', 'finalAmount', 'originalAmount']) {
    const refusal = underTerms({ [member]: 20_001 });
    assert.is(reasonOf(refusal), 'invalid', member);
    assert.match(refusal?.text ?? '', `${member}: found 20001, allowed: at most 20000`);
  }
});

test('a merchant that nobody knows is refused, with the names that are known', () => {
  assert.is(reasonOf(underTerms({ merchant: 'incasso' })), 'admitted');
  assert.is(reasonOf(underTerms({ merchant: '3' })), 'admitted');
  const refusal = underTerms({ merchant: 'kiosk' });
  assert.is(reasonOf(refusal), 'invalid');
  assert.match(refusal?.text ?? '', /"kiosk".*shop, incasso/);
});

const stateNow = (change: Partial<GateState> = {}): GateState => ({
  supports: terminalTypes,
  registration: 'active',
  terminal: 'ready',
  running: null,
  unresolved: null,
  ...change,
});
const inState = (change: Partial<GateState>, type: OperationType = 'payment'): string =>
  reasonOf(checkState(ofType(type), stateNow(change)));

test('a free and ready terminal takes every type', () => {
  for (const type of terminalTypes) assert.is(inState({}, type), 'admitted', type);
});

test('what the terminal does not have is unsupported', () => {
  for (const type of terminalTypes) {
    const supports = terminalTypes.filter((one) => one !== type);
    assert.is(inState({ supports }, type), 'unsupported', type);
  }
});

test('a box that is suspended or unregistered refuses new payments, and exactly those', () => {
  for (const registration of ['suspended', 'unregistered'] as const)
    for (const type of terminalTypes)
      assert.is(inState({ registration }, type), isNewMoney(type) ? registration : 'admitted', type);
  for (const registration of ['active', 'trial', 'pastDue'] as const)
    assert.is(inState({ registration }), 'admitted', registration);
});

test('one operation at a time, of whatever type', () => {
  for (const type of terminalTypes) assert.is(inState({ running: 'another-one' }, type), 'busy', type);
});

test('while an outcome is unknown only a receipt may be asked for', () => {
  for (const type of terminalTypes)
    assert.is(
      inState({ unresolved: 'an-unknown' }, type),
      type === 'receipt' ? 'admitted' : 'unresolved',
      type,
    );
  assert.match(
    checkState(ofType('payment'), stateNow({ unresolved: 'an-unknown' }))?.text ?? '',
    'an-unknown',
  );
});

test('a terminal that is away or busy takes nothing', () => {
  for (const type of terminalTypes) {
    assert.is(inState({ terminal: 'absent' }, type), 'terminalAbsent', type);
    assert.is(inState({ terminal: 'busy' }, type), 'busy', type);
  }
});

test('of several reasons the one that lasts longest is told', () => {
  const everything: Partial<GateState> = {
    supports: [],
    registration: 'suspended',
    running: 'another-one',
    unresolved: 'an-unknown',
    terminal: 'absent',
  };
  assert.is(inState(everything), 'unsupported');
  assert.is(inState({ ...everything, supports: terminalTypes }), 'suspended');
  const billed = { ...everything, supports: terminalTypes, registration: 'active' } as const;
  assert.is(inState(billed), 'busy');
  assert.is(inState({ ...billed, running: null }), 'unresolved');
  assert.is(inState({ ...billed, running: null, unresolved: null }), 'terminalAbsent');
});

test('a baseline is read before what can move money, and only that', () => {
  assert.equal(
    terminalTypes.filter((type) => !needsBaseline(type)),
    ['reconciliation', 'totals', 'receipt', 'balance'],
  );
});

test.run();
