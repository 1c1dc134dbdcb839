/** What dies with a process: its timers, its connections, its hold on the journal, and whatever it was just doing. */
import type { BrokerConnector } from '../../gateway/cloud/ports.ts';
import type { Exchange, HttpReply } from '../../gateway/cloud/registration/asking.ts';
import type { KeptFile } from '../../gateway/cloud/registration/kept.ts';
import type { Panel } from '../../gateway/panel/panel.ts';
import type { Journal } from '../../gateway/payments/journal-port.ts';
import type { Registration } from '../../gateway/payments/outside.ts';
import type { Log } from '../../gateway/seams/log.ts';
import type { Cancel, Time } from '../../gateway/seams/time.ts';
import type { Link, LinkConnection } from '../../gateway/terminal/links/link.ts';

/** Thrown into a process at the moment at which it dies; nothing that catches it has any effect any more. */
export class Killed extends Error {
  constructor() {
    super('this process is dead');
    this.name = 'Killed';
  }
}

/**
 * The calls at which a process may die: a write to the journal, to the terminal, to the broker, an acknowledgement; a
 * write to what is kept of the registry, a question to it, its answer.
 */
export type KillPoint =
  | `journal.${string}`
  | 'link.write'
  | 'broker.publish'
  | 'broker.puback'
  | 'registry.keep'
  | 'registry.ask'
  | 'registry.answer';

/** Decides whether the process dies right before or right after this call takes effect. */
export type Reaper = (point: KillPoint, about: Uint8Array | string) => 'spare' | 'before' | 'after';

/** Who hears of a process. */
export interface ProcessParts {
  reaper?: Reaper;
  /** It dies now, by its reaper. */
  died?: () => void;
  /** Something was thrown that nobody caught: a real process would end. Absent: it is thrown on. */
  crashed?: (error: unknown) => void;
  /** A call of the journal was carried out. */
  wrote?: (call: string, args: readonly unknown[], answer: unknown) => void;
}

const journalWrites = new Set(['accept', 'start', 'update', 'tell', 'setNote', 'delivered']);
const never = <Value>(): Promise<Value> => new Promise(() => {});

/** One life of a simulated process. After its death nothing of it moves, whatever promises it still had. */
export class SimProcess {
  readonly #parts: ProcessParts;
  readonly #reaper: Reaper;
  #isAlive = true;
  readonly #timers = new Set<Cancel>();
  readonly #connections = new Set<LinkConnection>();

  constructor(parts: ProcessParts = {}) {
    this.#parts = parts;
    this.#reaper = parts.reaper ?? (() => 'spare');
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  kill(): void {
    this.#isAlive = false;
    for (const cancel of this.#timers) cancel();
    for (const connection of this.#connections) void connection.close();
  }

  /** Something from outside reaches the process. */
  enter(run: () => void): void {
    if (!this.#isAlive) return;
    try {
      run();
    } catch (error) {
      if (error instanceof Killed || !this.#isAlive) return;
      if (this.#parts.crashed === undefined) throw error;
      this.#parts.crashed(error);
    }
  }

  /** `aheadMs`: how far the process's wall clock is ahead of the world's. */
  time(world: Time, aheadMs: () => number = () => 0): Time {
    return {
      nowMs: () => world.nowMs() + aheadMs(),
      monotonicMs: () => world.monotonicMs(),
      after: (delayMs, run) => {
        if (!this.#isAlive) return () => {};
        const cancel = world.after(delayMs, () => {
          this.#timers.delete(cancel);
          this.enter(run);
        });
        this.#timers.add(cancel);
        return () => {
          this.#timers.delete(cancel);
          cancel();
        };
      },
    };
  }

  link(link: Link): Link {
    return {
      name: link.name,
      open: async (handlers) => {
        const connection = await link.open({
          data: (bytes) => this.enter(() => handlers.data(bytes)),
          closed: (reason) => this.enter(() => handlers.closed(reason)),
        });
        const fenced: LinkConnection = {
          write: (bytes) => {
            if (this.#isAlive) this.#risk('link.write', bytes, () => connection.write(bytes));
          },
          close: () => connection.close(),
        };
        if (this.#isAlive) this.#connections.add(connection);
        else await connection.close();
        return fenced;
      },
    };
  }

  /** The journal as this life sees it: a dead process writes nothing. */
  journal(journal: Journal): Journal {
    return new Proxy(journal, {
      get: (target, name) => {
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        const call = String(name);
        return (...args: unknown[]) => {
          if (!this.#isAlive) throw new Killed();
          if (!journalWrites.has(call)) return Reflect.apply(member, target, args);
          return this.#risk(`journal.${call}`, call, () => {
            const answer = Reflect.apply(member, target, args);
            this.#parts.wrote?.(call, args, answer);
            return answer;
          });
        };
      },
    });
  }

  /** The broker as this life sees it: what a dead process waited for never comes. */
  connector(connector: BrokerConnector): BrokerConnector {
    return {
      connect: async (will, handlers) => {
        if (!this.#isAlive) return never();
        const connection = await connector.connect(will, {
          message: (message) => this.#taken(() => handlers.message(message)),
          closed: (reason) => this.enter(() => handlers.closed(reason)),
        });
        if (!this.#isAlive) return never();
        return {
          publish: (topic, payload, options) =>
            this.#isAlive
              ? this.#risk('broker.publish', topic, () => {
                  const published = connection.publish(topic, payload, options);
                  // Whoever dies now does not hear what becomes of it.
                  published.catch(() => {});
                  return published;
                })
              : never(),
          subscribe: (topics) => (this.#isAlive ? connection.subscribe(topics) : never()),
          close: () => (this.#isAlive ? connection.close() : never()),
        };
      },
    };
  }

  /** The panel as this life hears it. */
  panel(panel: Panel): Panel {
    return {
      state: () => panel.state(),
      show: (view) => panel.show(view),
      listen: (listener) =>
        panel.listen({
          changed: () => this.enter(() => listener.changed()),
          pressed: (...press) => this.enter(() => listener.pressed(...press)),
        }),
      start: () => panel.start(),
      stop: () => panel.stop(),
    };
  }

  /** What this life hears of the registry. */
  registration(registration: Registration): Registration {
    return {
      current: () => registration.current(),
      onChange: (listener) => registration.onChange(() => this.enter(listener)),
    };
  }

  /** A file as this life sees it: a dead process writes nothing. */
  file(file: KeptFile): KeptFile {
    return {
      read: () => file.read(),
      write: (text) => {
        if (!this.#isAlive) throw new Killed();
        this.#risk('registry.keep', text, () => file.write(text));
      },
    };
  }

  /** The way to the registry as this life has it. `heard` is told what comes back to what; null: nothing will. */
  exchange(exchange: Exchange, heard: (body: string, reply: HttpReply | null) => void): Exchange {
    const exchanged = (body: string, signal: AbortSignal): Promise<HttpReply> =>
      new Promise((resolve, reject) => {
        exchange(body, signal).then(
          (reply) =>
            this.enter(() =>
              this.#risk('registry.answer', '', () => {
                heard(body, reply);
                resolve(reply);
              }),
            ),
          (error) =>
            this.enter(() => {
              heard(body, null);
              reject(error);
            }),
        );
      });
    return (body, signal) =>
      this.#isAlive ? this.#risk('registry.ask', body, () => exchanged(body, signal)) : never();
  }

  log(log: Log): Log {
    const fenced =
      (level: keyof Log): Log[keyof Log] =>
      (message, fields) => {
        if (this.#isAlive) log[level](message, fields);
      };
    return { debug: fenced('debug'), info: fenced('info'), warn: fenced('warn'), error: fenced('error') };
  }

  async #taken(take: () => Promise<void>): Promise<void> {
    if (!this.#isAlive) return never();
    try {
      await take();
      if (this.#isAlive) this.#risk('broker.puback', '', () => {});
    } catch (error) {
      if (this.#isAlive) throw error;
    }
    if (!this.#isAlive) return never();
  }

  #risk<Answer>(point: KillPoint, about: Uint8Array | string, effect: () => Answer): Answer {
    const fate = this.#reaper(point, about);
    if (fate === 'before') this.#die();
    const answer = effect();
    if (fate === 'after') this.#die();
    return answer;
  }

  #die(): never {
    this.#parts.died?.();
    this.kill();
    throw new Killed();
  }
}
