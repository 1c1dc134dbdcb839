/** All daily work, by its words. */
import type { CliIo } from '../command.ts';
import { authorityWorks } from './authority.ts';
import { billingWorks } from './billing.ts';
import { boxWorks } from './boxes.ts';
import { customerWorks } from './customers.ts';
import { upkeepWorks } from './upkeep.ts';
import type { Work } from './work.ts';

/** What a command may do to the world outside. */
export type Io = CliIo;

/** In the order of the help. */
export const works: readonly Work[] = [
  ...customerWorks,
  ...boxWorks,
  ...billingWorks,
  ...authorityWorks,
  ...upkeepWorks,
];

/** The work that these words begin with, and what follows them; null: there is none. */
export function findWork(argv: readonly string[]): { work: Work; rest: string[] } | null {
  const fitting = works
    .filter(({ words }) => words.every((word, at) => argv[at] === word))
    .sort((one, other) => other.words.length - one.words.length);
  const [work] = fitting;
  return work === undefined ? null : { work, rest: argv.slice(work.words.length) };
}

/** What `--help` behind these words says: all works that begin with the first of them; null: there are none. */
export function helpOf(argv: readonly string[]): string | null {
  const found = findWork(argv);
  const wanted = found === null ? works.filter(({ words }) => words[0] === argv[0]) : [found.work];
  const texts = wanted.map(
    ({ usage, summary, example }) =>
      `usage: swipe registry ${usage.replace(/^ {2}/gm, '       swipe registry ')} [--config FILE]\n\n${summary}${
        example === undefined ? '' : `\n\nexample: swipe registry ${example}`
      }`,
  );
  return texts.length === 0 ? null : texts.join('\n\n');
}
