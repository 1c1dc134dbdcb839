/** Links of any kind whatever at the box's pages: each gets a page with a heading, and nothing is handed in. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDeskApp } from '../gateway/desk/lan/app.ts';
import { createEventStreams } from '../gateway/desk/lan/event-streams.ts';
import { createGate, usualLimits } from '../gateway/desk/lan/limits.ts';
import type { DeskAround } from '../gateway/desk/ports.ts';
import { createWaits } from '../gateway/desk/waits.ts';
import { signText } from '../gateway/simulators/sale-system.ts';
import { hostile } from './hostile/inputs.ts';
import { box, boxKey, keys } from './simulation/names.ts';
import { seededRandom } from './simulation/random.ts';
import { envelope } from './support/commands.ts';
import { startMs } from './support/records.ts';
import { recordingLog } from './support/scripted-broker.ts';
import { createSyncSignatures } from './support/sync-signatures.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('desk: bad links');

const time = new VirtualTime();
const { log, lines } = recordingLog();
const { verify, sign } = createSyncSignatures({ box, boxKey, commandKeys: [{ ...keys.shop, alg: 'HS256' }] });
let handedIn = 0;
const status = () =>
  ({
    terminal: { state: 'ready', id: null },
    operation: null,
    unresolved: [],
    registration: { state: 'active' },
    supports: ['payment'],
  }) as unknown as ReturnType<DeskAround['status']>;
const around: DeskAround = {
  box,
  currency: 'UAH',
  admit: async () => {
    handedIn += 1;
    return { dropped: 'unsigned' };
  },
  verify,
  sign,
  find: () => null,
  resultOf: () => null,
  status,
  clock: { nowMs: () => startMs, isTrusted: () => true },
};
const unlimited = Object.fromEntries(
  Object.keys(usualLimits).map((name) => [name, 1e9]),
) as unknown as typeof usualLimits;
const app = createDeskApp({
  around,
  config: { hosts: [], origins: [], callbacks: ['https://shop.example'] },
  waits: createWaits(time),
  streams: createEventStreams(status, time),
  gate: createGate(unlimited, time),
  time,
  random: seededRandom(1),
  log,
  isStopping: () => false,
});
const env = { incoming: { socket: { remoteAddress: '192.168.1.2', localAddress: '192.168.1.10' } } };

async function shown(target: string): Promise<{ code: number; text: string }> {
  const request = new Request(`http://192.168.1.10:8480${target}`, {
    headers: { host: '192.168.1.10:8480' },
  });
  const response = await app.fetch(request, env);
  return { code: response.status, text: await response.text() };
}

const member = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double(),
  fc.constant(null),
  fc.constant([]),
);
const name = fc.constantFrom(
  'id',
  'box',
  'type',
  'amount',
  'currency',
  'issuedAt',
  'expiresAt',
  'order',
  'callback',
  'merchant',
  'cash',
  'x',
  '__proto__',
);
const payment = { ...envelope, box, type: 'payment', amount: 10050, currency: 'UAH' };
// Signed by a key that the box knows: what a shop with a fault of its own may send.
const signed = fc
  .array(fc.tuple(name, member), { maxLength: 4 })
  .map((changes) => signText(JSON.stringify({ ...payment, ...Object.fromEntries(changes) }), keys.shop));
const good = signText(JSON.stringify(payment), keys.shop);
const order = fc.oneof(
  signed,
  fc.string({ unit: 'binary' }),
  fc
    .tuple(fc.nat(good.length - 1), fc.string({ maxLength: 3 }))
    .map(([at, put]) => good.slice(0, at) + put + good.slice(at + 1)),
);
const rest = fc.oneof(
  fc.constant(''),
  fc.webUrl().map((url) => `&callback=${encodeURIComponent(url)}`),
  fc
    .string({ unit: 'binary' })
    .map((text) => `&callback=${encodeURIComponent(text.replace(/\p{Cs}/gu, ''))}`),
  fc.string().map((text) => `&${text}`),
);
const link = fc
  .tuple(
    fc.constantFrom('/payNow?order=', '/open?kassa-api://payNow?order=', '/payNow?', '/open?'),
    order,
    rest,
  )
  .map(([start, text, more]) => start + text.replace(/\p{Cs}/gu, '') + more);

hostile(
  test,
  'a heading, a status, no markup of the link’s own, and nothing is handed in',
  fc.asyncProperty(link, async (target) => {
    const { code, text } = await shown(target);
    if (code === 303) return;
    assert.ok([200, 400, 401, 403, 404, 409, 410, 421].includes(code), `${code}`);
    assert.match(text, /<h1 tabindex="-1">[^<]+<\/h1>/);
    assert.is(text.match(/<script/g)?.length, 1);
    assert.is(text.match(/<form/g)?.length ?? 0, code === 200 ? 1 : 0);
    assert.is(handedIn, 0);
    assert.equal(lines, []);
  }),
);

test('the good one among them has a button', async () => {
  const { code, text } = await shown(`/payNow?order=${good}&lang=en`);
  assert.is(code, 200);
  assert.match(text, 'Take the payment');
});

test.run();
