import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpReply } from '../gateway/cloud/registration/asking.ts';
import type { Registration } from '../gateway/contract/registration.ts';
import { problem } from './support/fake-registry.ts';
import { box, registrarBench } from './support/registrar-bench.ts';

const test = suite('registration: keeping');

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const failureOf = (bench: ReturnType<typeof registrarBench>): string => bench.registrar.view().failure ?? '';

test('a count that the registry knows already: the box goes on from there at once', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  registry.script.push(problem(409, 'countBehind', { count: 5000 }));
  bench.start();
  await time.advance(0);
  assert.equal(
    registry.requests.map(({ count }) => count),
    [1, 5001],
  );
  assert.is(new Set(registry.requests.map(({ nonce }) => nonce)).size, 2);
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('nobody can use the count up, or keep the box busy, with forged problems', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  for (let each = 0; each < 1000; each += 1)
    registry.script.push((request, jws) =>
      problem(409, 'countBehind', { count: request.count + 10 })(request, jws),
    );
  bench.start();
  await time.advance(hourMs);
  assert.ok(registry.requests.length < 30, `${registry.requests.length}`);
  const before = registry.last.count;
  registry.script.length = 0;
  registry.script.push(problem(409, 'countBehind', { count: 2 ** 48 }));
  registry.script.push(problem(409, 'countBehind', { count: 1 }));
  await time.advance(hourMs);
  assert.is(bench.standing().state, 'active');
  assert.is(registry.last.count, before + 10 + 1_000_000 + 3);
  await bench.stop();
});

test('a box that lost its count, and was led far ahead before that, comes back step by step', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  const known = 2_500_000;
  const said = (request: Registration): HttpReply =>
    request.count > known
      ? registry.signed(request, registry.answer(request))
      : (problem(409, 'countBehind', { count: known })(request, '') as HttpReply);
  for (let each = 0; each < 10; each += 1) registry.script.push(said);
  bench.start();
  await time.advance(minuteMs);
  assert.equal(
    registry.requests.map(({ count }) => count),
    [1, 1_000_002, 2_000_003, known + 1],
  );
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('a count is on disk before it is sent, and never used again', async () => {
  const bench = registrarBench();
  const { registry, disk, time } = bench;
  registry.script.push((request, jws) => {
    // The power goes after the question left the box.
    assert.match(disk.text ?? '', /"count":1[,}]/);
    bench.pullPlug();
    return registry.usual(request, jws);
  });
  bench.start();
  await time.advance(minuteMs);
  assert.is(registry.requests.length, 1);
  await bench.boot();
  assert.is(registry.last.count, 2);
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('a power cut between writing the count and sending it costs a count and nothing else', async () => {
  const bench = registrarBench();
  const { registry, disk, time } = bench;
  const write = disk.write.bind(disk);
  disk.write = (text) => {
    write(text);
    bench.pullPlug();
  };
  bench.start();
  await time.advance(minuteMs);
  assert.is(registry.requests.length, 0);
  disk.write = write;
  await bench.boot();
  assert.equal(
    registry.requests.map(({ count }) => count),
    [2],
  );
  await bench.stop();
});

test('a full disk: nothing is asked, what stands goes on', async () => {
  const bench = registrarBench();
  const { registry, disk, time } = bench;
  await bench.boot();
  disk.isFull = true;
  await time.advance(2 * dayMs);
  assert.is(registry.requests.length, 1);
  assert.is(bench.standing().state, 'active');
  assert.match(failureOf(bench), /disk/);
  assert.is(bench.matching(/cannot be written down/).length, 1);
  disk.isFull = false;
  await time.advance(hourMs);
  assert.is(registry.requests.length, 2);
  await bench.stop();
});

test('an answer counts at once even when the disk does not take it, and is written down later', async () => {
  const bench = registrarBench();
  const { registry, disk, time } = bench;
  await bench.boot();
  registry.script.push((request) => {
    disk.isFull = true;
    return registry.signed(request, registry.answer(request, { state: 'pastDue' }));
  });
  await time.advance(dayMs);
  assert.is(bench.standing().state, 'pastDue');
  assert.not.match(disk.text ?? '', /pastDue/);
  disk.isFull = false;
  await time.advance(hourMs);
  assert.match(disk.text ?? '', /pastDue/);
  await bench.stop();
});

test('what was kept and is damaged, or of another box, is forgotten with a word, and asked for again', async () => {
  const bench = registrarBench();
  const { disk } = bench;
  await bench.boot();
  await bench.stop();
  const good = disk.text ?? '';
  for (const bad of [
    '',
    '{',
    good.replace('active', 'acting'),
    good.replace('"count":1', '"count":2'),
    good.replaceAll(box, 'SW-7K3M9QXA2BCD'),
  ]) {
    disk.text = bad;
    const before = bench.matching(/damaged|cannot be read/).length;
    bench.start();
    assert.is(bench.standing().state, 'unregistered');
    assert.is(bench.matching(/damaged|cannot be read/).length, before + 1, bad);
    await bench.time.advance(minuteMs);
    assert.is(bench.standing().state, 'active');
    await bench.stop();
  }
});

test.run();
