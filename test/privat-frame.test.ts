import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFramer, frameMaxBytes } from '../gateway/terminal/privat-json/frame.ts';
import {
  encodeMessage,
  encodePing,
  field,
  rawField,
  readMessage,
} from '../gateway/terminal/privat-json/message.ts';

const test = suite('privat-frame');

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (frame: Uint8Array): string => new TextDecoder().decode(frame);
const hex = (frame: Uint8Array): string => Buffer.from(frame).toString('hex');

test('two frames in one read, empty ones left out', () => {
  const { frames, droppedBytes } = createFramer().push(bytes('\0\0{"a":1}\0\0{"b":2}\0{"half'));
  assert.equal(frames.map(text), ['{"a":1}', '{"b":2}']);
  assert.is(droppedBytes, 0);
});

test('any chunking gives the same frames', () => {
  const frame = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((frame) => frame.map((one) => one || 1));
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (frames, sizes) => {
        const stream = Uint8Array.from(frames.flatMap((one) => [...one, 0]));
        const framer = createFramer();
        const read: string[] = [];
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value ?? 1;
          read.push(...framer.push(stream.subarray(at, at + size)).frames.map(hex));
          at += size;
        }
        assert.equal(read, frames.map(hex));
      },
    ),
  );
});

test('a megabyte without terminator is dropped and counted, and the next frame is read', () => {
  const framer = createFramer();
  const chunk = new Uint8Array(1000).fill(0x41);
  let dropped = 0;
  let mostHeld = 0;
  for (let sent = 0; sent < 1_000_000; sent += chunk.length) {
    dropped += framer.push(chunk).droppedBytes;
    mostHeld = Math.max(mostHeld, framer.heldBytes());
  }
  assert.is(dropped, 1_000_000);
  assert.ok(mostHeld <= frameMaxBytes);
  const { frames } = framer.push(bytes('tail\0{"b":2}\0'));
  assert.equal(frames.map(text), ['{"b":2}']);
});

test('the longest frame is read, one byte more is not', () => {
  const framer = createFramer(8);
  assert.equal(framer.push(bytes('12345678\0')).frames.map(text), ['12345678']);
  assert.equal(framer.push(bytes('123456789\0ab\0')), { frames: [bytes('ab')], droppedBytes: 9 });
});

test("the bank's byte vectors", () => {
  assert.is(hex(encodePing()), '007b226d6574686f64223a2250696e67446576696365222c2273746570223a307d00');
  assert.is(
    hex(encodeMessage('GetTerminalInfo')),
    '7b226d6574686f64223a224765745465726d696e616c496e666f222c2273746570223a307d00',
  );
  assert.is(
    hex(encodeMessage('ServiceMessage', { msgType: 'identify' })),
    '7b226d6574686f64223a22536572766963654d657373616765222c2273746570223a302c22706172616d73223a7b226d736754797065223a226964656e74696679227d7d00',
  );
});

test('misspelt, padded and wrongly typed messages are understood', () => {
  const { message } = readMessage(
    bytes(
      '{"params":{" responseCode ":" 0000 ","invoiceNumber":42,"flag":true,"none":null},"errorDescritption":" so ",' +
        '"error":"false","step":0,"method":" Purchase "}',
    ),
  );
  assert.is(message?.method, 'Purchase');
  assert.is(message?.error, false);
  assert.is(message?.errorDescription, 'so');
  if (message === null) throw new Error('not read');
  assert.is(field(message, 'responseCode'), '0000');
  assert.is(field(message, 'invoiceNumber'), '42');
  assert.is(field(message, 'flag'), 'true');
  assert.is(field(message, 'none'), null);
  const other = readMessage(bytes('{"method":"Verify","errorDecsription":"empty","error":true}')).message;
  assert.is(other?.errorDescription, 'empty');
  assert.is(other?.error, true);
});

test('a receipt keeps its blanks, and raw line breaks within it are read', () => {
  const { message } = readMessage(bytes('{"method":"Audit","params":{"receipt":"  A\n  \\"B\\"\\n"}}'));
  if (message === null) throw new Error('not read');
  assert.is(rawField(message, 'receipt'), '  A\n  "B"\n');
});

test('the object that ends a frame is recovered from noise and from the half of another', () => {
  const whole = '{"method":"PingDevice","step":0,"params":{"code":"00"},"error":false}';
  const noisy = readMessage(new Uint8Array([0xff, 0x03, 0x7b, 0x22, ...bytes(whole)]));
  assert.is(noisy.message?.method, 'PingDevice');
  const half = '{"method":"Purchase","params":{"amount":"1.0';
  const halved = readMessage(bytes(half + whole));
  assert.is(halved.message?.method, 'PingDevice');
  assert.is(halved.droppedBytes, half.length);
});

test('what is no message is reported by its length, also an object within a broken one', () => {
  for (const frame of [
    'noise',
    '{"method":"Purchase","params":{"responseCode":"0000"}',
    '[]',
    'null',
    '{}',
    '{"method":5}',
  ])
    assert.equal(readMessage(bytes(frame)), { message: null, droppedBytes: bytes(frame).length }, frame);
});

test('the longest frames do not make reading throw', () => {
  readMessage(bytes('{'.repeat(frameMaxBytes)));
  readMessage(bytes(`{"\n${'\\"'.repeat(100_000)}`));
});

test.run();
