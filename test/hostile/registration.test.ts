/** Whatever comes back from where the registry should be, over its topic, or off the box's disk. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnswer, readNotice } from '../../gateway/cloud/registration/answer.ts';
import { askOnce } from '../../gateway/cloud/registration/asking.ts';
import { learned, nothingKept, readKept, writeKept } from '../../gateway/cloud/registration/kept.ts';
import type { Registration } from '../../gateway/contract/registration.ts';
import { readRetryAfter } from '../../gateway/contract/retry-after.ts';
import { FakeRegistry, registryPair, signedBy } from '../support/fake-registry.ts';
import { box } from '../support/registrar-bench.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import { mutated } from './bytes.ts';
import { hostile } from './inputs.ts';
import { valueText } from './json.ts';

const test = suite('hostile: registration');

const pair = registryPair(1);
const nonce = Buffer.alloc(16, 1).toString('base64url');
const registry = new FakeRegistry(new VirtualTime());
const request = { box, nonce, revision: 0 } as Registration;
const answer = registry.answer(request, {
  pairing: { code: '7K3M-9QX-A2BC', expiresAt: '2026-11-21T10:00:00Z' },
});
const kept = { ...nothingKept(box, pair.x), count: 5 };
const question = { box, nonce, kept, publicKey: null };
const honest = signedBy(pair, 'swipe-registration-answer', answer);
const notice = signedBy(pair, 'swipe-registry-notice', { box, revision: 7 });

const timeText = fc
  .date({ min: new Date(-62_135_596_800_000), max: new Date(253_402_300_799_999), noInvalidDate: true })
  .map((date) => JSON.stringify(date));

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

hostile(
  test,
  'an answer and a call are believed byte for byte, or not at all',
  fc.property(mutated(fc.constantFrom(honest, notice)), (bytes) => {
    const text = textOf(bytes);
    const read = readAnswer(text, question);
    assert.is('value' in read, text === honest);
    const called = readNotice(text, kept);
    assert.is('value' in called, text === notice);
  }),
);

hostile(
  test,
  'whatever the registry itself signs is an answer to the question, or told as a fault',
  fc.property(fc.constantFrom(...Object.keys(answer)), fc.oneof(valueText, timeText), (member, text) => {
    const changed = { ...answer, [member]: JSON.parse(text) };
    const read = readAnswer(signedBy(pair, 'swipe-registration-answer', changed), question);
    if ('fault' in read) return assert.ok(read.fault.length > 0);
    assert.equal([read.value.box, read.value.nonce], [box, nonce]);
    assert.ok(read.value.revision > 0);
    // What is believed can be kept, and comes back.
    assert.ok(readKept(writeKept(learned(kept, read.value, 1)), box));
  }),
);

hostile(
  test,
  'any text that is signed and no answer is none',
  fc.property(valueText, (text) => {
    assert.ok('fault' in readAnswer(signedBy(pair, 'swipe-registration-answer', text), question));
    assert.ok('fault' in readNotice(signedBy(pair, 'swipe-registry-notice', text), kept));
  }),
);

const written = writeKept(learned(kept, answer, 1_795_000_000_000));

hostile(
  test,
  'a damaged file is forgotten, never half believed',
  fc.property(mutated(fc.constant(written)), (bytes) => {
    const text = textOf(bytes);
    let read: ReturnType<typeof readKept>;
    try {
      read = readKept(text, box);
    } catch {
      return;
    }
    if (read !== null) assert.is(writeKept(read), written);
  }),
);

hostile(
  test,
  'whatever an HTTP server says, a question is answered, refused or not: nothing is thrown, no count leaps',
  fc.asyncProperty(
    fc.record({
      status: fc.oneof(fc.constantFrom(200, 409, 429, 503), fc.integer()),
      retryAfterMs: fc
        .oneof(fc.string(), fc.nat().map(String))
        .map((told) => readRetryAfter(told, undefined)),
      text: fc.oneof(
        fc.string(),
        valueText,
        fc
          .record({
            code: fc.constantFrom('countBehind', 'tooMany', 'keyMismatch'),
            count: fc.maxSafeInteger(),
          })
          .map((more) => JSON.stringify({ type: 'urn:x', title: 'x', status: 409, ...more })),
      ),
    }),
    async (reply) => {
      const parts = { exchange: async () => reply, time: new VirtualTime() };
      const asked = await askOnce(parts, 'question', question, new AbortController());
      assert.is(parts.time.pending, 0);
      if (asked.kind === 'behind') assert.ok(asked.count >= 5 && asked.count <= 1_000_005);
      else assert.is(asked.kind, 'unanswered');
      if (asked.kind === 'unanswered' && asked.retryAfterMs !== null) assert.ok(asked.retryAfterMs >= 0);
    },
  ),
);

test.run();
