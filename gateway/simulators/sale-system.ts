/** A small sale system: what `swipe pay` is, and an example for integrators of the client's side of the contract. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import * as v from 'valibot';
import { type BoxEvent, eventSchema } from '../contract/event.ts';
import { type Result, resultSchema } from '../contract/result.ts';
import { topicsOf } from '../contract/topics.ts';
import { messageOf, SwipeError } from '../seams/error.ts';

/** Whom to talk to, and with which key. */
export interface SaleSystemOptions {
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  box: string;
  key: HmacKey;
  /** Files' contents, for TLS. */
  tls?: { ca?: string; cert?: string; key?: string };
}

/** An HS256 key: its name, and the secret as base64url. */
export interface HmacKey {
  kid: string;
  secret: string;
}

/** Hears the box. */
export interface SaleSystemListener {
  result?(result: Result): void;
  event?(event: BoxEvent): void;
  /** The retained status: whether the box is online. */
  online?(online: boolean): void;
}

/** A session with one box. */
export interface SaleSystem {
  /** Signs a command and sends it; resolves when the broker has it. The same command may be sent again. */
  send(command: object): Promise<void>;
  close(): Promise<void>;
}

const encode = (data: string): string => Buffer.from(data).toString('base64url');
const macOf = (input: string, secret: string): Buffer =>
  createHmac('sha256', Buffer.from(secret, 'base64url')).update(input).digest();

/** A JWS in compact serialisation, HS256 (RFC 7515 §3.1, RFC 7518 §3.2), of a payload as it stands. */
export function signText(payload: string, { kid, secret }: HmacKey): string {
  const input = `${encode(JSON.stringify({ alg: 'HS256', kid }))}.${encode(payload)}`;
  return `${input}.${macOf(input, secret).toString('base64url')}`;
}

/** A command's JWS. */
export const signCommand = (command: object, key: HmacKey): string => signText(JSON.stringify(command), key);

/** The payload's JSON of a JWS that was signed with this key; null when it was not. */
export function readJws(jws: string, { kid, secret }: HmacKey): unknown {
  const [header = '', payload = '', ...signature] = jws.split('.');
  // As text: of the signature's many lenient spellings only one is right.
  const mac = Buffer.from(macOf(`${header}.${payload}`, secret).toString('base64url'));
  const given = Buffer.from(signature.join('.'));
  if (given.length !== mac.length || !timingSafeEqual(given, mac)) return null;
  const named = readJson(Buffer.from(header, 'base64url').toString()) as {
    alg?: string;
    kid?: string;
    crit?: unknown;
  } | null;
  // RFC 7515 §4.1.11: whoever does not know what is critical must not believe it.
  if (named?.alg !== 'HS256' || named.kid !== kid || named.crit !== undefined) return null;
  return readJson(Buffer.from(payload, 'base64url').toString());
}

/** The result in a JWS that was signed with this key; null when it was not, or is no result. Never trust a topic. */
export function readResult(jws: string, key: HmacKey): Result | null {
  const parsed = v.safeParse(resultSchema, readJws(jws, key));
  return parsed.success ? parsed.output : null;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Connects to the broker and listens to one box. MQTT 3.1.1, which every broker speaks.
 *
 * @throws SwipeError `brokerUnreachable`
 */
export async function connectSaleSystem(
  options: SaleSystemOptions,
  listener: SaleSystemListener,
): Promise<SaleSystem> {
  const { url, username, password, box, key, tls = {} } = options;
  const topics = topicsOf(box);
  let client: MqttClient;
  try {
    const account = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    };
    client = await connectAsync(
      url,
      { protocolVersion: 4, connectTimeout: 5000, reconnectPeriod: 1000, ...account, ...tls },
      false,
    );
  } catch (error) {
    throw new SwipeError('brokerUnreachable', `the broker ${url} cannot be reached: ${messageOf(error)}`, {
      cause: error,
    });
  }
  client.on('error', () => {});
  const noDelay = (): void =>
    void (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
  noDelay();
  client.on('connect', noDelay);
  client.on('message', (topic, payload) => {
    const text = payload.toString();
    if (topic === topics.results) {
      const result = readResult(text, key);
      if (result !== null) listener.result?.(result);
    } else if (topic === topics.events) {
      const event = v.safeParse(eventSchema, readJson(text));
      if (event.success) listener.event?.(event.output);
    } else {
      const status = readJson(text) as { online?: unknown } | null;
      listener.online?.(status?.online === true);
    }
  });
  await client.subscribeAsync([topics.results, topics.events, topics.status], { qos: 1 });
  return {
    async send(command) {
      await client.publishAsync(topics.commands, signCommand(command, key), { qos: 1 });
    },
    close: () => client.endAsync(),
  };
}
