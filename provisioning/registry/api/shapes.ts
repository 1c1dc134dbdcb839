/** What operators send and get, as schemas. */
import * as v from 'valibot';
import { integer, oneOf, timestamp } from '../../../gateway/contract/primitives.ts';
import { givenName, registeredBox } from '../../../gateway/contract/registration.ts';
import { scopes } from '../services/tokens.ts';

const id = (prefix: string, allowed: string) =>
  v.pipe(v.string(allowed), v.regex(new RegExp(`^${prefix}-[0-9A-HJKMNP-TV-Z]{12}$`), allowed));
const customerId = id('CU', 'the id of a customer: CU-…');
const textOrNull = v.nullable(v.string());
const timeOrNull = v.nullable(timestamp);
const days = (most: number) => integer(1, most, 'days');

/** A new customer. */
export const newCustomer = v.strictObject({ name: givenName });
/** A new claim code. */
export const newClaim = v.strictObject({
  customer: customerId,
  /** The box whose place the new one takes. */
  replaces: v.optional(registeredBox),
  days: v.optional(days(30), 7),
});
/** How a box ends. */
export const ending = v.strictObject({ as: oneOf(['retired', 'lost', 'stolen']) });
/** Whose a box becomes. */
export const move = v.strictObject({ customer: customerId });
/** A new token. */
export const newToken = v.strictObject({
  name: givenName,
  scopes: v.pipe(v.array(oneOf(scopes), 'a list of scopes'), v.minLength(1, 'at least one scope')),
  customer: v.optional(customerId),
  days: v.optional(days(731), 365),
});
/** A step of a rotation. */
export const rotation = v.strictObject({
  what: oneOf(['ca', 'key']),
  step: oneOf(['begin', 'finish']),
  /** Finish although not everybody has moved: boxes are shut out until they register, sale systems until they ask. */
  force: v.optional(v.boolean(), false),
});

/** A customer. */
export const customer = v.strictObject({
  customer: customerId,
  name: v.string(),
  since: timestamp,
  left: timeOrNull,
});
/** A code that is told this once. */
export const claimTold = v.strictObject({ claim: v.string(), code: v.string(), expiresAt: timestamp });
/** A pairing code. */
export const codeTold = v.strictObject({ code: v.string(), expiresAt: timestamp });
/** A claim. */
export const claim = v.strictObject({
  claim: v.string(),
  customer: customerId,
  replaces: textOrNull,
  createdAt: timestamp,
  createdBy: v.string(),
  expiresAt: timestamp,
  usedAt: timeOrNull,
  usedBy: textOrNull,
});

const boxFields = {
  box: registeredBox,
  customer: customerId,
  status: oneOf(['claimed', 'retired', 'lost', 'stolen']),
  billedAs: v.string(),
  claimedAt: timestamp,
  endedAt: timeOrNull,
  replaces: textOrNull,
  replacedBy: textOrNull,
  registeredAt: timestamp,
  count: v.number(),
  revision: v.number(),
  registryKey: textOrNull,
  version: v.string(),
  hardware: v.strictObject({ model: textOrNull, serial: textOrNull, system: textOrNull }),
  terminal: v.strictObject({ vendor: textOrNull, model: textOrNull, software: textOrNull, id: textOrNull }),
  sequence: v.number(),
};
/** A box in a list. */
export const box = v.strictObject(boxFields);
/** A box with what hangs on it. */
export const boxWhole = v.strictObject({
  ...boxFields,
  pairings: v.array(
    v.strictObject({
      pairing: v.string(),
      saleSystem: v.string(),
      name: v.string(),
      allow: v.array(v.string()),
      since: timestamp,
      keys: v.array(v.strictObject({ kid: v.string(), alg: v.string(), endsAt: timeOrNull })),
    }),
  ),
  certificates: v.array(v.strictObject({ serial: v.string(), notAfter: timestamp, revokedAt: timeOrNull })),
});
/** A token, without the token. */
export const token = v.strictObject({
  id: v.string(),
  name: v.string(),
  scopes: v.array(v.string()),
  customer: textOrNull,
  createdAt: timestamp,
  createdBy: v.string(),
  expiresAt: timestamp,
  revokedAt: timeOrNull,
});
/** A token that is told this once. */
export const tokenTold = v.strictObject({ id: v.string(), token: v.string(), expiresAt: timestamp });

const object = v.record(v.string(), v.unknown());
/** A line of the audit log. */
export const auditLine = v.strictObject({
  number: v.number(),
  at: timestamp,
  actor: v.string(),
  action: v.string(),
  subject: v.string(),
  customer: textOrNull,
  before: v.nullable(object),
  after: v.nullable(object),
});
/** An alarm. */
export const alarm = v.strictObject({
  alarm: v.number(),
  kind: v.string(),
  subject: v.string(),
  customer: textOrNull,
  detail: v.string(),
  firstAt: timestamp,
  lastAt: timestamp,
  times: v.number(),
  acknowledgedAt: timeOrNull,
  acknowledgedBy: textOrNull,
});
const behind = v.strictObject({ boxes: v.number(), saleSystems: v.number() });
/** Where the rotations stand. */
export const authorityState = v.strictObject({
  ca: v.string(),
  previousCa: textOrNull,
  caUntil: timestamp,
  keys: v.array(v.strictObject({ kid: v.string(), x: v.string() })),
  /** Who does not know the newest key yet, or has a certificate that the newest CA did not sign. */
  behind: v.strictObject({ key: behind, ca: behind }),
});
/** Somebody who has not moved. */
export const straggler = v.strictObject({
  id: v.string(),
  kind: oneOf(['box', 'saleSystem']),
  name: textOrNull,
  customer: customerId,
  customerName: v.string(),
  seenAt: timestamp,
  until: timeOrNull,
});
/** A certificate for the broker: a signing request (RFC 2986) and the names under which it is reached. */
export const newBrokerCertificate = v.strictObject({
  names: v.pipe(
    v.array(v.string()),
    v.minLength(1, 'at least one name'),
    v.maxLength(16, 'at most 16 names'),
  ),
  csr: v.pipe(v.string('PEM text'), v.maxLength(8192, 'PEM text of at most 8192 characters')),
});
/** The broker's new certificate. */
export const brokerCertificate = v.strictObject({
  certificate: v.string(),
  serial: v.string(),
  notAfter: timestamp,
  /** Who does not trust the CA that signed it yet. */
  behind,
});
/** What a health check gets. */
export const health = v.strictObject({
  ok: v.boolean(),
  version: v.string(),
  mode: oneOf(['normal', 'restored']),
  time: timestamp,
});
