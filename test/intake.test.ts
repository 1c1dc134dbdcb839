import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBoxKey } from '../gateway/cloud/box-key.ts';
import { createFailedDeliveries } from '../gateway/cloud/failed-deliveries.ts';
import { createIntake } from '../gateway/cloud/intake.ts';
import type { BrokerMessage, Signatures } from '../gateway/cloud/ports.ts';
import type { ParsedCommand } from '../gateway/contract/parse.ts';
import { commandMaxBytes, topicsOf } from '../gateway/contract/topics.ts';
import { SwipeError } from '../gateway/seams/error.ts';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { recordingLog } from './support/scripted-broker.ts';
import { createSyncSignatures } from './support/sync-signatures.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('intake');

const boxKey = makeBoxKey(new Uint8Array(32).fill(5));
const { box } = boxKey;
const topics = topicsOf(box);
const key = { kid: '1c-shop', secret: Buffer.from('x'.repeat(32)).toString('base64url') };
const keys = { box, boxKey, commandKeys: [{ ...key, alg: 'HS256' as const }] };

const payment = {
  id: '01JDAX5N3T7Q4V8B2R6W9YKZHM',
  box,
  type: 'payment',
  issuedAt: '2026-11-21T10:00:00.000Z',
  expiresAt: '2026-11-21T10:02:00.000Z',
  amount: 10050,
  currency: 'UAH',
};

const commandOf = (parsed: ParsedCommand | undefined): unknown =>
  parsed !== undefined && 'command' in parsed ? parsed.command : null;
const faultsOf = (parsed: ParsedCommand | undefined): number =>
  parsed !== undefined && 'faults' in parsed ? parsed.faults.length : 0;

/** An intake whose desk does what `receive` says. */
function setUp(receive: (parsed: ParsedCommand) => void = () => {}, signatures?: Pick<Signatures, 'verify'>) {
  const time = new VirtualTime();
  const { log, lines, matching } = recordingLog();
  const received: { kid: string; parsed: ParsedCommand }[] = [];
  const registry: string[] = [];
  const intake = createIntake({
    box,
    signatures: signatures ?? createSyncSignatures(keys),
    desk: {
      receive(kid, parsed) {
        received.push({ kid, parsed });
        receive(parsed);
      },
    },
    clock: time,
    log,
    registry: async (payload) => {
      registry.push(Buffer.from(payload).toString());
      if (registry.at(-1) === 'bad') throw new Error('not of the registry');
    },
  });
  const bring = async (payload: string | Uint8Array, more: Partial<BrokerMessage> = {}): Promise<string> => {
    const message = { topic: topics.commands, payload: Buffer.from(payload), retained: false, ...more };
    try {
      await intake.message(message);
      return 'acknowledged';
    } catch (error) {
      return (error as Error).message;
    }
  };
  return { intake, bring, received, registry, lines, matching, time };
}

test('a signed command for this box reaches the desk with its key', async () => {
  const { bring, received, intake } = setUp();
  assert.is(await bring(signCommand(payment, key)), 'acknowledged');
  assert.is(received.length, 1);
  assert.is(received[0]?.kid, '1c-shop');
  assert.equal(commandOf(received[0]?.parsed), payment);
  assert.equal(Object.values(intake.dropped()), [0, 0, 0, 0, 0]);
});

test('a signed command with faults reaches the desk as one: it gets a result', async () => {
  const { bring, received } = setUp();
  await bring(signCommand({ ...payment, amount: 100.5 }, key));
  assert.is(faultsOf(received[0]?.parsed), 1);
});

test('what is not a command of a known key for this box is counted by reason, logged and dropped', async () => {
  const { bring, received, intake, lines } = setUp();
  const good = signCommand(payment, key);
  assert.is(await bring(good, { retained: true }), 'acknowledged');
  await bring('x'.repeat(commandMaxBytes + 1));
  await bring(`${good.slice(0, -4)}AAAA`);
  await bring(signCommand(payment, { ...key, kid: 'other' }));
  await bring(signCommand({ ...payment, box: 'SW-OTHER' }, key));
  await bring(signCommand({ ...payment, box: undefined }, key));
  for (const payload of [[], [payment], 'text', 1, null]) await bring(signCommand(payload as object, key));
  assert.equal(received, []);
  assert.equal(intake.dropped(), { retained: 1, oversized: 1, unsigned: 2, otherBox: 2, malformed: 5 });
  assert.is(lines.length, 11);
  assert.equal(
    lines.slice(0, 2).map(({ fields }) => fields),
    [
      { reason: 'retained', bytes: good.length },
      { reason: 'oversized', bytes: commandMaxBytes + 1 },
    ],
  );
  const written = JSON.stringify(lines);
  for (const part of [payment.id, '10050', good.slice(0, 40)]) assert.not.match(written, part);
});

test('a flood of strangers does not fill the log', async () => {
  const { bring, intake, lines, time } = setUp();
  for (let each = 0; each < 1000; each += 1) await bring('nonsense');
  assert.is(lines.length, 20);
  await time.advance(60_000);
  await bring('nonsense');
  assert.is(lines.length, 21);
  assert.equal(lines.at(-1)?.fields, { reason: 'unsigned', bytes: 8, count: 980 });
  assert.is(intake.dropped().unsigned, 1001);
});

test('a full disk keeps the command at the broker, however often', async () => {
  let full = true;
  const { bring, received } = setUp(() => {
    if (full) throw new SwipeError('storageFull', 'no room');
  });
  const command = signCommand(payment, key);
  for (let each = 0; each < 20; each += 1) assert.is(await bring(command), 'no room');
  full = false;
  assert.is(await bring(command), 'acknowledged');
  assert.is(received.length, 21);
});

test('a command that always fails is given up after its fifth delivery, others are not', async () => {
  const { bring, lines } = setUp((parsed) => {
    if ('command' in parsed && parsed.command.id === payment.id) throw new TypeError('a bug');
  });
  const poison = signCommand(payment, key);
  const good = signCommand({ ...payment, id: 'another-id' }, key);
  const outcomes: string[] = [];
  for (let each = 0; each < 5; each += 1) {
    outcomes.push(await bring(poison));
    assert.is(await bring(good), 'acknowledged');
  }
  assert.equal(outcomes, ['a bug', 'a bug', 'a bug', 'a bug', 'acknowledged']);
  assert.equal(
    lines.map(({ level }) => level),
    Array(5).fill('error'),
  );
  assert.match(lines.at(-1)?.message ?? '', /dropped/);
  // It starts anew when somebody sends it again.
  assert.is(await bring(poison), 'a bug');
});

test('only the latest failures are remembered', () => {
  const failed = createFailedDeliveries();
  assert.equal([failed.count('a'), failed.count('a')], [1, 2]);
  for (let each = 0; each < 63; each += 1) failed.count(`other ${each}`);
  assert.is(failed.count('a'), 3);
  for (let each = 0; each < 64; each += 1) failed.count(`more ${each}`);
  assert.is(failed.count('a'), 1);
});

test('a fault of the signature check is ours: nothing is acknowledged', async () => {
  const { bring, received, intake } = setUp(undefined, {
    verify: async () => {
      throw new Error('the thread pool is gone');
    },
  });
  assert.is(await bring(signCommand(payment, key)), 'the thread pool is gone');
  assert.equal(received, []);
  assert.is(intake.dropped().unsigned, 0);
});

test("the registry's message goes to its handler, whose faults cost nothing", async () => {
  const { bring, registry, received } = setUp();
  const here = { topic: topics.registry, retained: true };
  assert.is(await bring('revision 1', here), 'acknowledged');
  assert.is(await bring('bad', here), 'acknowledged');
  assert.is(await bring('x'.repeat(commandMaxBytes + 1), here), 'acknowledged');
  assert.is(await bring('elsewhere', { topic: topics.status }), 'acknowledged');
  assert.equal(registry, ['revision 1', 'bad']);
  assert.equal(received, []);
});

test('JSON as deep as fits exhausts nothing', async () => {
  const { bring, received, intake } = setUp();
  const deep = '['.repeat(6000) + ']'.repeat(6000);
  const { sign } = createSyncSignatures(keys);
  assert.is(await bring(await sign(deep, key.kid)), 'acknowledged');
  assert.is(intake.dropped().malformed, 1);
  assert.is(
    await bring(await sign(`{"box":"${box}","x":${deep.slice(100, -100)}}`, key.kid)),
    'acknowledged',
  );
  assert.is(received.length, 1);
});

test.run();
