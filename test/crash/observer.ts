/** Writes down what a gateway shows of itself, on the way to its broker and on the way to its terminal. */
import type { Result } from '../../gateway/contract/result.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { readResult } from '../../gateway/simulators/sale-system.ts';
import type { Asked, Book } from '../simulation/book.ts';
import { typeOfMoney } from '../simulation/frames.ts';
import type { Violations } from '../simulation/violation.ts';
import type { MoneyFrame } from '../simulation/witness.ts';
import { keys } from '../simulation/world.ts';
import type { WireMessage } from '../support/serial-cable.ts';
import type { Sign } from './moments.ts';
import type { Packet } from './mqtt-tap.ts';

/** See the module. All of it is in the order in which it was seen. */
export class Observer {
  /** Every message of the box, whether or not its broker got it. */
  readonly published: { topic: string; payload: string }[] = [];
  /** The verified ones of them that are results. */
  readonly results: Result[] = [];
  readonly frames: MoneyFrame[] = [];
  /** Commands that the box has acknowledged, and results that it published, since the last {@link promises}. */
  #promised = { commands: new Set<string>(), results: [] as Result[], frames: [] as MoneyFrame[] };
  readonly #brought = new Map<number, string>();
  /** By packet id, the sequence of what was published on this connection. */
  readonly #sent = new Map<number, number>();
  /** Published, and never acknowledged by the broker. */
  readonly #unacknowledged = new Set<number>();
  readonly #acknowledged = new Set<number>();
  readonly #topics: ReturnType<typeof topicsOf>;
  readonly #book: Book;
  readonly #violations: Violations;
  readonly #see: (sign: Sign) => void;

  constructor(box: string, book: Book, violations: Violations, see: (sign: Sign) => void) {
    this.#topics = topicsOf(box);
    this.#book = book;
    this.#violations = violations;
    this.#see = see;
  }

  /** What must be on the disk of a box that died now. The next call tells what came after this one. */
  promises(): {
    commands: ReadonlySet<string>;
    results: readonly Result[];
    frames: readonly MoneyFrame[];
    /** Sequences that are still to be delivered. */
    owed: readonly number[];
  } {
    const promised = { ...this.#promised, owed: [...this.#unacknowledged] };
    this.#promised = { commands: new Set(), results: [], frames: [] };
    this.#brought.clear();
    this.#sent.clear();
    return promised;
  }

  packet({ from, kind, packetId, topic, payload }: Packet): void {
    if (from === 'broker' && kind === 'publish' && topic === this.#topics.commands) {
      this.#brought.set(packetId, idIn(payload));
      this.#see('command brought');
    }
    if (from === 'box' && kind === 'puback') {
      const id = this.#brought.get(packetId);
      if (id === undefined) return;
      this.#promised.commands.add(id);
      this.#see('command acknowledged');
    }
    if (from === 'box' && kind === 'publish') this.#message(topic, payload.toString(), packetId);
    if (from === 'broker' && kind === 'puback') this.#delivered(this.#sent.get(packetId));
  }

  #delivered(sequence: number | undefined): void {
    if (sequence === undefined) return;
    this.#acknowledged.add(sequence);
    this.#unacknowledged.delete(sequence);
    this.#see('result acknowledged');
  }

  #message(topic: string, payload: string, packetId: number): void {
    this.published.push({ topic, payload });
    if (topic !== this.#topics.results) return;
    const result = Object.values(keys).reduce<Result | null>(
      (found, key) => found ?? readResult(payload, key),
      null,
    );
    if (result === null) return this.#violations.report('3.3', '', 'a result that nobody can verify');
    this.results.push(result);
    this.#promised.results.push(result);
    this.#sent.set(packetId, result.sequence);
    if (!this.#acknowledged.has(result.sequence)) this.#unacknowledged.add(result.sequence);
    this.#see('result published');
  }

  /** A message on the cable. */
  wire({ from, method, params }: WireMessage): void {
    const type = typeOfMoney(method);
    if (type !== '' && from === 'box') this.#money(type, method, params);
    if (type !== '') this.#see(from === 'box' ? 'money asked for' : 'money answered');
    if (method === 'GetReceiptInfo') this.#see(from === 'box' ? 'receipt asked for' : 'receipt shown');
    if (method === 'interrupt' && from === 'box') this.#see('interrupt sent');
  }

  #money(type: string, method: string, params: MoneyFrame['params']): void {
    const asked = this.#book.all().find((one) => one.type === type && isOf(one, params, this.#book));
    if (asked === undefined)
      return this.#violations.report('1', '', `${method} ${JSON.stringify(params)}, which nobody asked for`);
    const { id } = asked;
    if (this.sent(id) !== null) this.#violations.report('1', id, `${method} sent twice`);
    const frame = { atMs: performance.now(), wallMs: Date.now(), id, method, params };
    this.frames.push(frame);
    this.#promised.frames.push(frame);
  }

  /** The request of money of an operation; null when there was none. */
  sent(id: string): MoneyFrame | null {
    return this.frames.find((frame) => frame.id === id) ?? null;
  }
}

/** Every amount is asked for once, and every receipt is taken back once. */
function isOf(asked: Asked, params: MoneyFrame['params'], book: Book): boolean {
  if (asked.type !== 'reversal') return params.amount === (asked.amount / 100).toFixed(2);
  const original = book.find(String(asked.content.operation));
  return Number(params.invoiceNumber) === Number(original?.known?.invoice);
}

function idIn(jws: Buffer): string {
  const [, payload = ''] = jws.toString('latin1').split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { id: string }).id;
}
