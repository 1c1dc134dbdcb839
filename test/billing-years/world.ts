/** A registry on a real SQLite file, as two instances with clocks that are handed in, and the oracle's notes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../gateway/seams/log.ts';
import type { Random } from '../../gateway/seams/random.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { type Billing, createBilling } from '../../provisioning/registry/billing/billing.ts';
import type { BillingConfig } from '../../provisioning/registry/billing/config.ts';
import { createBillingStates } from '../../provisioning/registry/billing/standing/states.ts';
import { createMasterKey } from '../../provisioning/registry/secrets/master-key.ts';
import type { Core } from '../../provisioning/registry/services/core.ts';
import { openSqlite } from '../../provisioning/registry/store/sqlite.ts';
import type { Reader, Store } from '../../provisioning/registry/store/store.ts';
import { testBilling } from '../registry/billing-bench.ts';
import { FakeAuthority, FakeKeys } from '../registry/fakes.ts';
import { killAfter, killAfterCommits } from '../registry/killing.ts';
import type { TestBox } from '../registry/world.ts';
import { type Dice, diceOf, seededRandom } from '../simulation/random.ts';
import { Tally } from '../simulation/tally.ts';
import { type Facts, noFacts, type Tax } from './facts.ts';
import type { Patience } from './oracle-standing.ts';
import type { Plan } from './plan.ts';
import { wallDay } from './wall-calendar.ts';

/** Violations that are kept: one is too many. */
const violationsMost = 25;

/** What an act found out, and when it was done by the clock of whoever did it. */
export interface Done<Value> {
  value: Value;
  atMs: number;
  today: string;
}

/** One run's world. */
export class World {
  readonly plan: Plan;
  readonly dice: Dice;
  readonly tally = new Tally();
  readonly compared = new Tally();
  readonly violations: string[] = [];
  readonly machines = new Map<string, TestBox>();
  /** Numbers that were given, with what stood on the paper then. */
  readonly papers = new Map<string, string>();
  /** Numbers that a restore lost: they are never given again. */
  readonly lost = new Set<string>();
  readonly keys = new FakeKeys();
  readonly patience: Patience;
  facts: Facts;
  billing: Billing;
  trueMs = 0;
  /** Which instance does it; null: either. */
  only: 0 | 1 | null = null;
  restored = false;
  readonly offsets: [number, number];
  readonly directory: string;
  readonly #random: Random;
  readonly #authority = new FakeAuthority();
  #cores: Core[] = [];
  #stores: Store[] = [];

  constructor(plan: Plan) {
    this.plan = plan;
    this.dice = diceOf(plan.seed, 'world');
    this.#random = seededRandom(plan.seed);
    this.facts = noFacts(plan.standard, plan.tax);
    this.offsets = [0, -plan.lagMs];
    // In memory where there is such a place: what a disk does is another test's concern.
    this.directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'swipe-years-'));
    this.billing = this.#billingFor(plan.tax);
    const { graceDays, reminderDays, suspendAtMostPercent } = this.billing.config;
    this.patience = { graceDays, reminderDays, atMostPercent: suspendAtMostPercent };
  }

  /** The database. */
  get path(): string {
    return join(this.directory, 'registry.db');
  }

  /** Opens the database, twice. */
  async open(): Promise<void> {
    const masterKey = createMasterKey(new Uint8Array(32).fill(7), this.#random);
    for (const at of [0, 1] as const) {
      const parts = { nowMs: this.trueMs, newId: 'years', timers: systemTime };
      const store = await openSqlite(this.path, parts);
      const nowMs = (): number => this.trueMs + this.offsets[at];
      this.#stores.push(store);
      this.#cores.push({
        store,
        masterKey,
        authority: this.#authority,
        keys: this.keys,
        billing: createBillingStates(this.billing),
        broker: null,
        clock: { nowMs, monotonicMs: nowMs },
        random: this.#random,
        log: silentLog,
        errandsWait() {},
        isRestored: () => this.restored,
      });
    }
  }

  /** Closes it. */
  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
    this.#stores = [];
    this.#cores = [];
  }

  /** Leaves nothing behind. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  #billingFor(tax: Tax): Billing {
    const { plan } = this;
    const config: BillingConfig = {
      ...testBilling,
      firstMonth: plan.firstMonth,
      vat: tax,
      defaultPlan: plan.standard,
      suspendAtMostPercent: 2,
    };
    return createBilling(config);
  }

  /** The config is changed, and the instances are started again. */
  setTax(tax: Tax): void {
    this.billing = this.#billingFor(tax);
    this.facts.tax = tax;
    for (const core of this.#cores) core.billing = createBillingStates(this.billing);
  }

  /** One instance. */
  core(at: 0 | 1): Core {
    const core = this.#cores[at];
    if (core === undefined) throw new Error('the registry is off');
    return core;
  }

  /** As things stand now. */
  get reader(): Reader {
    return this.core(0).store.reader;
  }

  /** The day by an instance's clock. */
  todayOf(core: Core): string {
    return wallDay(core.clock.nowMs());
  }

  /** Something that must never be. */
  violation(text: string): void {
    if (this.violations.length < violationsMost) this.violations.push(`${wallDay(this.trueMs)}: ${text}`);
  }

  /** Compares two words for the same thing. */
  same(what: string, found: unknown, wanted: unknown): void {
    this.compared.add(what.split(' ')[0] ?? what);
    if (found !== wanted) this.violation(`${what}: the registry has ${found}, the oracle ${wanted}`);
  }

  /**
   * Has an instance do something; sometimes it is killed on the way, and what was asked for is asked for again.
   *
   * @param repeatable asked for again after it was done, it does nothing: so it may be killed after that, too
   */
  async act<Value>(
    work: (core: Core) => Promise<Value>,
    { repeatable = false, statements = 14 }: { repeatable?: boolean; statements?: number } = {},
  ): Promise<Done<Value>> {
    const core = this.core(this.only ?? (this.dice.chance(0.5) ? 0 : 1));
    if (this.dice.chance(1 / this.plan.size.killsIn)) {
      const whole = repeatable && this.dice.chance(0.3);
      const dying = whole
        ? killAfterCommits(core.store, this.dice.between(1, 3))
        : killAfter(core.store, this.dice.between(0, statements));
      try {
        const value = await work({ ...core, store: dying.store });
        return { value, atMs: core.clock.nowMs(), today: this.todayOf(core) };
      } catch (error) {
        if (!dying.wasKilled()) throw error;
        this.tally.add(whole ? 'killed once it was durable' : 'killed at a statement');
      }
    }
    const value = await work(core);
    return { value, atMs: core.clock.nowMs(), today: this.todayOf(core) };
  }

  /** Boxes of these customers must have been called: their state has changed. */
  async mustTell(customers: readonly string[]): Promise<void> {
    if (customers.length === 0) return;
    const rows = await this.reader
      .selectFrom('errands')
      .select('subject')
      .where('kind', '=', 'notice')
      .execute();
    const called = new Set(rows.map(({ subject }) => subject));
    const whose = new Set(customers);
    for (const [box, { customer, status }] of this.facts.boxes) {
      if (status !== 'claimed' || !whose.has(customer)) continue;
      this.compared.add('notices');
      if (!called.has(box)) this.violation(`${customer} changed its state, and ${box} was not called`);
    }
  }
}
