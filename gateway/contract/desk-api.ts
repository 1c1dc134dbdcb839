/** The desk's HTTP API on the local network: what may be asked, what is answered. Its description is made of this. */
import * as v from 'valibot';
import { commandSchema, ignoredClaims } from './command.ts';
import { eventSchema, progressSteps, statusSchema } from './event.ts';
import { boxId, flag, oneOf, operationId, timestamp } from './primitives.ts';
import { operationStates, resultSchema } from './result.ts';

/** The longest life of a read token. */
export const readTokenMaxLifeMs = 15 * 60_000;

/** The longest that a client may have the box wait with an answer, in seconds. */
export const longestWaitS = 60;

/**
 * The payload of the JWS that reading needs: `Authorization: Bearer JWS`. It has no `id` and no `type`: it can never be
 * taken for a command, nor a command for it.
 */
export const readTokenSchema = v.strictObject({
  ...(Object.fromEntries(ignoredClaims.map((name) => [name, v.optional(v.unknown())])) as Record<
    (typeof ignoredClaims)[number],
    v.OptionalSchema<v.UnknownSchema, undefined>
  >),
  box: boxId,
  use: v.literal('read'),
  issuedAt: timestamp,
  expiresAt: timestamp,
});

/** How far an operation is that has no result yet. */
export const operationViewSchema = v.strictObject({
  id: operationId,
  state: oneOf(operationStates),
  /** What the customer was last seen doing. */
  step: v.nullable(oneOf(progressSteps)),
});

/** See {@link operationViewSchema}. */
export type OperationView = v.InferOutput<typeof operationViewSchema>;

/** `GET /health`: the box is there. */
export const deskHealthSchema = v.strictObject({ ok: flag, box: boxId, version: v.string() });

/** Why a request was refused: the status and the words. */
export const deskProblems = {
  malformed: [400, 'this cannot be read'],
  unsigned: [401, 'not signed by a known key, or not in time'],
  otherKey: [403, 'the operation was sent with another key'],
  foreignOrigin: [403, 'pages of this origin may not ask here: see desk.origins in the config of the box'],
  notFound: [404, 'there is none'],
  methodNotAllowed: [405, 'this cannot be done here'],
  duplicate: [409, 'this id stands for another operation already; nothing was done'],
  oversized: [413, 'too large'],
  unsupportedMedia: [415, 'allowed: application/jose or text/plain'],
  otherBox: [421, 'meant for another box'],
  misdirected: [421, 'the box is not called by this name: see desk.hosts in its config'],
  tooMany: [429, 'too many at once, or too fast'],
  failed: [500, 'the box could not answer; send it again'],
  storageFull: [503, 'the disk of the box is full; nothing was taken in'],
  clockUnknown: [503, 'the box does not know the time'],
  stopping: [503, 'the box is stopping or has not started yet; send it again'],
} as const;

/** One of {@link deskProblems}. */
export type DeskProblemCode = keyof typeof deskProblems;

/** What a refused request is answered with. `code` is for programs, `text` for people. */
export const deskProblemSchema = v.strictObject({
  code: oneOf(Object.keys(deskProblems) as [DeskProblemCode, ...DeskProblemCode[]]),
  text: v.string(),
});

/** A JWS in compact serialisation (RFC 7515 §7.1), as a body. */
export const joseType = 'application/jose';

/** One call of the API. */
export interface DeskCall {
  method: 'get' | 'post';
  path: string;
  summary: string;
  /** Needs a read token. */
  reads: boolean;
  query?: Readonly<Record<string, string>>;
  /** Content types of the body, and what is in the JWS. */
  body?: { types: readonly string[]; schema: v.GenericSchema };
  /** Status to content type and schema; of a JWS its payload's. */
  answers: Readonly<Record<number, { type: string; schema: v.GenericSchema | null; what: string }>>;
  problems: readonly DeskProblemCode[];
}

const wait = `1 to ${longestWaitS}: answers when there is an outcome, at the latest after so many seconds`;
const json = 'application/json';
const result = {
  type: joseType,
  schema: resultSchema,
  what: 'the signed result, as over MQTT: the same bytes each time; the highest sequence counts',
};
const state = { type: json, schema: operationViewSchema, what: 'no outcome yet: how far it is' };

/** All calls of the API. */
export const deskCalls = [
  {
    method: 'post',
    path: '/v1/operations',
    summary:
      'Hands in a command: a JWS as over MQTT. The same command again gets the same result and touches nothing.',
    reads: false,
    query: { wait },
    body: { types: [joseType, 'text/plain'], schema: commandSchema },
    answers: { 200: result, 202: state },
    problems: ['malformed', 'unsigned', 'otherKey', 'duplicate', 'oversized', 'unsupportedMedia', 'otherBox'],
  },
  {
    method: 'get',
    path: '/v1/operations/{id}',
    summary: 'What became of an operation: for the key that sent it.',
    reads: true,
    query: { wait, after: 'a sequence: only a later result counts as an outcome' },
    answers: { 200: result, 202: state },
    problems: ['malformed', 'otherKey', 'notFound'],
  },
  {
    method: 'get',
    path: '/v1/status',
    summary: 'What the box is and can do now.',
    reads: true,
    answers: { 200: { type: json, schema: statusSchema, what: 'as retained on the status topic' } },
    problems: [],
  },
  {
    method: 'get',
    path: '/v1/events',
    summary:
      'Events as server-sent events until the token ends: each a line of JSON; first, and after each change, the status as `event: status`.',
    reads: true,
    answers: { 200: { type: 'text/event-stream', schema: eventSchema, what: 'one event of many' } },
    problems: [],
  },
  {
    method: 'get',
    path: '/health',
    summary: 'Whether the box is there.',
    reads: false,
    answers: { 200: { type: json, schema: deskHealthSchema, what: 'it is' } },
    problems: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This description.',
    reads: false,
    answers: { 200: { type: json, schema: null, what: 'OpenAPI 3.1' } },
    problems: [],
  },
] as const satisfies readonly DeskCall[];

/** A call by its method and path. */
export type DeskCallName = NameOf<(typeof deskCalls)[number]>;

type NameOf<Call> = Call extends { method: infer Method extends string; path: infer Path extends string }
  ? `${Method} ${Path}`
  : never;
