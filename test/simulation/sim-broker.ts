/** A broker in memory, with a persistent session for one box. In fair weather every message takes a millisecond. */
import type {
  BrokerConnection,
  BrokerConnector,
  BrokerHandlers,
  BrokerMessage,
} from '../../gateway/cloud/ports.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { pause, type Time } from '../../gateway/seams/time.ts';
import { readable, type Trace } from './trace.ts';

interface Session {
  handlers: BrokerHandlers;
  will: { topic: string; payload: string };
  isOpen: boolean;
  isDelivering: boolean;
}

/** What the network does to messages. Asked once for each. */
export interface Weather {
  /** How long a sender's message is on its way to the broker. */
  delayMs(): number;
  /** Whether a sender's message is lost before the broker has it. */
  isLost(): boolean;
  /** Whether the box's acknowledgement is lost, and the connection with it: the broker brings the message again. */
  isPubackLost(): boolean;
  /** A message of the box: it arrives, or the connection breaks before the broker has it, or right after. */
  publishFate(): 'arrives' | 'lost' | 'unacknowledged';
}

const fair: Weather = {
  delayMs: () => 1,
  isLost: () => false,
  isPubackLost: () => false,
  publishFate: () => 'arrives',
};

/** See the module. */
export class SimBroker implements BrokerConnector {
  readonly #time: Time;
  readonly #trace: Trace;
  readonly #weather: Weather;
  #queue: BrokerMessage[] = [];
  readonly #subscribed = new Set<string>();
  readonly #retained = new Map<string, string>();
  /** When the latest message of a sender arrives: one sender's messages do not overtake each other. */
  readonly #arrivals = new Map<string, number>();
  #session: Session | null = null;
  isUp = true;
  /** Where it is now: whoever asks for another address reaches nobody. */
  url = 'mqtt://127.0.0.1:1883';
  /** How often a connection began or ended. */
  changes = 0;
  /** Connections hang: nothing is acknowledged and nothing is delivered. */
  isMute = false;
  /** Everything that the box published, in order. */
  readonly published: { topic: string; payload: string; retain: boolean }[] = [];
  /** Hears each of them. */
  onPublish: (topic: string, payload: string) => void = () => {};
  /** Hears what the box has acknowledged. */
  onPuback: (message: BrokerMessage) => void = () => {};

  constructor(time: Time, trace: Trace, weather: Weather = fair) {
    this.#time = time;
    this.#trace = trace;
    this.#weather = weather;
  }

  /** A sale system's message; kept for a box that is away. */
  send(topic: string, payload: string, retained = false, sender = ''): void {
    if (this.#trace.isOn) this.#trace.add('to box', `${topic} ${readable(payload)}`);
    if (this.#weather.isLost()) return this.#trace.add('to box', 'lost');
    const nowMs = this.#time.monotonicMs();
    const dueMs = Math.max(nowMs + this.#weather.delayMs(), this.#arrivals.get(sender) ?? 0);
    this.#arrivals.set(sender, dueMs);
    this.#time.after(dueMs - nowMs, () => {
      this.#queue.push({ topic, payload: Buffer.from(payload), retained });
      void this.#deliver();
    });
  }

  /** A message that stays: who subscribes to its topic is brought it, each time. */
  retain(topic: string, payload: string): void {
    if (this.#trace.isOn) this.#trace.add('to box', `${topic} ${readable(payload)}`);
    this.#retained.set(topic, payload);
    if (!this.#subscribed.has(topic)) return;
    this.#queue.push({ topic, payload: Buffer.from(payload), retained: false });
    this.#time.after(1, () => void this.#deliver());
  }

  /** The broker goes to another address, and takes nothing of the box's session along. */
  moveTo(url: string): void {
    this.url = url;
    this.forget();
  }

  /** The broker is gone: sessions end, nobody can connect. What it keeps, it keeps. */
  down(): void {
    this.isUp = false;
    this.drop('the broker went away');
  }

  up(): void {
    this.isUp = true;
  }

  /** The broker forgets the box's session: what waited for it is gone, and it has to subscribe again. */
  forget(): void {
    this.#queue = [];
    this.#subscribed.clear();
    this.drop('the broker forgot the session');
  }

  /** Ends a time of hanging connections: what hung breaks. */
  unmute(): void {
    this.isMute = false;
    this.drop('the connection hung');
  }

  /** The will of an older connection is published while the box is there. */
  fireWill(): void {
    const session = this.#session;
    if (session !== null) this.#publish(session.will.topic, session.will.payload, true);
  }

  /** The connection breaks; the will is published. */
  drop(reason: string): void {
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    session.isOpen = false;
    this.changes += 1;
    this.#publish(session.will.topic, session.will.payload, true);
    this.#time.after(0, () => session.handlers.closed(reason));
  }

  async connect(will: Session['will'], handlers: BrokerHandlers): Promise<BrokerConnection> {
    await pause(this.#time, 1);
    if (!this.isUp) throw new SwipeError('brokerUnreachable', 'the simulated broker is down');
    // Whoever held the session is thrown out.
    this.drop('another connection took the session');
    const session: Session = { handlers, will, isOpen: true, isDelivering: false };
    this.#session = session;
    this.changes += 1;
    this.#time.after(1, () => void this.#deliver());
    return {
      publish: (topic, payload, { retain }) => this.#receive(session, topic, payload, retain),
      subscribe: async (topics) => {
        await pause(this.#time, 1);
        if (!session.isOpen) throw new Error('the connection is gone');
        for (const topic of topics) {
          this.#subscribed.add(topic);
          const kept = this.#retained.get(topic);
          if (kept !== undefined) this.#queue.push({ topic, payload: Buffer.from(kept), retained: true });
        }
        this.#time.after(1, () => void this.#deliver());
      },
      close: async () => {
        if (this.#session === session) this.#session = null;
        if (!session.isOpen) return;
        session.isOpen = false;
        this.changes += 1;
        this.#time.after(0, () => session.handlers.closed('closed by the box'));
      },
    };
  }

  async #receive(session: Session, topic: string, payload: string, retain: boolean): Promise<void> {
    const gone = (): Error => new Error('the connection is gone');
    await pause(this.#time, 1);
    if (!session.isOpen) throw gone();
    const isMute = this.isMute;
    const fate = isMute ? 'lost' : this.#weather.publishFate();
    if (fate !== 'lost') this.#publish(topic, payload, retain);
    if (fate !== 'arrives' && !isMute && this.#session === session) this.drop('the connection broke');
    while (session.isOpen && this.isMute) await pause(this.#time, 1000);
    await pause(this.#time, 1);
    if (!session.isOpen || fate !== 'arrives') throw gone();
  }

  #publish(topic: string, payload: string, retain: boolean): void {
    if (this.#trace.isOn) this.#trace.add('from box', `${topic} ${readable(payload)}`);
    this.published.push({ topic, payload, retain });
    this.onPublish(topic, payload);
  }

  async #deliver(): Promise<void> {
    const session = this.#session;
    if (session === null || session.isDelivering) return;
    session.isDelivering = true;
    try {
      while (this.#session === session && !this.isMute) {
        const [message] = this.#queue;
        if (message === undefined || !this.#subscribed.has(message.topic)) return;
        let refused: unknown = null;
        try {
          await session.handlers.message(message);
        } catch (error) {
          refused = error ?? 'refused';
        }
        if (this.#session !== session || this.isMute) return;
        if (refused !== null) {
          this.#trace.add('no ack', String(refused));
          return this.drop('the box did not take a message');
        }
        this.onPuback(message);
        if (this.#weather.isPubackLost()) {
          this.#trace.add('no ack', 'lost on the way');
          return this.drop('the connection broke');
        }
        this.#queue.shift();
        this.#trace.add('puback', message.topic);
      }
    } finally {
      session.isDelivering = false;
    }
  }
}
