import { type DestinationStream, pino } from 'pino';
import { shortText } from '../contract/card-data.ts';
import type { Log, LogFields } from '../seams/log.ts';

/** The least severe line that is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How a field is written: names as they are, free text without card data, addresses without a password. */
type Kind = 'name' | 'text' | 'address' | 'number';

// A field that is missing here does not compile, and one that is not in LogFields is not copied.
const kinds: Readonly<Record<keyof LogFields, Kind>> = {
  box: 'name',
  id: 'name',
  kid: 'name',
  type: 'name',
  state: 'name',
  outcome: 'name',
  sequence: 'number',
  code: 'name',
  reason: 'text',
  method: 'name',
  epoch: 'number',
  bytes: 'number',
  count: 'number',
  delayMs: 'number',
  elapsedMs: 'number',
  link: 'text',
  url: 'address',
  path: 'text',
  topic: 'text',
  vendor: 'text',
  model: 'text',
  version: 'text',
  error: 'text',
};
const fieldKinds = Object.entries(kinds) as [keyof LogFields, Kind][];

// Some names come from a sender who has not been checked yet.
const nameMaxLength = 128;

/**
 * A log of JSON lines, one object each: `level`, `time` (RFC 3339 in UTC), `msg` and the fields. At run time, too,
 * only the fields of LogFields are copied, and only with the right type; texts are scrubbed of card data and cut
 * to 200 characters.
 * @param options.level the least severe line that is written
 * @param options.destination where the lines go; standard output, which systemd's journal reads, when absent
 */
export function createLog(options: { level: LogLevel; destination?: DestinationStream }): Log {
  const writer = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Synchronous: a process that ends has said all it had to say.
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
  const line =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (writer.isLevelEnabled(level)) writer[level](allowed(fields), shortText(message, 300));
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

function allowed(fields: LogFields | undefined): Record<string, string | number> {
  const copy: Record<string, string | number> = {};
  if (fields === undefined) return copy;
  for (const [name, kind] of fieldKinds) {
    const value = fields[name];
    if (typeof value === 'number' && kind === 'number') copy[name] = value;
    if (typeof value === 'string' && kind !== 'number') copy[name] = written(value, kind);
  }
  return copy;
}

function written(value: string, kind: Kind): string {
  if (kind === 'name') return value.slice(0, nameMaxLength);
  return shortText(kind === 'address' ? value.replace(/\/\/[^/]*@/, '//') : value);
}
