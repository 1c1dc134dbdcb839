import * as v from 'valibot';
import { faultLine, faultsOf } from '../../contract/faults.ts';
import { flag, integer, oneOf } from '../../contract/primitives.ts';
import { messageOf, SwipeError } from '../../seams/error.ts';
import { localTimeIn } from './local-time.ts';
import { parseAmount } from './money.ts';

/** What may be wrong with the bytes of a terminal's answers. Each was seen in the bank's own text or on hardware. */
export const oddities = [
  'keyTypos',
  'strayBlanks',
  'commaAmounts',
  'shortCodes',
  'shortTime',
  'keyOrder',
  'leadingNul',
  'glued',
  'split',
  'garbage',
] as const;

/** One of {@link oddities}. */
export type Oddity = (typeof oddities)[number];

/** What a rule can make of a request; the script's page in the docs says what each does. */
export const deeds = [
  'approve',
  'decline',
  'partial',
  'customerCancels',
  'fail',
  'noPaper',
  'slow',
  'silent',
  'ignore',
  'busy',
  'notImplemented',
  'contradict',
  'garbled',
  'dropBefore',
  'dropDuring',
  'dropAfter',
  'reboot',
  'rebootAfter',
] as const;

/** One of {@link deeds}. */
export type Deed = (typeof deeds)[number];

const milliseconds = (most: number) => integer(0, most, 'milliseconds');
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;
const whenLineLost = oneOf(['finish', 'reverse']);
const amountAllowed = 'an amount as text with two decimals, such as "100.50"';
const amountText = v.pipe(
  v.string(amountAllowed),
  v.check((text) => parseAmount(text) !== null, amountAllowed),
);
const shortTextAllowed = 'text of 1 to 100 characters';
const shortText = v.pipe(
  v.string(shortTextAllowed),
  v.minLength(1, shortTextAllowed),
  v.maxLength(100, shortTextAllowed),
);
const codeAllowed = 'a response code of four digits, such as "0005"';
const timeZoneAllowed = 'a time zone such as "Europe/Kyiv"';

const options = v.strictObject({
  stepMs: v.optional(milliseconds(600_000), 800),
  lookUpMs: v.optional(milliseconds(60_000), 50),
  bootMs: v.optional(milliseconds(600_000), 5000),
  manualCard: v.optional(flag, false),
  declinedListed: v.optional(flag, false),
  declinedNumbered: v.optional(flag, false),
  restartNumbers: v.optional(flag, false),
  noReceiptLookUp: v.optional(flag, false),
  withoutMethods: v.optional(v.array(shortText, 'a list of methods'), []),
  bareAnswers: v.optional(flag, false),
  interruptLosesRace: v.optional(flag, false),
  whenLineLost: v.optional(whenLineLost, 'finish'),
  lateAnswers: v.optional(flag, false),
  muteAfterBreakMs: v.optional(milliseconds(hourMs), 0),
  leaky: v.optional(flag, false),
  odd: v.optional(v.array(oneOf(oddities), 'a list of oddities'), []),
  splitBytes: v.optional(integer(1, 4096, 'bytes'), 7),
  clockOffsetMs: v.optional(integer(-yearMs, yearMs, 'milliseconds'), 0),
  timeZone: v.optional(
    v.pipe(v.string(timeZoneAllowed), v.check(isTimeZone, timeZoneAllowed)),
    'Europe/Kyiv',
  ),
  firstInvoice: v.optional(integer(1, 999_999_999_999, 'a receipt number'), 131_220),
  batchLimit: v.optional(integer(1, 1_000_000, 'receipts'), 100_000),
  vendor: v.optional(shortText, 'PAX'),
  model: v.optional(shortText, 's800'),
  version: v.optional(shortText, 'SIMULATED1 SIMKKM01SN00000001'),
});

const rule = v.pipe(
  v.strictObject({
    match: v.optional(
      v.strictObject({
        method: v.optional(shortText),
        amount: v.optional(amountText),
        merchantId: v.optional(shortText),
        invoiceNumber: v.optional(shortText),
        rrn: v.optional(shortText),
      }),
      {},
    ),
    do: oneOf(deeds),
    code: v.optional(v.pipe(v.string(codeAllowed), v.regex(/^\d{4}$/, codeAllowed))),
    text: v.optional(shortText),
    amount: v.optional(amountText),
    delayMs: v.optional(milliseconds(hourMs), 0),
    skip: v.optional(integer(0, 1_000_000, 'requests'), 0),
    times: v.optional(integer(1, 1_000_000, 'times')),
    whenLineLost: v.optional(whenLineLost),
    interruptLosesRace: v.optional(flag),
  }),
  v.forward(
    v.check(({ do: deed, code }) => {
      const number = Number(code);
      if (code === undefined || deed === 'contradict') return true;
      if (deed === 'decline') return number > 0 && number < 1000 && number !== 10;
      return deed === 'fail' && number >= 1000;
    }, 'with decline 0001 to 0999 but 0010; with fail 1000 and more; with contradict any; else none'),
    ['code'],
  ),
  v.forward(
    v.check(({ do: deed, delayMs }) => deed !== 'slow' || delayMs > 0, 'with slow more than 0'),
    ['delayMs'],
  ),
  v.forward(
    v.check(
      ({ do: deed, amount }) => amount === undefined || deed === 'partial',
      'an amount with partial only',
    ),
    ['amount'],
  ),
);

const index = v.pipe(
  v.string('an index such as "1"'),
  v.regex(/^[1-9]\d{0,2}$/, 'an index from "1" to "999"'),
);
const merchants = v.pipe(
  v.record(index, shortText),
  v.check((names) => Object.keys(names).length > 0, 'at least one merchant'),
);

/** A script for the simulated terminal: what it is like, and what becomes of which request. */
export const scriptSchema = v.strictObject({
  merchants: v.optional(merchants),
  options: v.optional(options, {}),
  operations: v.optional(
    v.pipe(v.array(rule, 'a list of rules'), v.maxLength(10_000, 'at most 10000 rules')),
    [],
  ),
  keypad: v.optional(
    v.pipe(
      v.array(v.strictObject({ atMs: milliseconds(yearMs), amount: amountText }), 'a list of sales'),
      v.maxLength(10_000, 'at most 10000 sales'),
    ),
    [],
  ),
});

/** A script as it is written: everything may be left out. */
export type ScriptInput = v.InferInput<typeof scriptSchema>;

/** A valid script, defaults filled in. */
export type Script = v.InferOutput<typeof scriptSchema>;

/** How the terminal behaves in general. */
export type TerminalOptions = Script['options'];

/** What becomes of one kind of request. */
export type Rule = Script['operations'][number];

/** A rule as it is written. */
export type RuleInput = v.InferInput<typeof rule>;

/** Reads one rule. Throws a SwipeError `scriptInvalid`. */
export const parseRule = (input: RuleInput): Rule =>
  parseScript({ operations: [input] }).operations[0] as Rule;

/** Reads a script that has been parsed as JSON. Throws a SwipeError `scriptInvalid` that lists every fault. */
export function parseScript(input: unknown): Script {
  const parsed = v.safeParse(scriptSchema, input);
  if (parsed.success) return parsed.output;
  const faults = faultsOf(parsed.issues).map(faultLine);
  throw new SwipeError('scriptInvalid', `the script has ${faults.length} fault(s): ${faults.join('; ')}`);
}

/** Reads a script's text. Throws a SwipeError `scriptInvalid`. */
export function parseScriptText(text: string): Script {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new SwipeError('scriptInvalid', `the script is not JSON: ${messageOf(error)}`, { cause: error });
  }
  return parseScript(input);
}

function isTimeZone(name: string): boolean {
  try {
    localTimeIn(name);
    return true;
  } catch {
    return false;
  }
}
