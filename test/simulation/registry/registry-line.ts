/** The way between the box and its registry, with what happens on it. */
import type { Exchange, HttpReply } from '../../../gateway/cloud/registration/asking.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import { type Dice, diceOf } from '../random.ts';
import type { Tally } from '../tally.ts';
import { readable, type Trace } from '../trace.ts';
import { type Fate, type LineFault, lineFaults, usualFaults } from './line-faults.ts';
import type { Said } from './said.ts';
import type { SimRegistry } from './sim-registry.ts';

/** What the way is made of. */
export interface RegistryLineParts {
  seed: number;
  registry: SimRegistry;
  time: Time;
  faults: Tally;
  trace: Trace;
  /** How many questions meet a fault by chance. */
  faulty: number;
}

const pastMax = 20;
const wayMs = 15;

/** See the module. */
export class RegistryLine {
  readonly #parts: RegistryLineParts;
  readonly #dice: Dice;
  readonly #past: { said: Said; isDelivered: boolean }[] = [];
  readonly #said = new WeakMap<HttpReply, Said>();
  #armed: LineFault[] = [];
  /** How every question fares for now; null: it comes there. */
  away: LineFault | null = null;
  #isFair = false;
  /** An answer of the registry itself has come to the box. */
  onAnswer: () => void = () => {};

  constructor(parts: RegistryLineParts) {
    this.#parts = parts;
    this.#dice = diceOf(parts.seed, 'registry line');
  }

  /** The next question meets this. */
  arm(fault: LineFault): void {
    this.#armed.push(fault);
  }

  /** Nothing goes wrong any more. */
  endFaults(): void {
    this.#armed = [];
    this.away = null;
    this.#isFair = true;
    this.onAnswer = () => {};
  }

  /** What is known of a reply. */
  saidIn(reply: HttpReply): Said {
    return this.#said.get(reply) ?? { reply, answer: null, signer: null };
  }

  /** For a life of the box; what it has asked goes its way, whatever becomes of that life. */
  readonly exchange: Exchange = (jws) => {
    const { time, trace } = this.#parts;
    if (trace.isOn) trace.add('asked', readable(jws));
    return new Promise((resolve, reject) => {
      time.after(wayMs, () => {
        const { said, delayMs = wayMs } = this.#fate(jws);
        if (said === null) return;
        time.after(delayMs, () => {
          if (trace.isOn) trace.add('answered', said instanceof Error ? said.message : shown(said));
          if (said instanceof Error) return reject(said);
          // Each delivery is a reply of its own, whatever it says.
          const reply = { ...said.reply };
          this.#said.set(reply, said);
          this.#delivered(said);
          resolve(reply);
        });
      });
    });
  };

  #fate(jws: string): Fate {
    const { registry, faults } = this.#parts;
    const fault = this.#armed.shift() ?? this.away ?? this.#byChance();
    if (fault === undefined) return { said: this.#hear(jws) };
    faults.add(`registry: ${fault}`);
    return lineFaults[fault]({ jws, registry, hear: this.#hear, dice: this.#dice, past: this.#past });
  }

  #byChance(): LineFault | undefined {
    const { faulty } = this.#parts;
    return faulty > 0 && !this.#isFair && this.#dice.chance(faulty)
      ? this.#dice.pick(usualFaults)
      : undefined;
  }

  readonly #hear = (jws: string): Said => {
    const said = this.#parts.registry.hear(jws);
    if (said.answer !== null) this.#past.push({ said, isDelivered: false });
    if (this.#past.length > pastMax) this.#past.shift();
    return said;
  };

  #delivered(said: Said): void {
    for (const one of this.#past) if (one.said === said) one.isDelivered = true;
    if (said.answer !== null) this.onAnswer();
  }
}

const shown = ({ reply }: Said): string => `${reply.status} ${readable(reply.text)}`;
