/** A registry in this process that says what a test wants. No database, no network, no time of its own. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import * as v from 'valibot';
import { makeBoxKey } from '../../gateway/cloud/box-key.ts';
import type { Exchange, HttpReply } from '../../gateway/cloud/registration/asking.ts';
import { type RegistryKey, registryKeyOf } from '../../gateway/cloud/registration/trust.ts';
import {
  jwsTypes,
  type Registration,
  type RegistrationAnswer,
  registrationSchema,
} from '../../gateway/contract/registration.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import type { Clock } from '../../gateway/seams/time.ts';

/** A key pair of the registry. */
export interface Pair extends RegistryKey {
  privateKey: KeyObject;
}

const pairs = new Map<number, Pair>();

/** The same pair for the same number. */
export function registryPair(number: number): Pair {
  const pair = pairs.get(number) ?? newPair(number);
  pairs.set(number, pair);
  return pair;
}

function newPair(number: number): Pair {
  const { privateKey, publicKey } = makeBoxKey(new Uint8Array(32).fill(100 + number));
  return {
    ...registryKeyOf(publicKey.x ?? ''),
    privateKey: createPrivateKey({ key: privateKey, format: 'jwk' }),
  };
}

/** A JWS in compact form, EdDSA, of a JSON value or of a text as it stands. */
export function signedBy(
  { kid, privateKey }: Pair,
  typ: string,
  payload: unknown,
  header: object = {},
): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const input = [JSON.stringify({ alg: 'EdDSA', typ, kid, ...header }), text]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

/** What it says to one question. */
export type Say = (request: Registration, jws: string) => HttpReply | Promise<HttpReply>;

const dayMs = 86_400_000;

/** See the module. */
export class FakeRegistry {
  /** The newest first: it signs, unless the box does not know it. */
  pairs: Pair[] = [registryPair(1)];
  /** Every question that came, checked: signed by its box, and as the contract has it. */
  readonly requests: Registration[] = [];
  /** What each of the next questions is answered; afterwards {@link FakeRegistry.usual}. */
  readonly script: Say[] = [];
  /** Nobody is there. */
  away = false;
  /** What is told, unless a test says otherwise. */
  told: Partial<RegistrationAnswer> = {};
  /** How far its clock is ahead of the box's. */
  aheadMs = 0;
  /** Questions that are being answered now, and the most there ever were. */
  asked = { now: 0, most: 0 };
  revision = 0;
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  /** An answer to this question; members given replace the usual ones. */
  answer(request: Registration, changes: Partial<RegistrationAnswer> = {}): RegistrationAnswer {
    this.revision = Math.max(this.revision, request.revision) + 1;
    const nowMs = this.#clock.nowMs() + this.aheadMs;
    return {
      box: request.box,
      nonce: request.nonce,
      time: isoTime(nowMs),
      revision: this.revision,
      state: 'active',
      until: null,
      reason: null,
      broker: null,
      certificate: null,
      commandKeys: [],
      pairing: null,
      registryKeys: this.pairs.map(({ kid, x }) => ({ kid, x })),
      registerAfter: isoTime(nowMs + dayMs),
      ...this.told,
      ...changes,
    };
  }

  /** It signed, as the registry does: by the newest key that the box trusts. */
  signed(request: Registration, payload: unknown): HttpReply {
    const pair = this.pairs.find(({ kid }) => request.trusts.includes(kid)) ?? (this.pairs[0] as Pair);
    return ok(signedBy(pair, jwsTypes.answer, payload));
  }

  /** An answer that differs from the usual one. */
  says(changes: Partial<RegistrationAnswer> | Record<string, unknown>): Say {
    return (request) => this.signed(request, { ...this.answer(request), ...changes });
  }

  readonly usual: Say = (request) => this.signed(request, this.answer(request));

  /** The retained call over MQTT. */
  notice(box: string, revision: number, pair = this.pairs[0] as Pair): Uint8Array {
    return Buffer.from(signedBy(pair, jwsTypes.notice, { box, revision }));
  }

  readonly exchange: Exchange = async (jws) => {
    if (this.away) throw new Error('connect ECONNREFUSED');
    const request = checked(jws);
    this.requests.push(request);
    this.asked.now += 1;
    this.asked.most = Math.max(this.asked.most, this.asked.now);
    try {
      return await (this.script.shift() ?? this.usual)(request, jws);
    } finally {
      this.asked.now -= 1;
    }
  };

  get last(): Registration {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('nobody has asked');
    return last;
  }
}

/** An HTTP reply with this body. */
export const ok = (text: string): HttpReply => ({ status: 200, retryAfterMs: null, text });

/** A refusal as the registry writes it. */
export function problem(
  status: number,
  code: string,
  more: { count?: number; retryAfterMs?: number } = {},
): Say {
  const { retryAfterMs = null, ...members } = more;
  const text = JSON.stringify({ type: `urn:swipe:problem:${code}`, title: code, status, code, ...members });
  return () => ({ status, retryAfterMs, text });
}

/** A box's question, as it says of itself. */
export const asRead = (jws: string): Registration =>
  JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as Registration;

/** A box's question, its signature and its form checked. Throws an Error. */
export function checked(jws: string): Registration {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const request = v.parse(registrationSchema, asRead(jws));
  const named = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  const wanted = { alg: 'EdDSA', typ: jwsTypes.registration, kid: request.box };
  if (JSON.stringify(named) !== JSON.stringify(wanted)) throw new Error(`header ${JSON.stringify(named)}`);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: request.key }, format: 'jwk' });
  if (!verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
    throw new Error('not signed by its box');
  return request;
}
