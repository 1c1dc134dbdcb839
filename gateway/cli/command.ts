/** What a command may do to the world outside: say things, and hear that it should end. */
export interface CliIo {
  /** One line of what was asked for. */
  out(line: string): void;
  /** One line of what was wrong and what to do. */
  error(line: string): void;
  /** Aborted when the person wants the command to end (Ctrl+C). */
  signal: AbortSignal;
}

/** One command of the `swipe` executable. */
export interface CliCommand {
  /** The word after `swipe`. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The whole of `--help`, with an example. */
  help: string;
  /** The same for what stands behind the name, where there is one of its own; null: there is none. */
  helpFor?(argv: readonly string[]): string | null;
  /**
   * @param argv the words after the name
   * @returns the exit code: 0 when it did what was asked, 1 when not and one line said why
   */
  run(argv: string[], io: CliIo): Promise<number>;
}
