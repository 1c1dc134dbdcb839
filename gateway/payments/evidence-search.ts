/** Looks for evidence until there is a verdict: when the terminal is ready, again after growing pauses. */
import type { Cancel } from '../seams/time.ts';
import { decide, type EvidenceVerdict } from './evidence.ts';
import type { OperationRecord } from './journal-port.ts';
import { gatherRetryMs } from './limits.ts';
import type { Parts } from './parts.ts';

/** The search for one operation. */
export class EvidenceSearch {
  readonly #parts: Parts;
  readonly #recordNow: () => OperationRecord;
  readonly #found: (verdict: EvidenceVerdict) => void;
  readonly #mayAsk: () => boolean;
  #wanted = false;
  #asking = false;
  #pauseMs: number = gatherRetryMs.first;
  #cancel: Cancel | null = null;

  /**
   * `recordNow`: the record as it is when asked. `mayAsk`: whether the terminal is not needed by another operation.
   * `found` is called with each verdict; the search is over then.
   */
  constructor(
    parts: Parts,
    recordNow: () => OperationRecord,
    mayAsk: () => boolean,
    found: (verdict: EvidenceVerdict) => void,
  ) {
    this.#parts = parts;
    this.#recordNow = recordNow;
    this.#mayAsk = mayAsk;
    this.#found = found;
  }

  /** The terminal is being read right now: nothing else may use it. */
  get isAsking(): boolean {
    return this.#asking;
  }

  begin(): void {
    this.#wanted = true;
    this.#later(0);
  }

  /** The terminal's state changed, or another operation has left it. */
  poke(): void {
    this.#pauseMs = gatherRetryMs.first;
    this.#ask();
  }

  end(): void {
    this.#wanted = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  #later(delayMs: number): void {
    this.#cancel?.();
    this.#cancel = this.#parts.timers.after(delayMs, () => this.#ask());
  }

  #ask(): void {
    const { terminal } = this.#parts;
    if (!this.#wanted || this.#asking || terminal.state() !== 'ready' || !this.#mayAsk()) return;
    this.#asking = true;
    this.#read()
      .then((verdict) => {
        this.#asking = false;
        if (!this.#wanted) return;
        if (verdict === null) return this.#again();
        this.end();
        this.#found(verdict);
      })
      .catch(this.#parts.fatal);
  }

  async #read(): Promise<EvidenceVerdict | null> {
    const { terminal, log, clock } = this.#parts;
    const { id, start } = this.#recordNow();
    if (start === null) return null;
    const original = start.request.type === 'reversal' ? start.request.invoice : null;
    const reading = await terminal.gatherEvidence(start.baseline, original);
    if (reading.kind === 'notReady') return null;
    const { original: originalReading } = reading;
    if (originalReading !== null && (originalReading.kind === 'busy' || originalReading.kind === 'noAnswer'))
      return null;
    if (reading.terminal !== start.terminal) {
      // Another terminal proves nothing about ours, which may come back.
      log.warn('another terminal answers than the operation was started on', { id });
      return null;
    }
    return decide({ ...this.#recordNow(), start }, reading, clock.nowMs());
  }

  #again(): void {
    this.#later(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, gatherRetryMs.longest);
  }
}
