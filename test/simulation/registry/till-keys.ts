/** The keys that the registry gives the second sale system. */
import type { CommandKey } from '../../../gateway/contract/config.ts';
import type { HmacKey } from '../../../gateway/simulators/sale-system.ts';
import type { SimRegistry } from './sim-registry.ts';

/** What all their secrets begin with: 24 bytes, which are 32 characters of base64url. */
const secretly = 'what only the till knows';

/** By which a secret is known wherever it may not be. */
export const tillSecrets: readonly string[] = [secretly, Buffer.from(secretly).toString('base64url')];

/** One after the other; after the last one the first comes again, with the same secret. */
export const tillKeys: readonly HmacKey[] = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map(
  (name) => ({
    kid: `till-${name}`,
    secret: Buffer.from(`${secretly}: the ${name}`.padEnd(40, '.')).toString('base64url'),
  }),
);

/** What a sale system may ask for by default (docs/registry.md). */
const usual: CommandKey['allow'] = [
  'payment',
  'reversal',
  'preauthorization',
  'completion',
  'instalment',
  'reconciliation',
  'totals',
  'receipt',
  'balance',
  'status',
  'abort',
];

/** The till's keys: which of them the registry tells, and with which the till signs. */
export class TillKeys {
  readonly #registry: SimRegistry;
  readonly #allow: CommandKey['allow'];
  #current = 0;

  constructor(registry: SimRegistry, isLimited: boolean) {
    this.#registry = registry;
    this.#allow = isLimited ? usual : undefined;
    this.giveBack();
  }

  /** What the till signs with: the newest that it was given, whether or not it may still. */
  get current(): HmacKey {
    return tillKeys[this.#current] as HmacKey;
  }

  /** The registry gives a new one beside the present one. Returns what ends the old one. */
  rotate(): () => void {
    const old = this.current;
    this.#current = (this.#current + 1) % tillKeys.length;
    this.giveBack();
    return () => {
      if (old !== this.current) this.#registry.commandKeys.delete(old.kid);
    };
  }

  /** The registry takes the present one back; the till does not know. */
  take(): void {
    this.#registry.commandKeys.delete(this.current.kid);
  }

  /** The till's present key is one again. */
  giveBack(): void {
    const { kid, secret } = this.current;
    const allow = this.#allow === undefined ? {} : { allow: this.#allow };
    this.#registry.commandKeys.set(kid, { kid, alg: 'HS256', secret, ...allow });
  }
}
