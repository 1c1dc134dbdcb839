import type { Log, LogFields } from '../../gateway/seams/log.ts';

/** A log that keeps every line as the real one writes it: the sentence and the fields. */
export class RecordingLog implements Log {
  readonly #lines = new Set<string>();

  /** Each different line once. */
  text(): string {
    return [...this.#lines].join('\n');
  }

  debug(message: string, fields?: LogFields): void {
    this.#keep(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#keep(message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#keep(message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#keep(message, fields);
  }

  #keep(message: string, fields?: LogFields): void {
    this.#lines.add(fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
  }
}
