/** The desk's HTTP: who is let in, which call it is, how its answer or its refusal is written. */
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { deskCalls, deskProblems } from '../../contract/desk-api.ts';
import type { DeskConfig } from '../../contract/desk-config.ts';
import { commandMaxBytes } from '../../contract/topics.ts';
import { bodyOf } from '../../seams/body.ts';
import { messageOf } from '../../seams/error.ts';
import type { Log } from '../../seams/log.ts';
import type { Random } from '../../seams/random.ts';
import type { Time } from '../../seams/time.ts';
import { addPages, refusalPage } from '../pages/routes.ts';
import type { DeskAround } from '../ports.ts';
import { DeskRefusal } from '../refusal.ts';
import type { Waits } from '../waits.ts';
import { addApiRoutes } from './api-routes.ts';
import { createDoor, type LetIn } from './door.ts';
import type { EventStreams } from './event-streams.ts';
import type { Gate } from './limits.ts';

/** What node's server hands in with every request. */
export interface Connection {
  incoming: { socket: { remoteAddress?: string | undefined; localAddress?: string | undefined } };
}

/** What the app is made of. */
export interface DeskAppParts {
  around: DeskAround;
  config: Pick<DeskConfig, 'hosts' | 'origins' | 'callbacks'>;
  waits: Waits;
  streams: EventStreams;
  gate: Gate;
  time: Time;
  random: Random;
  log: Log;
  /** From when on nothing more is begun. */
  isStopping: () => boolean;
}

/** What handlers find in their context. */
export interface DeskEnv {
  Bindings: Connection;
  Variables: { letIn: LetIn; address: string; body: Uint8Array };
}

/** The desk's app. */
export type DeskApp = Hono<DeskEnv>;

/** A form has a few more bytes than the command in it. */
const bodyMaxBytes = commandMaxBytes + 4096;

/** Makes the app; pages are added to it. */
export function createDeskApp(parts: DeskAppParts): DeskApp {
  const { config, gate, log, isStopping } = parts;
  const app = new Hono<DeskEnv>();
  const door = createDoor(config);

  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      // Browsers ask for it only over HTTPS; a name that once had it would not be reached again over HTTP.
      strictTransportSecurity: false,
      xFrameOptions: 'DENY',
      // A page brings its own policy.
      overwrite: false,
    }),
  );
  app.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    if (isStopping()) throw new DeskRefusal('stopping');
    const { remoteAddress = '', localAddress = '' } = context.env.incoming.socket;
    const [host, origin] = [context.req.header('Host'), context.req.header('Origin')];
    // Names are looked at after the count: guessing them is counted, too.
    gate.count(remoteAddress);
    const letIn = door({ host, origin, localAddress });
    context.set('letIn', letIn);
    context.set('address', remoteAddress);
    if (letIn.foreign !== null) {
      allowOrigin(context, letIn.foreign);
      if (context.req.method === 'OPTIONS') return context.body(null, 204);
    }
    // All of it before there is a place for it: whoever sends slowly takes up no place.
    context.set('body', await bodyIn(context));
    const leave = gate.enter(remoteAddress, 'request');
    try {
      return await next();
    } finally {
      leave();
    }
  });

  addApiRoutes(app, parts);
  addPages(app, parts);

  app.notFound((context) => {
    const known = deskCalls.filter(({ path }) => patternOf(path).test(context.req.path));
    if (known.length === 0) return refuse(context, new DeskRefusal('notFound'));
    context.header('Allow', known.map(({ method }) => method.toUpperCase()).join(', '));
    return refuse(context, new DeskRefusal('methodNotAllowed'));
  });
  app.onError(async (error, context) => {
    if (error instanceof DeskRefusal) return (await refusalPage(context, error)) ?? refuse(context, error);
    log.error('a request at the desk could not be answered', {
      method: context.req.method,
      path: context.req.path,
      error: messageOf(error),
    });
    const refusal = new DeskRefusal('failed');
    return (await refusalPage(context, refusal)) ?? refuse(context, refusal);
  });
  return app;
}

/** How a refusal is written for programs. */
export function refuse(context: Context, { code, message, retryAfterMs }: DeskRefusal): Response {
  const [status] = deskProblems[code];
  if (retryAfterMs !== null)
    context.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  if (code === 'unsigned') context.header('WWW-Authenticate', 'Bearer');
  return context.json({ code, text: message }, status);
}

function allowOrigin(context: Context, origin: string): void {
  context.header('Access-Control-Allow-Origin', origin);
  context.header('Vary', 'Origin');
  context.header('Access-Control-Expose-Headers', 'Retry-After');
  if (context.req.method !== 'OPTIONS') return;
  context.header('Access-Control-Allow-Methods', 'GET, POST');
  context.header('Access-Control-Allow-Headers', 'Authorization, Content-Type');
  context.header('Access-Control-Max-Age', '600');
  // Chromium's Private Network Access: a page from elsewhere asks for a box in the shop.
  if (context.req.header('Access-Control-Request-Private-Network') === 'true')
    context.header('Access-Control-Allow-Private-Network', 'true');
}

async function bodyIn({ req }: Context<DeskEnv>): Promise<Uint8Array> {
  const { method, body } = req.raw;
  if (method !== 'POST') return new Uint8Array();
  const read = await bodyOf(body as AsyncIterable<Uint8Array> | null, bodyMaxBytes);
  if ('bytes' in read) return read.bytes;
  throw read.fault === 'oversized'
    ? new DeskRefusal('oversized')
    : new DeskRefusal('malformed', 'the body did not come to its end');
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
