/** What dies with a process: its timers, its connections, its hold on the journal. */
import type { Journal } from '../../gateway/payments/journal-port.ts';
import type { Cancel, Time } from '../../gateway/seams/time.ts';
import type { Link, LinkConnection } from '../../gateway/terminal/links/link.ts';

/** One life of a simulated process. After `kill` nothing of it moves, whatever promises it still had. */
export class SimProcess {
  #isAlive = true;
  readonly #timers = new Set<Cancel>();
  readonly #connections = new Set<LinkConnection>();

  kill(): void {
    this.#isAlive = false;
    for (const cancel of this.#timers) cancel();
    for (const connection of this.#connections) void connection.close();
  }

  time(world: Time): Time {
    return {
      nowMs: () => world.nowMs(),
      monotonicMs: () => world.monotonicMs(),
      after: (delayMs, run) => {
        if (!this.#isAlive) return () => {};
        const cancel = world.after(delayMs, () => {
          this.#timers.delete(cancel);
          run();
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
          data: (bytes) => this.#isAlive && handlers.data(bytes),
          closed: (reason) => this.#isAlive && handlers.closed(reason),
        });
        const fenced: LinkConnection = {
          write: (bytes) => this.#isAlive && connection.write(bytes),
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
        return (...args: unknown[]) => {
          if (!this.#isAlive) throw new Error('this process is dead');
          return Reflect.apply(member, target, args);
        };
      },
    });
  }
}
