/** Messages of the broker: what comes to the desk is signed, for this box, sent now, and whole; nothing else does. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIntake } from '../../gateway/cloud/intake.ts';
import { createSignatures } from '../../gateway/cloud/jws.ts';
import type { BrokerMessage } from '../../gateway/cloud/ports.ts';
import { type ParsedCommand, parseCommand } from '../../gateway/contract/parse.ts';
import { commandMaxBytes, topicsOf } from '../../gateway/contract/topics.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { example, type Members, wire } from '../support/commands.ts';
import { recordingLog } from '../support/scripted-broker.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import { mutated, shown } from './bytes.ts';
import { hostile } from './inputs.ts';
import { objectText, spoiled, valueText } from './json.ts';
import { boxKey, forgeries, keys } from './signed.ts';

const test = suite('hostile: intake');

const { box } = boxKey;
const topics = topicsOf(box);
const signatures = await createSignatures(keys);
const payment = wire(example('payment', { box })) as Members;

const payloads = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(JSON.stringify(payment), JSON.stringify({ ...payment, id: 'operation-2' })),
  },
  { weight: 3, arbitrary: spoiled(payment).map(objectText) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      JSON.stringify({ ...payment, box: 'SW-OTHER' }),
      `${' '.repeat(commandMaxBytes)}{}`,
    ),
  },
  { weight: 1, arbitrary: valueText },
);

interface Sent extends BrokerMessage {
  /** What the desk must get of it; null: nothing. */
  due: { kid: string; content: string } | null;
}

const topic = fc.oneof(
  { weight: 6, arbitrary: fc.constant(topics.commands) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      topics.registry,
      topics.results,
      topics.status,
      '',
      '#',
      `${topics.commands}/x`,
      topics.commands.toUpperCase(),
      'swipe/v1/__proto__/commands',
      '\0',
    ),
  },
);

const signed: fc.Arbitrary<Sent> = fc
  .tuple(
    forgeries(payloads),
    topic,
    fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  )
  .map(([{ jws, payload, kid }, topic, retained]) => {
    const input =
      kid === null || retained || topic !== topics.commands || jws.length > commandMaxBytes
        ? null
        : JSON.parse(payload);
    const isOurs =
      typeof input === 'object' &&
      input !== null &&
      !Array.isArray(input) &&
      Object.hasOwn(input, 'box') &&
      input.box === box;
    const due = isOurs && kid !== null ? { kid, content: parseCommand(input).content } : null;
    return { topic, payload: shown(Buffer.from(jws)), retained, due };
  });
const spoilt: fc.Arbitrary<Sent> = fc
  .tuple(mutated(forgeries(payloads).map(({ jws }) => jws)), topic, fc.boolean())
  .map(([payload, topic, retained]) => ({ topic, payload, retained, due: null }));

/** A message, perhaps again and again: the broker may do that. */
const session = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 3, arbitrary: signed }, { weight: 1, arbitrary: spoilt }),
      fc.integer({ min: 1, max: 3 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((messages) => messages.flatMap(([message, times]) => Array<Sent>(times).fill(message)));

hostile(
  test,
  'exactly what is signed, for this box and sent now comes to the desk, each time that it comes',
  fc.asyncProperty(session, async (messages) => {
    const received: { kid: string; content: string }[] = [];
    const said: string[] = [];
    const { log, lines } = recordingLog();
    const intake = createIntake({
      box,
      signatures,
      desk: { receive: (kid, { content }) => received.push({ kid, content }) },
      clock: new VirtualTime(),
      log,
      registry: (payload) => void said.push(Buffer.from(payload).toString('latin1')),
    });
    for (const message of messages) {
      const before = received.length;
      await intake.message(message);
      if (message.due !== null) assert.equal(received.slice(before), [message.due]);
      else
        assert.ok(received.length === before || (await isAuthentic(message)), 'taken in, and not authentic');
    }
    const onCommands = messages.filter(({ topic }) => topic === topics.commands).length;
    const dropped = Object.values(intake.dropped()).reduce((sum, count) => sum + count, 0);
    assert.is(dropped + received.length, onCommands, 'each is counted or taken in');
    const onRegistry = messages.filter(
      ({ topic, payload }) => topic === topics.registry && payload.length <= commandMaxBytes,
    );
    assert.is(said.length, onRegistry.length);
    assert.ok(lines.length <= 20, 'a flood does not fill the log');
  }),
);

/** A mutation that changed nothing: signed, not retained, on the right topic. */
async function isAuthentic({ topic, retained, payload }: Sent): Promise<boolean> {
  if (topic !== topics.commands || retained) return false;
  const verified = await signatures.verify(Buffer.from(payload).toString('latin1')).catch(() => null);
  return verified !== null;
}

hostile(
  test,
  'whatever the desk throws, a message is brought again or, after five times, given up; a full disk always waits',
  fc.asyncProperty(
    fc.array(fc.constantFrom('good', 'bug', 'full', 'odd'), { minLength: 1, maxLength: 8 }),
    fc.boolean(),
    async (moods, isReady) => {
      let mood = 'good';
      const received: ParsedCommand[] = [];
      const intake = createIntake({
        box,
        signatures: { verify: async () => ({ kid: '1c-shop', payload: payment }) },
        desk: {
          receive(_kid, parsed) {
            if (mood === 'bug') throw new Error('a defect');
            if (mood === 'full') throw new SwipeError('storageFull', 'no room');
            if (mood === 'odd') throw undefined;
            received.push(parsed);
          },
        },
        clock: new VirtualTime(),
        log: recordingLog().log,
        ...(isReady ? {} : { ready: async () => {} }),
      });
      let failures = 0;
      for (mood of moods) {
        const before = received.length;
        const isAcknowledged = await intake
          .message({ topic: topics.commands, payload: Buffer.from('x'), retained: false })
          .then(
            () => true,
            () => false,
          );
        if (mood === 'bug' || mood === 'odd') failures += 1;
        const isGivenUp = (mood === 'bug' || mood === 'odd') && failures === 5;
        if (isGivenUp) failures = 0;
        assert.is(isAcknowledged, mood === 'good' || isGivenUp, `${mood} in ${moods}`);
        assert.is(received.length - before, mood === 'good' ? 1 : 0);
      }
    },
  ),
);

test.run();
