import * as v from 'valibot';
import { shortText } from './card-data.ts';

/** One thing that is wrong with an input: where, what stands there, what is allowed. */
export interface Fault {
  /** Dotted path, such as `terminal.baudRate` or `commandKeys.0.secret`; empty for the whole. */
  path: string;
  found: string;
  allowed: string;
}

const secretNames = new Set(['secret', 'password', 'key', 'cert', 'ca', 'claim']);

// An address may carry a name and a password: scheme://name:password@host. Neither need be written as it should be.
const credentials = /^"([a-z][a-z0-9+.-]*:(?:\/\/)?)?.*@/is;

/** A value as a fault shows it: shortened, no card number, no password out of an address, of a structure its kind only. */
export function written(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return shortText(text.replace(credentials, '"$1…@'), 60);
}

/** What was found, where it may be shown: not a secret, nor text where something that may hold secrets belongs. */
function found({ input, expected }: v.BaseIssue<unknown>, names: readonly string[]): string {
  if (expected === 'never') return 'an unknown member';
  if (input === null || input === undefined || typeof input === 'object') return written(input);
  if (names.some((name) => secretNames.has(name))) return 'a value that is not shown';
  return expected === 'Object' || expected === 'Array' ? `a ${typeof input}` : written(input);
}

function allowed({ input, expected, message }: v.BaseIssue<unknown>, names: readonly string[]): string {
  if (expected === 'never') return 'no such member';
  if (input === undefined && expected === JSON.stringify(names.at(-1)))
    return 'a value: it may not be left out';
  if (expected === 'Object') return message.startsWith('Invalid ') ? 'an object' : message;
  return message.startsWith('Invalid ') ? (expected ?? message) : message;
}

/** Turns what a schema found into faults, values shortened, card numbers masked, secrets not shown at all. */
export function faultsOf(issues: readonly v.BaseIssue<unknown>[]): Fault[] {
  const faults = issues.map((issue) => {
    const names = (issue.path ?? []).map((item) => String(item.key));
    // An unknown member's name is the sender's own text, of any length.
    const path = names.map((name) => shortText(name, 60)).join('.');
    return { path, found: found(issue, names), allowed: allowed(issue, names) };
  });
  // 0.5 is no integer and below 1: one thing to put right.
  const lines = faults.map(faultLine);
  return faults.filter((_, index) => lines.indexOf(lines[index] ?? '') === index);
}

// An object has a few members; nobody needs to be told of more unknown ones.
const roundsMax = 100;

/**
 * Every fault that a schema finds. Of an object's unknown members valibot names one and looks no further: it is taken
 * out, and the rest is looked at again.
 */
export function allFaults(schema: v.GenericSchema, input: unknown): Fault[] {
  const unknown: v.BaseIssue<unknown>[] = [];
  let rest = input;
  for (let round = 0; ; round += 1) {
    const issues = v.safeParse(schema, rest).issues ?? [];
    const found = issues.filter(({ expected }) => expected === 'never');
    if (found.length === 0 || round === roundsMax) return faultsOf([...issues, ...unknown]);
    unknown.push(...found);
    for (const { path } of found) rest = without(rest, path?.map(({ key }) => key) ?? []);
  }
}

/** A copy of the value that lacks the member at this path. */
function without(value: unknown, [key, ...deeper]: readonly unknown[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? without(item, deeper) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (name !== key) return [[name, member]];
      return deeper.length === 0 ? [] : [[name, without(member, deeper)]];
    }),
  );
}

/** A fault in one line: `amount: found "10.5", allowed: an integer of minor units from 1 to …`. */
export const faultLine = ({ path, found, allowed }: Fault): string =>
  `${path === '' ? 'the whole' : path}: found ${found}, allowed: ${allowed}`;
