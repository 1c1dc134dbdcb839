/** Does the steps one after the other, each once, and goes on where it was stopped. */
import { messageOf } from '../../gateway/seams/error.ts';
import { type Finding, fault, firstFault, needPerson, note, StepFailure } from './finding.ts';
import { keepProgress, readProgress } from './progress.ts';
import type { Step, StepContext } from './step.ts';
import type { TextKey } from './texts/texts.ts';

/** Shows what happens. */
export interface Teller {
  begins(step: Step): void;
  /** It was not done yet: something is about to change. */
  works(step: Step): void;
  finds(finding: Finding): void;
  /** A line within a step. */
  says(key: TextKey, values?: Finding['with']): void;
  ends(step: Step, how: 'done' | 'already' | 'planned' | 'failed', tookMs: number): void;
}

/** How it ended. */
export interface Ending {
  how: 'done' | 'nothingToDo' | 'dryRun' | 'failed';
  /** The step at which it stopped. */
  failed: Step | null;
  /** It failed, and will again as long as nobody changes anything. */
  needsPerson: boolean;
}

/** What {@link run} needs besides the steps. */
export interface RunParts
  extends Omit<StepContext, 'progress' | 'keep' | 'tell' | 'hasStopped' | 'isByItself'> {
  teller: Teller;
  isByItself?: boolean;
  /** Asked before each step: somebody wants it to end. */
  isCancelled?: () => boolean;
}

/** Runs the steps. Does not reject for what a step meets. */
export async function run(steps: readonly Step[], parts: RunParts): Promise<Ending> {
  const { world, teller, isDryRun } = parts;
  const { files, time } = world;
  const { progress, isDamaged } = readProgress(files);
  const keep = (): void => {
    if (!isDryRun) keepProgress(files, progress);
  };
  const context: StepContext = {
    world,
    answers: parts.answers,
    person: parts.person,
    progress,
    keep,
    isDryRun,
    isByItself: parts.isByItself ?? false,
    hasStopped: false,
    tell: (key, values) => teller.says(key, values),
  };
  if (isDamaged) teller.finds(note('progressDamaged'));
  let hasChanged = false;

  for (const step of steps) {
    if (step.isWanted?.(context) === false) continue;
    const sinceMs = time.monotonicMs();
    teller.begins(step);
    const ends = (how: Parameters<Teller['ends']>[1]): void =>
      teller.ends(step, how, time.monotonicMs() - sinceMs);
    try {
      if (parts.isCancelled?.()) throw new StepFailure(fault('cancelled'));
      if (await step.isDone?.(context)) {
        ends('already');
        continue;
      }
      if (step.kind === 'change' && isDryRun) {
        if (step.plan !== undefined) teller.says(step.plan);
        ends('planned');
        continue;
      }
      if (step.kind === 'change') teller.works(step);
      const findings = await step.do(context);
      for (const finding of findings) teller.finds(finding);
      if (firstFault(findings) !== null) throw new StepFailure();
      if (step.kind === 'change') {
        progress.steps[step.name] = { atMs: time.nowMs(), findings };
        hasChanged = true;
        keep();
      }
      ends('done');
    } catch (error) {
      const findings = findingsOf(error, files.paths.log);
      for (const finding of findings) teller.finds(finding);
      ends('failed');
      // By the config that it had: a shop that was selling goes on selling.
      if (context.hasStopped) await world.service.restart();
      return { how: 'failed', failed: step, needsPerson: needPerson(findings) };
    }
  }
  const how = isDryRun ? 'dryRun' : hasChanged ? 'done' : 'nothingToDo';
  return { how, failed: null, needsPerson: false };
}

const diskCodes = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EPERM'];

function findingsOf(error: unknown, path: string): readonly Finding[] {
  if (error instanceof StepFailure) return error.findings;
  const { code, path: file } = error as { code?: string; path?: string };
  if (code !== undefined && file !== undefined && diskCodes.includes(code))
    return [fault('writeFailed', { path: file, error: messageOf(error) })];
  return [fault('broken', { error: messageOf(error), path })];
}
