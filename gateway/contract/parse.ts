import * as v from 'valibot';
import { type Command, commandSchema, ignoredClaims } from './command.ts';
import { type Fault, faultsOf } from './faults.ts';
import { parseIsoTime } from './time.ts';

/** The longest life of a command: `expiresAt` at most this long after `issuedAt`. */
export const commandMaxLifeMs = 15 * 60_000;

/** What a signed payload turned out to be. `id` and `type` are there as far as they could be read. */
export type ParsedCommand =
  | { command: Command; content: string }
  | { faults: Fault[]; id: string | null; type: string | null; order: string | null; content: string };

/** Reads the payload of a command whose signature has been checked. */
export function parseCommand(payload: unknown): ParsedCommand {
  const known = withoutClaims(payload);
  const content = contentOf(known);
  const parsed = v.safeParse(commandSchema, known);
  const faults = parsed.success ? lifeFaults(parsed.output) : faultsOf(parsed.issues);
  if (parsed.success && faults.length === 0) return { command: parsed.output, content };
  const members = isObject(known) ? known : {};
  return {
    faults,
    id: textMatching(members.id, /^[A-Za-z0-9_-]{8,64}$/),
    type: textMatching(members.type, /^[A-Za-z]{1,32}$/),
    order: textMatching(members.order, /^[\s\S]{0,64}$/),
    content,
  };
}

function lifeFaults({ issuedAt, expiresAt }: Command): Fault[] {
  const lifeMs = parseIsoTime(expiresAt) - parseIsoTime(issuedAt);
  if (lifeMs > 0 && lifeMs <= commandMaxLifeMs) return [];
  return [
    { path: 'expiresAt', found: `"${expiresAt}"`, allowed: 'later than issuedAt, by at most 15 minutes' },
  ];
}

function withoutClaims(payload: unknown): unknown {
  if (!isObject(payload)) return payload;
  return Object.fromEntries(
    Object.entries(payload).filter(([name]) => !(ignoredClaims as readonly string[]).includes(name)),
  );
}

/**
 * The content of a command: its payload without `issuedAt` and `expiresAt`, members sorted, as text. Two
 * commands with one id are the same operation if and only if this is the same (docs/contract.md, the same command again).
 */
function contentOf(payload: unknown): string {
  if (!isObject(payload)) return canonical(payload);
  const { issuedAt: _issuedAt, expiresAt: _expiresAt, ...content } = payload;
  return canonical(content);
}

// A document's logo stands three deep; what is deeper than this is invalid anyway, and must not exhaust the stack.
const deepest = 8;

function canonical(value: unknown, depth = 0): string {
  if (depth > deepest) return '"…"';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`);
  return `{${members.join(',')}}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textMatching = (value: unknown, pattern: RegExp): string | null =>
  typeof value === 'string' && pattern.test(value) ? value : null;
