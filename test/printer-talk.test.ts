import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PrinterHandlers } from '../gateway/printer/links/link.ts';
import { Talk } from '../gateway/printer/talk.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('printer talk');

/** A printer of the test's own: `answer` says what comes back, after how long. */
async function talking(answer: (sent: string) => [afterMs: number, ...bytes: number[]] | null) {
  const time = new VirtualTime();
  const sent: string[] = [];
  let handlers: PrinterHandlers = { data() {}, closed() {} };
  const opening = Talk.open(
    {
      name: 'test',
      open: async (given) => {
        handlers = given;
        return {
          async write(bytes) {
            const hex = Buffer.from(bytes).toString('hex');
            sent.push(hex);
            const [afterMs, ...said] = answer(hex) ?? [0];
            if (said.length > 0) time.after(afterMs, () => handlers.data(Uint8Array.from(said)));
          },
          async close() {
            handlers.closed('closed');
          },
        };
      },
    },
    time,
  );
  await time.settle();
  /** Runs something to its end. */
  const through = async <Value>(promise: Promise<Value>): Promise<Value> => {
    let value: { is: Value } | null = null;
    void promise.then((is) => {
      value = { is };
    });
    await time.runUntil(() => value !== null, 60_000);
    return (value as { is: Value } | null)?.is as Value;
  };
  return { talk: await opening, time, sent, through, hangUp: () => handlers.closed('unplugged') };
}

test('one that answers one question too late: the answer is taken for no other', async () => {
  // The drawer is open (bit 2 of the first answer); as an answer to the second it would be an open cover.
  let isLate = true;
  const { talk, through } = await talking((sent) => {
    if (sent !== '100401') return [200, 0x12];
    const late = isLate;
    isLate = false;
    return [late ? 1_900 : 200, 0x16];
  });
  assert.is(await through(talk.readiness()), null);
  assert.is(await through(talk.readiness()), 'ready');
});

test('a question that a printer does not know is not asked again', async () => {
  const { talk, sent, through } = await talking((hex) => (hex === '100402' ? null : [0, 0x12]));
  assert.is(await through(talk.readiness()), 'ready');
  assert.is(await through(talk.readiness()), 'ready');
  assert.equal(sent, ['100401', '100402', '100404', '100401', '100404']);
});

test('nothing waits longer than the connection lives', async () => {
  const { talk, time, through, hangUp } = await talking(() => null);
  const waiting = Promise.all([talk.readiness(), talk.watch(() => true).wait(1e9), talk.over]);
  hangUp();
  const fromMs = time.monotonicMs();
  assert.equal((await through(waiting))[2], 'unplugged');
  assert.is(time.monotonicMs(), fromMs);
  assert.equal(
    [talk.isOver, await talk.send(Uint8Array.of(1), 1_000), await talk.clear()],
    [true, false, false],
  );
  assert.is(time.pending, 0);
});

test('buffers are empty when the printer says so, and not before', async () => {
  const says = await talking((sent) => (sent.startsWith('1014') ? [200, 0x37, 0x25, 0x00] : null));
  assert.is(await says.through(says.talk.clear()), true);
  const silent = await talking(() => null);
  assert.is(await silent.through(silent.talk.clear()), false);
});

test.run();
