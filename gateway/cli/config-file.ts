/** Reads the gateway's config from its file, or says everything that is wrong with it. */
import { readFileSync } from 'node:fs';
import { type Config, parseConfig } from '../contract/config.ts';
import { faultLine } from '../contract/faults.ts';
import { messageOf, SwipeError } from '../seams/error.ts';

/**
 * The config in this file, defaults filled in.
 *
 * @throws SwipeError `configInvalid`: every fault on a line of its own, with its path, what is there, what is allowed
 */
export function readConfig(path: string): Config {
  const read = parseConfig(readJson(path));
  if ('config' in read) return read.config;
  const lines = read.faults.map((fault) => `  ${faultLine(fault)}`);
  const count = `${lines.length} fault${lines.length === 1 ? '' : 's'}`;
  throw new SwipeError('configInvalid', [`the config ${path} has ${count}:`, ...lines].join('\n'));
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SwipeError('configInvalid', `the config ${path} cannot be read: ${messageOf(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the text around the fault, which may be a secret: only the place is told.
    const place = /position \d+( \(line \d+ column \d+\))?/.exec(messageOf(error))?.[0] ?? 'its end';
    throw new SwipeError('configInvalid', `the config ${path} is not JSON: fault at ${place}`);
  }
}
