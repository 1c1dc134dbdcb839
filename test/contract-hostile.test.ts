import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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

test.run();
