/** Kills real gateways while people pay, and judges what is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../gateway/contract/result.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import { Book } from '../simulation/book.ts';
import type { Sums } from '../simulation/oracle.ts';
import { diceOf } from '../simulation/random.ts';
import { Tally } from '../simulation/tally.ts';
import { type Violation, Violations } from '../simulation/violation.ts';
import { keys } from '../simulation/world.ts';
import { connectSaleClient, type SaleClient } from '../support/sale-client.ts';
import { inspect } from './aftermath.ts';
import { type CrashBox, layBox } from './box.ts';
import { Customers } from './customers.ts';
import { rawText, withJournal } from './disk.ts';
import { judgeRun } from './judge.ts';
import { Ambush, nextKill } from './moments.ts';
import { Observer } from './observer.ts';
import { SaleSystems } from './sale-systems.ts';
import { ruleFor, terminalOf, trouble } from './troubles.ts';

/** What a run was. Counts by name. */
export interface CrashReport extends Sums {
  seed: number;
  kills: number;
  violations: readonly Violation[];
  moments: Tally;
  troubles: Tally;
  people: Tally;
  operations: number;
  /** Movements of money at the bank. */
  charges: Tally;
  /** Requests of money on the wire. */
  requests: number;
  /** Results as they were published, repeats included. */
  published: number;
  sequences: number;
  recovered: number;
  unknown: number;
  decided: number;
  elapsedMs: number;
}

const box = 'SW-7K3M9QXA2BCD';
/** No sign of the chosen kind for so long: killed all the same. */
const lateMs = 5_000;
/** How long the last outcomes may take: an unknown one is told within a minute. */
const settleMs = 110_000;

/** Kills so many gateways. */
export async function runCrashes(
  kills: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Promise<CrashReport> {
  const startMs = performance.now();
  const run = new CrashRun(seed);
  try {
    await run.begin();
    for (let done = 1; done <= kills; done += 1) {
      await run.killOnce();
      progress(done);
    }
    await run.settle();
    return { ...run.report(), seed, kills, elapsedMs: performance.now() - startMs };
  } finally {
    await run.close();
  }
}

class CrashRun {
  readonly #book = new Book();
  readonly #violations = new Violations();
  readonly #ambush = new Ambush();
  readonly #moments = new Tally();
  readonly #troubles = new Tally();
  readonly #people = new Tally();
  readonly #sums = { outcomes: new Tally(), reasons: new Tally(), untellable: new Tally() };
  readonly #charges = new Tally();
  readonly #neverStarted = new Set<string>();
  readonly #seed: number;
  readonly #script: ScriptInput;
  readonly #dice: ReturnType<typeof diceOf>;
  readonly #observer: Observer;
  readonly #sales: SaleSystems;
  readonly #customers: Customers;
  #box: CrashBox | null = null;
  #client: SaleClient | null = null;
  #trouble: Promise<void> = Promise.resolve();
  #isBroken = false;

  constructor(seed: number) {
    this.#seed = seed;
    this.#script = terminalOf(diceOf(seed, 'terminal'));
    this.#dice = diceOf(seed, 'kills');
    const see = (sign: Parameters<Ambush['see']>[0]): void => this.#ambush.see(sign);
    this.#observer = new Observer(box, this.#book, this.#violations, see);
    const parts = { box, book: this.#book, people: this.#people };
    this.#sales = new SaleSystems({
      ...parts,
      dice: diceOf(seed, 'sale systems'),
      send: (command, key) => this.#connected.send(command, { ...key, alg: 'HS256' }),
    });
    this.#customers = new Customers({
      ...parts,
      sales: this.#sales,
      dice: diceOf(seed, 'people'),
      report: this.#violations.report,
      look: async () => (await this.#laid.terminal({ do: 'look' })).ledger,
    });
  }

  get #laid(): CrashBox {
    if (this.#box === null) throw new Error('there is no box yet');
    return this.#box;
  }

  get #connected(): SaleClient {
    if (this.#client === null) throw new Error('there is no sale system yet');
    return this.#client;
  }

  async begin(): Promise<void> {
    const laid = await layBox({
      name: box,
      seed: this.#seed,
      script: this.#script,
      packet: (packet) => this.#observer.packet(packet),
      wrote: (what) => this.#ambush.see(`${what} written`),
      died: (how) => this.#violations.report('crash', '', how),
    });
    this.#box = laid;
    laid.cable.messages.follow((message) => this.#observer.wire(message));
    this.#client = await connectSaleClient({
      url: laid.broker.url,
      box,
      keys: [
        { ...keys.shop, alg: 'HS256' },
        { ...keys.till, alg: 'HS256' },
        { ...keys.owner, alg: 'HS256' },
      ],
      boxKey: () => ({}),
    });
    this.#client.results.follow(({ result }) => this.#sales.hear(result));
    // So that there is a receipt before the first operation: an empty batch proves nothing.
    await laid.terminal({ do: 'keypad', amount: 1 });
    laid.startGateway();
    this.#customers.begin();
  }

  /** One kill, at a moment of the seed's choosing; the next gateway is on its way when this resolves. */
  async killOnce(): Promise<void> {
    const laid = this.#laid;
    const dice = this.#dice;
    const rule = ruleFor(dice);
    if (rule !== null) await laid.terminal({ do: 'rule', rule });
    await this.#trouble;
    this.#trouble = trouble(laid, dice, this.#troubles);
    const kill = nextKill(dice, this.#isBroken);
    if (kill.moment.sign === 'interrupt sent') this.#customers.isAbortWanted = true;
    const isMet = await this.#ambush.wait(kill, lateMs, () => {
      laid.kill();
      if (kill.losesWire) laid.tap.cut();
    });
    await this.#afterDeath(isMet ? kill.moment.name : 'any moment');
    if (dice.chance(0.04)) await this.#stopOnce();
  }

  /** Between a death and the next start. */
  async #afterDeath(moment: string | null): Promise<void> {
    const laid = this.#laid;
    await laid.gone();
    if (moment !== null) this.#moments.add(moment);
    const { neverStarted, isBroken } = inspect(laid.stateDir, box, this.#observer, this.#violations);
    for (const id of neverStarted) this.#neverStarted.add(id);
    this.#isBroken = isBroken;
    await sleep(this.#dice.pick([0, 0, 100, 400]));
    laid.startGateway();
  }

  /** An orderly end and a new start: the same must hold. */
  async #stopOnce(): Promise<void> {
    const laid = this.#laid;
    await sleep(this.#dice.between(300, 1500));
    this.#troubles.add('gateway stopped');
    if (!(await laid.stopGateway())) this.#violations.report('crash', '', 'SIGTERM, and no orderly end');
    await this.#afterDeath(null);
  }

  /** No more kills: everybody gets what he waits for, and one more payment goes through. */
  async settle(): Promise<void> {
    const laid = this.#laid;
    await this.#trouble;
    await laid.terminal({ do: 'rule', rule: { match: {}, do: 'approve' } });
    const limit = sleep(settleMs, 'late' as const, { ref: false });
    if ((await Promise.race([this.#customers.close(), limit])) === 'late') return this.#tooLate();
    let last: Result | null = null;
    for (let tries = 0; tries < 20 && last?.outcome !== 'approved'; tries += 1) {
      if (tries > 0) await sleep(300);
      last = await this.#sales.carryThrough(this.#sales.open('payment', 0));
    }
    if (last?.outcome !== 'approved')
      this.#violations.report('10', '', `no payment goes through in the end: ${last?.outcome}`);
    await this.#catchUp();
    const status = JSON.stringify(this.#connected.statuses.items.at(-1));
    if (!(await laid.stopGateway())) this.#violations.report('crash', '', 'SIGTERM, and no orderly end');
    await this.#judge(status);
  }

  /** What the broker lost when it was killed, its senders ask for again. */
  async #catchUp(): Promise<void> {
    const told = new Map(this.#observer.results.map(({ id, sequence }) => [id, sequence]));
    for (const asked of this.#book.all()) {
      const isUpToDate = (): boolean => (asked.known?.sequence ?? 0) >= (told.get(asked.id) ?? 0);
      for (let tries = 0; tries < 5 && !isUpToDate(); tries += 1) {
        await this.#sales.sendOnce(asked);
        await this.#sales.until(isUpToDate, 1_000);
      }
    }
    // Delivery is noted when the broker has acknowledged, and the sale systems may have heard before that.
    await sleep(300);
  }

  #tooLate(): void {
    const waiting = this.#book.all().filter(({ known }) => known === null || known.outcome === 'unknown');
    for (const { id, known } of waiting)
      this.#violations.report(
        '2',
        id,
        `${known?.outcome ?? 'no result'}, ${settleMs / 1000} s after the last kill`,
      );
  }

  async #judge(status: string): Promise<void> {
    const laid = this.#laid;
    const bank = await laid.terminal({ do: 'look' });
    for (const { kind, ours, automatic } of bank.ledger)
      this.#charges.add(`${kind}${ours ? '' : ', keyed in'}${automatic ? ', by the terminal itself' : ''}`);
    const journalText = rawText(laid.stateDir);
    withJournal(laid.stateDir, box, (journal) =>
      judgeRun(
        {
          box,
          book: this.#book,
          violations: this.#violations,
          observer: this.#observer,
          neverStarted: this.#neverStarted,
          journal,
          journalText,
          log: laid.log(),
          bank,
          terminalAheadMs: this.#script.options?.clockOffsetMs ?? 0,
          status,
        },
        this.#sums,
      ),
    );
  }

  report(): Omit<CrashReport, 'seed' | 'kills' | 'elapsedMs'> {
    const { results, frames } = this.#observer;
    const finals = this.#book.all().flatMap(({ known }) => (known === null ? [] : [known]));
    const everUnknown = new Set(results.filter(({ outcome }) => outcome === 'unknown').map(({ id }) => id));
    return {
      violations: this.#violations.found,
      moments: this.#moments,
      troubles: this.#troubles,
      people: this.#people,
      ...this.#sums,
      charges: this.#charges,
      operations: this.#book.all().length,
      requests: frames.length,
      published: results.length,
      sequences: Math.max(0, ...results.map(({ sequence }) => sequence)),
      recovered: finals.filter(({ recovered }) => recovered).length,
      unknown: everUnknown.size,
      decided: finals.filter(({ resolved }) => resolved !== null).length,
    };
  }

  async close(): Promise<void> {
    await this.#trouble.catch(() => {});
    await this.#client?.close().catch(() => {});
    await this.#box?.close();
  }
}
