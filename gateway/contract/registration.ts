/** What a box and the registry say to each other, and a sale system and the registry. docs/registry.md explains it. */
import * as v from 'valibot';
import { operationTypes } from './command.ts';
import { brokerAddress, configSchema, publicKeyPattern, typedCodePattern } from './config.ts';
import { registrationStates } from './event.ts';
import { integer, keyId, oneOf, timestamp } from './primitives.ts';

/** The header member `typ` (RFC 7515 §4.1.9) of each kind of JWS, so that none can be taken for another. */
export const jwsTypes = {
  /** Box → registry, signed by the box's own key. */
  registration: 'swipe-registration',
  /** Registry → box, signed by a key of the registry that the box trusts. */
  answer: 'swipe-registration-answer',
  /** Registry → box over MQTT, retained: "register now". */
  notice: 'swipe-registry-notice',
  /** Sale system → registry, signed by one of its command keys: pair another box. */
  pairing: 'swipe-pairing',
  /** Sale system → registry, signed by the command key that is to be replaced. */
  keyRotation: 'swipe-key-rotation',
  /** Sale system → registry, signed by one of its command keys: which boxes am I paired with? */
  pairingsQuery: 'swipe-pairings-query',
} as const;

/** The largest body that the registry reads, in bytes. */
export const requestMaxBytes = 65_536;

/** The largest count and the largest revision: far beyond any life, far below where numbers lose their units. */
export const counterMax = 2 ** 48;

const matching = (pattern: RegExp, allowed: string) => v.pipe(v.string(allowed), v.regex(pattern, allowed));

/** A box's id in the registry: always the one that follows from its key. */
export const registeredBox = matching(
  /^SW-[0-9A-HJKMNP-TV-Z]{12}$/,
  "SW- and 12 characters of Crockford's base32",
);

/** The 32 bytes of an Ed25519 public key (RFC 8037 §2, `x`), in their one spelling. */
export const publicKeyX = matching(publicKeyPattern, 'base64url of 32 bytes');

const nonce = matching(/^[A-Za-z0-9_-]{21}[AQgw]$/, 'base64url of 16 bytes');

// Printable text of one line: it ends up in lists, logs and metrics.
const line = (most: number) =>
  matching(
    new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u'),
    `1 to ${most} characters without control characters`,
  );
const lineOrNull = v.nullable(line(128));

/** One or more PEM blocks (RFC 7468). */
const pem = (most: number) =>
  v.pipe(
    v.string('PEM text'),
    v.maxLength(most, `PEM text of at most ${most} characters`),
    v.startsWith('-----BEGIN ', 'PEM text'),
  );

/** A certificate's serial number: lower-case hexadecimal, as the registry issued it. */
export const certificateSerial = matching(/^[0-9a-f]{2,40}$/, '2 to 40 lower-case hexadecimal digits');

/** A code as a person types it: letters, digits, blanks and hyphens; look-alikes are forgiven by who reads it. */
export const typedCode = matching(typedCodePattern, '1 to 40 letters, digits, blanks or hyphens');

/** A name of something, given by a person. */
export const givenName = line(128);

const operations = v.pipe(v.array(oneOf(operationTypes), 'a list of operation types'), v.maxLength(64));

const counter = (least: number) => integer(least, counterMax, 'a whole number');

/** Payload of `POST /v1/registrations`: a JWS, EdDSA by the box's own key, kid: the box's id. */
export const registrationSchema = v.strictObject({
  box: registeredBox,
  /** The box's public key, from which its id follows. */
  key: publicKeyX,
  nonce,
  /** Grows with every new request; on the box's disk before it is sent. */
  count: counter(1),
  /** The box's own clock; for the record, nothing is decided by it. */
  time: timestamp,
  version: line(64),
  hardware: v.strictObject({ model: lineOrNull, serial: lineOrNull, system: lineOrNull }),
  terminal: v.strictObject({ vendor: lineOrNull, model: lineOrNull, software: lineOrNull, id: lineOrNull }),
  /** Of its last result; 0: none yet. */
  sequence: counter(0),
  /** The highest of the registry's revisions that it has seen; 0: none yet. */
  revision: counter(0),
  /** The kids of the registry's keys that it trusts now: the answer is signed by the newest of them. */
  trusts: v.pipe(v.array(keyId), v.minLength(1), v.maxLength(8)),
  /** The serial number of the certificate that it uses at the broker. */
  certificate: v.nullable(certificateSerial),
  /** The claim code, as typed; sent until the box is no longer `unregistered`. */
  claim: v.optional(typedCode),
  /** A signing request for the key of its certificate (RFC 2986). Sent every time: the registry decides when it issues. */
  csr: v.optional(pem(8192)),
});

/** A box's request to be known. */
export type Registration = v.InferOutput<typeof registrationSchema>;

export { type RegistrationState, registrationStates } from './event.ts';

/** Why a box is `unregistered`: what is wrong with its claim, or that the operator took it out of use. */
export const claimReasons = [
  'claimNeeded',
  'claimUnknown',
  'claimExpired',
  'claimUsed',
  'claimLocked',
  'retired',
] as const;

/** One of {@link claimReasons}. */
export type ClaimReason = (typeof claimReasons)[number];

/** Where the broker is and who signs its certificate: one or, during a rotation, two CAs. */
const brokerAccess = v.strictObject({
  url: v.pipe(brokerAddress, v.maxLength(512, 'at most 512 characters')),
  ca: pem(32_768),
});

const kidsOnce = <Key extends { kid: string }>() =>
  v.check<Key[], string>(
    (keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length,
    'keys of which none stands there twice',
  );

/** One of the registry's own public keys; kid: its thumbprint (RFC 7638). */
const registryKey = v.strictObject({ kid: keyId, x: publicKeyX });

/** Payload of the answer: a JWS, EdDSA by one of the registry's keys. */
export const registrationAnswerSchema = v.strictObject({
  box: registeredBox,
  /** The request's. */
  nonce,
  /** The registry's clock. */
  time: timestamp,
  /** Per box; grows with every answer. A box ignores what is not above the highest it has seen. */
  revision: counter(1),
  state: oneOf(registrationStates),
  /** When this state ends by itself (a trial); null: it does not. */
  until: v.nullable(timestamp),
  reason: v.nullable(oneOf(claimReasons)),
  broker: v.nullable(brokerAccess),
  /** A new certificate and its chain; null: the box goes on with the one it has. */
  certificate: v.nullable(pem(32_768)),
  commandKeys: v.pipe(configSchema.entries.commandKeys, kidsOnce()),
  /** A code that is waiting to be typed at a sale system. */
  pairing: v.nullable(v.strictObject({ code: typedCode, expiresAt: timestamp })),
  /** All that are to be trusted from now on. */
  registryKeys: v.pipe(v.array(registryKey), v.minLength(1), v.maxLength(8), kidsOnce()),
  /** When to register next, unless something happens before. */
  registerAfter: timestamp,
});

/** The registry's answer. */
export type RegistrationAnswer = v.InferOutput<typeof registrationAnswerSchema>;

/** Payload of the retained message on `swipe/v1/{box}/registry`: register now, if this is above the known revision. */
export const registryNoticeSchema = v.strictObject({ box: registeredBox, revision: counter(1) });

/** The registry's call over MQTT. */
export type RegistryNotice = v.InferOutput<typeof registryNoticeSchema>;

/** What the registry refuses, by code: HTTP status and meaning. */
export const problems = {
  malformed: [400, 'the request does not say what it must'],
  signatureInvalid: [401, 'not signed by the key it must be signed by'],
  unauthorized: [401, 'no valid token'],
  forbidden: [403, 'the token does not allow this'],
  notFound: [404, 'there is no such thing'],
  methodNotAllowed: [405, 'not a method of this address'],
  countBehind: [409, 'this count was used before: go on from `count`'],
  keyMismatch: [409, 'the box is known by another key'],
  hardwareChanged: [409, 'the box is known on another machine'],
  conflict: [409, 'not possible as things stand'],
  codeUnknown: [404, 'no such code'],
  codeExpired: [410, 'the code has expired'],
  codeUsed: [409, 'the code was used'],
  tooLarge: [413, 'the body is too large'],
  unsupportedMedia: [415, 'not a content type of this address'],
  tooMany: [429, 'too many requests: again after Retry-After'],
  failed: [500, 'something went wrong here'],
  busy: [503, 'too much to do: again after Retry-After'],
  restored: [503, 'the registry was restored and waits for its operator: again after Retry-After'],
} as const satisfies Record<string, readonly [number, string]>;

/** One of {@link problems}. */
export type ProblemCode = keyof typeof problems;

/** What stands in the body of every refusal (RFC 9457), `application/problem+json`. Unsigned: a box takes it for no answer. */
export const problemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: integer(400, 599, 'an HTTP status'),
  code: oneOf(Object.keys(problems) as ProblemCode[]),
  detail: v.optional(v.string()),
  /** With `countBehind`: the highest count that is known. */
  count: v.optional(counter(0)),
  /** With `malformed`: what is wrong, where. */
  faults: v.optional(v.array(v.object({ path: v.string(), found: v.string(), allowed: v.string() }))),
});

/** A refusal. */
export type Problem = v.InferOutput<typeof problemSchema>;

const pairingFields = {
  code: typedCode,
  /** For an EdDSA key of its own; absent: the registry makes an HS256 secret. */
  publicKey: v.optional(publicKeyX),
};

/** Body of `POST /v1/pairings` of a sale system that the registry does not know yet. */
export const pairingRequestSchema = v.strictObject({ ...pairingFields, name: givenName, csr: pem(8192) });

/** Payload of the JWS on `POST /v1/pairings` of one that it knows: another box for it. */
export const furtherPairingSchema = v.strictObject({
  ...pairingFields,
  /** Within 5 minutes of the registry's clock, and later than in any earlier request by this key. */
  time: timestamp,
  csr: v.optional(pem(8192)),
});

/** Payload of the JWS on `POST /v1/keys`: a new key for the same box. */
export const keyRotationSchema = v.strictObject({
  time: timestamp,
  publicKey: v.optional(publicKeyX),
});

/** Payload of the JWS on `POST /v1/pairings/query`; with `csr`, a new certificate is issued. */
export const pairingsQuerySchema = v.strictObject({ time: timestamp, csr: v.optional(pem(8192)) });

/** A sale system's key for one box. */
const issuedKey = {
  saleSystem: v.string(),
  box: registeredBox,
  kid: keyId,
  alg: oneOf(['HS256', 'EdDSA']),
  /** base64url; told this once. Absent for EdDSA. */
  secret: v.optional(v.string()),
  allow: operations,
};

const resultKey = v.strictObject({ kty: v.literal('OKP'), crv: v.literal('Ed25519'), x: publicKeyX });

/** What a sale system gets for a code. */
export const pairingAnswerSchema = v.strictObject({
  ...issuedKey,
  /** The box's public key: what it signs results of EdDSA commands with (RFC 8037 §2). */
  resultKey,
  broker: v.nullable(brokerAccess),
  /** For the key of the csr; null where none was sent, or while none is issued. */
  certificate: v.nullable(pem(32_768)),
});

/** What a sale system gets for its present key; that one goes on until `previousEndsAt`. */
export const keyRotationAnswerSchema = v.strictObject({ ...issuedKey, previousEndsAt: timestamp });

/** The boxes that a sale system is paired with. */
export const pairingsAnswerSchema = v.strictObject({
  saleSystem: v.string(),
  broker: v.nullable(brokerAccess),
  certificate: v.nullable(pem(32_768)),
  boxes: v.array(
    v.strictObject({
      box: registeredBox,
      /** The box whose place it took, under whose id it was paired; null: none. */
      replaces: v.nullable(registeredBox),
      resultKey,
      kids: v.array(keyId),
      allow: operations,
    }),
  ),
});

/** Answer to {@link pairingRequestSchema} and {@link furtherPairingSchema}. */
export type PairingAnswer = v.InferOutput<typeof pairingAnswerSchema>;

/** Answer to {@link keyRotationSchema}. */
export type KeyRotationAnswer = v.InferOutput<typeof keyRotationAnswerSchema>;

/** Answer to {@link pairingsQuerySchema}. */
export type PairingsAnswer = v.InferOutput<typeof pairingsAnswerSchema>;
