/** One printer while it is connected: made ready, asked how it is, given one paper after the other. */
import { messageOf } from '../seams/error.ts';
import type { Time } from '../seams/time.ts';
import type { Readiness } from './answers.ts';
import { askInTurn, askWhenPrinted, feedAndCut, initialise, joined, lineFeed, sweep } from './commands.ts';
import { done, failed, type PrintJob, type PrintOutcome, reasonOf, unknown } from './job.ts';
import type { Talk, Watch } from './talk.ts';

/** Bytes that are not taken for so long: the printer has stopped. */
const stalledMs = 20_000;
/** More than a printer needs for the longest document. */
const jobMaxMs = 60_000;
/** How often a printer at work is asked how it is. */
const lookMs = 500;
/** One that says nothing for so long, in the middle of a paper, has gone. */
const silentMaxMs = 15_000;
/** What a printer needs to carry out next to nothing; and with half a paper that it still holds. */
const probeMs = { usual: 3_000, torn: 30_000 } as const;
/** Until the next answer, where one more may come: at once, or behind a cut. */
const probeRestMs = { usual: 300, torn: 2_000 } as const;

/** So many answers may be owed. */
const strayMax = 8;

/**
 * What a printer can say of a paper's end: that it is printed (GS ( H), that its commands are carried out (GS r), or
 * nothing of either.
 */
export type Proof = 'printed' | 'inTurn' | 'none';

const doneTexts: Readonly<Record<Proof, string>> = {
  printed: 'printed: the printer said so when the last of it was on the paper',
  inTurn: 'the printer has carried out all of it and was ready afterwards',
  none: 'the printer has taken all of it and was ready afterwards; it cannot say more',
};
const oneWayText = 'all of it was handed over; this printer cannot say whether it was printed';

/** What is known of a printer beyond one connection. */
export interface PrinterMemory {
  /** A paper was begun, and nobody knows that it came to its end. */
  isTorn: boolean;
}

/** What a session is made of. */
export interface SessionParts {
  talk: Talk;
  time: Time;
  /** False: it can only be written to. */
  answers: boolean;
  /** It has a cutter. */
  cut: boolean;
  memory: PrinterMemory;
  /** Four characters that no paper had before. */
  nextId(): string;
}

/** See the module. Nothing here rejects. */
export class Session {
  readonly #parts: SessionParts;
  #proof: Proof = 'none';
  #hasForgotten = false;
  #isPrepared = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** How the printer is; null: it says nothing though it should. One that cannot answer counts as ready. */
  async readiness(): Promise<Readiness | null> {
    return this.#parts.answers ? this.#parts.talk.readiness() : 'ready';
  }

  /**
   * Has a printer that answers throw away what it still holds of before, if that was not done yet. Also one that is not
   * ready: what it holds would come out as soon as somebody closes its cover.
   */
  async forget(): Promise<void> {
    if (this.#hasForgotten || !this.#parts.answers) return;
    this.#hasForgotten = true;
    await this.#parts.talk.clear();
  }

  /**
   * Makes a printer that is ready listen from the beginning, if it is not known that it does, and finds out how it
   * proves the end of a paper. False: it took nothing, and the connection is closed.
   */
  async prepare(): Promise<boolean> {
    if (this.#isPrepared) return true;
    const { talk, answers, cut, memory } = this.#parts;
    // Half a paper of before is not to hang together with the next one.
    const cutOff = memory.isTorn && cut ? [lineFeed, feedAndCut] : [];
    if (!(await talk.send(joined(sweep, ...cutOff), stalledMs))) {
      await talk.close('it takes no bytes');
      return false;
    }
    if (answers) this.#proof = await this.#probe();
    memory.isTorn = false;
    this.#isPrepared = !talk.isOver;
    return this.#isPrepared;
  }

  /** Prints one paper and tells its outcome, unless the connection was closed on our side meanwhile. */
  async print(job: PrintJob, isClosing: () => boolean): Promise<void> {
    const { memory, answers } = this.#parts;
    let pieces: readonly Uint8Array[];
    try {
      pieces = job.pieces();
    } catch (error) {
      return job.over(failed('printerFault', `it could not be laid out: ${messageOf(error)}`));
    }
    if (!job.begin()) return;
    memory.isTorn = true;
    const outcome = await (answers ? this.#printAndAsk(pieces) : this.#printOneWay(pieces));
    if (isClosing()) return;
    if (outcome.outcome === 'done') memory.isTorn = false;
    else this.#hasForgotten = this.#isPrepared = false;
    job.over(outcome);
  }

  async #printOneWay(pieces: readonly Uint8Array[]): Promise<PrintOutcome> {
    for (const piece of pieces) if (!(await this.#parts.talk.send(piece, stalledMs))) return this.#stopped();
    return done(oneWayText);
  }

  async #printAndAsk(pieces: readonly Uint8Array[]): Promise<PrintOutcome> {
    const { talk, time } = this.#parts;
    const endMs = time.monotonicMs() + jobMaxMs;
    const mark = this.#mark();
    try {
      for (const [index, piece] of [...pieces, mark.bytes].entries()) {
        // A printer that stops is not sent more than it has, so that less has to be thrown away.
        const stopped = index === 0 ? null : await this.#follow(null, endMs);
        if (stopped !== null) return stopped;
        if (!(await talk.send(piece, stalledMs))) return await this.#stopped();
      }
      return (await this.#follow(mark.watch, endMs)) ?? (await this.#ended());
    } finally {
      mark.watch?.end();
    }
  }

  /** What is sent behind a paper, and the wait for what it brings; none where the printer answers neither command. */
  #mark(): { bytes: Uint8Array; watch: Watch | null } {
    const { talk, nextId } = this.#parts;
    if (this.#proof === 'none') return { bytes: initialise, watch: null };
    if (this.#proof === 'inTurn')
      return { bytes: askInTurn, watch: talk.watch(({ kind }) => kind === 'inTurn') };
    const id = nextId();
    return {
      bytes: askWhenPrinted(id),
      watch: talk.watch((said) => said.kind === 'printed' && said.id === id),
    };
  }

  /**
   * Waits until the watched answer has come, or, without one, until the printer is ready. Null: it is; else what stopped
   * the paper. One that has stopped has what is left thrown away; if it cannot, its paper or cover is waited for.
   */
  async #follow(watch: Watch | null, endMs: number): Promise<PrintOutcome | null> {
    const { talk, time } = this.#parts;
    let heardMs = time.monotonicMs();
    let canClear = true;
    for (;;) {
      await watch?.wait(lookMs);
      if (watch?.isSeen()) return null;
      const readiness = await talk.readiness();
      if (watch?.isSeen()) return null;
      if (talk.isOver) return lost;
      if (readiness !== null) heardMs = time.monotonicMs();
      if (readiness === 'ready' && watch === null) return null;
      if (time.monotonicMs() - heardMs >= silentMaxMs) {
        await talk.close('it fell silent while it printed');
        return lost;
      }
      const isLate = time.monotonicMs() >= endMs;
      const hasStopped = readiness !== null && readiness !== 'ready';
      if ((hasStopped && canClear) || isLate) {
        canClear = await talk.clear();
        if (watch?.isSeen()) return null;
        if (canClear) return hasStopped ? cutShort(readiness) : late;
        if (isLate) return unsaid;
      }
      if (watch === null) await this.#rest(lookMs);
    }
  }

  /** The last of it is there. Where that is not the same as printed, the printer is asked once more. */
  async #ended(): Promise<PrintOutcome> {
    if (this.#proof === 'printed') return done(doneTexts.printed);
    if (this.#proof === 'none') await this.#rest(2 * lookMs);
    const readiness = await this.#parts.talk.readiness();
    if (readiness === 'ready') return done(doneTexts[this.#proof]);
    if (readiness === null) return this.#parts.talk.isOver ? lost : unsaid;
    return unknown(
      reasonOf(readiness),
      `${whatStopped[readiness]} at its very end: look whether it is whole`,
    );
  }

  /** Bytes were not taken. */
  async #stopped(): Promise<PrintOutcome> {
    const { talk } = this.#parts;
    if (talk.isOver) return lost;
    await talk.close('it takes no more bytes');
    return unknown('timeout', 'the printer stopped taking bytes: a part of it may have been printed');
  }

  /** Finds out how this printer proves an end. What an older one prints of the question never leaves its line buffer. */
  async #probe(): Promise<Proof> {
    const { talk, nextId, memory } = this.#parts;
    const id = nextId();
    const printed = talk.watch((said) => said.kind === 'printed' && said.id === id);
    const inTurn = talk.watch(({ kind }) => kind === 'inTurn');
    const kind = memory.isTorn ? 'torn' : 'usual';
    await talk.send(joined(askWhenPrinted(id), initialise, askInTurn), stalledMs);
    await inTurn.wait(probeMs[kind]);
    if (!printed.isSeen()) await printed.wait(probeRestMs[kind]);
    printed.end();
    inTurn.end();
    if (printed.isSeen()) return 'printed';
    // The answer may have been to a paper of before: then ours follows, and is not to be taken for that of the next.
    for (let answers = 1; inTurn.isSeen() && answers < strayMax; answers += 1) {
      const another = talk.watch(({ kind }) => kind === 'inTurn');
      await another.wait(probeRestMs[kind]);
      another.end();
      if (!another.isSeen()) break;
    }
    return inTurn.isSeen() ? 'inTurn' : 'none';
  }

  async #rest(ms: number): Promise<void> {
    const nothing = this.#parts.talk.watch(() => false);
    await nothing.wait(ms);
    nothing.end();
  }
}

const whatStopped: Readonly<Record<Exclude<Readiness, 'ready'>, string>> = {
  paperOut: 'the paper ended',
  coverOpen: 'the cover was opened',
  fault: 'the printer reported a fault',
};

const cutShort = (readiness: Exclude<Readiness, 'ready'>): PrintOutcome =>
  failed(reasonOf(readiness), `${whatStopped[readiness]} in the middle; the rest was thrown away`);

const lost = unknown('linkLost', 'the printer went away in the middle: a part of it may have been printed');
const unsaid = unknown('timeout', 'the printer did not say that it was printed, nor that it was not');
const late = failed('expired', 'it was not printed in time; the rest was thrown away');
