/** What a box must believe of its registry, worked out from what has reached it, without the gateway's own code. */

import { registryKeyOf } from '../../../gateway/cloud/registration/trust.ts';
import type { CommandKey } from '../../../gateway/contract/config.ts';
import type { RegistrationAnswer, RegistrationState } from '../../../gateway/contract/registration.ts';
import type { Said } from './said.ts';

/** What is believed. */
export interface Believed {
  /** The registry's key in the config. */
  pin: string;
  /** The kids of the registry's keys that count. */
  trusted: readonly string[];
  heard: { revision: number; nonce: string; state: RegistrationState; atMs: number } | null;
  keys: readonly CommandKey[];
  /** Keys that there were once. */
  retired: ReadonlySet<string>;
  broker: string | null;
}

const goOnMs = 35 * 86_400_000;
const newMoney: ReadonlySet<string> = new Set(['payment', 'cashback', 'preauthorization', 'instalment']);

/** Whether it takes a new customer's money, which a box that is suspended may not. */
export const isNewMoney = (type: string): boolean => newMoney.has(type);

const blank = (pin: string, retired: ReadonlySet<string> = new Set()): Believed => ({
  pin,
  trusted: [registryKeyOf(pin).kid],
  heard: null,
  keys: [],
  retired,
  broker: null,
});

const retiredWith = ({ retired, keys }: Believed, present: readonly CommandKey[]): ReadonlySet<string> => {
  const now = new Set([...retired, ...keys.map(({ kid }) => kid)]);
  for (const { kid } of present) now.delete(kid);
  return now;
};

/** See the module. */
export class Belief {
  now: Believed;
  /** What a life would begin with. */
  onDisk: Believed;

  constructor(pin: string) {
    this.now = blank(pin);
    this.onDisk = this.now;
  }

  /** A life begins: it knows what is on disk. A config that names a key of which it knows nothing begins anew. */
  booted(pin: string): void {
    const { trusted, pin: before } = this.onDisk;
    const isKnown = pin === before || trusted.includes(registryKeyOf(pin).kid);
    this.now = isKnown ? { ...this.onDisk, pin } : blank(pin, retiredWith(this.onDisk, []));
  }

  /** What is kept was written down. */
  written(): void {
    this.onDisk = this.now;
  }

  /** What was written down is gone. */
  lost(pin: string): void {
    this.onDisk = blank(pin);
  }

  /** Whether this, in answer to a question of this nonce, must be believed. */
  isNews({ answer, signer }: Said, box: string, nonce: string): boolean {
    if (answer === null || signer === null || !this.now.trusted.includes(signer)) return false;
    if (answer.box !== box || answer.nonce !== nonce) return false;
    const { heard } = this.now;
    if (heard === null || answer.revision > heard.revision) return true;
    return answer.revision === heard.revision && nonce === heard.nonce;
  }

  /** It came at this time of the box. */
  learn(answer: RegistrationAnswer, atMs: number): void {
    const { revision, nonce, state, commandKeys, registryKeys, broker } = answer;
    this.now = {
      ...this.now,
      trusted: registryKeys.map(({ kid }) => kid),
      heard: { revision, nonce, state, atMs },
      keys: commandKeys,
      retired: retiredWith(this.now, commandKeys),
      broker: broker?.url ?? this.now.broker,
    };
  }

  /** Where the box stands at this time of its own; null: too near the end to say. */
  stateAt(nowMs: number, slackMs: number): RegistrationState | null {
    const { heard } = this.now;
    if (heard === null) return 'unregistered';
    const leftMs = heard.atMs + goOnMs - nowMs;
    if (Math.abs(leftMs) < slackMs) return null;
    return leftMs < 0 ? 'unregistered' : heard.state;
  }
}
