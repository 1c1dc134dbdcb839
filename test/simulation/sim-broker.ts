/** A broker in memory, with a persistent session for one box. Every message takes a millisecond. */
import type {
  BrokerConnection,
  BrokerConnector,
  BrokerHandlers,
  BrokerMessage,
} from '../../gateway/cloud/ports.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { pause, type Time } from '../../gateway/seams/time.ts';
import type { Trace } from './trace.ts';

interface Session {
  handlers: BrokerHandlers;
  will: { topic: string; payload: string };
  isOpen: boolean;
}

/** See the module. */
export class SimBroker implements BrokerConnector {
  readonly #time: Time;
  readonly #trace: Trace;
  readonly #queue: BrokerMessage[] = [];
  readonly #subscribed = new Set<string>();
  #session: Session | null = null;
  #delivering = false;
  isUp = true;
  /** Everything that the box published, in order. */
  readonly published: { topic: string; payload: string; retain: boolean }[] = [];
  /** Hears each of them. */
  onPublish: (topic: string, payload: string) => void = () => {};

  constructor(time: Time, trace: Trace) {
    this.#time = time;
    this.#trace = trace;
  }

  /** A sale system's message; kept for a box that is away. */
  send(topic: string, payload: string, retained = false): void {
    this.#trace.add('to box', `${topic} ${payload}`);
    this.#queue.push({ topic, payload: Buffer.from(payload), retained });
    this.#time.after(1, () => void this.#deliver());
  }

  /** The broker is gone: sessions end, nobody can connect. What it keeps, it keeps. */
  down(): void {
    this.isUp = false;
    this.drop('the broker went away');
  }

  up(): void {
    this.isUp = true;
  }

  /** The connection breaks; the will is published. */
  drop(reason: string): void {
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    session.isOpen = false;
    this.#publish(session.will.topic, session.will.payload, true);
    this.#time.after(0, () => session.handlers.closed(reason));
  }

  async connect(will: Session['will'], handlers: BrokerHandlers): Promise<BrokerConnection> {
    await pause(this.#time, 1);
    if (!this.isUp) throw new SwipeError('brokerUnreachable', 'the simulated broker is down');
    const session: Session = { handlers, will, isOpen: true };
    this.#session = session;
    return {
      publish: async (topic, payload, { retain }) => {
        await pause(this.#time, 1);
        if (!session.isOpen) throw new Error('the connection is gone');
        this.#publish(topic, payload, retain);
        await pause(this.#time, 1);
        if (!session.isOpen) throw new Error('the connection is gone');
      },
      subscribe: async (topics) => {
        await pause(this.#time, 1);
        for (const topic of topics) this.#subscribed.add(topic);
        this.#time.after(1, () => void this.#deliver());
      },
      close: async () => {
        session.isOpen = false;
        if (this.#session === session) this.#session = null;
      },
    };
  }

  #publish(topic: string, payload: string, retain: boolean): void {
    this.#trace.add('from box', `${topic} ${payload}`);
    this.published.push({ topic, payload, retain });
    this.onPublish(topic, payload);
  }

  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (;;) {
        const session = this.#session;
        const [message] = this.#queue;
        if (session === null || message === undefined || !this.#subscribed.has(message.topic)) return;
        try {
          await session.handlers.message(message);
          if (session.isOpen) this.#queue.shift();
          this.#trace.add('puback', message.topic);
        } catch (error) {
          this.#trace.add('no ack', String(error));
          if (this.#session === session) this.drop('the box did not take a message');
          return;
        }
      }
    } finally {
      this.#delivering = false;
    }
  }
}
