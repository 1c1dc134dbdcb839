/** The tables as kysely knows them. Times are milliseconds since 1970 UTC, names end in `_ms`; lists are JSON text. */
import type { Generated, Insertable, Selectable } from 'kysely';
import type { BillingTables } from './tables-billing.ts';

/** What becomes of a box: in use, or out of it and why. */
export type BoxStatus = 'claimed' | 'retired' | 'lost' | 'stolen';

/** One row: what the registry knows of itself. */
export interface MetaTable {
  only_row: number;
  /** Made with the database; tells it from every other one. */
  database_id: string;
  /** `restored`: from a backup; nothing is answered until the operator confirms. */
  mode: 'normal' | 'restored';
  created_at_ms: number;
  /** When it was last restored. */
  restored_at_ms: number | null;
  /** The last revocation list: its number, its text, when its successor must be there. */
  crl_number: number;
  crl: string | null;
  crl_until_ms: number | null;
}

/** Who has boxes, and pays for them. */
export interface CustomersTable {
  id: string;
  name: string;
  created_at_ms: number;
  left_at_ms: number | null;
}

/** Claim codes. The code itself is nowhere, only its HMAC. */
export interface ClaimsTable {
  id: string;
  mac: string;
  customer: string;
  /** The box whose place the new one takes. */
  replaces: string | null;
  created_at_ms: number;
  created_by: string;
  expires_at_ms: number;
  used_at_ms: number | null;
  used_by: string | null;
}

/** Boxes that were claimed. Others leave no trace here. */
export interface BoxesTable {
  id: string;
  public_key: string;
  customer: string;
  status: BoxStatus;
  /** The billing identity: its own id, or that of the box whose place it took. */
  billed_as: string;
  claimed_at_ms: number;
  ended_at_ms: number | null;
  replaces: string | null;
  replaced_by: string | null;
  /** The last request that was answered: its count, its nonce, when. */
  count: number;
  nonce: string;
  counted_at_ms: number;
  /** 1: the count was raised by a restore, so that falling behind it once is no alarm. */
  count_raised: number;
  /** The highest that was told to the box, in an answer or a notice. */
  revision: number;
  /** The newest of the registry's keys that it trusts. */
  registry_kid: string | null;
  version: string;
  hardware_model: string | null;
  hardware_serial: string | null;
  hardware_system: string | null;
  terminal_vendor: string | null;
  terminal_model: string | null;
  terminal_software: string | null;
  terminal_id: string | null;
  sequence: number;
  /** The newest certificate that it was given, and that was not revoked: its serial number, who signed it, when the next is due. */
  certificate: string | null;
  certificate_ca: string | null;
  certificate_renew_ms: number | null;
}

/** From when to when a billing identity was whose: what billing counts days by. */
export interface TenuresTable {
  id: Generated<number>;
  billed_as: string;
  customer: string;
  from_ms: number;
  until_ms: number | null;
}

/** Who sends commands to boxes. */
export interface SaleSystemsTable {
  id: string;
  name: string;
  customer: string;
  created_at_ms: number;
  ended_at_ms: number | null;
}

/** Codes by which a sale system gets at one box. `sealed`: for the box to show, until it is used or out of date. */
export interface PairingCodesTable {
  id: string;
  mac: string;
  box: string;
  sealed: string | null;
  created_at_ms: number;
  created_by: string;
  expires_at_ms: number;
  used_at_ms: number | null;
  used_by: string | null;
}

/** Which sale system may send commands to which box. */
export interface PairingsTable {
  id: string;
  box: string;
  sale_system: string;
  allow: string;
  created_at_ms: number;
  ended_at_ms: number | null;
}

/** A pairing's keys: one, or two while one takes over from the other. */
export interface CommandKeysTable {
  kid: string;
  pairing: string;
  alg: 'HS256' | 'EdDSA';
  /** The HS256 secret, sealed. */
  sealed: string | null;
  public_key: string | null;
  created_at_ms: number;
  ends_at_ms: number | null;
  /** The time in the last request that it signed: a later one must be later. */
  last_request_ms: number;
}

/** Every certificate that was handed out. */
export interface CertificatesTable {
  serial: string;
  ca: string;
  subject: string;
  issued_at_ms: number;
  not_before_ms: number;
  not_after_ms: number;
  revoked_at_ms: number | null;
}

/** Operators' access. The token itself is nowhere, only its hash. */
export interface TokensTable {
  id: string;
  hash: string;
  name: string;
  scopes: string;
  customer: string | null;
  created_at_ms: number;
  created_by: string;
  expires_at_ms: number;
  revoked_at_ms: number | null;
}

/** Who changed what. Only ever added to. */
export interface AuditTable {
  id: Generated<number>;
  at_ms: number;
  actor: string;
  action: string;
  subject: string;
  customer: string | null;
  before: string | null;
  after: string | null;
}

/** What a person should look at. The same again, while it is open, only counts up. */
export interface AlarmsTable {
  id: Generated<number>;
  kind: string;
  subject: string;
  customer: string | null;
  detail: string;
  first_at_ms: number;
  last_at_ms: number;
  times: number;
  acknowledged_at_ms: number | null;
  acknowledged_by: string | null;
}

/** Wrong codes, by who tried. */
export interface AttemptsTable {
  key: string;
  failures: number;
  first_at_ms: number;
  last_at_ms: number;
  blocked_until_ms: number;
}

/** What is still to be done outside the database: written with the change that makes it necessary. */
export interface ErrandsTable {
  id: Generated<number>;
  kind: string;
  subject: string;
  due_ms: number;
  tries: number;
  /** Grows when the same is asked for again while it is being done. */
  version: number;
  /** Who comes first, see store/errands.ts. */
  turn: Generated<number>;
}

/** All tables. */
export interface Tables extends BillingTables {
  meta: MetaTable;
  customers: CustomersTable;
  claims: ClaimsTable;
  boxes: BoxesTable;
  tenures: TenuresTable;
  sale_systems: SaleSystemsTable;
  pairing_codes: PairingCodesTable;
  pairings: PairingsTable;
  command_keys: CommandKeysTable;
  certificates: CertificatesTable;
  tokens: TokensTable;
  audit: AuditTable;
  alarms: AlarmsTable;
  attempts: AttemptsTable;
  errands: ErrandsTable;
}

/** A box as it stands in the database. */
export type BoxRow = Selectable<BoxesTable>;

/** A box as it is put there. */
export type NewBox = Insertable<BoxesTable>;

/** A claim as it stands in the database. */
export type ClaimRow = Selectable<ClaimsTable>;

/** A sale system as it stands in the database. */
export type SaleSystemRow = Selectable<SaleSystemsTable>;

/** A pairing as it stands in the database. */
export type PairingRow = Selectable<PairingsTable>;

/** A command key as it stands in the database. */
export type CommandKeyRow = Selectable<CommandKeysTable>;
