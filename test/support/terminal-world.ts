import { silentLog } from '../../gateway/seams/log.ts';
import type { Random } from '../../gateway/seams/random.ts';
import { inProcessLink } from '../../gateway/simulators/links.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import type { SeenOperation } from '../../gateway/simulators/terminal/seen.ts';
import { createSimulatedTerminal } from '../../gateway/simulators/terminal/terminal.ts';
import type { LinkConnection } from '../../gateway/terminal/links/link.ts';
import { VirtualTime } from './virtual-time.ts';

/** One message of the terminal. */
export interface TerminalMessage {
  method: string;
  params: Record<string, string>;
  error: boolean;
  errorDescription: string;
}

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): Random {
  let state = seed;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    fraction,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(fraction() * 256)),
  };
}

/** A cash register that keeps everything it hears. */
export class Client {
  readonly pieces: Buffer[] = [];
  readonly #time: VirtualTime;
  connection: LinkConnection | null = null;
  closed: string | null = null;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  messages(): TerminalMessage[] {
    const frames = Buffer.concat(this.pieces).toString('utf8').split('\0').slice(0, -1);
    return frames.map((text) => JSON.parse(text) as TerminalMessage);
  }

  send(method: string, params: Record<string, string> = {}): void {
    this.connection?.write(Buffer.from(`\0${JSON.stringify({ method, step: 0, params })}\0`));
  }

  async ask(method: string, params: Record<string, string> = {}): Promise<TerminalMessage> {
    const before = this.messages().length;
    this.send(method, params);
    await this.#time.runUntil(() => this.messages().length > before, 60_000);
    return this.messages()[before] as TerminalMessage;
  }

  service(msgType: string): Promise<TerminalMessage> {
    return this.ask('ServiceMessage', { msgType });
  }
}

/** A simulated terminal under virtual time, and whoever connects to it. */
export function world(script: ScriptInput = {}, seed = 1) {
  const time = new VirtualTime();
  const seen: SeenOperation[] = [];
  const terminal = createSimulatedTerminal({
    time,
    random: seeded(seed),
    script,
    log: silentLog,
    seen: (operation) => seen.push(operation),
  });
  const link = inProcessLink(terminal, time);
  const connect = async (): Promise<Client> => {
    const client = new Client(time);
    const opening = link.open({
      data: (bytes) => client.pieces.push(Buffer.from(bytes)),
      closed: (reason) => {
        client.closed = reason;
      },
    });
    opening.catch(() => {});
    await time.advance(0);
    client.connection = await opening;
    return client;
  };
  const movements = () => terminal.ledger().map(({ kind, amount }) => `${kind} ${amount}`);
  return { time, terminal, link, seen, connect, movements };
}

/** The parameters of a Purchase that a real terminal accepts. */
export const purchase = (amount: string) => ({ amount, discount: '', merchantId: '0', facepay: 'false' });
