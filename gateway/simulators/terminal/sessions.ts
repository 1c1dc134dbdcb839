import type { Random } from '../../seams/random.ts';
import type { Timers } from '../../seams/time.ts';
import { Outbox } from './outbox.ts';
import type { TerminalOptions } from './script.ts';
import { type Answer, FrameReader } from './wire.ts';

/** The terminal's way to one client. */
export interface TerminalChannel {
  write(bytes: Uint8Array): void;
  /** The terminal hangs up. */
  close(): void;
}

/** The client's way to the terminal. */
export interface Attachment {
  receive(bytes: Uint8Array): void;
  /**
   * The client is gone: it said so (`closed`), or it just is no longer there (`lost`), which the terminal may
   * take a while to notice. Calling it late or twice does nothing.
   */
  detach(how: 'closed' | 'lost'): void;
}

/** One client's connection. */
export interface Session {
  readonly outbox: Outbox;
  isOpen(): boolean;
}

// Some clients, and some of what they say, wait while another one has the terminal.
const waitingMax = 8;
const heldBytesMax = 65_536;

interface Client extends Session {
  channel: TerminalChannel;
  frames: FrameReader;
  open: boolean;
  held: Uint8Array[];
  heldBytes: number;
}

/** What {@link Sessions} work with. */
export interface SessionsParts {
  timers: Timers;
  random: Random;
  options: TerminalOptions;
  frame(bytes: Buffer, session: Session): void;
  /** The line of the client that had the terminal is gone. */
  lost(session: Session): void;
}

/**
 * One client has the terminal; others are connected to silence until it has gone. A real N950 does the same: it
 * accepts a second connection, does not answer it, and answers at once when the first one has closed cleanly.
 */
export class Sessions {
  readonly #parts: SessionsParts;
  #current: Client | null = null;
  #waiting: Client[] = [];
  /** Counts how often the terminal was left, so that an old hold does not end a new one. */
  #holds = 0;
  #held = false;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  /** Who has the terminal. */
  current(): Session | null {
    return this.#current;
  }

  /** Null when too many wait already. */
  attach(channel: TerminalChannel): Attachment | null {
    if (this.#waiting.length >= waitingMax) return null;
    const { timers, random, options } = this.#parts;
    const client: Client = {
      channel,
      frames: new FrameReader((bytes) => this.#parts.frame(bytes, client)),
      outbox: new Outbox({ write: (bytes) => channel.write(bytes), timers, random, options }),
      isOpen: () => client.open,
      open: true,
      held: [],
      heldBytes: 0,
    };
    this.#waiting.push(client);
    this.#next();
    return {
      receive: (bytes) => this.#receive(client, bytes),
      detach: (how) => this.#detach(client, how),
    };
  }

  /** Hangs up on one client. */
  drop(session: Session): void {
    const client = [this.#current, ...this.#waiting].find((one) => one === session);
    if (client === undefined || client === null) return;
    this.#detach(client, 'closed');
    client.channel.close();
  }

  /** Hangs up on everybody. */
  dropAll(): void {
    for (const client of [...this.#waiting, this.#current]) if (client !== null) this.drop(client);
    this.#release();
  }

  #receive(client: Client, bytes: Uint8Array): void {
    if (!client.open) return;
    if (client === this.#current) {
      client.frames.read(bytes);
      return;
    }
    client.heldBytes += bytes.length;
    if (client.heldBytes <= heldBytesMax) client.held.push(Uint8Array.from(bytes));
  }

  #detach(client: Client, how: 'closed' | 'lost'): void {
    if (!client.open) return;
    client.open = false;
    client.outbox.stop();
    this.#waiting = this.#waiting.filter((one) => one !== client);
    if (client !== this.#current) return;
    this.#current = null;
    const { muteAfterBreakMs } = this.#parts.options;
    if (how === 'lost' && muteAfterBreakMs > 0) {
      this.#held = true;
      this.#holds += 1;
      const hold = this.#holds;
      this.#parts.timers.after(muteAfterBreakMs, () => {
        if (hold === this.#holds) this.#release();
      });
    }
    this.#parts.lost(client);
    this.#next();
  }

  #release(): void {
    this.#held = false;
    this.#next();
  }

  #next(): void {
    if (this.#held || this.#current !== null) return;
    const client = this.#waiting.shift();
    if (client === undefined) return;
    this.#current = client;
    for (const bytes of client.held.splice(0)) if (client.open) client.frames.read(bytes);
  }

  /** Answers a client, if it is still there. */
  send(session: Session, answer: Answer): boolean {
    if (!session.isOpen()) return false;
    session.outbox.send(answer);
    return true;
  }
}
