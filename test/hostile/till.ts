/** A box from the desk to the terminal's line, whose terminal says whatever a test wants it to. */
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import type { OperationType } from '../../gateway/contract/command.ts';
import { type BoxEvent, eventSchema } from '../../gateway/contract/event.ts';
import { parseCommand } from '../../gateway/contract/parse.ts';
import { type Result, resultSchema } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { Cashier } from '../../gateway/payments/cashier.ts';
import { unbilled } from '../../gateway/payments/outside.ts';
import type { Parts } from '../../gateway/payments/parts.ts';
import { Reception } from '../../gateway/payments/reception.ts';
import { MemoryJournal } from '../../gateway/simulators/journal.ts';
import { envelope, own } from '../support/commands.ts';
import { type Bench, createBench } from '../support/driver-bench.ts';
import { shown } from './bytes.ts';

/** How one operation went. */
export interface Went {
  /** Every result that was told, in order. */
  results: Result[];
  events: BoxEvent[];
  /** All that was kept, logged or told, as one text. */
  everything: string;
  /** What must not happen. */
  failures: unknown[];
  /** Requests on the wire that can move money. */
  charged: number;
}

const movesMoney = /^(Purchase|Refund|Withdrawal|Cashback|Preauthorization|SaleCompletion|Service[RPI])/;

/** What the terminal says: bytes when it is asked to carry out an operation, and whenever a receipt is looked up. */
export interface Script {
  answer: readonly Uint8Array[];
  /** By turns, again and again. */
  receipts: readonly Uint8Array[];
  /** The line breaks right after the answer. */
  breaks: boolean;
  /** Said when all is over. */
  late: readonly Uint8Array[];
}

/** Carries out one operation with a terminal that is ready and then says what the script has. */
export async function operate(type: OperationType, members: object, script: Script): Promise<Went> {
  const bench = createBench({ commandGapMs: 0, sessionPauseMs: 1 });
  const { time, link, terminal } = bench;
  const failures: unknown[] = [];
  const told: unknown[] = [];
  const results: Result[] = [];
  const events: BoxEvent[] = [];
  const journal = new MemoryJournal({ createdAtMs: time.nowMs() - 1000 });
  const parts: Parts = {
    box: envelope.box,
    terms: { currency: 'UAH', merchants: { shop: '1' }, defaultMerchant: 'shop', maxAmount: 5_000_000 },
    journal,
    terminal,
    registration: unbilled,
    clock: { nowMs: () => time.nowMs(), isTrusted: () => true },
    journalSinceMs: () => 0,
    timers: time,
    log: logInto(told),
    emit: (event) => events.push(event),
    isAllowed: () => true,
    told: (record) => record.result !== null && results.push(record.result),
    resend() {},
    changed() {},
    fatal: (error) => failures.push(error),
    onStep: null,
  };
  const cashier = new Cashier(parts);
  const desk = new Reception(parts, cashier);
  bench.link.reactions.getLastStatMsgCode = 'unknown';
  react(bench, script);
  link.latencyMs = 1;
  await bench.ready();
  const nowMs = time.nowMs();
  const times = { issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + 60_000) };
  desk.receive('1c-shop', parseCommand({ ...envelope, ...times, type, ...own[type], ...members }));
  const isOver = (): boolean => results.length > 0 && cashier.running() === null;
  // Five minutes for the answer, one for the evidence.
  await time.runUntil(isOver, 400_000);
  for (const frame of script.late) link.send(frame);
  await time.advance(100);
  cashier.stop();
  await bench.wait(terminal.stop());
  const kept = [journal.latest(10), journal.undelivered(0, 10), journal.note('terminal')];
  return {
    results,
    events,
    everything:
      JSON.stringify([kept, results, events, told, bench.told, terminal.identity()]) +
      bench.logged.join('\n'),
    failures,
    charged: link.seen.filter(({ name }) => movesMoney.test(name)).length,
  };
}

function react({ link, time }: Bench, { answer, receipts, breaks }: Script): void {
  const say = (pieces: readonly Uint8Array[]): 'silent' => {
    time.after(link.latencyMs, () => {
      for (const piece of pieces) link.send(piece);
    });
    return 'silent';
  };
  let looked = 0;
  const look = (): 'silent' => {
    const frame = receipts[looked % receipts.length];
    looked += 1;
    return frame === undefined ? 'silent' : say([frame]);
  };
  const carriedOut = (): 'silent' => {
    say(answer);
    if (breaks) time.after(link.latencyMs + 1, () => link.breakOff());
    return 'silent';
  };
  const methods =
    'Purchase Refund Withdrawal Cashback SaleCompletion Preauthorization Audit Verify GetBalance ServicePbP ServicePartlyRefPbI';
  for (const method of methods.split(' ')) link.reactions[method] = carriedOut;
  link.reactions.GetReceiptInfo = look;
  link.reactions.PrintReceiptNum = carriedOut;
}

function logInto(told: unknown[]): Parts['log'] {
  const line = (message: string, fields?: object): void => void told.push([message, fields]);
  return { debug: line, info: line, warn: line, error: line };
}

/** A frame with its terminator. */
export const framed = (text: string | Uint8Array): Uint8Array =>
  shown(Buffer.concat([Buffer.from(text as string), new Uint8Array(1)]));

/** Fails unless a sale system can read this result. */
export function check(result: Result): void {
  const parsed = v.safeParse(resultSchema, JSON.parse(JSON.stringify(result)));
  const faults = parsed.issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  assert.ok(parsed.success, `a result that no sale system can read: ${faults}`);
}

/** Fails unless a sale system can read these events. */
export function checkEvents(events: readonly BoxEvent[]): void {
  for (const event of events) {
    const parsed = v.safeParse(eventSchema, JSON.parse(JSON.stringify(event)));
    assert.ok(parsed.success, `an event that nobody can read: ${JSON.stringify(event)}`);
  }
}
