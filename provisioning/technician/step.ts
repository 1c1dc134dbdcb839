/** What a step is, and what it gets. */
import type { Answers } from './answers.ts';
import type { Finding } from './finding.ts';
import { fault, StepFailure } from './finding.ts';
import type { Progress } from './progress.ts';
import type { TextKey } from './texts/texts.ts';
import type { World } from './world.ts';

/** A person who can be asked. Rejects with a StepFailure when the person has had enough. */
export interface Person {
  text(
    question: TextKey,
    more?: { initial?: string | undefined; secret?: boolean; check?: (typed: string) => TextKey | null },
  ): Promise<string>;
  confirm(question: TextKey, values?: Finding['with']): Promise<boolean>;
  choose(question: TextKey, options: readonly { value: string; label: string }[]): Promise<string>;
}

/** What a step works with. */
export interface StepContext {
  world: World;
  answers: Answers;
  /** Null: nobody is there. */
  person: Person | null;
  /** Steps change it; `keep` writes it down. */
  progress: Progress;
  keep(): void;
  isDryRun: boolean;
  /** Nobody has asked for this run: it is another try, with answers that were tried before. */
  isByItself: boolean;
  /** The gateway ran and was stopped for this. Whatever ends the run has it started again. */
  hasStopped: boolean;
  /** Says something while the step goes on, such as what the person has to do. */
  tell(key: TextKey, values?: Finding['with']): void;
}

/** One step. */
export interface Step {
  name: string;
  title: TextKey;
  /** `look`: it changes nothing, and is done in a dry run, too. */
  kind: 'look' | 'change';
  /** What a dry run says of a change. */
  plan?: TextKey;
  /** Whether it has to be done for these answers; absent: always. */
  isWanted?(context: StepContext): boolean;
  /** Whether the world is already as this step leaves it. */
  isDone?(context: StepContext): boolean | Promise<boolean>;
  /**
   * Does it, or goes on with it. What it rejects with a StepFailure leaves the world as it was, or so that doing it
   * again goes on from there.
   */
  do(context: StepContext): Promise<Finding[]>;
}

/** What an answer has to be where nobody can be asked. */
export function needed<Value>(value: Value | null | undefined, member: string): Value {
  if (value === null || value === undefined) throw new StepFailure(fault('answerMissing', { member }));
  return value;
}
