/** The commands that are about another operation: `status`, `abort`, `resolve`. The terminal is not asked. */
import type { Command, CommandOf } from '../contract/command.ts';
import type { Result } from '../contract/result.ts';
import { SwipeError } from '../seams/error.ts';
import type { Cashier } from './cashier.ts';
import { doneByBox, refusal } from './endings.ts';
import type { OperationRecord } from './journal-port.ts';
import { expectedAmount } from './judge.ts';
import type { LiveOperation } from './live-operation.ts';
import { newRecord } from './new-record.ts';
import type { Ending } from './operation.ts';
import type { Parts } from './parts.ts';
import { asTarget } from './results.ts';

/** A command that names another operation. */
export type TargetCommand = Extract<Command, { target: string }>;

/** What such a command ended with. */
export interface TargetOutcome {
  ending: Ending;
  target?: Result['target'];
}

/** Carries the command out. Throws a SwipeError `storageFull` when it cannot be written down. */
export function carryOut(command: TargetCommand, kid: string, parts: Parts, cashier: Cashier): TargetOutcome {
  if (command.target === command.id)
    return { ending: refusal('invalid', 'target: found the id of the command itself, allowed: another one') };
  if (command.type === 'resolve') return { ending: resolve(command, kid, parts, cashier) };
  if (command.type === 'abort') abort(command, kid, parts, cashier);
  const record = cashier.find(command.target)?.record ?? parts.journal.find(command.target);
  const state = cashier.stateOf(command.target, record);
  return {
    ending: doneByBox(
      command.type === 'abort' ? 'an abort is a request: the operation tells what came of it' : '',
    ),
    target: { id: command.target, state, result: asTarget(record?.result ?? null) },
  };
}

function abort({ target }: CommandOf<'abort'>, kid: string, parts: Parts, cashier: Cashier): void {
  const live = cashier.find(target);
  if (live !== null) return live.feed({ name: 'abortAsked' });
  if (parts.journal.find(target) !== null) return;
  // The command may still be on its way: its id is refused for ever.
  const known = { id: target, kid, type: 'abort', contentHash: '', command: null } as const;
  parts.journal.accept(newRecord({ ...known, acceptedAtMs: parts.clock.nowMs(), stage: 'refusedAhead' }));
}

function resolve(command: CommandOf<'resolve'>, kid: string, parts: Parts, cashier: Cashier): Ending {
  const { target, outcome, approvedAmount = 0 } = command;
  const live = cashier.find(target);
  if (live === null) return resolvedBefore(command, kid, parts.journal.find(target));
  demandRoom(live);
  if (live.state !== 'unresolved')
    return refusal('invalid', 'target: the operation is not unknown, or not yet');
  if (!live.record.exhausted)
    return refusal('invalid', 'target: the terminal may still show what happened; try again later');
  const start = live.record.start;
  const asked = start === null ? null : expectedAmount(start.request);
  if (outcome === 'approved' && asked !== null && approvedAmount > asked)
    return refusal('invalid', `approvedAmount: found ${approvedAmount}, allowed: at most ${asked}`);
  live.feed({ name: 'resolved', command, kid });
  demandRoom(live);
  return doneByBox(`${target} is ${outcome} as ${command.by} decided`);
}

/** An outcome that still waits for room on the disk: what comes of it is told when it is there. */
function demandRoom({ state, isOver, record }: LiveOperation): void {
  if (state === 'finished' && !isOver)
    throw new SwipeError('storageFull', `the outcome of ${record.id} waits for room on the disk`);
}

/** The same decision again, as after a restart in the middle of it, is done; any other comes too late. */
function resolvedBefore(command: CommandOf<'resolve'>, kid: string, record: OperationRecord | null): Ending {
  const result = record?.result ?? null;
  const resolved = result?.resolved ?? null;
  if (record === null || record.stage === 'refusedAhead')
    return refusal('originalNotFound', 'target: no operation of this id is known');
  const isSame =
    (result?.approvedAmount ?? null) === (command.approvedAmount ?? null) &&
    (result?.rrn ?? null) === (command.rrn ?? null) &&
    (result?.invoice ?? null) === (command.invoice ?? null);
  if (resolved?.by === command.by && resolved.kid === kid && isSame) return doneByBox('decided before');
  return refusal(
    'invalid',
    `target: found a ${record.type} that ended as ${record.result?.outcome}, allowed: an unknown one that moves money`,
  );
}
