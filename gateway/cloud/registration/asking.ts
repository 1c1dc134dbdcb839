/** One try to be heard by the registry. */
import * as v from 'valibot';
import {
  type ProblemCode,
  problemSchema,
  problems,
  type RegistrationAnswer,
} from '../../contract/registration.ts';
import { messageOf } from '../../seams/error.ts';
import type { Time } from '../../seams/time.ts';
import { type Question, readAnswer } from './answer.ts';

/** What an HTTP server said. */
export interface HttpReply {
  status: number;
  /** How long it wants to be left alone, by its header Retry-After; null: it does not say. */
  retryAfterMs: number | null;
  text: string;
}

/**
 * Posts a body to the registry, as `application/jose`. Rejects when there is no reply, when it is longer than
 * `answerMaxLength`, and when the signal says so.
 */
export type Exchange = (body: string, signal: AbortSignal) => Promise<HttpReply>;

/** What became of a try. */
export type Asked =
  | { kind: 'answered'; answer: RegistrationAnswer; roundTripMs: number }
  /** The registry has seen a higher count. */
  | { kind: 'behind'; count: number }
  | { kind: 'unanswered'; why: string; code: ProblemCode | null; retryAfterMs: number | null };

/** For so long a box waits for an answer. */
export const patienceMs = 10_000;

/** No answer, and why. */
export const unanswered = (
  why: string,
  code: ProblemCode | null = null,
  retryAfterMs: number | null = null,
): Asked => ({ kind: 'unanswered', why, code, retryAfterMs });

/**
 * Asks once. What comes after {@link patienceMs} is not heard any more.
 *
 * @param stop aborted: nobody waits any longer
 */
export async function askOnce(
  { exchange, time }: { exchange: Exchange; time: Time },
  jws: string,
  question: Question,
  stop: AbortController,
): Promise<Asked> {
  const beganMs = time.monotonicMs();
  const cancel = time.after(patienceMs, () => stop.abort(new Error(`no answer in ${patienceMs / 1000} s`)));
  try {
    const reply = await Promise.race([exchange(jws, stop.signal), aborted(stop.signal)]);
    return reply.status === 200
      ? believed(reply.text, question, time.monotonicMs() - beganMs)
      : refused(reply, question.kept.count);
  } catch (error) {
    return unanswered(messageOf(error));
  } finally {
    cancel();
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

function believed(text: string, question: Question, roundTripMs: number): Asked {
  const read = readAnswer(text, question);
  return 'value' in read
    ? { kind: 'answered', answer: read.value, roundTripMs }
    : unanswered(`its answer is not believed: ${read.fault}`);
}

// A problem is not signed: whoever forges them must not be able to use the count up. A box that has lost its count, and
// was led far ahead before, gets there in steps.
const countLeapMax = 1_000_000;

function refused({ status, retryAfterMs, text }: HttpReply, ownCount: number): Asked {
  const problem = problemIn(text);
  if (problem === null) return unanswered(`HTTP ${status}`, null, retryAfterMs);
  const { code, count } = problem;
  if (code === 'countBehind' && count !== undefined && count >= ownCount)
    return { kind: 'behind', count: Math.min(count, ownCount + countLeapMax) };
  // In our own words: what is not signed is shown to nobody.
  return unanswered(problems[code][1], code, retryAfterMs);
}

function problemIn(text: string): v.InferOutput<typeof problemSchema> | null {
  try {
    const parsed = v.safeParse(problemSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
