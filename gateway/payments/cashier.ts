/** Keeps the live operations: takes them up after a restart, starts new ones, and hears the terminal for all. */
import type { OperationType } from '../contract/command.ts';
import type { TerminalState } from '../contract/event.ts';
import type { OperationStateName } from '../contract/result.ts';
import { isoTime } from '../contract/time.ts';
import { checkState, type GateState, type Refusal } from './gate.ts';
import { Inquirer, type Inquiry } from './inquiry.ts';
import type { OperationRecord } from './journal-port.ts';
import { LiveOperation } from './live-operation.ts';
import type { Parts } from './parts.ts';
import type { TerminalAnswer, TerminalIdentity } from './terminal-port.ts';

/** How far back a stray answer is looked for an operation that it may contradict. */
const strayMaxOperations = 50;

/** The name of the note that keeps which terminal was last seen. */
const terminalNote = 'terminal';

/** Runs one operation at a time on one terminal. */
export class Cashier {
  readonly #parts: Parts;
  readonly #live = new Map<string, LiveOperation>();
  readonly #inquirer: Inquirer;
  #terminalState: TerminalState;

  constructor(parts: Parts) {
    this.#parts = {
      ...parts,
      changed: () => {
        this.#sweep();
        parts.changed();
      },
    };
    this.#inquirer = new Inquirer(parts.terminal);
    this.#terminalState = parts.terminal.state();
    parts.terminal.listen({
      changed: () => this.#terminalChanged(),
      identified: (identity, merchants) => this.#identified(identity, merchants),
      stray: (type, answer) => this.#stray(type, answer),
    });
  }

  /** Takes up what the journal says was under way when the gateway last stopped. */
  recover(): void {
    for (const record of this.#parts.journal.open()) {
      this.#parts.log.info('taking up an operation after a restart', { id: record.id, state: record.stage });
      this.#enliven(record).feed({ name: 'restarted' });
    }
  }

  /** Starts an operation that was just accepted and is on disk. */
  begin(record: OperationRecord): void {
    this.#releaseUnresolved();
    const live = this.#enliven(record);
    this.#inquirer.afterwards(() => live.feed({ name: 'admitted' }));
  }

  /**
   * Asks the terminal for something on the box's own account, unless something else has it: then why not. A command
   * that comes meanwhile waits for the answer, and for nothing more. `told` hears null when none will come.
   */
  inquire(inquiry: Inquiry, told: (answer: TerminalAnswer | null) => void): Refusal | null {
    if (this.#inquirer.isAsking) return { reason: 'busy', text: 'the box is asking something already' };
    const refusal = checkState(inquiry, this.gateState());
    if (refusal !== null) return refusal;
    this.#releaseUnresolved();
    this.#inquirer.ask(inquiry, (answer) => {
      told(answer);
      for (const live of [...this.#live.values()]) live.poke();
    });
    return null;
  }

  /** What decides whether something new may start. */
  gateState(): GateState {
    const { terminal, registration } = this.#parts;
    return {
      supports: terminal.supports(),
      registration: registration.current().state,
      terminal: terminal.state(),
      running: this.running()?.record.id ?? null,
      unresolved: this.unresolved()[0] ?? null,
    };
  }

  /** The operation with this id, while it lives. */
  find(id: string): LiveOperation | null {
    return this.#live.get(id) ?? null;
  }

  /** The operation that has the terminal now. */
  running(): LiveOperation | null {
    for (const live of this.#live.values()) if (!live.isUnresolved) return live;
    return null;
  }

  /** Operations whose outcome is unknown, oldest first. */
  unresolved(): string[] {
    return [...this.#live.values()].filter((live) => live.isUnresolved).map((live) => live.record.id);
  }

  /** What `status` and `abort` say of an operation. */
  stateOf(id: string, record: OperationRecord | null): OperationStateName {
    const live = this.#live.get(id);
    if (live === undefined) {
      if (record === null || record.stage === 'refusedAhead') return 'notFound';
      // What the printer is at has no life here.
      return record.stage === 'accepted' || record.stage === 'running' ? record.stage : 'finished';
    }
    switch (live.state) {
      case 'accepted':
      case 'preparing':
        return 'accepted';
      case 'recovering':
        return 'recovering';
      case 'unresolved':
        return live.record.exhausted ? 'finished' : 'recovering';
      default:
        return live.isOver ? 'finished' : 'running';
    }
  }

  /** The gateway is going down: what is under way stays on disk as it is. */
  stop(): void {
    this.#inquirer.stop();
    for (const live of this.#live.values()) live.stop();
    this.#live.clear();
  }

  #enliven(record: OperationRecord): LiveOperation {
    const { id } = record;
    const mayAsk = () =>
      !this.#inquirer.isAsking &&
      [...this.#live.values()].every((other) => other.record.id === id || other.isUnresolved);
    const live = new LiveOperation(this.#parts, record, mayAsk);
    this.#live.set(id, live);
    return live;
  }

  #releaseUnresolved(): void {
    for (const live of this.#live.values()) if (live.isUnresolved) live.releaseTerminal();
  }

  #sweep(): void {
    let swept = false;
    for (const [id, live] of this.#live) if (live.isOver) swept = this.#live.delete(id);
    if (swept) for (const live of this.#live.values()) live.poke();
  }

  #terminalChanged(): void {
    const { terminal, emit, changed } = this.#parts;
    const state = terminal.state();
    if (state !== this.#terminalState) {
      this.#terminalState = state;
      emit({ type: 'terminal', state });
    }
    for (const live of [...this.#live.values()]) live.poke();
    changed();
  }

  #identified(identity: TerminalIdentity, merchants: Readonly<Record<string, string>>): void {
    const { journal, emit, log, terms, terminal } = this.#parts;
    const seen = JSON.stringify([terminal.key(), merchants]);
    const before = journal.note(terminalNote);
    for (const [name, index] of Object.entries(terms.merchants))
      if (Object.keys(merchants).length > 0 && !Object.hasOwn(merchants, index))
        log.warn('a merchant of the config is not on the terminal', { reason: `${name} = ${index}` });
    if (before === seen) return;
    if (before !== null) {
      log.warn('another terminal, or other merchants than before', { model: identity.model ?? '' });
      emit({ type: 'terminalChanged', terminal: identity.id, merchants: { ...merchants } });
    }
    try {
      journal.setNote(terminalNote, seen);
    } catch {
      log.warn('which terminal was seen could not be written down');
    }
  }

  /** An answer that no open attempt waits for: late for an open operation, or against one that is final. */
  #stray(type: OperationType, answer: TerminalAnswer): void {
    // The answer that a running operation waits for comes through its attempt: a stray is from before.
    const open = [...this.#live.values()].find((live) => live.record.type === type && live.isSettling);
    if (open !== undefined) return open.hear(answer);
    const { journal, log } = this.#parts;
    const last = journal
      .latest(strayMaxOperations)
      .find((record) => record.type === type && record.start !== null);
    log.warn('an answer came that no operation waits for', { type, code: answer.code });
    if (last !== undefined && contradicts(last, answer)) this.#conflict(last, answer);
  }

  #conflict({ id }: OperationRecord, { code, details }: TerminalAnswer): void {
    const { emit, log, clock } = this.#parts;
    const { invoice, rrn, amount } = details;
    log.error('late evidence contradicts a final result: a person should look', { id, code });
    emit({
      type: 'conflict',
      id,
      text: 'the terminal answered late, and otherwise than the result that was told',
      seen: { code, invoice, rrn, amount },
      at: isoTime(clock.nowMs()),
    });
  }
}

const isMoney = (outcome: string): boolean => outcome === 'approved' || outcome === 'partiallyApproved';

function contradicts({ result }: OperationRecord, { verdict, details }: TerminalAnswer): boolean {
  if (result === null || verdict === 'unclear' || verdict === 'done') return false;
  if (isMoney(verdict) !== isMoney(result.outcome)) return true;
  return isMoney(verdict) && details.invoice !== null && details.invoice !== result.invoice;
}
