/** Receives signed commands: knows which were seen, refuses what may not start, accepts the rest. */
import { createHash } from 'node:crypto';
import type { Command } from '../contract/command.ts';
import { faultLine } from '../contract/faults.ts';
import type { ParsedCommand } from '../contract/parse.ts';
import type { PrintDocument } from '../contract/print-document.ts';
import type { Result } from '../contract/result.ts';
import type { Cashier } from './cashier.ts';
import { refusal } from './endings.ts';
import { checkState, checkTerms, checkTime, type Refusal } from './gate.ts';
import type { OperationRecord } from './journal-port.ts';
import { newRecord } from './new-record.ts';
import type { Ending } from './operation.ts';
import type { Parts } from './parts.ts';
import { resultOf } from './results.ts';
import { carryOut } from './targets.ts';

/** How many faults of a command are told; the rest is counted. */
const toldFaults = 5;

/**
 * What a command turned out to be: taken in (perhaps only to be refused); known, with the same content; or rejected,
 * because its id stands for something else, or cannot be read.
 */
export type Received = { id: string; as: 'new' | 'known' | 'duplicate' } | { id: null; as: 'invalid' };

/** The desk where commands come in, from whichever link. */
export class Reception {
  readonly #parts: Parts;
  readonly #cashier: Cashier;

  constructor(parts: Parts, cashier: Cashier) {
    this.#parts = parts;
    this.#cashier = cashier;
  }

  /**
   * Takes in a command whose signature and box have been checked. When it returns, what must be on disk is on
   * disk. Throws a SwipeError `storageFull`, having taken in nothing.
   */
  receive(kid: string, parsed: ParsedCommand): Received {
    const id = 'command' in parsed ? parsed.command.id : parsed.id;
    if (id === null) {
      this.#reject(null, 'invalid', faultText(parsed));
      return { id, as: 'invalid' };
    }
    return { id, as: this.#take(id, kid, parsed) };
  }

  #take(id: string, kid: string, parsed: ParsedCommand): 'new' | 'known' | 'duplicate' {
    const fresh = this.#recordFor(id, kid, parsed);
    const known = this.#cashier.find(id)?.record ?? this.#parts.journal.find(id);
    if (known !== null && known.stage !== 'refusedAhead') return this.#again(known, fresh.contentHash);
    const refused = known === null ? this.#check(kid, parsed) : aborted;
    if (refused !== null) {
      this.#tell(fresh, refusal(refused.reason, refused.text), { order: orderOf(parsed) });
      return 'new';
    }
    const { command } = fresh;
    if (command === null) return 'new';
    if ('target' in command) {
      const { ending, target } = carryOut(command, kid, this.#parts, this.#cashier);
      this.#tell(fresh, ending, target === undefined ? {} : { target });
      return 'new';
    }
    this.#parts.journal.accept(fresh);
    this.#parts.log.info('command accepted', { id, kid, type: command.type });
    const document = documentIn(parsed);
    if (command.type === 'print') this.#parts.printing?.begin(fresh, document);
    else {
      if (document.length > 0) this.#parts.printing?.keep(id, document);
      this.#cashier.begin(fresh);
    }
    return 'new';
  }

  #check(kid: string, parsed: ParsedCommand): Refusal | null {
    if (!('command' in parsed)) return { reason: 'invalid', text: faultText(parsed) };
    const { command } = parsed;
    const { clock, terms } = this.#parts;
    if (!this.#parts.isAllowed(kid, command.type))
      return { reason: 'forbidden', text: `the key ${kid} may not ask for a ${command.type}` };
    const journalSinceMs = this.#parts.journalSinceMs();
    const time = checkTime(command, { nowMs: clock.nowMs(), trusted: clock.isTrusted(), journalSinceMs });
    if (time !== null || 'target' in command) return time;
    if (command.type === 'print') return this.#parts.printing ? this.#parts.printing.refuses() : noPrinter;
    return checkTerms(command, terms) ?? checkState(command, this.#cashier.gateState());
  }

  /** The id is known. Same content: what was told is told again, or how far it is. Other content: nothing changes. */
  #again(known: OperationRecord, contentHash: string): 'known' | 'duplicate' {
    const { id } = known;
    if (known.contentHash !== contentHash) {
      this.#reject(id, 'duplicate', 'this id stands for another operation already; nothing was done');
      return 'duplicate';
    }
    this.#sayAgain(known);
    return 'known';
  }

  #sayAgain(known: OperationRecord): void {
    const { id } = known;
    const live = this.#cashier.find(id);
    if (known.result !== null) return this.#parts.resend(id);
    if (live !== null && live.progress !== null)
      this.#parts.emit({ type: 'progress', id, step: live.progress });
  }

  #reject(id: string | null, reason: 'duplicate' | 'invalid', text: string): void {
    this.#parts.log.warn('command rejected', { id: id ?? '', reason });
    this.#parts.emit({ type: 'rejected', id, reason, text });
  }

  #tell(record: OperationRecord, ending: Ending, more: Partial<Pick<Result, 'order' | 'target'>>): void {
    const { journal, terminal, box, terms, log, told } = this.#parts;
    const frame = { box, terms, finishedAtMs: record.acceptedAtMs, terminalId: terminal.identity().id };
    const result = { ...resultOf(record, ending, frame), ...more };
    const written = journal.tell({ ...record, stage: 'finished' }, result);
    const { outcome, reason } = ending;
    const { code, text } = reason;
    log.info('command answered', { id: record.id, type: record.type, outcome, code, reason: text });
    told(written);
  }

  #recordFor(id: string, kid: string, parsed: ParsedCommand): OperationRecord {
    const command: Command | null = 'command' in parsed ? withoutDocument(parsed.command) : null;
    return newRecord({
      id,
      kid,
      type: command?.type ?? ('type' in parsed ? parsed.type : null) ?? 'unknown',
      contentHash: contentHashOf(parsed),
      command,
      acceptedAtMs: this.#parts.clock.nowMs(),
      stage: 'accepted',
    });
  }
}

/** What is to be printed is kept in no record: after a restart nobody waits for it, and an SD card is small. */
function withoutDocument(command: Command): Command {
  if (command.type === 'print') return { ...command, document: [] };
  if (!('document' in command)) return command;
  const { document: _document, ...rest } = command;
  return rest;
}

const documentIn = (parsed: ParsedCommand): PrintDocument =>
  'command' in parsed && 'document' in parsed.command ? (parsed.command.document ?? []) : [];

const noPrinter: Refusal = { reason: 'unsupported', text: 'the box has no receipt printer' };

/** What stands for a command's content in its record: two commands with one id are the same if these are. */
export const contentHashOf = ({ content }: ParsedCommand): string =>
  createHash('sha256').update(content).digest('hex');

const aborted: Refusal = { reason: 'aborted', text: 'this id was aborted before the command came' };

const orderOf = (parsed: ParsedCommand): string | null =>
  'command' in parsed ? (parsed.command.order ?? null) : parsed.order;

function faultText(parsed: ParsedCommand): string {
  if (!('faults' in parsed)) return '';
  const lines = parsed.faults.slice(0, toldFaults).map(faultLine);
  const more = parsed.faults.length - lines.length;
  return lines.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
