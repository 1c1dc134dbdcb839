/** What can come back of a question to the registry instead of its answer. */
import {
  jwsTypes,
  type Registration,
  type RegistrationAnswer,
} from '../../../gateway/contract/registration.ts';
import { asRead, ok, registryPair, signedBy } from '../../support/fake-registry.ts';
import type { Dice } from '../random.ts';
import type { Said } from './said.ts';
import { refused, type SimRegistry } from './sim-registry.ts';

/** What comes back, and when. An Error: the connection failed; null: nothing ever comes. */
export interface Fate {
  said: Said | Error | null;
  /** Absent: as fast as usual. */
  delayMs?: number;
}

/** What a fault is made from. */
export interface Asked {
  jws: string;
  registry: SimRegistry;
  /** The registry takes the question in, and answers. */
  hear: (jws: string) => Said;
  dice: Dice;
  /** Answers that the registry gave before, the newest last. */
  past: readonly { said: Said; isDelivered: boolean }[];
}

const html = '<!doctype html><title>Sign in</title><p>Welcome to our Wi-Fi';
const stranger = registryPair(99);
/** A key that only a forged answer names. */
export const thiefKey = {
  kid: 'thief',
  alg: 'HS256',
  secret: Buffer.from('the secret that a thief has chosen').toString('base64url'),
} as const;

const nothing = (reply: Partial<Said['reply']> & { text: string }): Fate => ({
  said: { reply: { status: 200, retryAfterMs: null, ...reply }, answer: null, signer: null },
});

/** An answer to this very question that nobody else could have made better, and the registry did not make. */
const tempting = (registry: SimRegistry, request: Registration): RegistrationAnswer => {
  const { revision } = registry;
  const answer = registry.answerTo(request, {
    state: registry.state === 'active' ? 'suspended' : 'active',
    commandKeys: [thiefKey],
    registryKeys: [{ kid: stranger.kid, x: stranger.x }],
  });
  registry.revision = revision;
  return answer;
};

function forged({ jws, registry, dice }: Asked): Fate {
  const request = asRead(jws);
  const answer = tempting(registry, request);
  const name = dice.chance(0.5) ? {} : { kid: registry.newest.kid };
  return {
    said: { reply: ok(signedBy(stranger, jwsTypes.answer, answer, name)), answer, signer: stranger.kid },
  };
}

/** One bit of what stands in the signed text is another one. */
function oneBit(asked: Asked): Fate {
  const said = asked.hear(asked.jws);
  const bytes = Buffer.from(said.reply.text, 'latin1');
  const at = asked.dice.between(0, bytes.length - 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << asked.dice.between(0, 6));
  return { said: { ...said, reply: { ...said.reply, text: bytes.toString('latin1') }, answer: null } };
}

function anotherAnswer(
  { jws, registry }: Asked,
  change: (answer: RegistrationAnswer) => Partial<RegistrationAnswer>,
): Fate {
  const request = asRead(jws);
  const answer = registry.answerTo(request);
  return { said: registry.signed(request, { ...answer, ...change(answer) }) };
}

/** The registry was restored: it knows nothing of what it said last, and says what was so before. */
function oldRevision({ jws, registry, dice }: Asked): Fate {
  const request = asRead(jws);
  if (request.revision === 0) return { said: null };
  const { revision } = registry;
  const answer = registry.answerTo(request, {
    revision: Math.max(1, request.revision - dice.between(0, 3)),
    state: dice.pick(['active', 'suspended']),
    commandKeys: [],
  });
  registry.revision = revision;
  return { said: registry.signed(request, answer) };
}

function signedNonsense({ jws, registry, dice }: Asked): Fate {
  const request = asRead(jws);
  const answer = registry.answerTo(request);
  const [key] = answer.commandKeys;
  const what: object = dice.pick([
    { state: 'gold' },
    { revision: -1 },
    { bill: 'overdue' },
    { commandKeys: key === undefined ? null : [key, key] },
    { registryKeys: [] },
    { registryKeys: [{ kid: registry.newest.kid, x: stranger.x }] },
    { broker: { url: 'http://broker.example', ca: '-----BEGIN CERTIFICATE-----' } },
    { broker: { url: 'mqtts://broker.example:8883', ca: '-----BEGIN CERTIFICATE-----' } },
    { certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
    { registerAfter: 'soon' },
  ]);
  const pair = registry.pairs.find(({ kid }) => request.trusts.includes(kid)) ?? registry.newest;
  const text = signedBy(pair, jwsTypes.answer, { ...answer, ...what });
  return { said: { reply: ok(text), answer: null, signer: pair.kid } };
}

function countBehind({ jws, dice }: Asked): Fate {
  const { count } = asRead(jws);
  const told = dice.pick([count, count + 5, count + 999_999, count + 2_000_000, 2 ** 48 - 1, count - 1, 0]);
  return { said: refused('countBehind', { count: told }) };
}

const retryAftersMs = [null, 0, 7_000, 120_000, 1_200_000, 3_600_000];

function again({ jws, past, hear }: Asked): Fate {
  const old = past.findLast(({ isDelivered }) => !isDelivered) ?? past.at(-1);
  if (old !== undefined) return { said: old.said };
  hear(jws);
  return { said: null };
}

/** A box that obeys waits a day and a bit, which takes long to simulate: not one of those that come by chance. */
export const forYears = 'too much to do for years' as const;

/** Each fault by its name. */
export const lineFaults = {
  'no connection': () => ({ said: new Error('connect ECONNREFUSED') }),
  'no way there': () => ({ said: new Error('connect EHOSTUNREACH'), delayMs: 3_000 }),
  'no answer': ({ jws, hear }: Asked) => {
    hear(jws);
    return { said: null };
  },
  'its answer is lost': ({ jws, hear }: Asked) => {
    hear(jws);
    return { said: new Error('socket hang up') };
  },
  'answers late': ({ jws, hear, dice }: Asked) => ({
    said: hear(jws),
    delayMs: dice.between(10_100, 60_000),
  }),
  'answers slowly': ({ jws, hear, dice }: Asked) => ({
    said: hear(jws),
    delayMs: dice.between(1_000, 9_500),
  }),
  'is asked twice': ({ jws, hear, dice }: Asked) => {
    const both = [hear(jws), hear(jws)];
    return { said: dice.pick(both) };
  },
  'an old answer': again,
  'an answer to another question': (asked: Asked) =>
    anotherAnswer(asked, ({ nonce }) => ({ nonce: nonce.replace(/^./, (one) => (one === 'A' ? 'B' : 'A')) })),
  "another box's answer": (asked: Asked) => anotherAnswer(asked, () => ({ box: 'SW-000000000000' })),
  'a forged answer': forged,
  'one bit changed': oneBit,
  'an old revision': oldRevision,
  'signed nonsense': signedNonsense,
  'more than 64 KiB': ({ jws, registry }: Asked) => {
    const request = asRead(jws);
    const text = JSON.stringify(registry.answerTo(request)).padEnd(60_000);
    return nothing({ text: signedBy(registry.newest, jwsTypes.answer, text) });
  },
  'a web page': () => nothing({ text: html }),
  'a web page of a proxy': () => nothing({ status: 502, text: html }),
  'a redirection': () => nothing({ status: 302, text: '' }),
  'too much to do': ({ dice }: Asked) => ({
    said: refused(dice.pick(['tooMany', 'busy', 'restored']), {
      retryAfterMs: dice.pick(retryAftersMs),
    }),
  }),
  [forYears]: () => ({ said: refused('busy', { retryAfterMs: 999_999_999_000 }) }),
  'a forged countBehind': countBehind,
  'a refusal': ({ dice }: Asked) => ({
    said: refused(
      dice.pick([
        'keyMismatch',
        'hardwareChanged',
        'unauthorized',
        'malformed',
        'signatureInvalid',
        'failed',
      ]),
    ),
  }),
} as const satisfies Record<string, (asked: Asked) => Fate>;

/** The name of a fault. */
export type LineFault = keyof typeof lineFaults;

/** Those that come by chance. */
export const usualFaults = (Object.keys(lineFaults) as LineFault[]).filter((name) => name !== forYears);
