import type { Log } from '../../../gateway/seams/log.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { Clock } from '../../../gateway/seams/time.ts';
import type {
  BillingStates,
  CertificateAuthority,
  MasterKey,
  RegistryKeys,
  ServerCertificate,
} from '../ports.ts';
import type { Store, Tx } from '../store/store.ts';

/** What boxes and sale systems are told of the broker. */
export interface BrokerFacts {
  url: string;
  /** The CAs of the broker's own certificate, as PEM. */
  ca(): Promise<string>;
  /**
   * The broker's own certificate as it is shown now, judged by what boxes are told to trust: now, or once a rotation of
   * the CA is finished. Null where it needs none.
   *
   * @throws SwipeError `brokerUnreachable` (rejects)
   */
  certificate(when: 'now' | 'afterRotation'): Promise<ServerCertificate | null>;
}

/** What every service of the registry works with. */
export interface Core {
  store: Store;
  masterKey: MasterKey;
  authority: CertificateAuthority;
  keys: RegistryKeys;
  billing: BillingStates<Tx>;
  /** null: nobody is told of a broker. */
  broker: BrokerFacts | null;
  clock: Clock;
  random: Random;
  log: Log;
  /** Says that an errand was written down which is due at once. */
  errandsWait(): void;
  /** Whether the database was restored and nobody has confirmed it: nothing is answered, issued or billed. */
  isRestored(): boolean;
}

/** Who does it, as the audit log names them; and whose things alone they may touch. */
export interface Actor {
  name: string;
  /** null: everybody's. */
  customer: string | null;
}

/** Claimed means active: the registry without bills. */
export const nobodyIsBilled: BillingStates<unknown> = {
  stateOf: async () => ({ state: 'active', untilMs: null }),
};

/** What a code is hashed for, and a secret sealed for: kept in one place, since both sides must say the same. */
export const purposes = {
  claimCode: 'claim code',
  pairingCode: 'pairing code',
  pairingCodeShown: (id: string): string => `pairing_codes ${id}`,
  commandKey: (kid: string): string => `command_keys ${kid}`,
} as const;
