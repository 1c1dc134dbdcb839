import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createVersionChoice } from '../gateway/cloud/mqtt-version.ts';

const test = suite('mqtt version');

test('starts with MQTT 5 and changes when it is refused', () => {
  const choice = createVersionChoice();
  assert.is(choice.next(), 5);
  choice.tried('versionRefused');
  assert.is(choice.next(), 4);
  choice.tried('worked');
  assert.is(choice.next(), 4);
});

test('a broker that is not there says nothing about versions', () => {
  const choice = createVersionChoice();
  for (let times = 0; times < 10; times += 1) choice.tried('failed');
  assert.is(choice.next(), 5);
});

test('a broker that only hangs up is tried with the other version, in turn', () => {
  const choice = createVersionChoice();
  const seen: number[] = [];
  for (let times = 0; times < 7; times += 1) {
    seen.push(choice.next());
    choice.tried('hungUp');
  }
  assert.equal(seen, [5, 5, 5, 4, 4, 4, 5]);
});

test('what has worked is kept through hang-ups, but not against a refusal', () => {
  const choice = createVersionChoice();
  choice.tried('worked');
  for (let times = 0; times < 10; times += 1) choice.tried('hungUp');
  assert.is(choice.next(), 5);
  choice.tried('versionRefused');
  assert.is(choice.next(), 4);
});

test.run();
