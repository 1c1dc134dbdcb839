import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBatches } from '../provisioning/registry/services/batches.ts';

const test = suite('registry batches');

test('in order, at most so many, never two of one key at once', async () => {
  const seen: string[][] = [];
  const open: (() => void)[] = [];
  const give = createBatches<string, string>(
    async (items) => {
      seen.push([...items]);
      await new Promise<void>((resolve) => open.push(resolve));
      return items.map((item) => item.toUpperCase());
    },
    { most: 3, atOnce: 2, keyOf: (item) => item.slice(0, 1) },
  );
  const answers = ['a1', 'b1', 'a2', 'c1', 'd1', 'e1', 'b2'].map(give);
  // The first goes at once; the second batch takes who waits, but for whom the first one works on.
  assert.equal(seen, [['a1'], ['b1']]);
  open.shift()?.();
  assert.is(await answers[0], 'A1');
  assert.equal(seen[2], ['a2', 'c1', 'd1']);
  open.shift()?.();
  await answers[1];
  assert.equal(seen[3], ['e1', 'b2']);
  for (const done of open.splice(0)) done();
  assert.equal(await Promise.all(answers), ['A1', 'B1', 'A2', 'C1', 'D1', 'E1', 'B2']);
});

test('one that fails fails those in it, and the next ones go on', async () => {
  let fails = true;
  const give = createBatches<number, number>(
    async (items) => {
      if (fails) throw new Error('no');
      return items;
    },
    { most: 10, atOnce: 1, keyOf: String },
  );
  const first = give(1);
  const rest = [give(2), give(3)];
  const results = await Promise.allSettled([first, ...rest]);
  assert.equal(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  fails = false;
  assert.is(await give(1), 1);
});

test.run();
