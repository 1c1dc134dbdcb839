import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readRetryAfter, retryAfterMaxMs } from '../gateway/contract/retry-after.ts';

const test = suite('retry-after');

const date = 'Sat, 21 Nov 2026 08:00:00 GMT';

test('seconds, with or without a date', () => {
  assert.is(readRetryAfter('120', undefined), 120_000);
  assert.is(readRetryAfter(' 0 ', date), 0);
  assert.is(readRetryAfter('00120', date), 120_000);
});

test('a date in each of the three forms of RFC 9110, against the date of the answer', () => {
  assert.is(readRetryAfter('Sat, 21 Nov 2026 08:01:30 GMT', date), 90_000);
  assert.is(readRetryAfter('Saturday, 21-Nov-26 08:01:30 GMT', date), 90_000);
  assert.is(readRetryAfter('Sat Nov 21 08:01:30 2026', date), 90_000);
  assert.is(readRetryAfter('Sun Nov  1 00:00:10 2026', 'Sun Nov  1 00:00:00 2026'), 10_000);
  assert.is(readRetryAfter('Fri, 01 Jan 2027 00:00:30 GMT', 'Thu, 31 Dec 2026 23:59:30 GMT'), 60_000);
  assert.is(readRetryAfter('Sat, 31 Dec 2016 23:59:60 GMT', 'Sat, 31 Dec 2016 23:59:00 GMT'), 60_000);
});

test('it is bounded: not before now, not after a day', () => {
  assert.is(readRetryAfter('Sat, 21 Nov 2026 07:59:59 GMT', date), 0);
  assert.is(readRetryAfter('Tue, 21 Nov 2028 08:00:00 GMT', date), retryAfterMaxMs);
  assert.is(readRetryAfter('9'.repeat(400), date), retryAfterMaxMs);
  assert.is(readRetryAfter('86401', undefined), retryAfterMaxMs);
});

test('what says nothing is nothing', () => {
  for (const told of [
    undefined,
    '',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    'soon',
    '120, 240',
    '2026-11-21T08:01:30Z',
    'Sat, 21 Nov 2026 08:01:30 +0200',
    'Sat, 21 Nov 2026 08:01:30',
    'sat, 21 nov 2026 08:01:30 gmt',
    'Sat, 21 Nov 2026 24:00:00 GMT',
    'Sat, 00 Nov 2026 08:00:00 GMT',
    'Sat, 21 Abc 2026 08:00:00 GMT',
    `${'Sat, '.repeat(1000)}21 Nov 2026 08:01:30 GMT`,
  ])
    assert.is(readRetryAfter(told, date), null, String(told));
  assert.is(readRetryAfter('Sat, 21 Nov 2026 08:01:30 GMT', undefined), null, 'against what?');
  assert.is(readRetryAfter('Sat, 21 Nov 2026 08:01:30 GMT', 'today'), null);
});

test('whatever comes: null, or from nothing to a day', () => {
  fc.assert(
    fc.property(
      fc.option(fc.string(), { nil: undefined }),
      fc.option(fc.string(), { nil: undefined }),
      (a, b) => {
        const ms = readRetryAfter(a, b);
        return ms === null || (ms >= 0 && ms <= retryAfterMaxMs);
      },
    ),
  );
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
      fc.nat(80_000),
      (from, s) => {
        const to = new Date(Math.floor(from.getTime() / 1000) * 1000 + s * 1000);
        return readRetryAfter(to.toUTCString(), from.toUTCString()) === s * 1000;
      },
    ),
  );
});

test.run();
