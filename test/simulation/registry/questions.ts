/** Holds what the box asks its registry, and what it writes down of it, against what it was told. */
import type { HttpReply } from '../../../gateway/cloud/registration/asking.ts';
import type { Registration } from '../../../gateway/contract/registration.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import { asRead } from '../../support/fake-registry.ts';
import type { BoxClock } from '../box-clock.ts';
import { box } from '../names.ts';
import type { Violations } from '../violation.ts';
import type { Belief } from './belief.ts';
import { NextTry } from './next-try.ts';
import type { Said } from './said.ts';

/** What it is held against. */
export interface QuestionParts {
  time: Time;
  clock: BoxClock;
  belief: Belief;
  /** What is on disk; null: nothing. */
  kept: () => string | null;
  /** The disk takes something, and the box has power. */
  hasRoom: () => boolean;
  saidIn: (reply: HttpReply) => Said;
  violations: Violations;
}

/** Between an answer and its place on disk. */
const writtenMs = 1;
/** One try: so long, and no longer, an answer is heard. */
const patienceMs = 10_000;
/** An unsigned refusal may move the count by this, and counts that a full disk did not take are lost. */
const leapMax = 1_000_001;
const lostMax = 10_000;

type OnDisk = { count: number; heard: { revision: number } | null };

/** See the module. */
export class Questions {
  readonly next: NextTry;
  readonly #parts: QuestionParts;
  /** Counts that were sent, and with which nonce. */
  #sent = new Map<number, string>();
  #highest = 0;
  #asking: { jws: string; nonce: string; atMs: number } | null = null;

  constructor(parts: QuestionParts) {
    this.#parts = parts;
    this.next = new NextTry((byMs) => this.#found(`the registry was asked ${byMs} ms too late`));
  }

  get isAsking(): boolean {
    return this.#asking !== null;
  }

  /** The file was damaged: counts begin anew, until the registry says where they were. */
  forgotten(): void {
    this.#sent = new Map();
    this.#highest = 0;
  }

  died(): void {
    this.#asking = null;
    this.next.died(this.#nowMs);
  }

  /** A question leaves the box. */
  asked(jws: string): void {
    const request = asRead(jws);
    this.next.asked(this.#nowMs);
    if (this.#asking !== null) this.#found('two questions at once');
    this.#count(request);
    this.#knowledge(request);
    const asking = { jws, nonce: request.nonce, atMs: this.#nowMs };
    this.#asking = asking;
    this.#parts.time.after(patienceMs, () => {
      if (this.#asking !== asking) return;
      this.#asking = null;
      this.next.unanswered(this.#nowMs, null);
    });
  }

  /** This comes back to it; null: nothing will. What comes after the box gave up does not count. */
  heard(jws: string, reply: HttpReply | null): void {
    const asking = this.#asking;
    if (asking?.jws !== jws) return;
    this.#asking = null;
    if (reply === null) return this.next.unanswered(this.#nowMs, null);
    const { saidIn, belief, clock } = this.#parts;
    const said = saidIn(reply);
    const { answer } = said;
    if (reply.status !== 200 || answer === null || !belief.isNews(said, box, asking.nonce))
      return this.next.unanswered(this.#nowMs, said);
    const saidMs = Date.parse(answer.time);
    clock.learn(saidMs, this.#nowMs - asking.atMs);
    belief.learn(answer, clock.isSet ? clock.nowMs() : saidMs);
    this.next.believed(this.#nowMs, Date.parse(answer.registerAfter) - saidMs);
    this.#parts.time.after(writtenMs, () => this.#keeps(answer.revision));
  }

  /** What is believed is on disk, unless there is no room or the power was cut. */
  #keeps(revision: number): void {
    const { belief, hasRoom } = this.#parts;
    if (belief.now.heard?.revision !== revision || !hasRoom()) return;
    if (belief.onDisk.heard?.revision !== revision)
      this.#found(`revision ${revision} is believed, and not on disk`);
  }

  /** What is kept was written. */
  wrote(text: string): void {
    const { heard } = onDisk(text);
    const { belief } = this.#parts;
    const wanted = belief.now.heard?.revision ?? 0;
    const found = heard?.revision ?? 0;
    if (found !== wanted) this.#found(`revision ${found} on disk, believed must be ${wanted}`);
    belief.written();
  }

  #count({ count, nonce }: Registration): void {
    const kept = this.#parts.kept();
    const written = kept === null ? 0 : onDisk(kept).count;
    if (written < count) this.#found(`count ${count} sent, ${written} on disk`);
    const before = this.#sent.get(count);
    if (before !== undefined && before !== nonce) this.#found(`count ${count} sent twice`);
    if (count <= this.#highest && before !== nonce) this.#found(`count ${count} sent after ${this.#highest}`);
    if (this.#highest > 0 && count > this.#highest + leapMax + lostMax)
      this.#found(`count ${count} sent after ${this.#highest}: by an unsigned word`);
    this.#sent.set(count, nonce);
    this.#highest = Math.max(this.#highest, count);
  }

  #knowledge({ revision, trusts }: Registration): void {
    const { heard, trusted } = this.#parts.belief.now;
    const wanted = heard?.revision ?? 0;
    if (revision !== wanted) this.#found(`revision ${revision} is believed, ${wanted} must be`);
    if (trusts.join() !== trusted.join()) this.#found('other keys of the registry are believed');
  }

  get #nowMs(): number {
    return this.#parts.time.monotonicMs();
  }

  #found(text: string): void {
    this.#parts.violations.report('registration', '', text, this.#nowMs);
  }
}

const onDisk = (text: string): OnDisk => JSON.parse(text.split('\n')[1] ?? '{}') as OnDisk;
