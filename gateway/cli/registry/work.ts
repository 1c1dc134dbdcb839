import type { RegistryConfig } from '../../../provisioning/registry/config.ts';
import { SwipeError } from '../../seams/error.ts';
import type { CliIo } from '../command.ts';

/** What a piece of work gets. */
export interface Task {
  values: Readonly<Record<string, string | boolean | undefined>>;
  /** The arguments without a name. */
  words: readonly string[];
  config: RegistryConfig;
  io: CliIo;
}

/** One piece of daily work. */
export interface Work {
  /** What follows `swipe registry`. */
  words: readonly string[];
  usage: string;
  summary: string;
  /** A call as it is typed, after `swipe registry`. */
  example?: string;
  /** Names of what follows the words. */
  arguments?: readonly string[];
  options?: Readonly<Record<string, { type: 'string' | 'boolean' }>>;
  run(task: Task): Promise<void>;
}

/** The value of an option that takes one. */
export function textOf({ values }: Task, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The value of an option that must be there. @throws SwipeError `usage` */
export function needed(task: Task, name: string): string {
  const value = textOf(task, name);
  if (value === undefined) throw new SwipeError('usage', `--${name} is needed`);
  return value;
}

/** A number of days. @throws SwipeError `usage` */
export function daysOf(task: Task, otherwise: number): number {
  const days = Number(textOf(task, 'days') ?? otherwise);
  if (Number.isInteger(days) && days > 0) return days;
  throw new SwipeError('usage', '--days: allowed: a whole number from 1');
}

/** Shows a value as JSON where that was asked for, else by its lines. */
export function show(task: Task, value: unknown, lines: () => readonly string[]): void {
  if (task.values.json === true) task.io.out(JSON.stringify(value, null, 2));
  else for (const line of lines()) task.io.out(line);
}
