import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pause } from '../gateway/seams/time.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('virtual time');

test('timers run by due time, then in the order they were made, promises in between', async () => {
  const time = new VirtualTime(1000);
  const heard: string[] = [];
  const note = (what: string) => heard.push(`${what} at ${time.nowMs()}`);
  time.after(20, () => note('late'));
  time.after(10, async () => {
    note('first');
    await Promise.resolve();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    note('its promise');
    time.after(0, () => note('its timer'));
  });
  time.after(10, () => note('second'));
  const cancel = time.after(15, () => note('cancelled'));
  cancel();
  cancel();
  await time.advance(15);
  assert.equal(heard, ['first at 1010', 'its promise at 1010', 'second at 1010', 'its timer at 1010']);
  assert.is(time.nowMs(), 1015);
  assert.is(time.pending, 1);
  await time.advance(5);
  assert.is(heard.at(-1), 'late at 1020');
});

test('a wall clock that jumps moves no timer', async () => {
  const time = new VirtualTime(0);
  let ran = false;
  time.after(100, () => {
    ran = true;
  });
  time.jump(86_400_000);
  await time.advance(99);
  assert.is(ran, false);
  await time.advance(1);
  assert.is(ran, true);
  assert.is(time.monotonicMs(), 100);
  assert.is(time.nowMs(), 86_400_100);
});

test('waits for what is awaited, stops there, and says when it never comes', async () => {
  const time = new VirtualTime(0);
  let count = 0;
  const tick = async () => {
    for (;;) {
      await pause(time, 10);
      count += 1;
    }
  };
  void tick();
  await time.runUntil(() => count === 3, 1000);
  assert.is(time.monotonicMs(), 30);
  const error = await time.runUntil(() => count === 1000, 100).catch((thrown: Error) => thrown);
  assert.match(String(error), /still not so after 100 ms/);
  assert.is(time.monotonicMs(), 130);
});

test('what a timer throws comes out, and an endless loop is told', async () => {
  const time = new VirtualTime();
  time.after(1, () => {
    throw new Error('broken');
  });
  assert.match(String(await time.advance(1).catch((thrown: Error) => thrown)), /broken/);
  const forever = () => {
    time.after(0, forever);
  };
  forever();
  assert.match(String(await time.advance(1).catch((thrown: Error) => thrown)), /for ever/);
});

test('time passes for one caller at a time', async () => {
  const time = new VirtualTime();
  const first = time.advance(1);
  assert.match(String(await time.advance(1).catch((thrown: Error) => thrown)), /already/);
  await first;
});

test.run();
