import type * as v from 'valibot';
import { shortText } from './card-data.ts';

/** One thing that is wrong with an input: where, what stands there, what is allowed. */
export interface Fault {
  /** Dotted path, such as `terminal.baudRate` or `commandKeys.0.secret`; empty for the whole. */
  path: string;
  found: string;
  allowed: string;
}

const secretNames = new Set(['secret', 'password', 'key', 'cert', 'ca']);

// An address may carry a name and a password: scheme://name:password@host.
const credentials = /\/\/[^@\s"]*@/g;

/** A value as a fault shows it: shortened, no card number, no password out of an address, of a structure its kind only. */
export function written(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return shortText(text.replace(credentials, '//…@'), 60);
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

/** A fault in one line: `amount: found "10.5", allowed: an integer of minor units from 1 to …`. */
export const faultLine = ({ path, found, allowed }: Fault): string =>
  `${path === '' ? 'the whole' : path}: found ${found}, allowed: ${allowed}`;
