/** The sale system's side of a box in an end-to-end test: signs commands with several keys, keeps all that is published. */
import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { connectAsync } from 'mqtt';
import * as v from 'valibot';
import type { OperationType } from '../../gateway/contract/command.ts';
import { type BoxEvent, type BoxStatus, eventSchema } from '../../gateway/contract/event.ts';
import { type Result, resultSchema } from '../../gateway/contract/result.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { newOperationId } from '../../gateway/simulators/operation-id.ts';
import { readJws, signText } from '../../gateway/simulators/sale-system.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { Trail } from './trail.ts';

/** A key that a sale system signs with. */
export type SenderKey = { kid: string; allow?: OperationType[] } & (
  | { alg: 'HS256'; secret: string }
  | { alg: 'EdDSA'; privateKey: KeyObject; publicKey: string }
);

/** An HS256 key with a secret of its own: 32 printable characters, as 1C keeps them. */
export function hmacKey(kid: string, allow?: OperationType[]): SenderKey & { alg: 'HS256' } {
  const text = Buffer.from(systemRandom.bytes(24)).toString('base64url');
  return {
    kid,
    alg: 'HS256',
    secret: Buffer.from(text).toString('base64url'),
    ...(allow === undefined ? {} : { allow }),
  };
}

/** An EdDSA key. */
export function edKey(kid: string): SenderKey & { alg: 'EdDSA' } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { kid, alg: 'EdDSA', privateKey, publicKey: publicKey.export({ format: 'jwk' }).x ?? '' };
}

/** A payload as text, signed. */
export function signedText(payload: string, key: SenderKey): string {
  if (key.alg === 'HS256') return signText(payload, key);
  const input = [JSON.stringify({ alg: 'EdDSA', kid: key.kid }), payload]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  return `${input}.${sign(null, Buffer.from(input), key.privateKey).toString('base64url')}`;
}

/** A message that was published. */
export interface Published {
  topic: string;
  payload: Buffer;
}

/** A result as it came: its JWS, and what is in it. */
export interface Told {
  jws: string;
  result: Result;
}

/** A command before its envelope is filled in. */
export interface Draft {
  type: OperationType;
  [member: string]: unknown;
}

/** A sale system. */
export interface SaleClient {
  /** Everything that was published on the box's topics, the commands too. */
  readonly published: Trail<Published>;
  /** The results whose signature is right, each time they came. */
  readonly results: Trail<Told>;
  /** Results whose signature was wrong, or that were not as the contract says. */
  readonly unreadable: Published[];
  readonly events: Trail<BoxEvent>;
  readonly statuses: Trail<BoxStatus | { online: false }>;
  /** A whole command out of a draft: an id, the box and a deadline are added where they are missing. */
  command(draft: Draft): Draft & { id: string };
  /** Signs and sends it; resolves when the broker has it. */
  send(command: object, key?: SenderKey): Promise<void>;
  /** Sends it, and waits for its first result. */
  ask(draft: Draft, key?: SenderKey): Promise<Result>;
  /** The first result of this id, past or future, from a sequence on. */
  resultOf(id: string, fromSequence?: number): Promise<Result>;
  /** Every copy of every result of this id so far. */
  copiesOf(id: string): Told[];
  /** Publishes bytes on the command topic as they are. */
  publish(payload: string | Buffer, options?: { retain: boolean }): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects to the broker. Its session lasts, so that nothing is missed that was published while the broker was down.
 *
 * @param boxKey the box's public key, once there is one
 */
export async function connectSaleClient(options: {
  url: string;
  box: string;
  /** The first one is used where none is named. */
  keys: readonly [SenderKey, ...SenderKey[]];
  boxKey: () => JsonWebKey;
}): Promise<SaleClient> {
  const { url, box, keys, boxKey } = options;
  const topics = topicsOf(box);
  const published = new Trail<Published>('the broker');
  const results = new Trail<Told>('the results');
  const events = new Trail<BoxEvent>('the events');
  const statuses = new Trail<BoxStatus | { online: false }>('the status');
  const unreadable: Published[] = [];

  const client = await connectAsync(url, {
    clientId: `sale-${newOperationId(Date.now(), systemRandom)}`,
    clean: false,
    protocolVersion: 4,
    reconnectPeriod: 200,
  });
  client.on('error', () => {});
  client.on('message', (topic, payload) => {
    published.add({ topic, payload });
    const text = payload.toString();
    if (topic === topics.results) {
      const parsed = v.safeParse(resultSchema, payloadOf(text));
      if (parsed.success) results.add({ jws: text, result: parsed.output });
      else unreadable.push({ topic, payload });
    } else if (topic === topics.events) {
      const parsed = v.safeParse(eventSchema, JSON.parse(text));
      if (parsed.success) events.add(parsed.output);
      else unreadable.push({ topic, payload });
    } else if (topic === topics.status) statuses.add(JSON.parse(text));
  });
  await client.subscribeAsync(`swipe/v1/${box}/#`, { qos: 1 });

  function payloadOf(jws: string): unknown {
    for (const key of keys) {
      const payload = key.alg === 'HS256' ? readJws(jws, key) : null;
      if (payload !== null) return payload;
    }
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const named = JSON.parse(Buffer.from(header, 'base64url').toString());
    const publicKey = createPublicKey({ key: boxKey(), format: 'jwk' });
    const isSigned =
      named.alg === 'EdDSA' &&
      named.kid === box &&
      verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
    return isSigned ? JSON.parse(Buffer.from(payload, 'base64url').toString()) : null;
  }

  const self: SaleClient = {
    published,
    results,
    unreadable,
    events,
    statuses,
    command(draft) {
      const nowMs = Date.now();
      return {
        id: newOperationId(nowMs, systemRandom),
        box,
        issuedAt: new Date(nowMs).toISOString(),
        expiresAt: new Date(nowMs + 120_000).toISOString(),
        ...draft,
      };
    },
    send: (command, key = keys[0]) => self.publish(signedText(JSON.stringify(command), key)),
    async ask(draft, key) {
      const command = self.command(draft);
      await self.send(command, key);
      return self.resultOf(command.id);
    },
    async resultOf(id, fromSequence = 0) {
      const { result } = await results.find(
        ({ result }) => result.id === id && result.sequence >= fromSequence,
        `the result of ${id}`,
      );
      return result;
    },
    copiesOf: (id) => results.items.filter(({ result }) => result.id === id),
    async publish(payload, { retain } = { retain: false }) {
      await client.publishAsync(topics.commands, payload, { qos: 1, retain });
    },
    close: () => client.endAsync(true),
  };
  return self;
}
