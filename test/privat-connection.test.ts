import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBench } from './support/driver-bench.ts';

const test = suite('privat-connection');

test("the bank's reference scheme, to the message", async () => {
  const { link, terminal, told, ready } = createBench();
  await ready();
  assert.equal(link.story, [
    ...['open', 'PingDevice', 'close'],
    ...['open', 'identify', 'close'],
    ...['open', 'PingDevice', 'GetTerminalInfo', 'getMerchantList'],
  ]);
  assert.is(link.written[0]?.[0], 0, 'the leading NUL');
  assert.equal(told, ['identified TESTKKM000CT22927302 1,10', 'ready']);
  assert.equal(terminal.identity(), {
    vendor: 'PAX',
    model: 's800',
    software: 'TE7E132',
    id: 'TESTKKM000CT22927302',
  });
  assert.is(terminal.key(), 'PAX|s800|TESTKKM000CT22927302');
});

test('nothing is closer together than the gap', async () => {
  const { link, ready } = createBench({ commandGapMs: 150 });
  link.latencyMs = 0;
  await ready();
  const kept = link.seen.filter(({ connection }) => connection === 3);
  assert.equal(
    kept.map(({ atMs }) => atMs - (kept[0]?.atMs ?? 0)),
    [0, 150, 300],
  );
});

test('an open port proves nothing: a mute terminal is absent, pinged again, then connected again, for ever', async () => {
  const { link, time, terminal } = createBench();
  link.reactions.PingDevice = 'silent';
  terminal.start();
  await time.advance(18_100);
  assert.is(link.count('PingDevice'), 3);
  assert.equal(link.story.slice(-2), ['PingDevice', 'close']);
  assert.is(terminal.state(), 'absent');
  assert.is(terminal.key(), '');
  await time.advance(3_600_000);
  assert.ok(link.opened > 60, `${link.opened} connections in an hour`);
  link.reactions.PingDevice = { code: '00' };
  await time.runUntil(() => terminal.state() === 'ready', 120_000);
  await terminal.stop();
});

test('an unreachable link is tried again with growing pauses', async () => {
  const { link, time, terminal, logged } = createBench();
  link.isUnreachable = true;
  const attempts: number[] = [];
  const open = link.open.bind(link);
  link.open = (handlers) => {
    attempts.push(time.monotonicMs());
    return open(handlers);
  };
  terminal.start();
  await time.advance(200_000);
  const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
  assert.equal(pauses.slice(0, 7), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.is(logged.filter((line) => line.startsWith('the terminal cannot be reached')).length, 1);
  link.isUnreachable = false;
  await time.runUntil(() => terminal.state() === 'ready', 60_000);
});

test('a busy terminal is busy, and ready when it is free', async () => {
  const { link, time, terminal, told } = createBench();
  link.reactions.PingDevice = 'busy';
  terminal.start();
  await time.advance(60_000);
  assert.is(terminal.state(), 'busy');
  assert.is(link.opened, 1);
  link.reactions.PingDevice = { code: '00' };
  await time.runUntil(() => terminal.state() === 'ready', 10_000);
  assert.equal(told, ['busy', 'identified TESTKKM000CT22927302 1,10', 'ready']);
});

test('an idle terminal is pinged; two pings without an answer are a break', async () => {
  const { link, time, terminal, told, ready } = createBench();
  await ready();
  await time.advance(60_000);
  const pings = link.count('PingDevice');
  assert.ok(pings >= 5 && pings <= 6, `${pings} pings`);
  link.reactions.PingDevice = 'silent';
  await time.runUntil(() => terminal.state() === 'absent', 22_000);
  assert.is(link.count('PingDevice'), pings + 2);
  link.reactions.PingDevice = { code: '00' };
  await time.runUntil(() => terminal.state() === 'ready', 10_000);
  assert.equal(told.slice(1), ['ready', 'absent', 'identified TESTKKM000CT22927302 1,10', 'ready']);
});

test('somebody uses the terminal: busy, asked every two seconds, ready again on the same connection', async () => {
  const { link, time, terminal, told, ready } = createBench();
  await ready();
  link.reactions.PingDevice = 'busy';
  await time.advance(30_000);
  assert.is(terminal.state(), 'busy');
  assert.equal(await terminal.readBaseline(), { kind: 'busy' });
  link.reactions.PingDevice = { code: '00' };
  await time.advance(2_200);
  assert.equal(told.slice(1), ['ready', 'busy', 'ready']);
  assert.is(link.opened, 3);
});

test('the cable comes out and goes in: the whole scheme again', async () => {
  const { link, time, terminal, told, ready } = createBench();
  await ready();
  link.isUnreachable = true;
  link.breakOff();
  await time.settle();
  assert.is(terminal.state(), 'absent');
  assert.equal(await terminal.readBaseline(), { kind: 'noAnswer' });
  await time.advance(300_000);
  link.isUnreachable = false;
  link.story.length = 0;
  await time.runUntil(() => terminal.state() === 'ready', 60_000);
  assert.equal(link.story.slice(0, 5), ['open', 'PingDevice', 'close', 'open', 'identify']);
  assert.is(told.filter((one) => one === 'ready').length, 2);
});

test('a terminal that will not say who it is has no name, and still works', async () => {
  const { link, terminal, ready } = createBench();
  Object.assign(link.reactions, {
    identify: 'unknown',
    GetTerminalInfo: 'unknown',
    getMerchantList: 'unknown',
  });
  await ready();
  assert.equal(terminal.identity(), { vendor: null, model: null, software: null, id: null });
  assert.is(terminal.key(), '||');
});

test('stop ends everything, also in the middle of the handshake', async () => {
  for (const afterMs of [0, 5, 500, 1_500, 30_000]) {
    const { link, time, terminal, wait } = createBench();
    terminal.start();
    await time.advance(afterMs);
    await wait(terminal.stop(), 1_000);
    await time.advance(link.latencyMs);
    assert.is(time.pending, 0, `timers left after ${afterMs} ms`);
    const { length } = link.story;
    await time.advance(100_000);
    assert.is(link.story.length, length);
    assert.ok(link.story.at(-1) === 'close', link.story.join());
  }
});

test('the handshake never sends what could move money', async () => {
  const { link, time, ready } = createBench();
  await ready();
  await time.advance(3_600_000);
  const harmless = ['PingDevice', 'identify', 'GetTerminalInfo', 'getMerchantList'];
  assert.equal([...new Set(link.seen.map(({ name }) => name))].sort(), harmless.sort());
});

test.run();
