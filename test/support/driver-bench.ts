import type {
  AttemptObserver,
  Terminal,
  TerminalAnswer,
  TerminalRequest,
} from '../../gateway/payments/terminal-port.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import type { Log } from '../../gateway/seams/log.ts';
import type { Random } from '../../gateway/seams/random.ts';
import type { Link, LinkHandlers } from '../../gateway/terminal/links/link.ts';
import {
  createPrivatTerminal,
  type PrivatTerminalOptions,
} from '../../gateway/terminal/privat-json/driver.ts';
import { VirtualTime } from './virtual-time.ts';

/** What a scripted terminal does with a request: answer with these params, or one of these, or say nothing. */
export type Reaction =
  | Record<string, string>
  | { params: Record<string, string>; error: boolean; errorDescription?: string }
  | 'busy'
  | 'unknown'
  | 'silent';

/** A request as it came over the wire. */
export interface Seen {
  name: string;
  params: Record<string, string>;
  connection: number;
  atMs: number;
}

/** Half the randomness there is: every jitter becomes nothing. */
export const steadyRandom: Random = { fraction: () => 0.5, bytes: (length) => new Uint8Array(length) };

const handshake: Record<string, Reaction> = {
  PingDevice: { code: '00', responseCode: '0000' },
  identify: { result: 'true', vendor: 'PAX', model: 's800' },
  GetTerminalInfo: { version: 'TE7E132 TESTKKM000CT22927302' },
  getMerchantList: { '1': 'Оплата', '10': 'INKASS1' },
  getLastStatMsgCode: { LastStatMsgCode: '0' },
  interrupt: {},
  GetReceiptInfo: { params: {}, error: true, errorDescription: 'no receipt' },
};

/** A link whose other end is a table of reactions: a real terminal's bytes, without its mind. */
export class ScriptedLink implements Link {
  readonly name = 'scripted';
  /** By method, or msgType for service messages; a function sees the params. Unlisted methods are silent. */
  reactions: Record<string, Reaction | ((params: Record<string, string>) => Reaction)> = { ...handshake };
  readonly seen: Seen[] = [];
  /** `open`, `close` and the names of what was sent, in order. */
  readonly story: string[] = [];
  /** Every byte that was sent. */
  readonly written: Uint8Array[] = [];
  latencyMs = 10;
  isUnreachable = false;
  opened = 0;
  #handlers: LinkHandlers | null = null;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  open(handlers: LinkHandlers) {
    if (this.isUnreachable) return Promise.reject(new SwipeError('linkFailed', 'scripted: nobody there'));
    this.opened += 1;
    const connection = this.opened;
    this.story.push('open');
    this.#handlers = handlers;
    const close = async (): Promise<void> => {
      if (this.#handlers !== handlers) return;
      this.story.push('close');
      this.#handlers = null;
      handlers.closed('closed');
    };
    return Promise.resolve({
      write: (bytes: Uint8Array) => {
        if (this.#handlers === handlers) this.#take(bytes, connection);
      },
      close,
    });
  }

  /** The cable comes out. */
  breakOff(): void {
    const handlers = this.#handlers;
    this.#handlers = null;
    this.story.push('break');
    handlers?.closed('unplugged');
  }

  /** Sends raw bytes on the present connection. */
  send(bytes: Uint8Array | string): void {
    this.#handlers?.data(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
  }

  /** Sends an answer on the present connection, asked for or not. */
  answer(method: string, params: Record<string, string>, error = false): void {
    this.send(frameOf(method, params, error, ''));
  }

  /** The latest request of this name. */
  last(name: string): Seen | undefined {
    return this.seen.findLast((one) => one.name === name);
  }

  count(name: string): number {
    return this.seen.filter((one) => one.name === name).length;
  }

  #take(bytes: Uint8Array, connection: number): void {
    this.written.push(bytes.slice());
    const text = new TextDecoder().decode(bytes).replaceAll('\0', '');
    const { method, params = {} } = JSON.parse(text) as { method: string; params?: Record<string, string> };
    const name = method === 'ServiceMessage' ? (params.msgType ?? '') : method;
    this.seen.push({ name, params, connection, atMs: this.#time.monotonicMs() });
    this.story.push(name);
    const rule = this.reactions[name] ?? 'silent';
    const reaction = typeof rule === 'function' ? rule(params) : rule;
    if (reaction === 'silent') return;
    const reply = replyTo(method, name, reaction);
    this.#time.after(this.latencyMs, () => {
      if (this.opened === connection) this.send(reply);
    });
  }
}

function replyTo(method: string, name: string, reaction: Exclude<Reaction, 'silent'>): string {
  if (reaction === 'busy') return frameOf('ServiceMessage', { msgType: 'deviceBusy' }, false, '');
  if (reaction === 'unknown')
    return frameOf('ServiceMessage', { msgType: ' methodNotImplemented' }, false, '');
  const full = typeof reaction.params === 'object' ? reaction : { params: reaction, error: false };
  const {
    params,
    error,
    errorDescription = '',
  } = full as {
    params: Record<string, string>;
    error: boolean;
    errorDescription?: string;
  };
  const msgType = name === 'interrupt' ? ' interruptTransmitted' : name;
  return frameOf(
    method,
    method === 'ServiceMessage' ? { msgType, ...params } : params,
    error,
    errorDescription,
  );
}

/** One frame as a terminal sends it. */
export const frameOf = (
  method: string,
  params: Record<string, string>,
  error: boolean,
  errorDescription: string,
): string => `${JSON.stringify({ method, step: 0, params, error, errorDescription })}\0`;

/** What an attempt's observer heard, in order: `heard` is counted apart. */
export interface Heard extends AttemptObserver {
  log: string[];
  answers: TerminalAnswer[];
  contacts: number;
}

/** An observer that writes down what it hears. */
export function recorder(): Heard {
  const heard: Heard = {
    log: [],
    answers: [],
    contacts: 0,
    heard() {
      heard.contacts += 1;
    },
    progress: (step) => void heard.log.push(step),
    answered(answer) {
      heard.answers.push(answer);
      heard.log.push(`${answer.verdict} ${answer.code}`);
    },
    broke: (cause) => void heard.log.push(`broke ${cause}`),
  };
  return heard;
}

/** A driver on a scripted link and virtual time. */
export interface Bench {
  time: VirtualTime;
  link: ScriptedLink;
  terminal: Terminal;
  /** What the listener heard. */
  told: string[];
  /** Every log line with its fields, as one text. */
  logged: string[];
  /** Starts the driver and lets time pass until the terminal is ready. */
  ready(): Promise<void>;
  /** Opens an attempt and sends it. */
  send(request: TerminalRequest): { heard: Heard; attempt: ReturnType<Terminal['open']> };
  /** Lets time pass until the promise is settled. */
  wait<Value>(promise: Promise<Value>, limitMs?: number): Promise<Value>;
}

/** Puts a driver on a bench. Nothing is started. */
export function createBench(options: Partial<PrivatTerminalOptions> = {}): Bench {
  const time = new VirtualTime();
  const link = new ScriptedLink(time);
  const told: string[] = [];
  const logged: string[] = [];
  const line = (message: string, fields?: object): void =>
    void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log: Log = { debug: line, info: line, warn: line, error: line };
  const terminal = createPrivatTerminal({
    link,
    time,
    random: steadyRandom,
    log,
    currency: 'UAH',
    commandGapMs: 100,
    ...options,
  });
  terminal.listen({
    changed: () => void told.push(terminal.state()),
    identified: ({ id }, merchants) => void told.push(`identified ${id} ${Object.keys(merchants).join(',')}`),
    stray: (type, { verdict, code }) => void told.push(`stray ${type} ${verdict} ${code}`),
  });
  return {
    time,
    link,
    terminal,
    told,
    logged,
    async ready() {
      terminal.start();
      await time.runUntil(() => terminal.state() === 'ready', 60_000);
    },
    send(request) {
      const heard = recorder();
      const attempt = terminal.open(request, heard);
      attempt.send();
      return { heard, attempt };
    },
    async wait(promise, limitMs = 120_000) {
      let isSettled = false;
      const settled = (): void => {
        isSettled = true;
      };
      promise.then(settled, settled);
      await time.runUntil(() => isSettled, limitMs);
      return promise;
    },
  };
}
