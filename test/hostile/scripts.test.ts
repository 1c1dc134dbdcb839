/** The simulated terminal's script file: valid and whole, or a SwipeError that says what is wrong. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../../gateway/seams/error.ts';
import { deeds, oddities, parseScriptText, type Script } from '../../gateway/simulators/terminal/script.ts';
import { mutated } from './bytes.ts';
import { hostile } from './inputs.ts';
import { type MemberText, objectText, spoiled, valueText } from './json.ts';

const test = suite('hostile: scripts');

const options = {
  stepMs: 10,
  odd: ['split'],
  splitBytes: 3,
  clockOffsetMs: -5,
  timeZone: 'Europe/Kyiv',
  leaky: true,
};
const rule = {
  match: { method: 'Purchase', amount: '100.50' },
  do: 'decline',
  code: '0005',
  delayMs: 5,
  times: 2,
};
const keypad = { atMs: 5, amount: '1.00' };
const whole = { merchants: { 1: 'shop' }, options, operations: [rule], keypad: [keypad] };

const listOf = (one: fc.Arbitrary<string>) =>
  fc.array(one, { maxLength: 3 }).map((all) => `[${all.join(',')}]`);
const someRule = fc.oneof(
  spoiled(rule).map(objectText),
  fc.constantFrom(...deeds).map((deed) => JSON.stringify({ do: deed })),
);
const scriptText = fc
  .tuple(
    spoiled(whole),
    spoiled(options, fc.oneof(valueText, listOf(fc.constantFrom(...oddities).map((odd) => `"${odd}"`)))).map(
      objectText,
    ),
    listOf(someRule),
    listOf(spoiled(keypad).map(objectText)),
    fc.nat(7),
  )
  .map(([members, options, operations, keypad, parts]) => {
    const given: MemberText[] = [
      ['options', options],
      ['operations', operations],
      ['keypad', keypad],
    ];
    return objectText([...members, ...given.filter((_, index) => (parts >> index) % 2 === 1)]);
  });

/** The script, or null for one with faults. */
function read(text: string): Script | null {
  try {
    return parseScriptText(text);
  } catch (error) {
    assert.ok(isSwipeError(error, 'scriptInvalid'), String(error));
    assert.match(error.message, /^the script (is not JSON: |has [1-9]\d* fault\(s\): )/);
    assert.ok(error.message.length < 20_000);
    return null;
  }
}

hostile(
  test,
  'any JSON is a script that reads the same again, or has faults',
  fc.property(fc.oneof({ weight: 6, arbitrary: scriptText }, { weight: 1, arbitrary: valueText }), (text) => {
    const script = read(text);
    if (script === null) return;
    assert.equal(read(JSON.stringify(script)), script);
    assert.ok(script.operations.every((one) => (deeds as readonly string[]).includes(one.do)));
    const input = JSON.parse(text) as { merchants?: object; operations?: unknown[]; keypad?: unknown[] };
    assert.is(script.operations.length, input.operations?.length ?? 0);
    assert.is(script.keypad.length, input.keypad?.length ?? 0);
    assert.equal(Object.keys(script.merchants ?? {}), Object.keys(input.merchants ?? {}));
  }),
);

hostile(
  test,
  'a script file with damage anywhere is read or refused',
  fc.property(mutated(fc.oneof(scriptText, fc.constant(JSON.stringify(whole, null, 2)))), (bytes) => {
    const script = read(Buffer.from(bytes).toString());
    if (script !== null) assert.equal(read(JSON.stringify(script)), script);
  }),
);

test.run();
