/** All daily work, by its words. */
import type { CliIo } from '../command.ts';
import { boxWorks } from './boxes.ts';
import { customerWorks } from './customers.ts';
import { upkeepWorks } from './upkeep.ts';
import type { Work } from './work.ts';

/** What a command may do to the world outside. */
export type Io = CliIo;

/** In the order of the help. */
export const works: readonly Work[] = [...customerWorks, ...boxWorks, ...upkeepWorks];

/** The work that these words begin with, and what follows them; null: there is none. */
export function findWork(argv: readonly string[]): { work: Work; rest: string[] } | null {
  const fitting = works
    .filter(({ words }) => words.every((word, at) => argv[at] === word))
    .sort((one, other) => other.words.length - one.words.length);
  const [work] = fitting;
  return work === undefined ? null : { work, rest: argv.slice(work.words.length) };
}
