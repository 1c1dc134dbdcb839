import type { Timers } from '../../seams/time.ts';
import { shortAnswer } from './answers.ts';
import type { Authoriser } from './authorise.ts';
import type { Merchants } from './merchants.ts';
import { keypadLife, type Method, methods, Reader } from './methods.ts';
import { isQuery, type Order, type Settled } from './orders.ts';
import type { Reports } from './reports.ts';
import { defaultRule, type Rules } from './rules.ts';
import { Run } from './run.ts';
import type { Rule, TerminalOptions } from './script.ts';
import { brushedOff, ended, type SeenOperation } from './seen.ts';
import { deviceBusy, interruptTransmitted, notImplemented } from './service.ts';
import type { Session } from './sessions.ts';
import { type StatusCode, statuses } from './status.ts';
import { outcomeOf, verdictOf } from './verdict.ts';
import type { Answer, Request } from './wire.ts';

/** What {@link Operations} work with. */
export interface OperationsParts {
  options: TerminalOptions;
  timers: Timers;
  merchants: Merchants;
  rules: Rules;
  authoriser: Authoriser;
  reports: Reports;
  /** Sends to the client that asked, or to whoever is there now. False when nobody is. */
  send(session: Session, answer: Answer): boolean;
  /** Hangs up. */
  drop(session: Session): void;
  powerCycle(): void;
  isOn(): boolean;
  seen(operation: SeenOperation): void;
}

const keypadQueueMax = 10_000;

interface Active {
  method: string;
  order: Order;
  rule: Rule;
  /** Null: keyed in on the terminal. */
  session: Session | null;
  ours: boolean;
  run: Run;
  settled: Settled | null;
}

/** The one operation that a terminal can be busy with: from the request to the answer, and all that can go wrong. */
export class Operations {
  readonly #parts: OperationsParts;
  readonly #keypadQueue: number[] = [];
  #active: Active | null = null;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  isBusy(): boolean {
    return this.#active !== null;
  }

  status(): StatusCode {
    return this.#active?.run.status ?? statuses.idle;
  }

  /** Takes a request other than a service message. */
  request({ method: name, params }: Request, session: Session): void {
    const { options, merchants, rules } = this.#parts;
    const amount = params.amount ?? null;
    const method = methodOf(name, options);
    if (method === null) return this.#brushOff(name, amount, 'notImplemented', session, notImplemented);
    if (this.#active !== null) return this.#brushOff(name, amount, 'busy', session, deviceBusy);
    const reader = new Reader(params, merchants);
    const order = method.read(reader);
    if (reader.fault !== null) {
      const settled = shortAnswer('1000', reader.fault);
      return this.#brushOff(name, amount, outcomeOf(settled), session, answerOf(name, settled));
    }
    const rule = rules.take(name, params);
    if (rule.do === 'ignore') return this.#brushOff(name, amount, 'ignored', session, null);
    if (rule.do === 'busy') return this.#brushOff(name, amount, 'busy', session, deviceBusy);
    if (rule.do === 'notImplemented')
      return this.#brushOff(name, amount, 'notImplemented', session, notImplemented);
    this.#begin(name, method.life, order, rule, session);
  }

  /** A sale keyed in on the terminal; while something else is under way it waits. Minor units. */
  keypadSale(amount: number): void {
    if (this.#keypadQueue.length < keypadQueueMax) this.#keypadQueue.push(amount);
    this.#nextKeypadSale();
  }

  presentCard(): boolean {
    return this.#active?.run.presentCard() ?? false;
  }

  /** The customer presses the red key. False when there is nothing that he could stop. */
  cancelByCustomer(): boolean {
    const active = this.#active;
    if (active === null || active.run.isPastCard) return false;
    this.#end(active, shortAnswer('1001'));
    return true;
  }

  /** §6.2.1: the running method answers 1001, and what the host has approved by then is reversed. */
  interrupt(session: Session): void {
    this.#parts.send(session, interruptTransmitted);
    const active = this.#active;
    if (active === null || active.session === null) return;
    const losesRace = active.rule.interruptLosesRace ?? this.#parts.options.interruptLosesRace;
    if (losesRace && active.run.isPastCard) return;
    if (active.settled !== null && active.settled.undo === null) return;
    this.#end(active, { ...shortAnswer('1001'), invoice: active.settled?.invoice ?? null });
  }

  lineLost(session: Session): void {
    const active = this.#active;
    if (active?.session === session && this.#reverses(active)) this.#abandon(active, true);
  }

  /** What the host has approved stands, unless the terminal reverses it when it comes up again. */
  powerLost(): void {
    if (this.#active !== null) this.#abandon(this.#active, this.#reverses(this.#active));
  }

  /** Power is back: what was keyed in meanwhile can go on. */
  powerBack(): void {
    this.#nextKeypadSale();
  }

  #begin(method: string, life: Method['life'], order: Order, rule: Rule, session: Session | null): void {
    const { options, timers } = this.#parts;
    const paces = { step: options.stepMs, lookUp: options.lookUpMs, none: 0 };
    const run = new Run({
      life,
      phaseMs: paces[life.pace],
      delayMs: rule.delayMs,
      manualCard: options.manualCard && session !== null,
      timers,
      passed: (phase) => this.#passed(active, phase === life.decisive, phase === 0),
      finished: () => this.#finish(active),
    });
    const active: Active = { method, order, rule, session, ours: session !== null, run, settled: null };
    this.#active = active;
    run.start();
  }

  #passed(active: Active, isDecisive: boolean, isFirst: boolean): void {
    const { session, rule, order } = active;
    if (rule.do === 'customerCancels' && isFirst) return this.#end(active, shortAnswer('1001'));
    if (rule.do === 'dropDuring' && isFirst && session !== null) this.#parts.drop(session);
    if (!isDecisive || this.#active !== active) return;
    if (rule.do === 'dropBefore' && session !== null) {
      this.#abandon(active, false);
      return this.#parts.drop(session);
    }
    if (rule.do === 'reboot') return this.#parts.powerCycle();
    active.settled = isQuery(order)
      ? this.#parts.reports.answer(order, verdictOf(rule))
      : this.#parts.authoriser.settle(order, verdictOf(rule), active.ours);
    if (rule.do === 'dropAfter' && session !== null) this.#parts.drop(session);
    if (rule.do === 'rebootAfter') this.#parts.powerCycle();
  }

  #finish(active: Active): void {
    if (active.settled !== null) this.#conclude(active, active.settled, outcomeOf(active.settled));
  }

  /** Ends it early with another answer; what was approved is taken back. */
  #end(active: Active, settled: Settled): void {
    active.run.stop();
    const undone = active.settled?.undo ?? null;
    undone?.();
    this.#conclude(active, settled, undone === null ? outcomeOf(settled) : 'reversed');
  }

  /** Ends it without an answer. */
  #abandon(active: Active, takeBack: boolean): void {
    active.run.stop();
    this.#active = null;
    const undo = takeBack ? active.settled?.undo : null;
    undo?.();
    const settled = active.settled;
    const outcome = settled === null ? 'lost' : undo ? 'reversed' : outcomeOf(settled);
    this.#parts.seen(ended(active, settled, outcome, false));
    this.#nextKeypadSale();
  }

  #conclude(active: Active, settled: Settled, outcome: string): void {
    // Idle first: whoever gets the answer may send the next request at once.
    this.#active = null;
    const answered = this.#answer(active, settled);
    this.#parts.seen(ended(active, settled, outcome, answered));
    this.#nextKeypadSale();
  }

  #answer({ method, rule, session }: Active, settled: Settled): boolean {
    if (session === null || rule.do === 'silent') return false;
    if (rule.do === 'garbled') {
      session.outbox.sendGarbage();
      return false;
    }
    const said = rule.do === 'contradict' ? shortAnswer(rule.code ?? '1001', rule.text) : settled;
    return this.#parts.send(session, answerOf(method, said));
  }

  #reverses({ rule }: Active): boolean {
    return (rule.whenLineLost ?? this.#parts.options.whenLineLost) === 'reverse';
  }

  #nextKeypadSale(): void {
    if (this.#active !== null || !this.#parts.isOn()) return;
    const amount = this.#keypadQueue.shift();
    if (amount === undefined) return;
    const merchant = this.#parts.merchants.find('0') ?? this.#parts.merchants.ofService('1', '');
    this.#begin('keypad', keypadLife, { kind: 'sale', amount, merchant }, defaultRule, null);
  }

  #brushOff(
    method: string,
    amount: string | null,
    outcome: string,
    session: Session,
    answer: Answer | null,
  ): void {
    const answered = answer !== null && this.#parts.send(session, answer);
    this.#parts.seen(brushedOff(method, amount, outcome, answered));
  }
}

function methodOf(name: string, options: TerminalOptions): Method | null {
  if (options.withoutMethods.includes(name)) return null;
  if (options.noReceiptLookUp && name === 'GetReceiptInfo') return null;
  return methods.get(name) ?? null;
}

const answerOf = (method: string, { params, error, text }: Settled): Answer => ({
  method,
  params,
  error,
  errorDescription: text,
});
