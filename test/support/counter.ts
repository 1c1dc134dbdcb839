/** The payments alone: reception and cashier between a journal in memory and a terminal moved by hand. */
import * as assert from 'uvu/assert';
import type { BoxEvent } from '../../gateway/contract/event.ts';
import { parseCommand } from '../../gateway/contract/parse.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { Cashier } from '../../gateway/payments/cashier.ts';
import { unbilled } from '../../gateway/payments/outside.ts';
import type { Parts } from '../../gateway/payments/parts.ts';
import { Reception } from '../../gateway/payments/reception.ts';
import type { EvidenceReading } from '../../gateway/payments/terminal-port.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { MemoryJournal } from '../../gateway/simulators/journal.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { VirtualTime } from './virtual-time.ts';

/** The id of the operation that tests are about. */
export const id = 'operation-1';

/** A counter with a terminal that is moved by hand. */
export class Counter {
  readonly time = new VirtualTime();
  readonly terminal = new FakeTerminal();
  readonly journal = new MemoryJournal({ createdAtMs: this.time.nowMs() - 1000 });
  readonly events: BoxEvent[] = [];
  readonly results: Result[] = [];
  readonly failures: unknown[] = [];
  /** The box knows what time it is. */
  isClockTrusted = true;
  #live = this.#open();

  get cashier(): Cashier {
    return this.#live.cashier;
  }

  #open() {
    const parts: Parts = {
      box: 'SW-1',
      terms: { currency: 'UAH', merchants: { shop: '1' }, defaultMerchant: 'shop', maxAmount: 1_000_000 },
      journal: this.journal,
      terminal: this.terminal,
      registration: unbilled,
      clock: { nowMs: () => this.time.nowMs(), isTrusted: () => this.isClockTrusted },
      journalSinceMs: () => 0,
      timers: this.time,
      log: silentLog,
      emit: (event) => this.events.push(event),
      isAllowed: () => true,
      told: (record) => record.result !== null && this.results.push(record.result),
      resend() {},
      changed() {},
      fatal: (error) => this.failures.push(error),
      onStep: null,
    };
    const cashier = new Cashier(parts);
    return { cashier, desk: new Reception(parts, cashier) };
  }

  /** The process dies and starts again on the same journal. */
  restart(): void {
    this.#live.cashier.stop();
    this.journal.crash();
    this.#live = this.#open();
    this.#live.cashier.recover();
  }

  async ask(type: string, members: object = {}): Promise<void> {
    const nowMs = this.time.nowMs();
    const times = { issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + 60_000) };
    this.#live.desk.receive('shop', parseCommand({ box: 'SW-1', id, type, ...times, ...members }));
    await this.time.advance(10);
  }

  pay(members: object = {}): Promise<void> {
    return this.ask('payment', { amount: 10050, currency: 'UAH', ...members });
  }

  outcomes(): string[] {
    return this.results.map(({ id, outcome, reason }) => `${id} ${outcome} ${reason.code}`);
  }
}

/** The terminal shows the baseline, and nothing after it. */
export const nothingNew: Extract<EvidenceReading, { kind: 'read' }> = {
  kind: 'read',
  terminal: 'PAX|s800|T1',
  last: { kind: 'receipt', invoice: '100', mark: 'mark-100' },
  since: [],
  complete: true,
  original: null,
};

/** A payment was sent, and the link broke. */
export async function paidAndBroken(): Promise<Counter> {
  const counter = new Counter();
  await counter.pay();
  assert.is(counter.terminal.sent.length, 1);
  counter.terminal.become('absent');
  counter.terminal.observer?.broke('linkLost');
  return counter;
}
