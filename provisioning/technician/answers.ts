/** The answers file: what a technician would be asked, written down beforehand. Every fault in it is listed. */
import * as v from 'valibot';
import { configSchema } from '../../gateway/contract/config.ts';
import { allFaults, type Fault } from '../../gateway/contract/faults.ts';
import { flag, integer, merchant, oneOf } from '../../gateway/contract/primitives.ts';
import { readCode } from '../registry/identity/codes.ts';

const matching = (pattern: RegExp, allowed: string) => v.pipe(v.string(allowed), v.regex(pattern, allowed));
const text = (most: number, allowed: string) =>
  v.pipe(v.string(allowed), v.minLength(1, allowed), v.maxLength(most, allowed));

const octets = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
const address = matching(octets, 'an IPv4 address such as 192.168.1.20');
const withPrefix = v.pipe(
  v.string('an IPv4 address with its prefix, such as 192.168.1.20/24'),
  v.check((given) => {
    const [host = '', prefix = '', ...more] = given.split('/');
    // Whatever followed would get into a file of NetworkManager's.
    return more.length === 0 && octets.test(host) && /^([1-9]|[12]\d|3[0-2])$/.test(prefix);
  }, 'an IPv4 address with its prefix, such as 192.168.1.20/24'),
);

const ssidAllowed = 'the name of the network, 1 to 32 bytes (IEEE 802.11); a Cyrillic letter has two';
const passwordAllowed = '8 to 63 printable ASCII characters, or 64 hexadecimal digits (IEEE 802.11)';
const wifi = v.strictObject({
  ssid: v.pipe(
    text(32, ssidAllowed),
    v.check((name) => Buffer.byteLength(name) <= 32, ssidAllowed),
  ),
  /** Left out: an open network. */
  password: v.optional(matching(/^[\x20-\x7e]{8,63}$|^[0-9a-fA-F]{64}$/, passwordAllowed)),
  /** ISO 3166-1: which channels may be used. */
  country: v.optional(matching(/^[A-Z]{2}$/, 'a country code of two capitals, such as UA'), 'UA'),
  hidden: v.optional(flag, false),
});

const network = v.strictObject({
  address: withPrefix,
  gateway: address,
  dns: v.pipe(
    v.array(address, 'a list of addresses'),
    v.minLength(1, 'at least one address'),
    v.maxLength(3),
  ),
});

const { entries } = configSchema;
const terminalFields = entries.terminal.entries;
const link = terminalFields.link;

const terminal = v.strictObject({
  /** Left out: looked for. */
  link: v.optional(link),
  /** What it must say of itself; left out: whatever is there is pinned. */
  id: v.optional(text(64, 'the terminal id as on its screen or receipts, such as S1260S6Y')),
  baudRate: v.optional(
    v.picklist([9600, 19200, 38400, 57600, 115200], 'one of 9600, 19200, 38400, 57600, 115200'),
  ),
  currency: terminalFields.currency,
  merchants: terminalFields.merchants,
  defaultMerchant: v.optional(merchant),
});

const claimAllowed = 'a claim code as it was given out, such as Y7Q3-4SN-ATY0';

/** The file. */
export const answersSchema = v.strictObject({
  language: v.optional(oneOf(['uk', 'en'])),
  wifi: v.optional(wifi),
  network: v.optional(network),
  /** Only looked at, to say what is blocked: MQTT does not go through such a proxy, and so the box uses none. */
  proxy: v.optional(matching(/^http:\/\/[^/:\s@]+(:\d{1,5})?\/?$/, 'http://host:port without a password')),
  registry: v.optional(v.nullable(v.omit(entries.registry.wrapped.wrapped, ['claim']))),
  claim: v.optional(
    v.pipe(
      v.string(claimAllowed),
      v.check((typed) => readCode(typed) !== null, claimAllowed),
    ),
  ),
  broker: entries.broker,
  clock: v.optional(oneOf(['system', 'timesync']), 'timesync'),
  terminal: v.optional(terminal, {}),
  panel: v.optional(
    v.union([
      oneOf(['auto', 'none']),
      v.strictObject({ link: matching(/^serial:\/\S+$/, 'serial:/dev/…'), flash: v.optional(flag, false) }),
    ]),
    'auto',
  ),
  commandKeys: v.optional(entries.commandKeys),
  limits: v.optional(entries.limits.wrapped),
  /** Seconds that somebody has to press each button; 0: nobody is there to press. */
  pressWithinS: v.optional(integer(0, 600, 'seconds'), 0),
  /** Pays 1.00 and takes it back. Only `true` does. */
  testPayment: v.optional(flag, false),
});

/** Valid answers, defaults filled in. */
export type Answers = v.InferOutput<typeof answersSchema>;

/** Faults between members that are each right. */
function faultsBetween({ registry, claim, terminal: { merchants, defaultMerchant } }: Answers): Fault[] {
  const faults: Fault[] = [];
  if (claim !== undefined && (registry ?? null) === null)
    faults.push({
      path: 'claim',
      found: 'a value that is not shown',
      allowed: 'a claim only with a registry',
    });
  if (
    defaultMerchant !== undefined &&
    !/^\d+$/.test(defaultMerchant) &&
    !Object.hasOwn(merchants, defaultMerchant)
  )
    faults.push({
      path: 'terminal.defaultMerchant',
      found: JSON.stringify(defaultMerchant),
      allowed: 'a name out of terminal.merchants, or an index',
    });
  return faults;
}

/** Reads the file's JSON: the answers, or everything that is wrong with them. Secrets are not in the faults. */
export function parseAnswers(input: unknown): { answers: Answers } | { faults: Fault[] } {
  const parsed = v.safeParse(answersSchema, input);
  if (!parsed.success) return { faults: allFaults(answersSchema, input) };
  const faults = faultsBetween(parsed.output);
  return faults.length === 0 ? { answers: parsed.output } : { faults };
}

/** Every secret that these hold, so that none of them gets into a log. */
export function secretsIn({ wifi: radio, claim, broker, commandKeys = [] }: Answers): string[] {
  const keys = commandKeys.flatMap((key) => (key.alg === 'HS256' ? [key.secret] : []));
  const given = [radio?.password, claim, broker?.password, broker?.key, ...keys];
  return given.filter((secret): secret is string => secret !== undefined && secret !== '');
}
