/**
 * What a log line may carry besides its sentence. An allow-list: the writer copies these and drops the rest,
 * so that card data cannot slip into a log by way of an object that happens to hold it.
 */
export interface LogFields {
  box?: string;
  id?: string;
  kid?: string;
  type?: string;
  state?: string;
  outcome?: string;
  sequence?: number;
  code?: string;
  reason?: string;
  method?: string;
  epoch?: number;
  bytes?: number;
  count?: number;
  delayMs?: number;
  elapsedMs?: number;
  link?: string;
  url?: string;
  path?: string;
  topic?: string;
  vendor?: string;
  model?: string;
  version?: string;
  error?: string;
}

/** A structured log. The sentence is constant, what varies goes into the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A log that says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
