/** Bytes from the terminal's line: cut into frames and read as messages, whatever they are. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFramer } from '../../gateway/terminal/privat-json/frame.ts';
import { field, rawField, readMessage } from '../../gateway/terminal/privat-json/message.ts';
import { inPieces, mutated, pieceSizes } from './bytes.ts';
import { hostile } from './inputs.ts';
import { anyText, objectText, spoiled, valueText } from './json.ts';

const test = suite('hostile: frames');

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const envelope = {
  method: 'Purchase',
  step: 0,
  params: { amount: '100.50', responseCode: '0000' },
  error: false,
  errorDescription: '',
};
const looseName = fc.constantFrom('method', ' Meth od', 'params', 'PARAMS', 'error', 'errorDescritption');
const messageText = fc.oneof(
  spoiled(envelope).map(objectText),
  fc.array(fc.tuple(looseName, valueText), { maxLength: 5 }).map(objectText),
  valueText,
);
const stream = fc
  .array(fc.oneof(mutated(messageText.map((text) => `${text}\0`)), fc.uint8Array({ maxLength: 90 })), {
    maxLength: 4,
  })
  .map((parts) => Buffer.concat(parts));

hostile(
  test,
  'the framer gives the pieces between NULs, however they come, and counts what was too long',
  fc.property(stream, pieceSizes, fc.integer({ min: 1, max: 300 }), (bytes, sizes, maxBytes) => {
    const framer = createFramer(maxBytes);
    const read = { frames: [] as string[], droppedBytes: 0 };
    for (const piece of inPieces(bytes, sizes)) {
      const { frames, droppedBytes } = framer.push(piece);
      read.frames.push(...frames.map(hex));
      read.droppedBytes += droppedBytes;
      assert.ok(framer.heldBytes() <= maxBytes);
    }
    // By the text: the last piece has no terminator yet, but is thrown away already when it is too long.
    const pieces = bytes.toString('latin1').split('\0');
    const whole = pieces.slice(0, -1).filter((piece) => piece !== '' && piece.length <= maxBytes);
    const tooLong = pieces.filter((piece) => piece.length > maxBytes).join('').length;
    assert.equal(
      read.frames,
      whole.map((piece) => Buffer.from(piece, 'latin1').toString('hex')),
    );
    assert.is(read.droppedBytes, tooLong);
    // Whatever came before, the next frame is read.
    const after = framer.push(Buffer.from('\0{"method":"PingDevice"}\0')).frames.at(-1);
    if (maxBytes > 30) assert.is(readMessage(after ?? new Uint8Array()).message?.method, 'PingDevice');
  }),
);

hostile(
  test,
  'a frame is read as the object that ends it, or not at all',
  fc.property(mutated(messageText), (bytes) => {
    const { message, droppedBytes } = readMessage(bytes);
    assert.ok(Number.isInteger(droppedBytes) && droppedBytes >= 0 && droppedBytes <= bytes.length);
    if (message === null) {
      assert.is(droppedBytes, bytes.length);
      return;
    }
    const text = new TextDecoder().decode(bytes);
    assert.is(text.trimEnd().at(-1), '}', 'only what is whole at its end is read');
    assert.ok(message.method !== '' && message.method === message.method.trim());
    assert.ok(typeof message.errorDescription === 'string' && message.params.size <= 256);
    for (const [name, value] of message.params) {
      assert.is(typeof value, 'string');
      assert.is(name, name.replace(/\s/g, '').toLowerCase());
    }
    assert.is(Object.keys(Object.prototype).length, 0);
  }),
);

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.filter((byte) => byte !== 0x7b)),
  // The half of a frame that was cut off within its first text: no place of it can begin an object.
  fc.integer({ min: 1, max: 20 }).map((length) => Buffer.from(JSON.stringify(envelope).slice(0, length))),
);
const params = fc.dictionary(
  fc.oneof(
    fc.constantFrom('amount', 'rrn', 'receipt', '__proto__', 'constructor'),
    fc.stringMatching(/^[a-z]{1,9}$/),
  ),
  anyText,
  { noNullPrototype: true, maxKeys: 6 },
);

hostile(
  test,
  'noise before a whole message does not change it, and nothing in it gets lost',
  fc.property(noise, params, fc.boolean(), anyText, (before, given, error, errorDescription) => {
    const message = { error, params: given, errorDescription, method: 'Purchase' };
    const frame = Buffer.concat([before, Buffer.from(JSON.stringify(message))]);
    const read = readMessage(frame).message;
    if (read === null) throw new Error('not read');
    assert.is(read.method, 'Purchase');
    assert.is(read.error, error);
    // JSON.stringify escapes lone surrogates, so that every text survives its way over UTF-8.
    assert.is(read.errorDescription, errorDescription.trim());
    for (const [name, value] of Object.entries(given)) {
      const isEmpty = value.trim() === '';
      assert.is(rawField(read, name), isEmpty ? null : value);
      assert.is(field(read, name), isEmpty ? null : value.trim());
    }
    assert.is(field(read, 'valueof'), given.valueof?.trim() || null);
  }),
);

test.run();
