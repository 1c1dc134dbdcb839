/** What the registry asks of the rooms beside it. Each is handed in, so that a test can bring its own. */
import type { RegistrationState } from '../../gateway/contract/registration.ts';

/** Encrypts what must not be readable in a database or a file, and hashes codes. One key, kept apart from the data. */
export interface MasterKey {
  /**
   * AES-256-GCM. `purpose` names where it stands (a table and its row, a file): it opens nowhere else.
   *
   * @returns base64url, with a version, so that the key can be changed one day
   */
  seal(plain: Uint8Array, purpose: string): string;
  /** @throws SwipeError `keyInvalid` when it was sealed by another key or for another purpose, or was changed */
  open(sealed: string, purpose: string): Uint8Array;
  /** HMAC-SHA-256 under a key of its own for this purpose, base64url. */
  mac(text: string, purpose: string): string;
}

/** A certificate that was just signed. Whoever asked records it; the authority remembers none. */
export interface IssuedCertificate {
  /** The certificate and what is between it and the CA, as PEM. */
  chain: string;
  /** Lower-case hexadecimal, at least 64 unpredictable bits. */
  serial: string;
  notBeforeMs: number;
  notAfterMs: number;
  /** Which CA signed it: {@link AuthorityState.ca}. */
  ca: string;
}

/** A certificate that is no longer to be accepted. */
export interface RevokedCertificate {
  serial: string;
  revokedAtMs: number;
  /** Which CA signed it. */
  ca: string;
}

/** What the authority is made of now. Names are fingerprints: SHA-256 of the certificate, lower-case hexadecimal. */
export interface AuthorityState {
  /** The CA that signs. */
  ca: string;
  /** The one before it, while a rotation goes on. */
  previousCa: string | null;
  /** When the signing CA ends. */
  caNotAfterMs: number;
}

/**
 * The registry's certificate authority. Its keys live sealed in a directory of their own; several instances share
 * that directory, so what one changed the others read before they use it next.
 */
export interface CertificateAuthority {
  /**
   * Signs the public key of a box's request, and nothing else of it: the subject is the box's id.
   *
   * @throws SwipeError `keyInvalid` when the request is malformed, not signed by its own key, or the key is unfit
   */
  issueBox(box: string, csrPem: string, nowMs: number): Promise<IssuedCertificate>;
  /** The same for a sale system, with its id. */
  issueSaleSystem(saleSystem: string, csrPem: string, nowMs: number): Promise<IssuedCertificate>;
  /**
   * Signs the broker's own certificate for these names (DNS or IP), for 398 days.
   *
   * @throws SwipeError `keyInvalid` when the request or a name is unfit
   */
  issueBroker(hosts: readonly string[], csrPem: string, nowMs: number): Promise<IssuedCertificate>;
  /** The revocation list of each trusted CA, as PEM blocks. `number` grows with every list (RFC 5280 §5.2.3). */
  crl(revoked: readonly RevokedCertificate[], number: number, nowMs: number): Promise<string>;
  /** The CAs that are to be trusted, newest first, as PEM: two while a rotation goes on. */
  trustedCas(): Promise<readonly string[]>;
  state(): Promise<AuthorityState>;
  /** Makes a new CA that signs from now on; the old one stays trusted. @throws Refusal `conflict` when one goes on already */
  beginRotation(nowMs: number): Promise<AuthorityState>;
  /** Ends the trust in the old one and destroys its key. @throws Refusal `conflict` when none goes on */
  finishRotation(): Promise<AuthorityState>;
}

/** One of the registry's public keys, as boxes are told it. */
export interface RegistryKey {
  /** Its thumbprint (RFC 7638). */
  kid: string;
  /** The public key (RFC 8037 §2). */
  x: string;
}

/** The keys that the registry signs its answers with. Kept as the authority's are, rotated by their own steps. */
export interface RegistryKeys {
  /** All that are trusted, newest first: two while a rotation goes on. */
  trusted(): readonly RegistryKey[];
  /**
   * A JWS in compact form, EdDSA.
   *
   * @param payload is written as JSON
   * @param typ the header member `typ`
   * @param known the kids that the reader trusts: the newest of them signs; the newest of all where none is known
   */
  sign(payload: unknown, typ: string, known: readonly string[]): string;
  /** Reads the directory again: another instance, or a command, may have begun or finished a rotation. */
  reload(): Promise<void>;
  /** @throws Refusal `conflict` when a rotation goes on already */
  beginRotation(nowMs: number): Promise<void>;
  /** @throws Refusal `conflict` when none goes on */
  finishRotation(): Promise<void>;
}

/** A box and who may send it commands. */
export interface WantedBox {
  box: string;
  saleSystems: readonly string[];
}

/** A sale system and the boxes it is paired with. */
export interface WantedSaleSystem {
  saleSystem: string;
  boxes: readonly string[];
}

/** All that should be at the broker, in portions: a fleet does not fit into memory. */
export interface WantedAccess {
  boxes(): AsyncIterable<WantedBox>;
  saleSystems(): AsyncIterable<WantedSaleSystem>;
}

/**
 * Who may do what at the broker. Every call says how it should be, may be repeated, and resolves when the broker has
 * confirmed it; it rejects (SwipeError `brokerUnreachable`) when that is not so, and is then called again.
 */
export interface BrokerAccess {
  /** This box may read its commands and write the rest; each of these sale systems the reverse. */
  syncBox(wanted: WantedBox): Promise<void>;
  /** The box has no access any more: no new session, and the live one is ended. Its retained messages are cleared. */
  removeBox(box: string): Promise<void>;
  /** The sale system has access to exactly these boxes. */
  syncSaleSystem(wanted: WantedSaleSystem): Promise<void>;
  /** The sale system has no access any more, and its live session is ended. */
  removeSaleSystem(saleSystem: string): Promise<void>;
  /** Ends the live session of a box or a sale system; it may come back if it still has access. */
  disconnect(id: string): Promise<void>;
  /** Publishes the retained notice on `swipe/v1/{box}/registry`. */
  notice(box: string, jws: string): Promise<void>;
  /** Hands the broker a new revocation list and the CAs to trust (PEM), and has it read them. */
  trust(parts: { cas: readonly string[]; crl: string }): Promise<void>;
  /** Repairs whatever differs: what is missing is added, what is too much removed. Says what it had to do. */
  reconcile(wanted: WantedAccess): Promise<{ added: number; removed: number; changed: number }>;
  close(): Promise<void>;
}

/** The certificate that the broker shows whoever connects. */
export interface ServerCertificate {
  notAfterMs: number;
  /** Why a client does not take it (a code of OpenSSL or Node); null: it does. */
  fault: string | null;
}

/** What billing has to know of a box to say where it stands. */
export interface BilledBox {
  box: string;
  /** The billing identity: it outlives the box when another takes its place. */
  billedAs: string;
  customer: string;
  claimedAtMs: number;
}

/** Where a claimed box stands, and until when by itself. */
export interface BillingState {
  state: Exclude<RegistrationState, 'unregistered'>;
  untilMs: number | null;
}

/** Where a claimed box stands with its bills. `Tx` is the store's transaction, in which the answer is made. */
export interface BillingStates<Tx> {
  stateOf(tx: Tx, box: BilledBox, nowMs: number): Promise<BillingState>;
  /** The same for many at once, in their order. Absent: each is asked for by itself. */
  statesOf?(tx: Tx, boxes: readonly BilledBox[], nowMs: number): Promise<readonly BillingState[]>;
}
