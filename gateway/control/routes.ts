/** What the control socket answers to each request. */
import { isoTime } from '../contract/time.ts';
import type { Gateway } from '../gateway.ts';
import { isSwipeError, messageOf } from '../seams/error.ts';
import type { Probes } from './probes.ts';
import { logEntryOf, logMaxEntries, type StatusAnswer } from './protocol.ts';

/** What answers are made of. Without probes there are status and log alone. */
export interface RouteParts {
  gateway: Pick<Gateway, 'status' | 'isConnected' | 'counters' | 'registry' | 'desk' | 'latest'>;
  probes: Probes | null;
}

/** A request. */
export interface Asked {
  method: string | undefined;
  /** Path and query, as they came. */
  url: string;
  /** The body's JSON; undefined where there is none. */
  body: unknown;
}

/** An answer. */
export interface Answer {
  code: number;
  body: unknown;
}

type Route = (probes: Probes, asked: URL, body: unknown) => unknown;

const gets: Readonly<Record<string, Route>> = {
  '/health': (probes) => probes.health(),
  '/operation': (probes, { searchParams }) => probes.operation(searchParams.get('id') ?? ''),
};
const posts: Readonly<Record<string, Route>> = {
  '/lamps': (probes) => probes.testLamps(),
  '/broker': (probes) => probes.tryBroker(),
  '/test-payment': (probes, _, body) => probes.testPayment(body),
};

const refused = (code: number, error: string): Answer => ({ code, body: { error } });
const nothingHere = refused(404, `allowed: /status, /log, ${Object.keys({ ...gets, ...posts }).join(', ')}`);

/** The answer to a request. Rejects with what the gateway throws. */
export async function answerTo(parts: RouteParts, { method, url: text, body }: Asked): Promise<Answer> {
  if (!URL.canParse(text, 'http://control')) return nothingHere;
  const url = new URL(text, 'http://control');
  const { pathname } = url;
  const { probes } = parts;
  const isPost = Object.hasOwn(posts, pathname);
  if (method !== (isPost ? 'POST' : 'GET')) return refused(405, `only ${isPost ? 'POST' : 'GET'}`);
  if (pathname === '/status') return { code: 200, body: statusOf(parts.gateway) };
  if (pathname === '/log') return logOf(parts.gateway, url);
  const route = isPost ? posts[pathname] : Object.hasOwn(gets, pathname) ? gets[pathname] : undefined;
  if (route === undefined || probes === null) return nothingHere;
  try {
    return { code: 200, body: await route(probes, url, body) };
  } catch (error) {
    if (isSwipeError(error, 'usage')) return refused(400, error.message);
    if (isSwipeError(error, 'brokerUnreachable')) return refused(503, messageOf(error));
    throw error;
  }
}

const statusOf = (gateway: RouteParts['gateway']): StatusAnswer => ({
  status: gateway.status(),
  connected: gateway.isConnected(),
  counters: gateway.counters(),
  registry: gateway.registry(),
  desk: gateway.desk(),
});

function logOf(gateway: RouteParts['gateway'], { searchParams }: URL): Answer {
  const limit = Number(searchParams.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > logMaxEntries)
    return refused(400, `limit: allowed: a whole number from 1 to ${logMaxEntries}`);
  return { code: 200, body: gateway.latest(limit).map((record) => logEntryOf(record, isoTime)) };
}
