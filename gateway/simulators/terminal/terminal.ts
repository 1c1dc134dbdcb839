import type { Log } from '../../seams/log.ts';
import type { Random } from '../../seams/random.ts';
import type { Cancel, Time } from '../../seams/time.ts';
import type { AnswerStyle } from './answers.ts';
import { Authoriser } from './authorise.ts';
import { Batch, type MerchantTotals } from './batch.ts';
import { type Card, makeCards } from './cards.ts';
import { Ledger, type Movement } from './ledger.ts';
import { localTimeIn } from './local-time.ts';
import { defaultMerchants, Merchants } from './merchants.ts';
import { parseAmount } from './money.ts';
import { Operations } from './operations.ts';
import type { Receipt } from './receipt.ts';
import { Reports } from './reports.ts';
import { Rules } from './rules.ts';
import { parseRule, parseScript, type RuleInput, type ScriptInput } from './script.ts';
import type { SeenOperation } from './seen.ts';
import { serviceAnswer } from './service.ts';
import { type Attachment, type Session, Sessions, type TerminalChannel } from './sessions.ts';
import type { StatusCode } from './status.ts';
import { type Answer, readRequest } from './wire.ts';

/** A card terminal that exists in software alone: what a client, the bank and the people around it can do. */
export interface SimulatedTerminal {
  /** Connects a client; null while the terminal is off or unplugged, or when too many clients wait. */
  attach(channel: TerminalChannel): Attachment | null;
  isReachable(): boolean;

  /** Every movement of money as the bank has it, oldest first. */
  ledger(): readonly Movement[];
  /** The open batch, oldest first. */
  receipts(): readonly Receipt[];
  /** What the open batch holds, merchant by merchant. */
  totals(): readonly MerchantTotals[];
  /** The only cards that ever come to this terminal: none of their numbers, holders and expiries may leak. */
  readonly cards: readonly Card[];
  isBusy(): boolean;
  /** `LastStatMsgCode` as it is now. */
  status(): StatusCode;

  /** Puts a rule before all others, from now on. Throws a SwipeError `scriptInvalid`. */
  addRule(rule: RuleInput): void;
  /** Somebody keys in a sale (minor units) on the terminal; it begins when the terminal is free. */
  keypadSale(amount: number): void;
  /** Somebody closes the batch on the terminal. False while it is busy or off. */
  closeBatch(): boolean;
  /** With `manualCard`: the customer holds up a card. False when nobody asked for one. */
  presentCard(): boolean;
  /** The customer presses the red key. False when it is too late, or nothing is under way. */
  cancelByCustomer(): boolean;
  /** Power goes and comes back; after `bootMs` the terminal can be reached again. Batch and numbers survive. */
  powerCycle(): void;
  /** The cable is out; what is under way goes on without it. */
  unplug(): void;
  replug(): void;
  /** Ends it for good: hangs up and cancels every timer. */
  stop(): void;
}

/** What a simulated terminal is made of. */
export interface SimulatedTerminalParts {
  time: Time;
  random: Random;
  /** What it is like and what it will do. Checked: a SwipeError `scriptInvalid` lists every fault. */
  script?: ScriptInput;
  /** Index to name; instead of the script's. */
  merchants?: Readonly<Record<string, string>>;
  /** The terminal's time zone; instead of the script's. */
  timeZone?: string;
  log: Log;
  /** Hears of every operation when it has ended on the terminal. */
  seen?: (operation: SeenOperation) => void;
}

const cardCount = 8;

/**
 * Makes a simulated terminal that speaks PrivatBank's ECR protocol (JSON based, v1.0.3.1). It has no clock and no
 * randomness of its own: with the same seed, times and bytes it does the same again.
 */
export function createSimulatedTerminal(parts: SimulatedTerminalParts): SimulatedTerminal {
  const { random, log } = parts;
  const script = parseScript({
    ...parts.script,
    ...(parts.merchants === undefined ? {} : { merchants: parts.merchants }),
    options: {
      ...parts.script?.options,
      ...(parts.timeZone === undefined ? {} : { timeZone: parts.timeZone }),
    },
  });
  const { options } = script;
  const time = stoppable(parts.time);
  const style: AnswerStyle = { options, localTime: localTimeIn(options.timeZone) };
  const merchants = new Merchants(script.merchants ?? defaultMerchants);
  const batch = new Batch({ firstInvoice: options.firstInvoice, limit: options.batchLimit });
  const ledger = new Ledger();
  const cards = makeCards(random, cardCount);
  const rules = new Rules(script.operations);
  let isOn = true;
  let isPlugged = true;

  const operations = new Operations({
    options,
    timers: time,
    merchants,
    rules,
    authoriser: new Authoriser({ clock: time, random, cards, batch, ledger, style }),
    reports: new Reports({ batch, style }),
    send,
    drop: (session) => sessions.drop(session),
    powerCycle,
    isOn: () => isOn,
    seen: (operation) => parts.seen?.(operation),
  });
  const sessions = new Sessions({
    timers: time,
    random,
    options,
    frame,
    lost: (session) => operations.lineLost(session),
  });

  function frame(bytes: Buffer, session: Session): void {
    const request = readRequest(bytes);
    if (request === null) {
      log.warn('the simulated terminal got a frame that is no request', { bytes: bytes.length });
      return;
    }
    if (request.method !== 'ServiceMessage') {
      operations.request(request, session);
      return;
    }
    const msgType = request.params.msgType ?? '';
    if (msgType === 'interrupt') {
      operations.interrupt(session);
      return;
    }
    const facts = { options, merchants: merchants.all(), status: operations.status() };
    send(session, serviceAnswer(msgType, { ...facts, isBusy: operations.isBusy() }));
  }

  /** To the client that asked; on a plain serial line that is whoever reads now. */
  function send(session: Session, answer: Answer): boolean {
    if (sessions.send(session, answer)) return true;
    const current = sessions.current();
    return options.lateAnswers && current !== null && sessions.send(current, answer);
  }

  function powerCycle(): void {
    if (!isOn) return;
    isOn = false;
    operations.powerLost();
    sessions.dropAll();
    const boot = () => {
      isOn = true;
      operations.powerBack();
    };
    if (options.bootMs === 0) boot();
    else time.after(options.bootMs, boot);
  }

  for (const { atMs, amount } of script.keypad)
    time.after(atMs, () => operations.keypadSale(parseAmount(amount) ?? 0));

  const isReachable = () => isOn && isPlugged;
  return {
    attach: (channel) => (isReachable() ? sessions.attach(channel) : null),
    isReachable,
    ledger: () => ledger.movements(),
    receipts: () => batch.receipts(null),
    totals: () => batch.totals(null),
    cards,
    isBusy: () => operations.isBusy(),
    status: () => operations.status(),
    addRule: (rule) => rules.add(parseRule(rule)),
    keypadSale: (amount) => operations.keypadSale(amount),
    closeBatch: () => {
      if (!isOn || operations.isBusy()) return false;
      batch.close(null, options.restartNumbers);
      return true;
    },
    presentCard: () => operations.presentCard(),
    cancelByCustomer: () => operations.cancelByCustomer(),
    powerCycle,
    unplug: () => {
      isPlugged = false;
      sessions.dropAll();
    },
    replug: () => {
      isPlugged = true;
    },
    stop: () => {
      isOn = false;
      sessions.dropAll();
      time.stop();
    },
  };
}

/** The given time, with all its waiting timers cancelled by `stop`. */
function stoppable(time: Time): Time & { stop(): void } {
  const waiting = new Set<Cancel>();
  return {
    nowMs: () => time.nowMs(),
    monotonicMs: () => time.monotonicMs(),
    after: (delayMs, run) => {
      const cancel = time.after(delayMs, () => {
        waiting.delete(cancel);
        run();
      });
      waiting.add(cancel);
      return () => {
        waiting.delete(cancel);
        cancel();
      };
    },
    stop: () => {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
