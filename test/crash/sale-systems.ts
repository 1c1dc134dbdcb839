/** The sale systems at the box: each keeps an id before it sends, and sends the same again until it has the result. */
import type { OperationType } from '../../gateway/contract/command.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import type { Asked, Book } from '../simulation/book.ts';
import type { Dice } from '../simulation/random.ts';
import { amountOf, idOf } from '../simulation/sale-systems.ts';
import type { Tally } from '../simulation/tally.ts';
import { keys } from '../simulation/world.ts';

const lifeMs = 120_000;
/** A sender that has heard nothing sends again after so long, in milliseconds. */
const again = { least: 400, most: 1500 } as const;
const mostRepeats = 40;

/** What the sale systems work with. */
export interface SaleParts {
  box: string;
  book: Book;
  dice: Dice;
  people: Tally;
  /** Signs with the key and sends; resolves when the broker has it. */
  send(command: object, key: { kid: string; secret: string }): Promise<void>;
}

/** See the module. */
export class SaleSystems {
  readonly #parts: SaleParts;
  readonly #waiting = new Set<() => void>();
  /** How many results came, by operation. */
  readonly #heard = new Map<string, number>();
  #operations = 0;
  #inquiries = 0;

  constructor(parts: SaleParts) {
    this.#parts = parts;
  }

  /** A result has come, and its signature is right. */
  hear(result: Result): void {
    this.#parts.book.hear(result);
    this.#heard.set(result.id, (this.#heard.get(result.id) ?? 0) + 1);
    for (const look of [...this.#waiting]) look();
  }

  /** A new operation that moves money; written down, not yet sent. `original`: what a reversal takes back. */
  open(type: 'payment' | 'refund' | 'reversal', sender: number, original: Asked | null = null): Asked {
    this.#operations += 1;
    const n = this.#operations;
    const amount = type === 'reversal' ? 0 : amountOf(n);
    const members = {
      payment: { amount, currency: 'UAH', order: `order ${n}` },
      refund: { amount, currency: 'UAH', rrn: String(400_000_000_000 + n) },
      reversal: { operation: original?.id },
    }[type];
    return this.#write(idOf(n), type, members, sender, amount);
  }

  /** What moves no money: about another operation, or a question to the terminal. Written down, not yet sent. */
  inquire(
    type: Exclude<OperationType, 'payment' | 'refund' | 'reversal'>,
    sender: number,
    members: object,
  ): Asked {
    this.#inquiries += 1;
    return this.#write(`${type}-${String(this.#inquiries).padStart(6, '0')}`, type, members, sender, 0);
  }

  #write(id: string, type: OperationType, members: object, sender: number, amount: number): Asked {
    const { box, book } = this.#parts;
    const content = { id, box, type, ...members };
    const more = { expectation: 'outcome', cash: 0, sends: [], known: null } as const;
    return book.add({ id, type, sender, content, amount, ...more, sends: [] });
  }

  /** Sends until there is a result; which is what its sender knows then. `firstLifeMs`: the first deadline. */
  async carryThrough(asked: Asked, firstLifeMs = lifeMs): Promise<Result> {
    const { dice, people } = this.#parts;
    for (let times = 0; asked.known === null; times += 1) {
      if (times > 0) people.add('the same command again, for want of a result');
      await this.sendOnce(asked, times === 0 ? firstLifeMs : lifeMs);
      await this.until(() => asked.known !== null, dice.between(again.least, again.most));
    }
    return asked.known;
  }

  /** Asks for a result that is known already, until it comes again. Whether it does, within a minute or so. */
  async askAgain(asked: Asked): Promise<boolean> {
    const count = (): number => this.#heard.get(asked.id) ?? 0;
    const before = count();
    for (let times = 0; times < mostRepeats; times += 1) {
      await this.sendOnce(asked);
      if (await this.until(() => count() > before, again.most)) return true;
    }
    return false;
  }

  /** Sends a command once, with fresh times; `other` members replace its own. */
  async sendOnce(asked: Asked, forMs = lifeMs, other: Record<string, unknown> = {}): Promise<void> {
    const issuedAtMs = Date.now();
    asked.sends.push({ atMs: performance.now(), expiresAtMs: issuedAtMs + forMs });
    const times = { issuedAt: isoTime(issuedAtMs), expiresAt: isoTime(issuedAtMs + forMs) };
    const key = asked.type === 'resolve' ? keys.owner : asked.sender === 0 ? keys.shop : keys.till;
    await this.#parts.send({ ...asked.content, ...other, ...times }, key);
  }

  /** Resolves when it is so, at the latest after so many milliseconds. Whether it is. */
  until(isSo: () => boolean, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(isSo());
      };
      const timer = setTimeout(end, limitMs);
      const look = (): void => {
        if (isSo()) end();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
