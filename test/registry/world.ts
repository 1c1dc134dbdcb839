/** A registry in this process, over its HTTP API, with boxes and sale systems that talk to it. */
import { createHmac, createPrivateKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import * as v from 'valibot';
import { type BoxKey, makeBoxKey } from '../../gateway/cloud/box-key.ts';
import {
  jwsTypes,
  type Problem,
  problemSchema,
  type Registration,
  type RegistrationAnswer,
  registrationAnswerSchema,
} from '../../gateway/contract/registration.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { createApi } from '../../provisioning/registry/api/app.ts';
import { createLimits } from '../../provisioning/registry/api/limits.ts';
import { createMetrics } from '../../provisioning/registry/api/metrics.ts';
import { createMasterKey } from '../../provisioning/registry/secrets/master-key.ts';
import {
  type Actor,
  type BrokerFacts,
  type Core,
  nobodyIsBilled,
} from '../../provisioning/registry/services/core.ts';
import { addCustomer, newClaim } from '../../provisioning/registry/services/customers.ts';
import { createRegistrar } from '../../provisioning/registry/services/registrar.ts';
import { type Operator, scopes } from '../../provisioning/registry/services/tokens.ts';
import type { Store } from '../../provisioning/registry/store/store.ts';
import { FakeAuthority, FakeKeys, signedJws } from './fakes.ts';
import { testNowMs } from './stores.ts';

/** The operator of a test: may everything. */
export const root: Operator = { name: 'person:test', customer: null, scopes };

/** What comes back: JSON, or the text of a JWS. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
  problem: Problem | null;
}

/** What a test registry is made of. */
export interface WorldOptions {
  limits?: { perAddressPerMinute: number; atOnce: number };
  proxies?: string[];
  /** Shared by instances. */
  authority?: FakeAuthority;
  keys?: FakeKeys;
  masterKey?: Core['masterKey'];
}

/** A registry on a store. */
export class World {
  readonly core: Core;
  readonly authority: FakeAuthority;
  readonly keys: FakeKeys;
  nowMs = testNowMs;
  restored = false;
  wakes = 0;
  /** What the broker shows. */
  brokerCertificate: BrokerFacts['certificate'] = async () => ({
    notAfterMs: this.nowMs + 398 * 86_400_000,
    fault: null,
  });
  readonly api: ReturnType<typeof createApi>;

  constructor(store: Store, options: WorldOptions = {}) {
    this.authority = options.authority ?? new FakeAuthority();
    this.keys = options.keys ?? new FakeKeys();
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs };
    this.core = {
      store,
      masterKey: options.masterKey ?? createMasterKey(new Uint8Array(32).fill(7), systemRandom),
      authority: this.authority,
      keys: this.keys,
      billing: nobodyIsBilled,
      broker: {
        url: 'mqtts://broker.example:8883',
        ca: async () => (await this.authority.trustedCas()).join(''),
        certificate: async (when) => this.brokerCertificate(when),
      },
      clock,
      random: systemRandom,
      log: silentLog,
      errandsWait: () => {
        this.wakes += 1;
      },
      isRestored: () => this.restored,
    };
    this.api = createApi({
      core: this.core,
      registrar: createRegistrar(this.core),
      limits: createLimits({
        ...(options.limits ?? { perAddressPerMinute: 1_000_000, atOnce: 10_000 }),
        clock,
        random: systemRandom,
      }),
      metrics: createMetrics(),
      proxies: options.proxies ?? [],
    });
  }

  async call(
    method: string,
    path: string,
    {
      body,
      type = 'application/json',
      token,
      address = '192.0.2.1',
      headers = {},
    }: {
      body?: string | object;
      type?: string;
      token?: string;
      address?: string;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Reply> {
    const request = new Request(`http://registry.example${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': type }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await this.api.fetch(request, { incoming: { socket: { remoteAddress: address } } });
    const text = await response.text();
    const json = /json/.test(response.headers.get('Content-Type') ?? '')
      ? (JSON.parse(text) as unknown)
      : null;
    const problem = response.ok ? null : v.parse(problemSchema, json);
    return { status: response.status, headers: response.headers, text, json, problem };
  }

  /** A customer, and a way to make claims for it. */
  async customer(name = 'Shop'): Promise<string> {
    return (await addCustomer(this.core, root, name)).customer;
  }

  async claim(customer: string, replaces: string | null = null, actor: Actor = root): Promise<string> {
    return (await newClaim(this.core, actor, { customer, replaces })).code;
  }

  /** A box of this customer, registered. */
  async claimedBox(customer: string): Promise<TestBox> {
    const box = new TestBox();
    const answer = await box.register(this, { claim: await this.claim(customer) });
    if (answer.state !== 'active') throw new Error(`not claimed: ${answer.reason}`);
    return box;
  }

  alarms(): Promise<{ kind: string; subject: string; times: number }[]> {
    return this.core.store.reader
      .selectFrom('alarms')
      .select(['kind', 'subject', 'times'])
      .orderBy('id')
      .execute();
  }
}

/** A box that registers. Its state is what a real one keeps on its disk. */
export class TestBox {
  readonly key: BoxKey;
  readonly privateKey: KeyObject;
  serial: string | null;
  count = 0;
  revision = 0;
  sequence = 0;
  certificate: string | null = null;
  csr: string | undefined = '-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n';
  trusts: string[] = [];

  constructor(seed: Uint8Array = randomBytes(32)) {
    this.key = makeBoxKey(seed);
    this.serial = randomBytes(8).toString('hex');
    this.privateKey = createPrivateKey({
      key: this.key.privateKey as { [name: string]: string | undefined },
      format: 'jwk',
    });
  }

  get id(): string {
    return this.key.box;
  }

  request(changes: Partial<Registration> = {}): Registration {
    this.count = changes.count ?? this.count + 1;
    return {
      box: this.id,
      key: this.key.publicKey.x ?? '',
      nonce: randomBytes(16).toString('base64url'),
      count: this.count,
      time: isoTime(testNowMs),
      version: '0.1.0',
      hardware: { model: 'Raspberry Pi 3', serial: this.serial, system: 'Debian 12' },
      terminal: { vendor: 'Ingenico', model: 'Desk', software: '1.0', id: 'S1260S6Y' },
      sequence: this.sequence,
      revision: this.revision,
      trusts: this.trusts.length === 0 ? ['none'] : this.trusts,
      certificate: this.certificate,
      ...(this.csr === undefined ? {} : { csr: this.csr }),
      ...changes,
    };
  }

  signed(request: unknown = this.request(), header: object = {}): string {
    return signedJws(
      request,
      { alg: 'EdDSA', typ: jwsTypes.registration, kid: this.id, ...header },
      this.privateKey,
    );
  }

  /** Sends these bytes. */
  send(world: World, jws: string, address?: string): Promise<Reply> {
    return world.call('POST', '/v1/registrations', {
      body: jws,
      type: 'application/jose',
      ...(address === undefined ? {} : { address }),
    });
  }

  /** Registers and believes the answer, as a box does. */
  async register(
    world: World,
    changes: Partial<Registration> = {},
    address?: string,
  ): Promise<RegistrationAnswer> {
    const request = this.request(changes);
    const reply = await this.send(world, this.signed(request), address);
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    const answer = readAnswer(reply.text, world.keys);
    if (answer.nonce !== request.nonce) throw new Error('another nonce');
    if (answer.revision <= this.revision) throw new Error('an old revision');
    this.revision = answer.revision;
    this.trusts = answer.registryKeys.map(({ kid }) => kid);
    if (answer.certificate !== null)
      this.certificate = / ([0-9a-f]{20})\n/.exec(answer.certificate)?.[1] ?? null;
    return answer;
  }
}

/** The answer in a JWS, its signature checked. */
export function readAnswer(jws: string, keys: FakeKeys): RegistrationAnswer {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const { kid, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as {
    kid: string;
    typ: string;
  };
  const pair = keys.pairs.find(({ told }) => told.kid === kid);
  if (pair === undefined || typ !== jwsTypes.answer) throw new Error(`signed by ${kid} as ${typ}`);
  const signed = verify(
    null,
    Buffer.from(`${header}.${payload}`),
    { key: { kty: 'OKP', crv: 'Ed25519', x: pair.told.x }, format: 'jwk' },
    Buffer.from(signature, 'base64url'),
  );
  if (!signed) throw new Error('not signed');
  return v.parse(registrationAnswerSchema, JSON.parse(Buffer.from(payload, 'base64url').toString()));
}

/** A JWS with an HS256 secret (base64url). */
export function hmacJws(payload: unknown, header: object, secret: string): string {
  const input = [{ alg: 'HS256', ...header }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const mac = createHmac('sha256', Buffer.from(secret, 'base64url')).update(input).digest('base64url');
  return `${input}.${mac}`;
}
