import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  askState,
  askVersion,
  MessageCutter,
  readMessage,
  writeHeartbeat,
  writeTone,
} from '../gateway/panel/wire.ts';

const test = suite('panel wire');

const cut = (cutter: MessageCutter, bytes: readonly number[]): number[][] =>
  cutter.cut(Uint8Array.from(bytes)).map((message) => [...message]);

const version = [0xf0, 0x02, 1, 0, 1, 2, 3, 0xf7];
const state = [0xf0, 0x03, 0b011, 8, 10, 1, 2, 0, 0x7f, 0x7f, 0xf7];
const port = [0x90, 0x0c, 0x00];
const report = [0xf9, 2, 6];

test('numbers go as two times seven bits, low ones first, within the firmware’s limits', () => {
  assert.equal([...writeHeartbeat(2_000)], [0xf0, 0x01, 2_000 & 0x7f, 2_000 >> 7, 0xf7]);
  assert.equal([...writeHeartbeat(99_999)], [0xf0, 0x01, 0x7f, 0x7f, 0xf7]);
  assert.equal(
    [...writeTone(440.4, 9_000)],
    [0xf0, 0x04, 440 & 0x7f, 440 >> 7, 2_000 & 0x7f, 2_000 >> 7, 0xf7],
  );
  assert.equal([...askVersion, ...askState], [0xf0, 0x02, 0xf7, 0xf0, 0x03, 0xf7]);
});

test('what the panel says is read', () => {
  assert.equal(readMessage(Uint8Array.from(version)), {
    kind: 'version',
    version: { protocol: { major: 1, minor: 0 }, firmware: { major: 1, minor: 2, patch: 3 } },
  });
  assert.equal(readMessage(Uint8Array.from(state)), {
    kind: 'state',
    state: {
      isTakenOver: true,
      isAbortDown: true,
      isInfoDown: false,
      resetCause: 8,
      uptimeSeconds: 138,
      heartbeatsLost: 2,
      dropped: 16_383,
    },
  });
  const name = [0xf0, 0x79, 1, 0, ...[...'swipe-panel'].flatMap((char) => [char.charCodeAt(0), 0]), 0xf7];
  assert.equal(readMessage(Uint8Array.from(name)), { kind: 'name', name: 'swipe-panel' });
  assert.equal(readMessage(Uint8Array.from(report)), { kind: 'reset' });
  for (const other of [
    port,
    [0xf0, 0x6c, 0x7f, 0xf7],
    [0xf0, 0x02, 1, 0xf7],
    [0xf0, 0x03, 0xf7],
    [0xf0, 0xf7],
  ])
    assert.equal(readMessage(Uint8Array.from(other)), { kind: 'firmata' });
});

test('a name is kept short and printable', () => {
  const name = [0xf0, 0x79, 2, 5, ...Array.from({ length: 100 }, () => [0x41, 0]).flat(), 0x0a, 0, 0xf7];
  assert.equal(readMessage(Uint8Array.from(name)), { kind: 'name', name: 'A'.repeat(32) });
  assert.equal(readMessage(Uint8Array.of(0xf0, 0x79, 2, 5, 0x1b, 0, 0x41, 0, 0xf7)), {
    kind: 'name',
    name: 'A',
  });
});

test('messages are found wherever the bytes are cut', () => {
  const bytes = [...report, ...version, ...port, ...state, ...port];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), (wild) => {
      const cutter = new MessageCutter();
      const cuts = [0, ...wild.sort((one, other) => one - other), bytes.length];
      const found = cuts.slice(1).flatMap((end, place) => cut(cutter, bytes.slice(cuts[place], end)));
      assert.equal(found, [report, version, port, state, port]);
    }),
  );
});

test('after any garbage the next message but one is found, and never more is held than one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (garbage) => {
      const cutter = new MessageCutter();
      for (const message of cutter.cut(garbage)) assert.ok(message.length <= 1_025);
      cutter.cut(Uint8Array.from(port));
      assert.equal(cut(cutter, state), [state]);
    }),
  );
});

test('a sysex without end costs nothing, and is forgotten', () => {
  const cutter = new MessageCutter();
  cutter.cut(Uint8Array.of(0xf0));
  for (let round = 0; round < 100; round += 1) assert.equal(cutter.cut(new Uint8Array(10_000)), []);
  assert.equal(cut(cutter, [0xf7, ...version]), [version]);
});

test.run();
