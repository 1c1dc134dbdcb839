import type {
  BrokerConnection,
  BrokerConnector,
  BrokerHandlers,
  BrokerMessage,
} from '../../gateway/cloud/ports.ts';

/** One message that the box published. */
export interface Published {
  topic: string;
  payload: string;
  retain: boolean;
  /** The broker's PUBACK. */
  acknowledge(): void;
  /** A PUBACK that says no. */
  refuse(): void;
}

/** The far end of one connection. */
export class ScriptedConnection implements BrokerConnection {
  readonly published: Published[] = [];
  readonly subscribed: string[][] = [];
  readonly #broker: ScriptedBroker;
  readonly #handlers: BrokerHandlers;
  readonly #unsettled = new Set<(error: Error) => void>();
  open = true;

  constructor(broker: ScriptedBroker, handlers: BrokerHandlers) {
    this.#broker = broker;
    this.#handlers = handlers;
  }

  publish(topic: string, payload: string, { retain }: { retain: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.open) return reject(new Error('gone'));
      this.#unsettled.add(reject);
      const settle = (run: () => void) => (): void => {
        this.#unsettled.delete(reject);
        run();
      };
      const message = {
        topic,
        payload,
        retain,
        acknowledge: settle(resolve),
        refuse: settle(() => reject(new Error('not authorised'))),
      };
      this.published.push(message);
      if (this.#broker.acknowledges(message)) message.acknowledge();
    });
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    this.subscribed.push([...topics]);
    await this.#broker.granting;
    if (!this.#broker.grants) throw new Error('not granted');
  }

  async close(): Promise<void> {
    this.lose('closed by the box');
  }

  /** The connection goes away. */
  lose(reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.#handlers.closed(reason);
    for (const reject of this.#unsettled) reject(new Error(reason));
    this.#unsettled.clear();
  }

  /** Brings a message as the connector does: a handler that rejects costs the connection. */
  async deliver(message: Partial<BrokerMessage>): Promise<'acknowledged' | 'dropped'> {
    try {
      await this.#handlers.message({ topic: '', payload: new Uint8Array(), retained: false, ...message });
      return 'acknowledged';
    } catch {
      this.lose('a message was not taken in');
      return 'dropped';
    }
  }

  /** The payloads on one topic, in the order in which they came. */
  payloads(topic: string): string[] {
    return this.published.filter((message) => message.topic === topic).map(({ payload }) => payload);
  }
}

/** A broker that does what the test says, in no time of its own. */
export class ScriptedBroker implements BrokerConnector {
  readonly connections: ScriptedConnection[] = [];
  readonly wills: { topic: string; payload: string }[] = [];
  tries = 0;
  /** Why connections are refused; null: they are not. */
  refuses: string | null = null;
  /** Whether it answers at all when a connection is asked for. */
  answers = true;
  grants = true;
  /** When it answers a subscription. */
  granting: Promise<void> = Promise.resolve();
  /** Which messages it acknowledges at once; the others wait for the test. */
  acknowledges: (message: { topic: string; payload: string }) => boolean = () => true;

  async connect(
    will: { topic: string; payload: string },
    handlers: BrokerHandlers,
  ): Promise<ScriptedConnection> {
    this.tries += 1;
    this.wills.push(will);
    if (!this.answers) await new Promise(() => {});
    if (this.refuses !== null) throw new Error(this.refuses);
    const connection = new ScriptedConnection(this, handlers);
    this.connections.push(connection);
    return connection;
  }

  /** The latest connection. */
  get now(): ScriptedConnection {
    const latest = this.connections.at(-1);
    if (latest === undefined) throw new Error('the box has not connected yet');
    return latest;
  }
}

/** A log that keeps its lines as `level message`, with their fields. */
export function recordingLog() {
  const lines: { level: string; message: string; fields: object }[] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    matching: (pattern: RegExp) => lines.filter(({ message }) => pattern.test(message)),
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  };
}
