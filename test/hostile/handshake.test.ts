/** A terminal that says anything while it is greeted: the driver stays calm, and nothing odd is told of it. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBench, type Reaction } from '../support/driver-bench.ts';
import { mutated } from './bytes.ts';
import { hostile } from './inputs.ts';
import { type MemberText, objectText, spoiled, valueText } from './json.ts';
import { framed } from './till.ts';

const test = suite('hostile: handshake');

const honest: Readonly<Record<string, [method: string, params: Record<string, string>]>> = {
  PingDevice: ['PingDevice', { code: '00', responseCode: '0000' }],
  identify: ['ServiceMessage', { msgType: 'identify', result: 'true', vendor: 'PAX', model: 's800' }],
  GetTerminalInfo: ['GetTerminalInfo', { version: 'TE7E132 TESTKKM000CT22927302' }],
  getMerchantList: ['ServiceMessage', { msgType: 'getMerchantList', 1: 'shop', 10: 'INKASS1' }],
};
const names = Object.keys(honest);

const textOf = (method: string, params: readonly MemberText[]): string =>
  objectText([
    ['method', JSON.stringify(method)],
    ['params', objectText(params)],
  ]);
const anyAnswer = (name: string): fc.Arbitrary<Uint8Array> => {
  const [method, params] = honest[name] ?? ['', {}];
  const spoilt = spoiled(params).map((members) => textOf(method, members));
  return fc.oneof(spoilt, spoilt, valueText, mutated(spoilt)).map(framed);
};
const answers = fc.tuple(...names.map((name) => fc.option(fc.array(anyAnswer(name), { maxLength: 2 }))));

hostile(
  test,
  'whatever it answers: no error, no flood, no request of money, and an identity that fits on a line',
  fc.asyncProperty(answers, async (given) => {
    const { link, time, terminal, told, logged } = createBench({ commandGapMs: 0, sessionPauseMs: 1 });
    for (const [at, name] of names.entries()) {
      const frames = given[at];
      if (frames === null || frames === undefined) continue;
      const honestly = link.reactions[name];
      let asked = 0;
      link.reactions[name] = (params): Reaction => {
        asked += 1;
        // From the third time on it behaves, so that a good connection can follow a bad one.
        if (asked > 2) return typeof honestly === 'function' ? honestly(params) : (honestly ?? 'silent');
        time.after(1, () => {
          for (const frame of frames) link.send(frame);
        });
        return 'silent';
      };
    }
    terminal.start();
    await time.runUntil(() => terminal.state() === 'ready', 300_000);
    await time.advance(1_000);
    const { vendor, model, software, id } = terminal.identity();
    for (const word of [vendor, model, software, id])
      assert.ok(word === null || (word.length > 0 && word.length <= 64 && !/[\n\r]/.test(word)));
    assert.ok(link.seen.length < 100 && told.length < 30 && logged.length < 200, 'no flood');
    const allowed = [...names, 'getLastStatMsgCode'];
    assert.equal(
      link.seen.filter(({ name }) => !allowed.includes(name)),
      [],
    );
    await terminal.stop();
    await time.settle();
    assert.is(time.pending, 0, 'nothing is left waiting');
  }),
);

test.run();
