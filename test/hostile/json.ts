/** JSON as nobody should write it: text, so that a name can stand twice and a number can be too large. */
import fc from 'fast-check';

/** Names that mean something to JavaScript, or nothing to anybody. */
export const oddName = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'length',
  'then',
  'toJSON',
  '',
  ' ',
  '0',
  '\u0000',
  '\ud800',
  'a'.repeat(300),
);

/** Any text: a few plain words, control characters, halves of surrogate pairs, very long ones. */
export const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 2, arbitrary: oddName },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\n\r\t\b', '\u2028', '\ufeff', '"', '\\', '\\"', '{"method":"Purchase"}'),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }).map((times) => 'long '.repeat(times * 99)) },
);

/** A number as JSON may write it: beyond a double, minus nothing, with an exponent. */
export const numberText = fc.oneof(
  fc.constantFrom('1e999', '-1e999', '-0', '1E+2', '1e-7', '0.1', '100.50', `${2 ** 53}1`, '1'.repeat(400)),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

const scalarText = fc.oneof(
  anyText.map((text) => JSON.stringify(text)),
  numberText,
  fc.constantFrom('null', 'true', 'false', '"\\ud800"', '"\\u0000"'),
);

/** One member of an object: its name and the JSON text of its value. */
export type MemberText = readonly [name: string, value: string];

/** An object as JSON text; names may repeat. */
export const objectText = (members: readonly MemberText[]): string =>
  `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;

const deep = fc.tuple(fc.constantFrom('[]', '{}'), fc.integer({ min: 5, max: 300 })).map(([kind, depth]) => {
  const open = kind === '[]' ? '[' : '{"a":';
  return open.repeat(depth) + kind + (kind === '[]' ? ']' : '}').repeat(depth);
});

/** Any JSON value as text. */
export const valueText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: scalarText },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(fc.oneof(oddName, fc.string({ maxLength: 6 })), tie('value')), { maxLength: 4 })
        .map(objectText),
    },
    { weight: 1, arbitrary: deep },
  ),
})).value;

/**
 * A valid object's members gone wrong: some are left out, written twice, or given another value, some are added,
 * and their order changes.
 */
export function spoiled(
  members: Readonly<Record<string, unknown>>,
  values: fc.Arbitrary<string> = valueText,
): fc.Arbitrary<MemberText[]> {
  const good = Object.entries(members).map(
    ([name, value]): MemberText => [name, JSON.stringify(value) ?? 'null'],
  );
  const names = fc.oneof(fc.constantFrom(...Object.keys(members), 'x'), oddName);
  const bad = fc.array(fc.tuple(names, values), { maxLength: 3 });
  return fc
    .tuple(fc.subarray(good, { minLength: Math.max(0, good.length - 2) }), bad, fc.boolean())
    .map(([kept, added, first]) => (first ? [...added, ...kept] : [...kept, ...added]));
}
