import * as v from 'valibot';
import { allFaults, type Fault, faultLine, written } from '../../gateway/contract/faults.ts';
import { integer, oneOf } from '../../gateway/contract/primitives.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { billingSchema } from './billing/config.ts';

const text = (allowed: string) => v.pipe(v.string(allowed), v.minLength(1, allowed));
const absolutePath = v.pipe(v.string('an absolute path'), v.startsWith('/', 'an absolute path'));
const brokerUrl = v.pipe(
  v.string('mqtt://host:port or mqtts://host:port'),
  v.regex(
    /^mqtts?:\/\/(\[[0-9a-fA-F:]+\]|[^/:\s@]+)(:\d{1,5})?\/?$/,
    'mqtt://host:port or mqtts://host:port',
  ),
);

const listen = v.strictObject({
  host: v.optional(text('an address'), '127.0.0.1'),
  port: integer(0, 65_535, 'a port'),
  /** null: plain HTTP, for a proxy on the same machine that speaks TLS. */
  tls: v.optional(v.nullable(v.strictObject({ cert: absolutePath, key: absolutePath })), null),
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  proxies: v.optional(v.pipe(v.array(text('an IP address')), v.maxLength(32)), []),
});

const database = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('sqlite'), path: absolutePath }),
    v.strictObject({
      kind: v.literal('postgres'),
      url: v.pipe(
        v.string('postgres://user@host/database'),
        v.regex(/^postgres(ql)?:\/\/\S+$/, 'postgres://user@host/database'),
      ),
      /** The password alone; else the one in the url, or PostgreSQL's own ways. */
      passwordFile: v.optional(absolutePath),
      connections: v.optional(integer(2, 200, 'connections'), 10),
    }),
  ],
  'sqlite or postgres',
);

const broker = v.strictObject({
  /** What boxes and sale systems are told. */
  url: brokerUrl,
  /** How the registry itself reaches it, as the administrator of its dynamic security. */
  control: v.strictObject({
    url: brokerUrl,
    username: v.optional(text('a name')),
    passwordFile: v.optional(absolutePath),
    ca: v.optional(absolutePath),
    cert: v.optional(absolutePath),
    key: v.optional(absolutePath),
  }),
  /** Where Mosquitto reads the revocation list (crlfile) and the CAs of its clients (cafile). */
  crlFile: absolutePath,
  caFile: absolutePath,
  /** Mosquitto's process id: told to read them again (SIGHUP). null: something else sees to it. */
  pidFile: v.optional(v.nullable(absolutePath), null),
  /** The PEM file of the CAs that sign the broker's own certificate, told to boxes. Absent: the registry's CAs. */
  serverCa: v.optional(absolutePath),
});

const fields = v.strictObject({
  listen,
  database,
  masterKeyFile: absolutePath,
  authorityDir: absolutePath,
  /** null: boxes are told of no broker. */
  broker: v.optional(v.nullable(broker), null),
  /** The hour of local time in which the daily work is done. */
  dailyHour: v.optional(integer(0, 23, 'an hour'), 3),
  /** null: nobody is billed. */
  billing: v.optional(v.nullable(billingSchema), null),
  limits: v.optional(
    v.strictObject({
      /** Requests per minute of one address, in bursts of as many. */
      perAddressPerMinute: v.optional(integer(1, 1_000_000, 'requests'), 600),
      /** Requests that are worked on or wait at once; what is more is told to come again. */
      atOnce: v.optional(integer(1, 10_000, 'requests'), 512),
    }),
    { perAddressPerMinute: 600, atOnce: 512 },
  ),
  logLevel: v.optional(oneOf(['debug', 'info', 'warn', 'error']), 'info'),
});

/** The registry's config file. */
export const registryConfigSchema = fields;

/** A valid config, defaults filled in. */
export type RegistryConfig = v.InferOutput<typeof fields>;

/** Where the registry keeps its data. */
export type DatabaseConfig = RegistryConfig['database'];

/** How the registry reaches the broker. */
export type BrokerConfig = NonNullable<RegistryConfig['broker']>;

/** Faults that the fields' own schemas do not show. */
function faultsBetween({ database, masterKeyFile, authorityDir }: RegistryConfig): Fault[] {
  const faults: Fault[] = [];
  const folder = authorityDir.endsWith('/') ? authorityDir : `${authorityDir}/`;
  if (database.kind === 'sqlite' && database.path.startsWith(folder))
    faults.push({
      path: 'database.path',
      found: written(database.path),
      allowed: 'a place outside authorityDir: keys are kept apart from the data',
    });
  if (database.kind === 'sqlite' && database.path === masterKeyFile)
    faults.push({ path: 'masterKeyFile', found: written(masterKeyFile), allowed: 'a file of its own' });
  return faults;
}

/** Reads a config: either the config, or every fault that it has. */
export function parseRegistryConfig(input: unknown): { config: RegistryConfig } | { faults: Fault[] } {
  const parsed = v.safeParse(registryConfigSchema, input);
  if (!parsed.success) return { faults: allFaults(registryConfigSchema, input) };
  const faults = faultsBetween(parsed.output);
  return faults.length === 0 ? { config: parsed.output } : { faults };
}

/**
 * The same for who cannot go on with faults.
 *
 * @param path names the file in the error
 * @throws SwipeError `configInvalid`: every fault on a line of its own
 */
export function registryConfigOf(input: unknown, path: string): RegistryConfig {
  const read = parseRegistryConfig(input);
  if ('config' in read) return read.config;
  const lines = read.faults.map((fault) => `  ${faultLine(fault)}`);
  const count = `${lines.length} fault${lines.length === 1 ? '' : 's'}`;
  throw new SwipeError('configInvalid', [`the config ${path} has ${count}:`, ...lines].join('\n'));
}
