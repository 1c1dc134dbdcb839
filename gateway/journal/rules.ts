/**
 * What may be asked of a record in which state. The same for the journal on disk and the one in memory, so that a
 * simulation stops at the same mistakes. All throw a SwipeError `journalMisuse`, before anything is written.
 */
import type { OperationRecord, UntoldResult } from '../payments/journal-port.ts';
import { misuse } from './faults.ts';

/** What stands in the journal under a record's id; null when nothing does. `resultSequence`: of its latest result. */
export type Standing = { record: OperationRecord; resultSequence: number | null } | null;

/** The most that a note's name and text may take, in UTF-16 units. */
export const noteLimits = { name: 64, text: 65_536 } as const;

/** A new operation comes as `accepted` or `refusedAhead`, and without a past. */
export function mayAccept(record: OperationRecord, standing: Standing): void {
  if (standing !== null) throw misuse(record.id, 'is in the journal already; an id is accepted once');
  if (record.stage !== 'accepted' && record.stage !== 'refusedAhead')
    throw misuse(record.id, `is accepted in stage ${record.stage}; allowed: accepted, refusedAhead`);
  if (record.start !== null || record.result !== null)
    throw misuse(record.id, 'is accepted with a start or a result; a new operation has neither');
}

/** Only what was accepted starts, once. */
export function mayStart(
  record: OperationRecord,
  standing: Standing,
): asserts standing is NonNullable<Standing> {
  mustBeSame(record, standing);
  if (standing.record.stage !== 'accepted' || record.stage !== 'running' || record.start === null)
    throw misuse(
      record.id,
      `starts from stage ${standing.record.stage} to ${record.stage}; allowed: from accepted to running, with a start`,
    );
  mustKeepResult(record, standing);
}

/** A change that tells nothing: what was final stays final, and a result comes by being told. */
export function mayUpdate(
  record: OperationRecord,
  standing: Standing,
): asserts standing is NonNullable<Standing> {
  mustBeSame(record, standing);
  mustStayFinal(record, standing);
  mustKeepResult(record, standing);
  if (record.stage === 'finished' && record.result === null)
    throw misuse(record.id, 'is finished without a result; tell one');
}

/** A result may be told of a new operation or of one that is not final. */
export function mayTell(record: OperationRecord, result: UntoldResult, standing: Standing): void {
  if (result.id !== record.id) throw misuse(record.id, `is told a result of ${result.id}`);
  if (record.stage === 'accepted' || record.stage === 'refusedAhead')
    throw misuse(record.id, `is told a result in stage ${record.stage}, which has none`);
  if (standing === null) return;
  mustBeSame(record, standing);
  if (standing.record.stage === 'finished')
    throw misuse(record.id, 'has its final result; what stands, stands');
}

function mustBeSame(record: OperationRecord, standing: Standing): asserts standing is NonNullable<Standing> {
  if (standing === null) throw misuse(record.id, 'is not in the journal');
  const { stage, acceptedAtMs, contentHash, type, kid } = standing.record;
  // An id that was refused ahead gets its sender and content when the command itself comes.
  if (stage === 'refusedAhead') return;
  if (record.contentHash !== contentHash || record.type !== type || record.kid !== kid)
    throw misuse(record.id, 'comes with another content, type or key than the journal has');
  if (record.acceptedAtMs !== acceptedAtMs)
    throw misuse(record.id, 'comes with another time of acceptance than the journal has');
}

function mustStayFinal(record: OperationRecord, { record: { stage } }: NonNullable<Standing>): void {
  if (stage === 'finished' && record.stage !== 'finished')
    throw misuse(record.id, `goes from finished to ${record.stage}; what is final stays final`);
}

function mustKeepResult(record: OperationRecord, { resultSequence }: NonNullable<Standing>): void {
  const sequence = record.result?.sequence ?? null;
  if (sequence !== resultSequence)
    throw misuse(record.id, `comes with result ${sequence}, the journal has ${resultSequence}`);
}

/** Notes are small. */
export function mayNote(name: string, text: string): void {
  if (name.length === 0 || name.length > noteLimits.name || text.length > noteLimits.text)
    throw misuse(
      `note ${name.slice(0, noteLimits.name)}`,
      `a name of ${name.length} and a text of ${text.length} characters; allowed: ${noteLimits.name} and ${noteLimits.text}`,
    );
}
