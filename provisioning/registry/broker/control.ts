import { openSession } from '../../../gateway/cloud/mqtt-session.ts';
import type { TlsTexts } from '../../../gateway/cloud/mqtt-tls.ts';
import type { BrokerConnection } from '../../../gateway/cloud/ports.ts';
import { deferred } from '../../../gateway/seams/deferred.ts';
import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Log } from '../../../gateway/seams/log.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import { type Answer, type Command, readAnswers } from './dynamic-security.ts';
import { createPace } from './pace.ts';
import { controlResponseTopic, controlTopic } from './roles.ts';
import { within } from './within.ts';

/** The registry's own line to the broker. */
export interface ControlChannel {
  /**
   * Gives the commands to the dynamic-security plugin, in order, and resolves with its answer to each. Many are given
   * a few at a time, since the broker does nothing else meanwhile.
   *
   * @throws SwipeError `brokerUnreachable` (rejects); some of the commands may have been carried out
   */
  run(commands: readonly Command[]): Promise<Answer[]>;
  /**
   * Publishes a retained message with QoS 1. A broker that does not acknowledge it within seconds is connected to anew
   * for what comes next.
   *
   * @throws SwipeError `brokerUnreachable` (rejects)
   */
  retain(topic: string, payload: string): Promise<void>;
  close(): Promise<void>;
}

/** How the registry shows the broker who it is. Asked before each connection. */
export type Credentials = () => Promise<TlsTexts & { username?: string; password?: string }>;

/** What {@link createControlChannel} needs. */
export interface ControlParts {
  /** mqtt:// or mqtts:// */
  url: string;
  credentials: Credentials;
  time: Time;
  log: Log;
}

// Far below the broker's limit of a message.
const batchMaxBytes = 48 * 1024;
// A page of a list is 400 KiB, a sale system with 1000 boxes 700.
const answerMaxBytes = 16 * 1024 * 1024;
const answerTimeoutMs = 60_000;
// Of a packet, which the broker answers by itself. All others wait for their turn meanwhile, revocations too.
const acknowledgedWithinMs = 3000;
const subscribedWithinMs = 10_000;
const waitingMax = 10_000;

/** A channel that connects when there is something to say, and again when the connection was lost. */
export function createControlChannel({ url, credentials, time, log }: ControlParts): ControlChannel {
  let connection: Promise<BrokerConnection> | null = null;
  let pending: { batch: string; resolve(answers: Answer[]): void; reject(error: Error): void } | null = null;
  let batches = 0;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;
  const pace = createPace(time);

  const unreachable = (why: string): SwipeError =>
    new SwipeError('brokerUnreachable', `the broker ${url}: ${why}`);

  function closed(why: string): void {
    connection = null;
    pending?.reject(unreachable(why));
    if (!isClosed) log.warn("the registry's connection to the broker has ended", { reason: why });
  }

  async function message({ payload }: { payload: Uint8Array }): Promise<void> {
    const answers = readAnswers(payload);
    // Answers to a batch that was given up for lost are nobody's.
    if (answers !== null && answers[0]?.correlationData === pending?.batch) pending?.resolve(answers);
  }

  async function connect(): Promise<BrokerConnection> {
    const options = {
      protocolVersion: 5,
      clean: true,
      keepalive: 30,
      connectTimeout: 10_000,
      reconnectPeriod: 0,
      resubscribe: false,
      rejectUnauthorized: true,
      ...(await credentials()),
    } as const;
    const session = await openSession(url, options, { message, closed }, time, answerMaxBytes);
    try {
      await within(time, subscribedWithinMs, session.subscribe([controlResponseTopic]));
    } catch (cause) {
      await session.close();
      throw new SwipeError('brokerUnreachable', `the broker ${url} does not take the registry for itself`, {
        cause,
      });
    }
    return session;
  }

  function connected(): Promise<BrokerConnection> {
    if (isClosed) return Promise.reject(unreachable('the channel is closed'));
    connection ??= connect().catch((error: unknown) => {
      connection = null;
      throw error;
    });
    return connection;
  }

  /** One after the other: answers come without a name of their own, and the broker does one thing at a time anyway. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (waiting >= waitingMax) return Promise.reject(unreachable(`${waitingMax} requests wait already`));
    waiting += 1;
    const turn = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = turn.catch(() => {});
    return turn;
  }

  async function give(commands: readonly Command[]): Promise<Answer[]> {
    const session = await connected();
    batches += 1;
    const batch = String(batches);
    const answered = deferred<Answer[]>();
    // It may be rejected while the publish below is still awaited.
    answered.promise.catch(() => {});
    pending = { batch, ...answered };
    const cancel = time.after(answerTimeoutMs, () => answered.reject(unreachable('no answer')));
    try {
      const marked = commands.map((command) => ({ ...command, correlationData: batch }));
      const published = session.publish(controlTopic, JSON.stringify({ commands: marked }), {
        retain: false,
      });
      // Not for ever: the time-out rejects the answer.
      await Promise.race([published, answered.promise]);
      const answers = await answered.promise;
      if (answers.length !== commands.length) throw unreachable('it answered to some commands only');
      return answers;
    } finally {
      cancel();
      pending = null;
    }
  }

  async function retain(topic: string, payload: string): Promise<void> {
    const session = await connected();
    try {
      await within(time, acknowledgedWithinMs, session.publish(topic, payload, { retain: true }));
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  return {
    async run(commands) {
      const answers: Answer[] = [];
      while (answers.length < commands.length) {
        const batch = take(commands, answers.length, pace.count());
        answers.push(...(await inTurn(() => pace.measure(batch.length, () => give(batch)))));
      }
      return answers;
    },
    retain: (topic, payload) => inTurn(() => retain(topic, payload)),
    async close() {
      isClosed = true;
      const open = connection;
      await last;
      await open?.then(
        (session) => session.close(),
        () => {},
      );
    },
  };
}

/** From `start`, up to `most` commands that together fit into one message; at least one. */
function take(commands: readonly Command[], start: number, most: number): readonly Command[] {
  let bytes = 0;
  let end = start;
  while (end < commands.length && end - start < most) {
    // Each with its correlation data.
    bytes += Buffer.byteLength(JSON.stringify(commands[end])) + 40;
    if (end > start && bytes > batchMaxBytes) break;
    end += 1;
  }
  return commands.slice(start, end);
}
