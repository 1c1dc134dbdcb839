/** Holds what the box takes in, and what it tells, against what it must believe of its registry. */
import type { CommandKey } from '../../../gateway/contract/config.ts';
import type { OperationRecord, UntoldResult } from '../../../gateway/payments/journal-port.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import type { BoxClock } from '../box-clock.ts';
import { box } from '../names.ts';
import { kidOf } from '../signed-results.ts';
import type { Violations } from '../violation.ts';
import { type Belief, isNewMoney } from './belief.ts';

/** What it is held against. */
export interface RightsParts {
  time: Time;
  clock: BoxClock;
  belief: Belief;
  /** The config's. */
  commandKeys: readonly CommandKey[];
  /** Whose an operation is. */
  recordOf: (id: string) => Pick<OperationRecord, 'kid'> | null;
  violations: Violations;
}

/** Clocks that jump make the end of the 35 days unsure by as much. */
const endSlackMs = 3_600_000;
/** Between a signature and its publication. */
const signedMs = 10;
/** A command waits so long for the terminal's first word before it is looked at. */
const waitsMs = 11_000;

/** See the module. */
export class Rights {
  readonly #parts: RightsParts;
  readonly #accepted = new Set<string>();
  #keys: readonly CommandKey[] = [];
  #changedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: RightsParts) {
    this.#parts = parts;
  }

  /** Something may be believed from now on that was not before. */
  look(): void {
    const { keys } = this.#parts.belief.now;
    if (keys === this.#keys) return;
    this.#keys = keys;
    this.#changedMs = this.#nowMs;
  }

  /** Whether what is signed by this key was one that may ask for as long as a command can wait in the box. */
  isSteady(kid: string): boolean {
    return this.#isOwn(kid) || (this.#isIssued(kid) && this.#nowMs - this.#changedMs > waitsMs);
  }

  /** The journal was written to. */
  wrote(call: string, args: readonly unknown[]): void {
    if (call === 'accept') this.#takenIn((args as [OperationRecord])[0]);
    if (call !== 'tell') return;
    const [record, result] = args as [OperationRecord, UntoldResult];
    if (result.reason.code === 'clockUnknown' && this.#parts.clock.isTold)
      this.#found(record.id, 'refused for the time, which the registry has told');
    if (!this.#accepted.has(record.id)) this.#answered(record, result);
  }

  /** A result was published. */
  published(jws: string): void {
    const { id } = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { id: string };
    const asked = this.#parts.recordOf(id)?.kid ?? '';
    const signer = kidOf(jws);
    if (signer === asked) return;
    const isKnown = this.#isOwn(asked) || this.#isIssued(asked) || this.#parts.belief.now.retired.has(asked);
    if (signer !== box || (isKnown && this.#nowMs - this.#changedMs > signedMs))
      this.#found(id, `told in the name of ${signer}, asked by ${asked}`);
  }

  #takenIn({ id, type, kid, stage }: OperationRecord): void {
    const asks = stage === 'refusedAhead' ? 'abort' : type;
    if (!this.#mayAsk(kid, asks)) this.#found(id, `${asks} accepted of ${kid}, which may not ask for it`);
    if (stage !== 'accepted') return;
    this.#accepted.add(id);
    const state = this.#state();
    if (isNewMoney(type) && (state === 'suspended' || state === 'unregistered'))
      this.#found(id, `${type} accepted while the box is ${state}`);
  }

  #answered({ id, type, kid }: OperationRecord, { outcome, reason }: UntoldResult): void {
    const { code } = reason;
    const may = this.#mayAsk(kid, type);
    if (outcome === 'done' && !may) this.#found(id, `${type} done for ${kid}, which may not ask for it`);
    if (code === 'forbidden' && may) this.#found(id, `${type} forbidden to ${kid}, which may ask for it`);
    if (code !== 'suspended' && code !== 'unregistered') return;
    const state = this.#state();
    if (!isNewMoney(type)) this.#found(id, `${type} refused, for the box is ${code}`);
    else if (state !== null && state !== code)
      this.#found(id, `refused for ${code}, but the box is ${state}`);
  }

  #state(): ReturnType<Belief['stateAt']> {
    const { belief, clock } = this.#parts;
    // While the time is not known nothing ends by it.
    const nowMs = clock.isSet ? clock.nowMs() : (belief.now.heard?.atMs ?? 0);
    return belief.stateAt(nowMs, endSlackMs);
  }

  #mayAsk(kid: string, type: string): boolean {
    const { commandKeys, belief } = this.#parts;
    const key = [...commandKeys, ...belief.now.keys].find((one) => one.kid === kid);
    if (key === undefined) return false;
    return key.allow === undefined ? type !== 'resolve' : key.allow.some((one) => one === type);
  }

  #isOwn(kid: string): boolean {
    return this.#parts.commandKeys.some((key) => key.kid === kid);
  }

  #isIssued(kid: string): boolean {
    return this.#parts.belief.now.keys.some((key) => key.kid === kid);
  }

  get #nowMs(): number {
    return this.#parts.time.monotonicMs();
  }

  #found(id: string, text: string): void {
    this.#parts.violations.report('registration', id, text, this.#nowMs);
  }
}
