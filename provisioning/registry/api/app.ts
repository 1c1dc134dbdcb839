/** The HTTP API: who is let in, which call it is, how its answer or its refusal is written. */
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { type Problem, problems, requestMaxBytes } from '../../../gateway/contract/registration.ts';
import { bodyOf } from '../../../gateway/seams/body.ts';
import { messageOf } from '../../../gateway/seams/error.ts';
import type { Billing } from '../billing/billing.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import type { Core } from '../services/core.ts';
import type { Registrar } from '../services/registrar.ts';
import { type Operator, operatorOf } from '../services/tokens.ts';
import { billingRoutes } from './billing-routes.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import openapi from './openapi.json' with { type: 'json' };
import { operatorRoutes } from './operator-routes.ts';
import { publicRoutes } from './public-routes.ts';
import type { Answer, Route } from './route.ts';

/** All calls of the API but its description and its metrics. */
export const routes: readonly Route[] = [...publicRoutes, ...operatorRoutes, ...billingRoutes];

/** What node's server hands in with every request. */
export interface Connection {
  incoming: { socket: { remoteAddress?: string | undefined } };
}

/** What the API needs. */
export interface ApiParts {
  core: Core;
  registrar: Registrar;
  limits: Limits;
  metrics: Metrics;
  /** Addresses whose X-Forwarded-For is believed. */
  proxies: readonly string[];
  /** null, or absent: nobody is billed. */
  billing?: Billing | null;
}

type Env = { Bindings: Connection; Variables: { body: string } };

/** Makes the API. */
export function createApi({
  core,
  registrar,
  limits,
  metrics,
  proxies,
  billing = null,
}: ApiParts): Hono<Env> {
  const app = new Hono<Env>();
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      // A page brings its own policy.
      overwrite: false,
    }),
  );
  app.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    await next();
  });
  app.use(async (context, next) => {
    // All of it before there is a place for it: whoever sends slowly takes up time that is nobody else's.
    context.set('body', await bodyIn(context));
    const leave = limits.enter(addressOf(context, proxies));
    try {
      await next();
    } finally {
      leave();
    }
  });

  async function called(route: Route, context: Context<Env>): Promise<Response> {
    const began = core.clock.monotonicMs();
    let status = 500;
    try {
      const operator = route.scope === undefined ? nobody : await allowed(context, core, route.scope);
      const answer = await route.handle({
        core,
        billing,
        registrar,
        address: addressOf(context, proxies),
        operator,
        params: plain(context.req.param(), 'notFound'),
        query: plain(context.req.query(), 'malformed'),
        contentType: (context.req.header('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
        body: context.get('body'),
      });
      const response = written(context, answer);
      status = response.status;
      return response;
    } catch (error) {
      status = isRefusal(error) ? problems[error.code][0] : 500;
      throw error;
    } finally {
      metrics.answered(`${route.method} ${route.path}`, status, (core.clock.monotonicMs() - began) / 1000);
    }
  }

  for (const route of routes)
    app.on(route.method.toUpperCase(), route.path, (context) => called(route, context));
  app.get('/v1/openapi.json', (context) => context.json(openapi));
  app.get('/metrics', async (context) => {
    await allowed(context, core, 'metrics:read');
    const text = await metrics.text(core, limits.inFlight);
    return context.body(text, 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  app.notFound((context) => {
    const { path } = context.req;
    const known = routes.filter((route) => patternOf(route.path).test(path)).map(({ method }) => method);
    if (known.length === 0) return refuse(context, new Refusal('notFound'));
    context.header('Allow', known.join(', ').toUpperCase());
    return refuse(context, new Refusal('methodNotAllowed'));
  });

  function refuse(context: Context<Env>, refusal: Refusal): Response {
    metrics.refused(refusal.code);
    const [status, title] = problems[refusal.code];
    const { code, count, faults, message, retryAfterMs } = refusal;
    const problem: Problem = {
      type: `urn:swipe:problem:${code}`,
      title,
      status,
      code,
      ...(message === title ? {} : { detail: message }),
      ...(count === undefined ? {} : { count }),
      ...(faults === undefined ? {} : { faults: [...faults] }),
    };
    if (retryAfterMs !== undefined)
      context.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
    if (code === 'unauthorized') context.header('WWW-Authenticate', 'Bearer');
    return context.body(JSON.stringify(problem), status, { 'Content-Type': 'application/problem+json' });
  }

  app.onError((error, context) => {
    if (isRefusal(error)) return refuse(context, error);
    core.log.error('a request could not be answered', {
      method: context.req.method,
      path: context.req.path,
      error: messageOf(error),
    });
    return refuse(context, new Refusal('failed'));
  });
  return app;
}

/** @throws Refusal `tooLarge`; `malformed` when whoever sent it was gone before its end */
async function bodyIn({ req }: Context<Env>): Promise<string> {
  const { method, body } = req.raw;
  if (method !== 'POST') return '';
  const read = await bodyOf(body as AsyncIterable<Uint8Array> | null, requestMaxBytes);
  if ('bytes' in read) return new TextDecoder().decode(read.bytes);
  throw read.fault === 'oversized'
    ? new Refusal('tooLarge')
    : new Refusal('malformed', 'the body did not come to its end');
}

const nobody: Operator = { name: 'nobody', customer: null, scopes: [] };

async function allowed(
  context: Context<Env>,
  core: Core,
  scope: Operator['scopes'][number],
): Promise<Operator> {
  const token = /^Bearer ([\x21-\x7e]+)$/i.exec(context.req.header('Authorization') ?? '')?.[1];
  const operator = await operatorOf(core, token ?? null);
  if (!operator.scopes.includes(scope)) throw new Refusal('forbidden', `the token lacks the scope ${scope}`);
  return operator;
}

const longestValue = 200;

/** What stands in the address goes into queries: no control characters, which PostgreSQL refuses, and of some length. */
function plain(values: Record<string, string>, otherwise: 'notFound' | 'malformed'): Record<string, string> {
  for (const value of Object.values(values))
    if (value.length > longestValue || /\p{Cc}|\p{Cs}/u.test(value)) throw new Refusal(otherwise);
  return values;
}

function written(context: Context<Env>, answer: Answer): Response {
  if (answer === null) return context.body(null, 204);
  if ('json' in answer)
    return context.body(JSON.stringify(answer.json), 200, { 'Content-Type': 'application/json' });
  if (answer.policy !== undefined) context.header('Content-Security-Policy', answer.policy);
  return context.body(answer.text, 200, { 'Content-Type': answer.type });
}

/** Who asks: whoever is connected, or, behind a proxy of ours, whom the nearest of them saw. */
function addressOf(context: Context<Env>, proxies: readonly string[]): string {
  const seen = context.env?.incoming?.socket.remoteAddress ?? 'unknown';
  const hops = (context.req.header('X-Forwarded-For') ?? '').split(',').map((hop) => hop.trim());
  let address = bare(seen);
  while (proxies.includes(address)) {
    const hop = hops.pop();
    if (hop === undefined || !/^[0-9a-fA-F.:]{2,45}$/.test(hop)) break;
    address = bare(hop);
  }
  return address;
}

const bare = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/:[a-z]+/g, '[^/]+')}$`);
