/** What a call of the API is: said once, for the server and for its description. */
import type * as v from 'valibot';
import type { ProblemCode } from '../../../gateway/contract/registration.ts';
import type { Billing } from '../billing/billing.ts';
import { parsedBy } from '../identity/read-jws.ts';
import { Refusal } from '../refusal.ts';
import type { Core } from '../services/core.ts';
import type { Registrar } from '../services/registrar.ts';
import type { Operator, Scope } from '../services/tokens.ts';

/** Content types of requests and answers. */
export const jose = 'application/jose';
/** JSON, as everything that is not signed is written. */
export const json = 'application/json';

/** What a handler works with. */
export interface Call {
  core: Core;
  /** null: nobody is billed. */
  billing: Billing | null;
  registrar: Registrar;
  /** Where the request came from: an IP address. */
  address: string;
  /** Whoever showed a token; only where the route names a scope. */
  operator: Operator;
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  contentType: string;
  body: string;
}

/**
 * What a handler answers with: a value that is written as JSON, a text of another type, or nothing. `policy`: the
 * Content-Security-Policy of a page; absent: nothing at all may be loaded or styled.
 */
export type Answer = { json: unknown } | { text: string; type: string; policy?: string } | null;

/** One call of the API. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  /** With `:name` for parameters. */
  path: string;
  summary: string;
  /** What an operator's token must allow; absent: no token is needed. */
  scope?: Scope;
  /** Names of query parameters and what they are. */
  query?: Readonly<Record<string, string>>;
  /** Content type to the schema of the body, or, for a JWS, of its payload. */
  body?: Readonly<Record<string, v.GenericSchema>>;
  /** The same for what is answered; absent: 204 and nothing. */
  answer?: Readonly<Record<string, v.GenericSchema>>;
  /** What it may refuse besides the usual. */
  problems?: readonly ProblemCode[];
  handle(call: Call): Promise<Answer>;
}

/** Where everything is that needs a token. */
export const operatorRoot = '/v1/operator';

/** A handler whose answer is that it was done. */
export function nothing(work: (call: Call) => Promise<void>): Route['handle'] {
  return async (call) => {
    await work(call);
    return null;
  };
}

/** The body as its schema has it. @throws Refusal `unsupportedMedia`, `malformed` */
export function jsonBody<const Schema extends v.GenericSchema>(
  call: Call,
  schema: Schema,
): v.InferOutput<Schema> {
  if (call.contentType !== json) throw new Refusal('unsupportedMedia', `allowed: ${json}`);
  return parsedBy(schema, readJson(call.body));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('malformed', 'the body is not JSON');
  }
}

const pageMax = 1000;

/** Which part of a list was asked for. @throws Refusal `malformed` */
export function pageOf({ query }: Call): { after?: string; limit: number } {
  const limit = query.limit === undefined ? 100 : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > pageMax)
    throw new Refusal('malformed', `limit: allowed: a whole number from 1 to ${pageMax}`);
  const after = query.after === undefined || query.after === '' ? undefined : query.after;
  return after === undefined ? { limit } : { after, limit };
}

/** The same for lists that are numbered. @throws Refusal `malformed` */
export function numberedPageOf(call: Call): { after?: string; limit: number } {
  const page = pageOf(call);
  if (page.after !== undefined && !/^\d{1,15}$/.test(page.after))
    throw new Refusal('malformed', 'after: allowed: the number of the last line of the page before');
  return page;
}

/** The parameters of every list. */
export const pageQuery = {
  after: 'the last one of the page before; absent: the first page',
  limit: 'at most so many, 1 to 1000; 100 when absent',
};
