/** The payload of a command, its signature checked: valid to the last member, or faults that say what is wrong. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ignoredClaims, operationTypes } from '../../gateway/contract/command.ts';
import { faultLine } from '../../gateway/contract/faults.ts';
import { commandMaxLifeMs, parseCommand } from '../../gateway/contract/parse.ts';
import { largestAmount } from '../../gateway/contract/primitives.ts';
import { parseIsoTime } from '../../gateway/contract/time.ts';
import { approvedByHand, byReceipt, example, type Members, wire } from '../support/commands.ts';
import { cardPan, readable, written } from './cards.ts';
import { hostile } from './inputs.ts';
import { anyText, objectText, oddName, spoiled, valueText } from './json.ts';

const test = suite('hostile: commands');

const examples = [
  ...operationTypes.map((type) => example(type)),
  example('reversal', byReceipt),
  example('resolve', approvedByHand),
].map((one) => wire(one) as Members);
const anyExample = fc.constantFrom(...examples);
const amounts = ['amount', 'cash', 'finalAmount', 'originalAmount', 'approvedAmount'] as const;

const payload = fc.oneof(
  { weight: 6, arbitrary: anyExample.chain((members) => spoiled(members)).map(objectText) },
  { weight: 1, arbitrary: valueText },
);

hostile(
  test,
  'any JSON is a command to the last member, or has faults that can be told',
  fc.property(payload, (text) => {
    const input: unknown = JSON.parse(text);
    const parsed = parseCommand(input);
    if ('command' in parsed) {
      const { command, content } = parsed;
      assert.ok(
        Object.keys(command).every((name) => Object.hasOwn(input as object, name)),
        'nothing is made up',
      );
      const unknown = Object.keys(input as object).filter((name) => !Object.hasOwn(command, name));
      assert.ok(
        unknown.every((name) => (ignoredClaims as readonly string[]).includes(name)),
        `taken: ${unknown}`,
      );
      for (const name of amounts) {
        const value = (command as Members)[name];
        assert.ok(
          value === undefined ||
            (Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= largestAmount),
        );
      }
      const lifeMs = parseIsoTime(command.expiresAt) - parseIsoTime(command.issuedAt);
      assert.ok(lifeMs > 0 && lifeMs <= commandMaxLifeMs);
      const again = parseCommand(wire(command));
      assert.equal('command' in again && again.command, command, 'read again, it is the same');
      // Of a document's elements the defaults are filled in: written out, they are other words.
      if (!('document' in command)) assert.is(again.content, content);
    } else {
      assert.ok(parsed.faults.length > 0);
      for (const fault of parsed.faults) {
        assert.ok(fault.found !== '' && fault.allowed !== '');
        assert.ok(faultLine(fault).length < 1000, 'a fault stays short');
      }
      assert.ok(parsed.id === null || /^[A-Za-z0-9_-]{8,64}$/.test(parsed.id));
      assert.ok(parsed.order === null || parsed.order.length <= 64);
      assert.ok(parsed.content.length <= text.length * 6 + 100);
    }
    assert.is(Object.keys(Object.prototype).length, 0);
  }),
);

const claims = fc.dictionary(fc.constantFrom(...ignoredClaims), fc.jsonValue(), { noNullPrototype: true });

hostile(
  test,
  'neither order, claims nor a new deadline make other content; anything else does',
  fc.property(
    anyExample,
    claims,
    fc.infiniteStream(fc.nat()),
    fc.nat(),
    anyText,
    (members, more, order, pick, text) => {
      const { content } = parseCommand(members);
      const entries = Object.entries({
        ...members,
        ...more,
        issuedAt: '2026-11-22T00:00:00Z',
        expiresAt: 'later',
      });
      const shuffled = entries
        .map((entry) => ({ entry, at: order.next().value }))
        .sort((one, other) => Number(one.at) - Number(other.at));
      assert.is(parseCommand(Object.fromEntries(shuffled.map(({ entry }) => entry))).content, content);

      const names = Object.keys(members).filter((name) => name !== 'issuedAt' && name !== 'expiresAt');
      const name = names[pick % names.length] ?? 'id';
      if (members[name] !== text) assert.is.not(parseCommand({ ...members, [name]: text }).content, content);
      assert.is.not(parseCommand({ ...members, [`${name} `]: members[name] }).content, content);
      const { [name]: _gone, ...rest } = members;
      assert.is.not(parseCommand(rest).content, content);
    },
  ),
);

// Faults between members stand under the whole, or, for the life of a command, under its end.
const sharedPaths: Partial<Record<string, string[]>> = { issuedAt: ['expiresAt'] };

hostile(
  test,
  'with one member changed it is valid, or the fault names that member',
  fc.property(anyExample, fc.nat(), valueText, (members, pick, value) => {
    const names = Object.keys(members);
    const name = names[pick % names.length] ?? 'id';
    // Another type has other members: all of them may be named then.
    if (name === 'type') return true;
    const parsed = parseCommand({ ...members, [name]: JSON.parse(value) });
    if ('command' in parsed) return true;
    const allowed = [name, '', ...(sharedPaths[name] ?? [])];
    // A document has members of its own.
    return parsed.faults.every(({ path }) => allowed.includes(path) || path.startsWith(`${name}.`));
  }),
);

hostile(
  test,
  'a member that nobody knows makes it invalid, whatever it is called',
  fc.property(anyExample, fc.oneof(oddName, anyText), (members, name) => {
    if (Object.hasOwn(members, name) || (ignoredClaims as readonly string[]).includes(name)) return;
    // A name such as __proto__ comes as any other off the wire.
    const given = JSON.parse(`${JSON.stringify(members).slice(0, -1)},${JSON.stringify(name)}:1}`);
    const parsed = parseCommand(given);
    // A reversal lists other members as its own, and a resolve: those have faults of their own.
    assert.ok('faults' in parsed || Object.hasOwn(parsed.command, name));
  }),
);

hostile(
  test,
  'a fault shows no card number',
  fc.property(
    anyExample,
    fc.nat(),
    cardPan.chain((pan) => fc.tuple(fc.constant(pan), written(pan))),
    fc.constantFrom('', 'PAN ', ';', '%B', '"'),
    (members, pick, [pan, text], before) => {
      const names = Object.keys(members);
      const name = names[pick % names.length] ?? 'id';
      const values: unknown[] = [before + text, { [text]: 1 }, [text]];
      for (const input of [
        ...values.map((value) => ({ ...members, [name]: value })),
        { ...members, [before + text]: 1 },
      ]) {
        const parsed = parseCommand(input);
        if ('faults' in parsed) assert.is(readable(pan, parsed.faults.map(faultLine).join('\n')), '');
      }
    },
  ),
);

test.run();
