import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { operationTypes } from '../gateway/contract/command.ts';
import { parseCommand } from '../gateway/contract/parse.ts';
import { example, parse } from './support/commands.ts';

const test = suite('contract-hostile');

test('the faults of a huge command stay short', () => {
  const huge = 'x'.repeat(1_000_000);
  const parsed = parse(example('payment', { amount: huge, [huge]: huge, order: huge }));
  assert.ok('faults' in parsed && JSON.stringify(parsed.faults).length < 2000);
});

test('deep nesting does not exhaust the stack, wherever it stands', () => {
  const deep = (open: string, inner: string, close: string): unknown =>
    JSON.parse(open.repeat(50_000) + inner + close.repeat(50_000));
  for (const payload of [deep('[', '', ']'), deep('{"a":', '1', '}')])
    for (const whole of [
      payload,
      { ...example('payment'), order: payload },
      { id: payload },
      { iat: payload },
    ])
      assert.ok('faults' in parseCommand(whole));
});

test('what is no object is invalid, without id and type', () => {
  for (const payload of [null, 'x', 5, true, [], [example('payment')], {}]) {
    const parsed = parseCommand(payload);
    assert.ok('faults' in parsed && parsed.faults.length > 0 && parsed.id === null && parsed.type === null);
  }
});

test('reading never throws, whatever JSON comes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...operationTypes), fc.boolean(), (value, type, mixed) => {
      const payload = mixed ? { ...example(type), ...(value as object) } : value;
      const parsed = parseCommand(payload);
      return 'command' in parsed || parsed.faults.length > 0;
    }),
    { numRuns: 500 },
  );
});

// Faults between members stand under the whole, or, for the life of a command, under its end.
const sharedPaths: Partial<Record<string, string[]>> = { issuedAt: ['expiresAt'] };

test('a command with one member changed is valid, or the fault names that member', () => {
  fc.assert(
    fc.property(fc.constantFrom(...operationTypes), fc.nat(), fc.jsonValue(), (type, pick, value) => {
      const members = Object.keys(example(type));
      const name = members[pick % members.length] ?? 'id';
      // Another type has other members: all of them may be named then.
      if (name === 'type') return true;
      const parsed = parse(example(type, { [name]: value }));
      if ('command' in parsed) return true;
      const allowed = [name, '', ...(sharedPaths[name] ?? [])];
      return parsed.faults.every(({ path }) => allowed.some((one) => path === one));
    }),
    { numRuns: 1000 },
  );
});

test.run();
