/** The calls of the API, each by its name in the contract. */
import type { Context } from 'hono';
import { type DeskCallName, joseType, longestWaitS } from '../../contract/desk-api.ts';
import openapi from '../../contract/schemas/desk.openapi.json' with { type: 'json' };
import { version } from '../../version.ts';
import { DeskRefusal } from '../refusal.ts';
import type { DeskApp, DeskAppParts, DeskEnv } from './app.ts';
import { handIn, type OperationAnswer, outcomeOf, type Patience } from './operations.ts';
import { type Reader, readerOf } from './read-token.ts';

type Handler = (context: Context<DeskEnv>) => Response | Promise<Response>;

const bodyTypes: readonly string[] = [joseType, 'text/plain'];

/** Adds them. */
export function addApiRoutes(app: DeskApp, parts: DeskAppParts): void {
  const { around, streams, gate } = parts;
  const reader = (context: Context): Promise<Reader> => readerOf(around, context.req.header('Authorization'));

  const handlers: Readonly<Record<DeskCallName, Handler>> = {
    async 'post /v1/operations'(context) {
      const type = (context.req.header('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
      if (!bodyTypes.includes(type)) throw new DeskRefusal('unsupportedMedia');
      const patience = patienceOf(context);
      const id = await handIn(parts, trimmed(context.get('body')));
      return written(context, await outcomeOf(parts, id, patience));
    },
    async 'get /v1/operations/{id}'(context) {
      const { kid } = await reader(context);
      const id = context.req.param('id') ?? '';
      const patience = patienceOf(context);
      const known = /^[A-Za-z0-9_-]{8,64}$/.test(id) ? around.find(id) : null;
      if (known === null || known.state === 'notFound') throw new DeskRefusal('notFound');
      if (known.kid !== kid) throw new DeskRefusal('otherKey');
      return written(context, await outcomeOf(parts, id, patience));
    },
    async 'get /v1/status'(context) {
      await reader(context);
      return context.json(around.status());
    },
    async 'get /v1/events'(context) {
      const { untilMs } = await reader(context);
      const leave = gate.enter(context.get('address'), 'listener');
      const stream = streams.open(untilMs - around.clock.nowMs(), leave);
      context.header('Content-Type', 'text/event-stream; charset=utf-8');
      return context.body(stream);
    },
    'get /health': (context) => context.json({ ok: true, box: around.box, version }),
    'get /openapi.json': (context) => context.json(openapi),
  };

  for (const [name, handler] of Object.entries(handlers)) {
    const [method = '', path = ''] = name.split(' ');
    app.on(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'), handler);
  }
}

function written(context: Context, answer: OperationAnswer | null): Response {
  if (answer === null) throw new DeskRefusal('notFound');
  if ('view' in answer) return context.json(answer.view, 202);
  return context.body(answer.jws, 200, { 'Content-Type': joseType });
}

/** @throws DeskRefusal `malformed` */
function patienceOf(context: Context): Patience {
  const wait = numberIn(context, 'wait', 1, longestWaitS) ?? 0;
  const afterSequence = numberIn(context, 'after', 0, Number.MAX_SAFE_INTEGER) ?? 0;
  return { waitMs: wait * 1000, afterSequence, signal: context.req.raw.signal };
}

function numberIn(context: Context, name: string, least: number, most: number): number | undefined {
  const [text, ...more] = context.req.queries(name) ?? [];
  if (text === undefined) return undefined;
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (more.length > 0 || !(number >= least && number <= most))
    throw new DeskRefusal('malformed', `${name}: allowed: one whole number from ${least} to ${most}`);
  return number;
}

/** A file that somebody sends ends with a line feed. */
function trimmed(bytes: Uint8Array): Uint8Array {
  let [start, end] = [0, bytes.length];
  const isBlank = (at: number): boolean => [9, 10, 13, 32].includes(bytes[at] ?? 0);
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return bytes.subarray(start, end);
}
