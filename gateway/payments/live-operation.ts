/** Runs one operation: feeds its table with what happens, and carries out what the table says is to be done. */

import type { ProgressStep } from '../contract/event.ts';
import type { Cancel } from '../seams/time.ts';
import { finishingMs } from './evidence.ts';
import { EvidenceSearch } from './evidence-search.ts';
import type { OperationRecord, RecordStage, StartRecord } from './journal-port.ts';
import { judgeAnswer } from './judge.ts';
import { giveUpMs, patienceMs } from './limits.ts';
import type { Effect, OperationInput, OperationState } from './operation.ts';
import type { Parts } from './parts.ts';
import { prepare } from './preparing.ts';
import { RecordKeeper } from './record-keeper.ts';
import { kindOf, requestOf, type TerminalCommand } from './requests.ts';
import type { Attempt, TerminalAnswer, TerminalRequest } from './terminal-port.ts';
import { step } from './transitions.ts';

const stageOf = ({ name }: OperationState): RecordStage => {
  if (name === 'preparing') return 'accepted';
  return name === 'confirming' ? 'running' : name;
};

/** The state that a record found on disk stands for. */
export function stateOf(record: OperationRecord): OperationState {
  const cause = record.broken?.cause ?? 'restarted';
  switch (record.stage) {
    case 'recovering':
      return { name: 'recovering', cause, said: null };
    case 'unresolved':
      return { name: 'unresolved', cause, said: null, exhausted: record.exhausted };
    case 'refusedAhead':
      return { name: 'finished' };
    default:
      return { name: record.stage };
  }
}

/** One operation between its acceptance and its final outcome. */
export class LiveOperation {
  readonly #parts: Parts;
  readonly #keeper: RecordKeeper;
  readonly #search: EvidenceSearch;
  #state: OperationState;
  #attempt: Attempt | null = null;
  #inbox: OperationInput[] = [];
  #feeding = false;
  #progress: ProgressStep | null = null;
  #timers: Cancel[] = [];
  #isStopped = false;
  /** What will stand in the journal when it starts. */
  #planned: StartRecord<TerminalRequest> | null = null;

  /** `mayAsk`: whether no other operation needs the terminal just now. */
  constructor(parts: Parts, record: OperationRecord, mayAsk: () => boolean) {
    this.#parts = parts;
    this.#keeper = new RecordKeeper(parts, record);
    this.#state = stateOf(record);
    this.#search = new EvidenceSearch(
      parts,
      () => this.#keeper.record,
      mayAsk,
      (verdict) => this.feed({ name: 'evidence', verdict }),
    );
  }

  get record(): OperationRecord {
    return this.#keeper.record;
  }

  get state(): OperationState['name'] {
    return this.#state.name;
  }

  /** What the customer was last seen doing. */
  get progress(): ProgressStep | null {
    return this.#progress;
  }

  /** Final and on disk: nothing more comes of it. */
  get isOver(): boolean {
    return this.#state.name === 'finished' && !this.#keeper.isWaiting;
  }

  /** `unknown` was told: the terminal is free for what may be done meanwhile, unless it is just being read. */
  get isUnresolved(): boolean {
    return this.#state.name === 'unresolved' && !this.#search.isAsking;
  }

  /** It was sent, and its answer is no longer waited for alone. */
  get isSettling(): boolean {
    const { name } = this.#state;
    return name === 'confirming' || name === 'recovering' || name === 'unresolved';
  }

  /** Something happened. Inputs are taken one after the other, also those that come up on the way. */
  feed(input: OperationInput): void {
    if (this.#isStopped) return;
    this.#inbox.push(input);
    if (this.#feeding) return;
    this.#feeding = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#take(next);
    } finally {
      this.#feeding = false;
    }
    this.#parts.changed();
  }

  /** An answer of the terminal that may be this operation's. */
  hear(answer: TerminalAnswer): void {
    const { start } = this.record;
    if (start === null || start.request.type === 'print') return;
    const late = this.#state.name !== 'running';
    this.feed({ name: 'answered', answer: judgeAnswer(start.request, start.baseline, answer, late) });
  }

  /** The terminal's state changed, or another operation has left it: evidence may be had now. */
  poke(): void {
    this.#search.poke();
  }

  /** Leaves the terminal to another operation; late answers come as strays from now on. */
  releaseTerminal(): void {
    this.#attempt?.close();
    this.#attempt = null;
  }

  /** Lets go of timers and terminal: it is over, or the gateway is going down. */
  stop(): void {
    // What still comes in belongs to the next start: it finds the operation on disk as it stands.
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
    this.#search.end();
    this.#keeper.drop();
    this.releaseTerminal();
  }

  #take(input: OperationInput): void {
    const { id, type, start } = this.record;
    const facts = { kind: kindOf(type), hasLookUp: start?.baseline.kind !== 'unavailable' };
    const transition = step(this.#state, input, facts);
    if (transition === null) return;
    this.#parts.onStep?.(id, this.#state.name, input.name, transition.next.name);
    this.#state = transition.next;
    for (const effect of transition.effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.name) {
      case 'prepare':
        return this.#prepare();
      case 'start':
        return this.#start();
      case 'interrupt':
        return this.#interrupt();
      case 'settle':
        return this.#settle();
      case 'noteBreak':
        return this.#noteBreak();
      case 'noteExhausted':
        // The search goes on where it has found nothing: a person may decide, and the terminal may still show it.
        return this.#keeper.note({ exhausted: true });
      case 'tell': {
        this.#keeper.drop();
        const standing = () => ({
          stage: stageOf(this.#state),
          exhausted: this.#state.name === 'unresolved' && this.#state.exhausted,
        });
        const told = () => (this.isOver ? this.stop() : this.#parts.changed());
        return this.#keeper.tell(effect.ending, standing, told);
      }
    }
  }

  #prepare(): void {
    const command = this.record.command as TerminalCommand;
    prepare(command, this.#parts)
      .then((prepared) => {
        if (this.#state.name !== 'preparing') return;
        if ('reason' in prepared) return this.feed({ name: 'refused', ...prepared });
        const { terminal, clock, terms } = this.#parts;
        const atMs = clock.nowMs();
        const request = requestOf(command, terms, prepared.original);
        this.#planned = { atMs, baseline: prepared.baseline, terminal: terminal.key(), request };
        this.feed({ name: 'prepared' });
      })
      .catch(this.#parts.fatal);
  }

  #start(): void {
    const { log } = this.#parts;
    const { id, type } = this.record;
    const start = this.#planned;
    if (start === null) return;
    if (!this.#keeper.start({ start, lastContactMs: start.atMs })) {
      log.warn('the disk is full: an operation cannot be written down as started, so it is not', {
        id,
        type,
      });
      this.#inbox.push({ name: 'refused', reason: 'storageFull', text: 'the disk of the box is full' });
      return;
    }
    this.#open(start.request).send();
    log.info('operation started', { id, type });
  }

  #open(request: TerminalRequest): Attempt {
    this.#attempt = this.#parts.terminal.open(request, {
      heard: () => this.#heard(),
      progress: (progressStep) => this.#show(progressStep),
      answered: (answer) => this.hear(answer),
      broke: (cause) => this.feed({ name: 'broke', cause }),
    });
    return this.#attempt;
  }

  /** After a break contact counts as long as the terminal is surely at work on this: after a longer silence it may be. */
  #heard(): void {
    const { name } = this.#state;
    if (name !== 'running' && name !== 'recovering' && name !== 'unresolved') return;
    const silentMs = this.#parts.clock.nowMs() - (this.record.lastContactMs ?? 0);
    const isLate = name !== 'running' && silentMs > finishingMs;
    this.#keeper.heard(isLate ? 'lateContactMs' : 'lastContactMs');
  }

  #show(progressStep: ProgressStep): void {
    if (this.#state.name === 'finished') return;
    this.#progress = progressStep;
    this.#parts.emit({ type: 'progress', id: this.record.id, step: progressStep });
    this.#parts.changed();
  }

  #interrupt(): void {
    if (!this.record.abortSent) this.#keeper.write({ abortSent: true });
    this.#attempt?.interrupt();
  }

  #noteBreak(): void {
    if (this.#state.name !== 'recovering' && this.#state.name !== 'unresolved') return;
    const atMs = this.record.broken?.atMs ?? this.#parts.clock.nowMs();
    this.#keeper.note({ broken: { atMs, cause: this.#state.cause } });
  }

  #settle(): void {
    const { clock, timers, log } = this.#parts;
    const { id, start, broken } = this.record;
    const atMs = broken?.atMs ?? clock.nowMs();
    if (this.#state.name === 'recovering' || this.#state.name === 'unresolved') {
      const { cause } = this.#state;
      log.warn('the outcome is uncertain, the receipts decide', { id, reason: cause });
      this.#keeper.note({ stage: stageOf(this.#state), broken: { atMs, cause } });
      if (start !== null && start.request.type !== 'print' && this.#attempt === null)
        this.#open(start.request);
    }
    if (this.#timers.length === 0) {
      // Counted from the break, so that a box that restarts again and again tells its outcome too.
      const elapsedMs = Math.max(0, clock.nowMs() - atMs);
      const left = (ms: number): number => Math.max(0, ms - elapsedMs);
      // A box that does not know the time after its restart does not know how long the sender has waited already.
      const isTimeLost = broken !== null && !clock.isTrusted();
      this.#timers = [
        timers.after(isTimeLost ? 0 : left(patienceMs), () => this.feed({ name: 'patienceEnded' })),
        timers.after(left(giveUpMs), () => this.feed({ name: 'givenUp' })),
      ];
    }
    this.#search.begin();
  }
}
