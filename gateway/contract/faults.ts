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

function written(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return shortText(JSON.stringify(value) ?? String(value), 60);
}

/** Turns what a schema found into faults, values shortened, card numbers masked, secrets not shown at all. */
export function faultsOf(issues: readonly v.BaseIssue<unknown>[]): Fault[] {
  return issues.map((issue) => {
    const keys = (issue.path ?? []).map((item) => String(item.key));
    const unknownMember = issue.expected === 'never';
    const secret = keys.some((key) => secretNames.has(key)) && typeof issue.input === 'string';
    return {
      path: keys.join('.'),
      found: secret
        ? 'a value that is not shown'
        : unknownMember
          ? 'an unknown member'
          : written(issue.input),
      allowed: unknownMember
        ? 'no such member'
        : issue.message.startsWith('Invalid ')
          ? (issue.expected ?? issue.message)
          : issue.message,
    };
  });
}

/** A fault in one line: `amount: found "10.5", allowed: an integer of minor units from 1 to …`. */
export const faultLine = ({ path, found, allowed }: Fault): string =>
  `${path === '' ? 'the whole' : path}: found ${found}, allowed: ${allowed}`;
