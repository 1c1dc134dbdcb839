/** Writes down what can be seen from outside while a world runs, and holds the wire against the disk at once. */
import type { OperationRecord } from '../../gateway/payments/journal-port.ts';
import type { Baseline } from '../../gateway/payments/terminal-port.ts';
import type { Book } from './book.ts';
import { movesMoney } from './book.ts';
import { askingMethods, type Frame, moneyMethodOf, readFrame, serviceTypes, typeOfMoney } from './frames.ts';
import type { Report, Violation } from './violation.ts';
import type { World } from './world.ts';

/** A request on the wire that moves money, and whose it is. */
export interface MoneyFrame {
  atMs: number;
  /** True wall-clock time. */
  wallMs: number;
  id: string;
  method: string;
  params: Frame['params'];
}

/** What the terminal really has. */
export interface TerminalTruth {
  receipts: readonly { invoice: string; atMs: number }[];
  hasLookUp: boolean;
  clockAheadMs: number;
}

/** The state of the box that the checks depend on. */
export interface BoxState {
  isAlive: boolean;
  /** The time as the box must have it. */
  nowMs: () => number;
  /** It knows the time. */
  isTimeKnown: () => boolean;
  isSuspended: boolean;
  isDiskFull: boolean;
}

const clockSlackMs = 5_000;
/** After the start is on disk a request may wait for the gap between two messages, and behind a ping. */
const writeSlackMs = 4_000;
const patienceMs = 60_000;
/** How long an event may be on its way. */
const otherContentMs = 3_000;
/** A receipt that is older than this stood there when the baseline was read. */
const settledReceiptMs = 6_000;
const patienceSlackMs = 3_000;

/** See the module. */
export class Witness {
  readonly frames: MoneyFrame[] = [];
  /** Accepted and not started when the box died. */
  readonly neverStarted = new Set<string>();
  readonly #acknowledged = new Set<string>();
  readonly #frameOf = new Map<string, MoneyFrame>();
  readonly #final = new Set<string>();
  readonly #told = new Set<string>();
  /** When contact was lost, by operation; null: told since. */
  readonly #breaks = new Map<string, { atMs: number; dueMs: number } | null>();
  /** No outcome can be told: the box is dead, or its disk is full. */
  #blockedSinceMs: number | null = null;
  #latestStartMs = 0;
  #clockChangedMs = Number.NEGATIVE_INFINITY;
  readonly #world: World;
  readonly #book: Book;
  readonly #box: BoxState;
  readonly #report: Report;

  readonly #plugged: () => TerminalTruth | null;

  constructor(world: World, book: Book, box: BoxState, report: Report, plugged: () => TerminalTruth | null) {
    this.#plugged = plugged;
    this.#world = world;
    this.#book = book;
    this.#box = box;
    this.#report = report;
  }

  #found(point: Violation['point'], id: string, text: string): void {
    this.#report(point, id, text, this.#world.time.monotonicMs());
  }

  /** The box's wall clock was set. */
  clockChanged(): void {
    this.#clockChangedMs = this.#world.time.monotonicMs();
  }

  /** The box died or came back, its disk was filled or freed. */
  blockChanged(): void {
    const nowMs = this.#world.time.monotonicMs();
    const isBlocked = !this.#box.isAlive || this.#box.isDiskFull;
    if (isBlocked === (this.#blockedSinceMs !== null)) return;
    if (isBlocked) this.#blockedSinceMs = nowMs;
    else {
      this.#blockedSinceMs = null;
      for (const [id, one] of this.#breaks) {
        if (one === null) continue;
        one.dueMs = Math.max(one.dueMs, nowMs + patienceSlackMs);
        // A box that died before it could write the break down learns of it at the next start.
        if ((this.#world.journal.find(id)?.broken ?? null) === null) this.#breaks.delete(id);
      }
    }
  }

  /** Everything that the box writes to its terminal passes here. */
  toTerminal(bytes: Uint8Array): void {
    const frame = readFrame(bytes);
    if (frame === null) return this.#found('8', '', 'something that is no JSON on the wire');
    const { method, params } = frame;
    if (method === '' || askingMethods.has(method)) return;
    if (method === 'ServiceMessage') {
      if (!serviceTypes.has(params.msgType ?? '')) this.#found('8', '', `service message ${params.msgType}`);
      return;
    }
    if (moneyMethodOf(bytes) === null)
      return this.#found('8', '', `${method} on the wire, which nobody asked for`);
    this.#money(method, params);
  }

  #money(method: string, params: Frame['params']): void {
    const type = typeOfMoney(method);
    const record = this.#world.journal
      .open()
      .find((one) => one.stage === 'running' && one.type === type && this.#isOf(one, params));
    if (record === undefined) {
      const again = this.frames.find((one) => one.method === method && one.params.amount === params.amount);
      if (again !== undefined && method !== 'Verify')
        return this.#found('1', again.id, `${method} ${params.amount ?? params.invoiceNumber} sent again`);
      return this.#found('9', '', `${method} ${params.amount ?? ''} on the wire, and no start of it on disk`);
    }
    const { id, start } = record;
    const { time } = this.#world;
    const frame: MoneyFrame = { atMs: time.monotonicMs(), wallMs: time.nowMs(), id, method, params };
    if (this.#frameOf.has(id)) this.#found('1', id, `${method} sent twice`);
    for (const other of this.frames)
      if (movesMoney(typeOfMoney(other.method)) && other.id !== id && !this.#final.has(other.id))
        this.#found('6', id, `${method} sent while the outcome of ${other.id} is unknown`);
    this.frames.push(frame);
    this.#frameOf.set(id, frame);
    this.#times(record, frame);
    if (movesMoney(type)) this.#baseline(id, start?.baseline ?? null);
  }

  /** The baseline on disk is the last receipt that the terminal really has, or one that was made just now. */
  #baseline(id: string, baseline: Baseline | null): void {
    const terminal = this.#plugged();
    if (baseline === null) return this.#found('4.1', id, 'started without a baseline');
    if (terminal === null) return;
    if (baseline.kind === 'unavailable') {
      if (terminal.hasLookUp)
        this.#found('4.1', id, 'started without its baseline, though there are receipts');
      return;
    }
    const { receipts, clockAheadMs } = terminal;
    const settledMs = this.#world.time.nowMs() + clockAheadMs - settledReceiptMs;
    const settled = receipts.findLast(({ atMs }) => atMs <= settledMs);
    const fresh = receipts.filter(({ atMs }) => atMs > settledMs);
    const may = [settled, ...fresh].map((receipt) => Number(receipt?.invoice ?? 0));
    if (!may.includes(baseline.kind === 'receipt' ? Number(baseline.invoice) : 0))
      this.#found(
        '4.1',
        id,
        `its baseline is ${JSON.stringify(baseline)}, the last receipt is ${may.at(-1)}`,
      );
  }

  /** Whether this record's command is what the frame asks for, by the book. */
  #isOf({ id }: OperationRecord, params: Frame['params']): boolean {
    if (this.#frameOf.has(id)) return false;
    const asked = this.#book.find(id);
    if (asked === null) return false;
    const wanted = asked.type === 'completion' ? params.addamount : params.amount;
    return asked.amount === 0 || asked.type === 'reversal' || wanted === (asked.amount / 100).toFixed(2);
  }

  #times({ id, command, start }: OperationRecord, { atMs }: MoneyFrame): void {
    const nowMs = this.#box.nowMs();
    if (!this.#box.isTimeKnown()) this.#found('4', id, 'started while the clock was not set');
    const sends = this.#book.find(id)?.sends ?? [];
    const latest = Math.max(
      ...sends.filter((send) => send.atMs <= atMs).map(({ expiresAtMs }) => expiresAtMs),
    );
    const isSteady = atMs - this.#clockChangedMs > 2 * writeSlackMs;
    if (isSteady && nowMs > latest + writeSlackMs)
      this.#found('4', id, `sent ${nowMs - latest} ms after its deadline`);
    const startedAtMs = start?.atMs ?? 0;
    const expiresAtMs = Date.parse(command?.expiresAt ?? '');
    if (startedAtMs > expiresAtMs)
      this.#found('4', id, `started ${startedAtMs - expiresAtMs} ms after its deadline`);
  }

  /** The journal was written to. */
  wrote(call: string, args: readonly unknown[]): void {
    if (call === 'accept') {
      const [{ id, type }] = args as [OperationRecord];
      if (this.#box.isSuspended && newMoney.has(type)) this.#found('3.3', id, 'accepted while suspended');
    }
    if (call === 'start') this.#started((args as [OperationRecord])[0].id);
    if (call !== 'tell') return;
    const [{ id }, { outcome }] = args as [OperationRecord, { outcome: string }];
    const nowMs = this.#world.time.monotonicMs();
    const broke = this.#breaks.get(id);
    if (broke != null) {
      this.#breaks.set(id, null);
      const isSteady = this.#clockChangedMs < broke.atMs;
      if (isSteady && nowMs > broke.dueMs)
        this.#found('2', id, `told only ${nowMs - broke.atMs} ms after the break`);
    }
    this.#told.add(id);
    if (outcome !== 'unknown') this.#final.add(id);
  }

  /** A start is on disk, and with it the time. */
  #started(id: string): void {
    const nowMs = this.#box.nowMs();
    if (nowMs < this.#latestStartMs - clockSlackMs)
      this.#found('4', id, 'started at a time before an earlier start');
    this.#latestStartMs = Math.max(this.#latestStartMs, nowMs);
  }

  /** The line to the terminal broke. */
  lineClosed(): void {
    if (!this.#box.isAlive) return;
    const frame = this.frames.at(-1);
    if (frame !== undefined && !this.#final.has(frame.id)) this.#broke(frame.id);
  }

  stepped(id: string, to: string): void {
    if (to === 'recovering' || to === 'confirming') this.#broke(id);
  }

  #broke(id: string): void {
    if (this.#breaks.has(id) || this.#told.has(id)) return;
    const atMs = this.#world.time.monotonicMs();
    this.#breaks.set(id, { atMs, dueMs: atMs + patienceMs + patienceSlackMs });
  }

  /** A message of a sale system was acknowledged: what it asks for must be on disk, and stay there. */
  acknowledged(id: string): void {
    const asked = this.#book.find(id);
    if (asked === null || asked.expectation === 'nothing') return;
    if (this.#world.journal.find(id) === null)
      return this.#found('9', id, 'acknowledged to the broker, and not on disk');
    this.#acknowledged.add(id);
  }

  /** The box has died: what it promised is still there, and what it had not started never starts. */
  died(): void {
    const { journal } = this.#world;
    for (const id of this.#acknowledged)
      if (journal.find(id) === null)
        this.#found('9', id, 'acknowledged to the broker, and no longer on disk');
    for (const { id, stage } of journal.open()) if (stage === 'accepted') this.neverStarted.add(id);
  }

  /** A command of a known id, but with other content, was acknowledged: its sender has to be told, if he listens. */
  acknowledgedOther(id: string): void {
    const { events, broker, time } = this.#world;
    // It may have been told a moment before.
    const from = Math.max(0, events.length - 1);
    const { changes } = broker;
    time.after(otherContentMs, () => {
      const isTold = events.slice(from).some((event) => event.type === 'rejected' && event.id === id);
      if (!isTold && broker.changes === changes && !broker.isMute && this.#box.isAlive)
        this.#found('3.4', id, 'the same id with other content, and nobody was told');
    });
  }

  /** When the request of an operation was sent; null when it never was. */
  sent(id: string): MoneyFrame | null {
    return this.#frameOf.get(id) ?? null;
  }
}

const newMoney: ReadonlySet<string> = new Set(['payment', 'cashback', 'preauthorization', 'instalment']);
