/** What the customer is doing, asked twice a second (ECR protocol JSON based v1.0.3.1 §6, getLastStatMsgCode). */
import type { ProgressStep } from '../../contract/event.ts';
import type { Cancel, Time } from '../../seams/time.ts';
import { encodeMessage, field } from './message.ts';
import type { Session } from './session.ts';

/** Between two questions. */
const pollMs = 500;
/** How long one question is waited for. */
const replyMs = 2_000;
/** Nothing at all for so long, though asked: the link is broken. */
export const silenceMaxMs = 15_000;
/** The terminal shows nothing under way for so long, after something unreadable came: that was the answer. */
export const lostAnswerMs = 10_000;

// 0, nothing to tell, is left out; 12 and above are BPOS1's alone.
const steps: Readonly<Record<string, ProgressStep>> = {
  1: 'cardRead',
  2: 'chip',
  3: 'authorising',
  4: 'waitingForCashier',
  5: 'printing',
  6: 'pin',
  7: 'removeCard',
  8: 'chooseApplication',
  9: 'waitingForCard',
  10: 'inProgress',
  11: 'correction',
};

/** Hears what the polling finds. */
export interface ProgressListener {
  /** Another step than the last one. */
  step(step: ProgressStep): void;
  /** The link is silent. Polling has ended. */
  silent(): void;
  /** Something unreadable came, and the terminal shows that nothing is under way any more. Polling has ended. */
  answerLost(): void;
}

/** Polls while a card operation runs. */
export interface Progress {
  /** Bytes came. */
  heard(): void;
  /** Bytes came that could not be read. */
  garbled(): void;
  stop(): void;
}

/** Starts polling, half a second from now; it ends by itself when the terminal does not have this question. */
export function pollProgress(session: Session, time: Time, listener: ProgressListener): Progress {
  let told: ProgressStep | null = null;
  let heardMs = time.monotonicMs();
  let idleSinceMs: number | null = null;
  let isGarbled = false;
  let isStopped = false;
  let cancel: Cancel = () => {};

  const stop = (): void => {
    isStopped = true;
    cancel();
  };
  const note = (code: string | null): void => {
    if (code === null) return;
    const step = steps[String(Number(code))] ?? null;
    idleSinceMs = Number(code) === 0 ? (idleSinceMs ?? time.monotonicMs()) : null;
    if (step === null || step === told) return;
    told = step;
    listener.step(step);
  };
  const poll = (): void => {
    if (isStopped) return;
    const nowMs = time.monotonicMs();
    if (nowMs - heardMs >= silenceMaxMs) {
      stop();
      listener.silent();
    } else if (isGarbled && idleSinceMs !== null && nowMs - idleSinceMs >= lostAnswerMs) {
      stop();
      listener.answerLost();
    } else
      cancel = session.serve({
        name: msgType,
        bytes: question,
        timeoutMs: replyMs,
        settle(reply) {
          if (isStopped) return;
          if (reply.kind === 'notImplemented' || reply.kind === 'gone') return stop();
          if (reply.kind === 'answer') note(field(reply.message, 'LastStatMsgCode'));
          if (!isStopped) cancel = time.after(pollMs, poll);
        },
      });
  };
  cancel = time.after(pollMs, poll);

  return {
    heard() {
      heardMs = time.monotonicMs();
    },
    garbled() {
      isGarbled = true;
    },
    stop,
  };
}

const msgType = 'getLastStatMsgCode';
const question = encodeMessage('ServiceMessage', { msgType });
