/** Tries the ways out, leg by leg, so that it can be said where one ends. */
import { readFileSync } from 'node:fs';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connectAsync } from 'mqtt';
import type { BrokerWay, Network, Reach, Tried } from '../../../provisioning/technician/world.ts';
import { messageOf } from '../../seams/error.ts';
import type { Random } from '../../seams/random.ts';
import { legMs, reachByProxy, reachPort } from './reach-port.ts';
import { shakeHands } from './reach-tls.ts';

/** A text, or what stands in the file of this name. */
const pemOf = (pemOrPath: string | undefined): string | undefined =>
  pemOrPath === undefined || pemOrPath.includes('-----BEGIN ') ? pemOrPath : readFileSync(pemOrPath, 'utf8');

/** Makes it. */
export function networkOut(random: Pick<Random, 'bytes'>): Network {
  return {
    async tryRegistry({ url, ca }, proxy) {
      const { hostname, port, protocol } = new URL(url);
      const isTls = protocol === 'https:';
      const way = { host: bare(hostname), port: Number(port || (isTls ? 443 : 80)) };
      const { reach, otherMs } = await registryReach(way, url, isTls ? { ca } : null).catch((error) => ({
        reach: unreadable(error),
        otherMs: null,
      }));
      return tried(way, reach, otherMs, proxy);
    },
    async tryBroker(broker, proxy) {
      const { hostname, port, protocol } = new URL(broker.url);
      const isTls = protocol === 'mqtts:';
      const way = { host: bare(hostname), port: Number(port || (isTls ? 8883 : 1883)) };
      const reach = await brokerReach(way, broker, isTls, random).catch(unreadable);
      return tried(way, reach, null, proxy);
    },
  };
}

/** A CA or key in a file that cannot be read. */
const unreadable = (error: unknown): Reach => ({
  at: 'tls',
  why: 'failed',
  text: messageOf(error).slice(0, 200),
});

interface Way {
  host: string;
  port: number;
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

async function tried(way: Way, reach: Reach, otherMs: number | null, proxy?: string): Promise<Tried> {
  const isBlocked = reach.at === 'name' || reach.at === 'port';
  const viaProxy = proxy === undefined || !isBlocked ? null : await reachByProxy(proxy, way.host, way.port);
  return { ...way, reach, otherMs, viaProxy };
}

async function registryReach(
  { host, port }: Way,
  url: string,
  given: { ca: string | undefined } | null,
): Promise<{ reach: Reach; otherMs: number | null }> {
  const first = await reachPort(host, port);
  if (first.at !== 'open') return { reach: first, otherMs: null };
  const tls = given === null ? null : { ca: pemOf(given.ca) };
  const health = new URL('v1/health', url.endsWith('/') ? url : `${url}/`);
  const failure = tls === null ? null : await shakeHands(host, port, tls);
  if (failure !== null) {
    // Nothing is sent or believed but its clock: with a wrong one here every certificate looks wrong.
    const said = await get(health, { rejectUnauthorized: false }).catch(() => null);
    return { reach: failure, otherMs: said?.dateMs ?? null };
  }
  try {
    const { status, isJson, dateMs } = await get(health, tls?.ca === undefined ? {} : { ca: tls.ca });
    const isRegistry = isJson && (status === 200 || status === 503);
    const reach: Reach = isRegistry ? { at: 'open' } : { at: 'service', why: 'http', text: String(status) };
    return { reach, otherMs: isRegistry ? dateMs : null };
  } catch (error) {
    return { reach: { at: 'service', why: 'http', text: messageOf(error).slice(0, 100) }, otherMs: null };
  }
}

function get(
  url: URL,
  tls: { ca?: string; rejectUnauthorized?: boolean },
): Promise<{ status: number; isJson: boolean; dateMs: number | null }> {
  const options: RequestOptions & typeof tls = { agent: false, timeout: legMs, ...tls };
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (response) => {
      const { date, 'content-type': type = '' } = response.headers;
      const dateMs = Date.parse(date ?? '');
      resolve({
        status: response.statusCode ?? 0,
        isJson: type.includes('json'),
        dateMs: Number.isNaN(dateMs) ? null : dateMs,
      });
      asked.destroy();
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
}

async function brokerReach(
  { host, port }: Way,
  broker: BrokerWay,
  isTls: boolean,
  random: Pick<Random, 'bytes'>,
): Promise<Reach> {
  const first = await reachPort(host, port);
  if (first.at !== 'open') return first;
  const tls = isTls ? { ca: pemOf(broker.ca), cert: pemOf(broker.cert), key: pemOf(broker.key) } : {};
  const failure = isTls ? await shakeHands(host, port, tls) : null;
  if (failure !== null) return failure;
  // A certificate is a session at the broker, and that is the gateway's: a second one would end it.
  if (tls.cert !== undefined) return { at: 'open' };
  try {
    const client = await connectAsync(
      broker.url,
      {
        clientId: `swipe-check-${Buffer.from(random.bytes(6)).toString('hex')}`,
        protocolVersion: 4,
        clean: true,
        connectTimeout: legMs,
        reconnectPeriod: 0,
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(broker.username === undefined ? {} : { username: broker.username }),
        ...(broker.password === undefined ? {} : { password: broker.password }),
      },
      false,
    );
    client.on('error', () => {});
    await client.endAsync(true);
    return { at: 'open' };
  } catch (error) {
    // MQTT 3.1.1 §3.2.2.3: bad name or password, not authorised; a broker that hangs up means the same.
    const { code } = error as { code?: unknown };
    const isDenied = code === 4 || code === 5;
    return { at: 'service', why: isDenied ? 'denied' : 'notMqtt', text: messageOf(error).slice(0, 100) };
  }
}
