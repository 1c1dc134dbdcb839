/** A registry that bills, in a directory, with a config file, and the commands of the daily work on it. */
import { writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { readRegistryConfig } from '../../gateway/cli/registry/config-file.ts';
import { command } from '../../gateway/cli/registry.ts';
import { isSwipeError } from '../../gateway/seams/error.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { systemTime } from '../../gateway/system/time.ts';
import type { BillingConfig } from '../../provisioning/registry/billing/config.ts';
import { proveLedger } from '../../provisioning/registry/billing/ledger/prove.ts';
import { createCalendar } from '../../provisioning/registry/billing/rules/calendar.ts';
import { addDays, addMonths } from '../../provisioning/registry/billing/rules/dates.ts';
import { settlingMs } from '../../provisioning/registry/billing/run/month.ts';
import { type OpenRegistry, openRegistry } from '../../provisioning/registry/main.ts';
import { account } from '../fixtures/billing/camt.ts';
import { BillingBench, testBilling } from './billing-bench.ts';

const calendar = createCalendar('Europe/Kyiv');

/** Today, by the real clock: what the commands go by. */
export const today = calendar.dayAt(systemTime.nowMs());
/** The last month that is over, and the one before it. */
export const lastMonth = calendar.lastOver(systemTime.nowMs() - settlingMs);
export const monthBefore = addMonths(lastMonth, -1);
/** What numbers of papers of today begin with, such as `SW-2026-`. */
export const numbered = (prefix: string, count: number): string =>
  `${prefix}-${today.slice(0, 4)}-${String(count).padStart(6, '0')}`;

/** The words that book a payment of today for one of today's invoices. */
export const paying = (invoice: number, amount: string, reference: string, ...more: string[]): string[] => [
  ...['pay', '--invoice', numbered('SW', invoice), '--amount', amount, '--currency', 'UAH'],
  ...['--day', today, '--reference', reference, ...more],
];

/** See the module. */
export class BillingPlace {
  readonly directory: string;
  readonly config: string;

  /** @param changes to the config's `billing`; null: nobody is billed */
  constructor(directory: string, changes: Partial<BillingConfig> | null = {}) {
    this.directory = directory;
    this.config = `${directory}/registry.json`;
    const billing = {
      ...testBilling,
      firstMonth: lastMonth,
      seller: { ...testBilling.seller, iban: account },
      ...changes,
    };
    this.write({ billing: changes === null ? null : billing });
  }

  /** Writes the config anew. */
  write(more: object): void {
    const { directory } = this;
    const config = {
      listen: { port: 0 },
      database: { kind: 'sqlite', path: `${directory}/data/registry.db` },
      masterKeyFile: `${directory}/master.key`,
      authorityDir: `${directory}/authority`,
      ...more,
    };
    writeFileSync(this.config, JSON.stringify(config));
  }

  /** Does something with the registry's parts. */
  async inside<Answer>(
    work: (registry: OpenRegistry, bench: BillingBench) => Promise<Answer>,
  ): Promise<Answer> {
    const registry = await openRegistry(readRegistryConfig(this.config), { log: silentLog });
    try {
      return await work(registry, new BillingBench(registry.core.store));
    } finally {
      await registry.close();
    }
  }

  /**
   * Customers CU-1, CU-2, … with so many boxes each (SW-1-1, SW-1-2, …), claimed three months ago, and the plan `box`.
   *
   * @param price of a box and month, in minor units
   */
  async seed(boxes: readonly number[], price = 10_000): Promise<void> {
    await this.inside(async (_registry, bench) => {
      const claimedMs = calendar.startOf(addDays(`${monthBefore}-01`, -31));
      await bench.plan({ price, fromMonth: '2020-01' });
      for (const [index, count] of boxes.entries()) {
        const customer = `CU-${index + 1}`;
        await bench.customers(customer);
        const ids = Array.from({ length: count }, (_, at) => `SW-${index + 1}-${at + 1}`);
        await bench.boxes(customer, claimedMs, ...ids);
      }
    });
  }

  /** Three customers with 1, 2 and 1 boxes, billed: 100.00, 200.00 and 100.00 hryvnias. */
  static async billed(directory: string): Promise<BillingPlace> {
    const here = new BillingPlace(directory);
    await here.seed([1, 2, 1]);
    await here.work('bill', '--period', lastMonth);
    return here;
  }

  /** What is open, such as `CU-1 10000`, the newest first. */
  async open(): Promise<string[]> {
    const { documents } = await this.json<{ documents: { customer: string; open: number }[] }>(
      'invoices',
      '--open',
    );
    return documents.map(({ customer, open }) => `${customer} ${open}`);
  }

  /** Everything adds up. */
  prove(): Promise<void> {
    return this.inside(async ({ core }) => assert.equal(await proveLedger(core.store.reader), []));
  }

  /** A piece of daily work in this process; what it printed. */
  async work(...words: string[]): Promise<string> {
    return (await this.lines(...words)).join('\n');
  }

  /** The same line by line. */
  async lines(...words: string[]): Promise<string[]> {
    const lines: string[] = [];
    const io = {
      out: (line: string) => void lines.push(line),
      error: (line: string) => void lines.push(line),
      signal: new AbortController().signal,
    };
    await command.run([...words, '--config', this.config], io);
    return lines;
  }

  /** The same with `--json`, read. */
  async json<Answer>(...words: string[]): Promise<Answer> {
    return JSON.parse(await this.work(...words, '--json')) as Answer;
  }

  /** Why a piece of work is not done: one line for people. */
  async refused(...words: string[]): Promise<string> {
    let said: string;
    try {
      said = await this.work(...words);
    } catch (error) {
      const isParsing = String((error as { code?: string }).code ?? '').startsWith('ERR_PARSE_ARGS');
      if (!isSwipeError(error) && !isParsing) throw error;
      const { message } = error as Error;
      if (message.includes('\n') && !message.startsWith('usage:'))
        throw new Error(`more than a line: ${message}`);
      return message;
    }
    throw new Error(`not refused: ${said}`);
  }
}
