/** The registry's HTTP API with bills, and two customers who owe. */
import * as v from 'valibot';
import { problemSchema } from '../../gateway/contract/registration.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { createApi, routes } from '../../provisioning/registry/api/app.ts';
import { createLimits } from '../../provisioning/registry/api/limits.ts';
import { createMetrics } from '../../provisioning/registry/api/metrics.ts';
import { json as jsonType } from '../../provisioning/registry/api/route.ts';
import { billMonth } from '../../provisioning/registry/billing/run/month.ts';
import { createRegistrar } from '../../provisioning/registry/services/registrar.ts';
import { newToken, type Scope, scopes } from '../../provisioning/registry/services/tokens.ts';
import type { Store } from '../../provisioning/registry/store/store.ts';
import { BillingBench, kyiv } from './billing-bench.ts';
import { root } from './world.ts';

/** Where everything about bills is. */
export const at = '/v1/operator/billing';

/** An answer of the API. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
  code: string | undefined;
}

/** The registry's API with bills: A owes 200.00 for October (…1), B 100.00 (…2), and it is the second of November. */
export class Site {
  readonly bench: BillingBench;
  readonly #api: ReturnType<typeof createApi>;
  token = '';

  constructor(store: Store, bills = true) {
    this.bench = new BillingBench(store, { suspendAtMostPercent: 2 });
    const { core } = this.bench;
    this.#api = createApi({
      core,
      registrar: createRegistrar(core),
      limits: createLimits({
        perAddressPerMinute: 1e6,
        atOnce: 1000,
        clock: core.clock,
        random: systemRandom,
      }),
      metrics: createMetrics(),
      proxies: [],
      ...(bills ? { billing: this.bench.billing } : {}),
    });
  }

  static async open(store: Store): Promise<Site> {
    const site = new Site(store);
    const { bench } = site;
    await bench.plan();
    await bench.customers('CU-A', 'CU-B');
    await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1', 'SW-2');
    await bench.boxes('CU-B', kyiv('2026-09-20T10:00'), 'SW-3');
    bench.at(kyiv('2026-11-02T09:00'));
    await billMonth(bench.core, bench.billing, '2026-10');
    site.token = await site.tokenFor();
    return site;
  }

  async tokenFor(may: readonly Scope[] = scopes, customer: string | null = null): Promise<string> {
    const wish = { name: 'test', scopes: may, customer, lifeMs: 400 * 86_400_000 };
    return (await newToken(this.bench.core, root, wish)).token;
  }

  /** A call; what comes back fits the schema that the description promises. */
  async call(method: string, path: string, body?: unknown, token = this.token): Promise<Reply> {
    const response = await this.#api.fetch(
      new Request(`http://registry.example${at}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': jsonType },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
      { incoming: { socket: { remoteAddress: '192.0.2.1' } } },
    );
    const { status, headers } = response;
    const text = await response.text();
    const isJson = /json/.test(headers.get('Content-Type') ?? '');
    const json: unknown = isJson ? JSON.parse(text) : null;
    if (!response.ok) return { status, headers, text, json, code: v.parse(problemSchema, json).code };
    const route = routes.find(
      (one) =>
        one.method === method.toLowerCase() &&
        new RegExp(`^${one.path.replace(/:\w+/g, '[^/]+')}$`).test(`${at}${path.split('?', 1)[0]}`),
    );
    if (isJson) v.parse(route?.answer?.[jsonType] ?? v.never('described nowhere'), json);
    return { status, headers, text, json, code: undefined };
  }

  async get<Answer>(path: string): Promise<Answer> {
    const { status, json, text } = await this.call('GET', path);
    if (status !== 200) throw new Error(text);
    return json as Answer;
  }

  async post<Answer>(path: string, body?: unknown): Promise<Answer> {
    const { status, json, text } = await this.call('POST', path, body);
    if (status > 204) throw new Error(text);
    return json as Answer;
  }
}

/** A payment of what A owes. */
export const paid = (reference: string, more: object = {}): object => ({
  invoices: ['SW-2026-000001'],
  amount: 20_000,
  currency: 'UAH',
  day: '2026-11-02',
  reference,
  ...more,
});
