import * as v from 'valibot';
import { operationTypes } from './command.ts';
import { deskConfigSchema } from './desk-config.ts';
import { allFaults, type Fault, written } from './faults.ts';
import { amount, boxId, currency, integer, keyId, merchant, oneOf } from './primitives.ts';
import { printerConfigSchema } from './printer-config.ts';

/** The least length of an HS256 secret: that of the hash (RFC 7518 §3.2). */
export const secretMinBytes = 32;

// No bytes are written with one character more than a multiple of four (RFC 4648 §5): such a text was cut.
const decodedLength = (base64url: string): number =>
  base64url.length % 4 === 1 ? -1 : Math.floor((base64url.length * 6) / 8);
const base64url = (leastBytes: number, mostBytes: number, allowed: string) =>
  v.pipe(
    v.string(allowed),
    v.regex(/^[A-Za-z0-9_-]+$/, allowed),
    v.check((text) => decodedLength(text) >= leastBytes && decodedLength(text) <= mostBytes, allowed),
  );

const text = (allowed: string) => v.pipe(v.string(allowed), v.minLength(1, allowed));
const absolutePath = v.pipe(v.string('an absolute path'), v.startsWith('/', 'an absolute path'));
const pemOrPath = text('a path to a PEM file, or the PEM text itself');

const allow = v.optional(v.array(oneOf(operationTypes), 'a list of operation types'));

const commandKey = v.variant(
  'alg',
  [
    v.strictObject({
      kid: keyId,
      alg: v.literal('HS256'),
      secret: base64url(secretMinBytes, 1024, `base64url of ${secretMinBytes} to 1024 bytes`),
      allow,
    }),
    v.strictObject({
      kid: keyId,
      alg: v.literal('EdDSA'),
      publicKey: base64url(32, 32, 'base64url of the 32 bytes of an Ed25519 public key'),
      allow,
    }),
  ],
  'HS256 or EdDSA',
);

/** Whether the port that an address ends with is one; an address without any has a default. */
function hasPort(address: string): boolean {
  const port = /:(\d+)\/?$/.exec(address)?.[1];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

const brokerAllowed = 'mqtt://host:port or mqtts://host:port';

/** Where a broker is. Of the port only the digits are looked at. */
export const brokerAddress = v.pipe(
  v.string(brokerAllowed),
  v.regex(/^mqtts?:\/\/(\[[0-9a-fA-F:]+\]|[^/:\s@]+)(:\d{1,5})?\/?$/, brokerAllowed),
);

/** The 32 bytes of an Ed25519 public key (RFC 8037 §2, `x`), in their one spelling. */
export const publicKeyPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** A code as a person types it: letters, digits, blanks and hyphens. */
export const typedCodePattern = /^[A-Za-z0-9 -]{1,40}$/;

const brokerFields = v.strictObject({
  url: brokerAddress,
  ca: v.optional(pemOrPath),
  cert: v.optional(pemOrPath),
  key: v.optional(pemOrPath),
  username: v.optional(text('a name')),
  password: v.optional(text('a password')),
});

// Without TLS only within one machine: the answers hold secrets.
const registryAddress =
  /^(https:\/\/(\[[0-9a-fA-F:]+\]|[^/:?#\s@]+)|http:\/\/(127(\.\d{1,3}){3}|\[::1\]|localhost))(:\d{1,5})?(\/[^?#\s]*)?$/;
const registryAllowed = 'https://host[:port], or http:// on this machine';
const registryKeyAllowed = "the registry's public key: base64url of 32 bytes";
const claimAllowed = 'a claim code: 1 to 40 letters, digits, blanks or hyphens';

const registry = v.strictObject({
  url: v.pipe(v.string(registryAllowed), v.regex(registryAddress, registryAllowed)),
  key: v.pipe(v.string(registryKeyAllowed), v.regex(publicKeyPattern, registryKeyAllowed)),
  ca: v.optional(pemOrPath),
  claim: v.optional(v.pipe(v.string(claimAllowed), v.regex(typedCodePattern, claimAllowed))),
});

const serialLink = /^serial:\/\S+$/;
const tcpLink = /^tcp:(\[[0-9a-fA-F:]+\]|[^:/\s]+):\d{1,5}$/;
const linkAllowed = 'serial:/dev/… or tcp:HOST:PORT';

const terminal = v.strictObject({
  protocol: oneOf(['privat-json']),
  link: v.pipe(
    v.string(linkAllowed),
    v.check((link) => serialLink.test(link) || (tcpLink.test(link) && hasPort(link)), linkAllowed),
  ),
  baudRate: v.optional(
    v.picklist([9600, 19200, 38400, 57600, 115200], 'one of 9600, 19200, 38400, 57600, 115200'),
    115200,
  ),
  currency: v.optional(currency, 'UAH'),
  commandGapMs: v.optional(integer(0, 5000, 'milliseconds'), 100),
  defaultMerchant: v.optional(merchant),
  merchants: v.optional(
    v.record(
      merchant,
      v.pipe(
        v.string('an index on the terminal, as text'),
        v.regex(/^\d{1,3}$/, 'an index on the terminal, as text such as "1"'),
      ),
    ),
    {},
  ),
});

const fields = v.strictObject({
  stateDir: v.optional(absolutePath, '/var/lib/swipe'),
  box: v.optional(boxId),
  clock: v.optional(oneOf(['system', 'timesync']), 'system'),
  broker: v.optional(v.nullable(brokerFields), null),
  registry: v.optional(v.nullable(registry), null),
  terminal,
  panel: v.optional(
    v.nullable(
      v.strictObject({ link: v.pipe(v.string('serial:/dev/…'), v.regex(serialLink, 'serial:/dev/…')) }),
    ),
    null,
  ),
  desk: v.optional(v.nullable(deskConfigSchema), null),
  printer: v.optional(v.nullable(printerConfigSchema), null),
  commandKeys: v.pipe(v.array(commandKey, 'a list of keys'), v.maxLength(64, 'at most 64 keys')),
  limits: v.optional(v.strictObject({ maxAmount: v.optional(amount, 5_000_000) }), { maxAmount: 5_000_000 }),
});

/** The gateway's config file. */
export const configSchema = fields;

/** A valid config, defaults filled in. */
export type Config = v.InferOutput<typeof fields>;

/** One key that may sign commands. */
export type CommandKey = v.InferOutput<typeof commandKey>;

// valibot leaves them out of a record without a word.
const namesOfObjects = ['__proto__', 'prototype', 'constructor'];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Faults that the fields' own schemas do not show. Checked whether or not the fields alone are right. */
function faultsBetween(input: unknown): Fault[] {
  const config = input as Partial<Record<string, never>> | null;
  const faults: Fault[] = [];
  const keys: unknown = config?.commandKeys;
  if (Array.isArray(keys)) {
    const seen = new Set<unknown>();
    for (const [index, key] of keys.entries()) {
      const kid: unknown = key?.kid;
      if (seen.has(kid) && kid !== undefined)
        faults.push({
          path: `commandKeys.${index}.kid`,
          found: written(kid),
          allowed: 'a kid only once',
        });
      seen.add(kid);
    }
  }
  const { defaultMerchant, merchants } = (config?.terminal ?? {}) as {
    defaultMerchant?: unknown;
    merchants?: object;
  };
  if (
    typeof defaultMerchant === 'string' &&
    !/^\d+$/.test(defaultMerchant) &&
    !Object.hasOwn(merchants ?? {}, defaultMerchant)
  )
    faults.push({
      path: 'terminal.defaultMerchant',
      found: written(defaultMerchant),
      allowed: 'a name out of terminal.merchants, or an index',
    });
  for (const name of namesOfObjects)
    if (isObject(merchants) && Object.hasOwn(merchants, name))
      faults.push({ path: `terminal.merchants.${name}`, found: written(name), allowed: 'any other name' });
  if (isObject(config) && (config.broker ?? null) === null && (config.registry ?? null) === null)
    faults.push({
      path: 'broker',
      found: 'nothing',
      allowed: 'a value: it may be left out only with a registry, which tells it',
    });
  const { url, cert, key } = (config?.broker ?? {}) as { url?: unknown; cert?: unknown; key?: unknown };
  const { url: registryUrl } = (config?.registry ?? {}) as { url?: unknown };
  for (const [path, address] of Object.entries({ 'broker.url': url, 'registry.url': registryUrl }))
    if (typeof address === 'string' && !hasPort(address))
      faults.push({ path, found: written(address), allowed: 'a port from 1 to 65535' });
  if ((cert === undefined) !== (key === undefined))
    faults.push({
      path: `broker.${cert === undefined ? 'cert' : 'key'}`,
      found: 'nothing',
      allowed: 'cert and key together',
    });
  return faults;
}

/** Reads a config: either the config, or every fault that it has. */
export function parseConfig(input: unknown): { config: Config } | { faults: Fault[] } {
  const parsed = v.safeParse(configSchema, input);
  const faults = [...(parsed.success ? [] : allFaults(configSchema, input)), ...faultsBetween(input)];
  return parsed.success && faults.length === 0 ? { config: parsed.output } : { faults };
}
