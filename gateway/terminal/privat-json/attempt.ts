/** One request under way, from its sending to its answer; after a break its answer may still come, late. */

import type {
  Attempt,
  AttemptObserver,
  BreakCause,
  TerminalAnswer,
  TerminalRequest,
} from '../../payments/terminal-port.ts';
import type { Cancel, Time } from '../../seams/time.ts';
import { noDetails, toAnswer } from './answers.ts';
import { rejection } from './codes.ts';
import type { Reply } from './lane.ts';
import { encodeMessage, field, type Message } from './message.ts';
import { type Progress, pollProgress } from './progress.ts';
import { isSameNumber } from './receipts.ts';
import { answerMaxMs, type Call, callsFor, isAtTheCard } from './requests.ts';
import type { Session } from './session.ts';

/** What an attempt needs of the driver. */
export interface AttemptParts {
  time: Time;
  /** The kept connection; null while there is none. */
  session(): Session | null;
  /** The terminal answers, and is at work on something. */
  isBusy(): boolean;
  /** Reads the answer to this request. */
  read(message: Message, request: TerminalRequest): TerminalAnswer;
  has(method: string): boolean;
  lacks(method: string): void;
  shows(method: string): void;
  /** The terminal may be busy with something: see when it is idle. */
  suspect(state?: 'busy'): void;
}

/** An attempt as the driver sees it. */
export interface OpenAttempt {
  readonly attempt: Attempt;
  /** The request is out, or about to be, and its answer is counted on. */
  isEngaged(): boolean;
  isClosed(): boolean;
  heard(): void;
  garbled(): void;
  /** A late answer; whether it was taken. */
  offer(message: Message): boolean;
}

type State = 'fresh' | 'waiting' | 'broken' | 'answered' | 'closed';

/** How long an interrupt's acknowledgement is waited for; the operation's own answer is what counts. */
const interruptMs = 5_000;

/** Opens an attempt. Nothing is sent. */
export function openAttempt(
  parts: AttemptParts,
  request: TerminalRequest,
  observer: AttemptObserver,
): OpenAttempt {
  const calls = callsFor(request);
  let state: State = 'fresh';
  let isSent = false;
  let isInterrupting = false;
  /** An interrupt was asked for before the request was out: it goes right behind it. */
  let isInterruptOwed = false;
  let progress: Progress | null = null;
  let withdraw: Cancel = () => {};

  const leave = (next: State): void => {
    state = next;
    progress?.stop();
    progress = null;
    withdraw();
  };
  const answer = (answer: TerminalAnswer): void => {
    leave('answered');
    observer.answered(answer);
  };
  const broke = (cause: BreakCause): void => {
    if (state !== 'waiting') return;
    leave('broken');
    observer.broke(cause);
  };
  const interrupt = (session: Session): void => {
    isInterrupting = true;
    session.serve({
      name: 'interrupt',
      bytes: encodeMessage('ServiceMessage', { msgType: 'interrupt' }),
      timeoutMs: interruptMs,
      urgent: true,
      settle() {
        isInterrupting = false;
      },
    });
  };
  const watch = (session: Session): void => {
    isSent = true;
    if (isInterruptOwed) interrupt(session);
    if (!isAtTheCard(request.type)) return;
    progress = pollProgress(session, parts.time, {
      step: (step) => observer.progress(step),
      silent: () => void session.close('the terminal fell silent'),
      answerLost() {
        parts.suspect('busy');
        broke('linkLost');
      },
    });
  };
  const settle = (call: Call, reply: Reply): void => {
    if (state !== 'waiting') return;
    switch (reply.kind) {
      case 'answer':
        parts.shows(call.method);
        return answer(parts.read(reply.message, request));
      case 'busy':
        parts.suspect('busy');
        return answer(toAnswer(rejection('deviceBusy'), null, { ...noDetails }));
      case 'notImplemented': {
        parts.lacks(call.method);
        const next = calls[calls.indexOf(call) + 1];
        return next === undefined
          ? answer(toAnswer(rejection('methodNotImplemented'), null, { ...noDetails }))
          : sendCall(next);
      }
      case 'noAnswer':
        if (!reply.sent) {
          parts.suspect();
          return broke('linkLost');
        }
        // It may still be at it: late answers are listened for on this connection.
        parts.suspect('busy');
        return broke('timeout');
      case 'gone':
        return broke('linkLost');
    }
  };
  const sendCall = (call: Call): void => {
    const session = parts.session();
    if (session === null) {
      withdraw = parts.time.after(0, () => broke('linkLost'));
      return;
    }
    const drop = session.ask({
      name: call.method,
      bytes: encodeMessage(call.method, call.params),
      timeoutMs: answerMaxMs(request.type),
      sent: () => watch(session),
      settle: (reply) => settle(call, reply),
    });
    if (state === 'waiting') withdraw = drop;
  };

  return {
    isEngaged: () => state === 'waiting',
    isClosed: () => state === 'closed',
    heard() {
      progress?.heard();
      // After a break a terminal that is busy may still be at it; what it says when idle is not about this.
      const mayBeAtIt = (state === 'broken' || state === 'fresh') && parts.isBusy();
      if ((state === 'waiting' && isSent) || mayBeAtIt) observer.heard();
    },
    garbled: () => progress?.garbled(),
    offer(message) {
      // While its answer is counted on, it comes through the lane: anything else of this name is from the past.
      if (state !== 'broken' && state !== 'fresh') return false;
      if (!calls.some(({ method }) => method === message.method) || !isAboutIt(request, message))
        return false;
      answer(parts.read(message, request));
      return true;
    },
    attempt: {
      send() {
        if (state !== 'fresh') throw new Error(`an attempt is sent once, and this one is ${state}`);
        state = 'waiting';
        sendCall(calls.find(({ method }) => parts.has(method)) ?? calls[0]);
      },
      interrupt() {
        const session = parts.session();
        if (state !== 'waiting' || session === null) return false;
        if (!isSent) isInterruptOwed = true;
        else if (!isInterrupting) interrupt(session);
        return true;
      },
      close: () => leave('closed'),
    },
  };
}

/** A late look-up of another receipt is no answer to this one. */
function isAboutIt(request: TerminalRequest, message: Message): boolean {
  if (request.type !== 'receipt') return true;
  const invoice = field(message, 'invoiceNumber');
  return request.invoice !== null && invoice !== null && isSameNumber(invoice, request.invoice);
}
