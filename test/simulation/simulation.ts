/** One simulated run: a world, the people around it, and everything that can be done to them. */

import type { RegistrationState } from '../../gateway/contract/event.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { type InProcessLink, inProcessLink } from '../../gateway/simulators/links.ts';
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import {
  createSimulatedTerminal,
  type SimulatedTerminal,
} from '../../gateway/simulators/terminal/terminal.ts';
import { otherOrder, perform } from './acts.ts';
import { Book } from './book.ts';
import { HeldAnswers, LateAnswers } from './late-answers.ts';
import { noisyLink } from './noisy-link.ts';
import { Owner } from './owner.ts';
import type { Act, Plan } from './plan.ts';
import { seededRandom } from './random.ts';
import { Kills } from './reaper.ts';
import { RecordingLog } from './recording-log.ts';
import { SaleSystems } from './sale-systems.ts';
import { SimPanel } from './sim-panel.ts';
import { Tally } from './tally.ts';
import { Violations } from './violation.ts';
import { weatherOf } from './weather.ts';
import { type BoxState, Witness } from './witness.ts';
import { box, World } from './world.ts';

const synchroniseMs = 4_000;

type CommandText = { id: string; order?: string };

/** See the module. */
export class Simulation {
  readonly plan: Plan;
  readonly faults = new Tally();
  readonly steps = new Tally();
  readonly violations = new Violations();
  readonly book = new Book();
  readonly log = new RecordingLog();
  readonly panel = new SimPanel();
  readonly lateAnswers: LateAnswers;
  readonly heldAnswers = new HeldAnswers();
  readonly kills: Kills;
  readonly world: World;
  readonly sales: SaleSystems;
  readonly owner: Owner;
  readonly witness: Witness;
  readonly other: SimulatedTerminal;
  readonly state: BoxState & { isLineSilent: boolean };
  /** Whoever is at the other end of the cable. */
  plugged: InProcessLink;
  aheadMs = 0;
  isFair = false;
  readonly #otherLink: InProcessLink;
  #isBatchDisturbed = false;
  #registration: RegistrationState = 'active';
  #registrationChanged = (): void => {};
  #bootDueMs = Number.POSITIVE_INFINITY;

  constructor(plan: Plan, withTrace: boolean) {
    const { seed, profile } = plan;
    this.plan = plan;
    this.kills = new Kills(this.faults);
    this.lateAnswers = new LateAnswers(this.faults);
    const isFair = (): boolean => this.isFair;
    this.state = {
      isAlive: false,
      nowMs: () => this.world.time.nowMs() + this.aheadMs,
      isClockSet: profile.clock === 'system',
      isSuspended: false,
      isDiskFull: false,
      isLineSilent: false,
    };
    this.world = new World({
      seed,
      script: { options: profile.terminal },
      clock: profile.clock,
      synchronised: () => this.state.isClockSet,
      registration: {
        current: () => ({ state: this.#registration, untilMs: null }),
        onChange: (listener) => {
          this.#registrationChanged = listener;
        },
      },
      log: this.log,
      panel: this.panel,
      trace: withTrace,
      weather: weatherOf(seed, profile.network, this.faults, isFair),
      line: () =>
        noisyLink({
          seed,
          rates: profile.line,
          time: this.world.time,
          faults: this.faults,
          end: () => this.plugged,
          isSilent: () => this.state.isLineSilent,
          isFair,
          again: this.lateAnswers,
          held: this.heldAnswers,
        }),
      boxAheadMs: () => this.aheadMs,
      process: {
        reaper: this.kills.reap,
        died: () => this.#died(this.kills.struck?.forMs ?? 0),
        crashed: (error) => this.violations.report('crash', '', textOf(error)),
        wrote: (call, args) => this.witness.wrote(call, args),
      },
      watch: {
        toTerminal: (bytes) => this.witness.toTerminal(bytes),
        lineClosed: () => this.witness.lineClosed(),
        stepped: (id, from, by, to) => {
          this.steps.add(`${from} ${by} ${to}`);
          this.witness.stepped(id, to);
          if (to === 'running') this.world.time.after(1, () => this.lateAnswers.strike());
        },
      },
    });
    this.plugged = this.world.link;
    this.other = createSimulatedTerminal({
      time: this.world.time,
      random: seededRandom(seed + 1),
      log: silentLog,
      script: { options: { stepMs: 400, version: 'SIMULATED1 OTHERM01SN00000002' } },
    });
    this.#otherLink = inProcessLink(this.other, this.world.time);
    this.sales = new SaleSystems(this.world, this.book, profile, this.faults, seed);
    const { ownerMs } = profile;
    this.owner = new Owner(this.world, this.book, this.sales, this.movements, this.faults, seed, ownerMs);
    this.witness = new Witness(this.world, this.book, this.state, this.violations.report, () =>
      this.plugged === this.world.link && !this.#isBatchDisturbed
        ? {
            receipts: this.world.terminal.receipts(),
            hasLookUp: profile.terminal.noReceiptLookUp !== true,
            clockAheadMs: this.terminalAheadMs,
          }
        : null,
    );
    this.#listen();
  }

  get terminalAheadMs(): number {
    return this.plan.profile.terminal.clockOffsetMs ?? 0;
  }

  /** Everything that the bank has, of both terminals. */
  readonly movements = (): readonly Movement[] => {
    const others = this.other.ledger();
    return others.length === 0 ? this.world.terminal.ledger() : [...this.world.terminal.ledger(), ...others];
  };

  #listen(): void {
    const { broker } = this.world;
    const heard = broker.onPublish;
    broker.onPublish = (topic, payload) => {
      const before = this.world.results.length;
      try {
        heard(topic, payload);
      } catch (error) {
        this.violations.report('3.3', '', textOf(error));
      }
      for (const result of this.world.results.slice(before)) this.#told(result);
    };
    broker.onPuback = ({ topic, payload }) => {
      if (topic !== topicsOf(box).commands) return;
      const [, content = ''] = Buffer.from(payload).toString('latin1').split('.');
      const { id, order } = JSON.parse(Buffer.from(content, 'base64url').toString()) as CommandText;
      if (order === otherOrder) this.witness.acknowledgedOther(id);
      else this.witness.acknowledged(id);
    };
  }

  #told(result: Result): void {
    this.sales.hear(result);
    this.owner.hear(result);
  }

  /** Starts the box, if it is off. */
  boot(): void {
    if (this.state.isAlive) return;
    this.#bootDueMs = Number.POSITIVE_INFINITY;
    this.state.isAlive = true;
    this.witness.blockChanged();
    if (this.plan.profile.clock === 'timesync' && !this.state.isClockSet)
      this.world.time.after(synchroniseMs, () => this.#synchronise());
    this.world.boot();
  }

  /** Takes the power for so long. */
  kill(forMs: number): void {
    if (!this.state.isAlive) return;
    this.world.kill();
    this.#died(forMs);
  }

  #died(forMs: number): void {
    this.panel.deaf();
    this.state.isAlive = false;
    this.witness.died();
    if (this.plan.profile.clock === 'timesync') this.state.isClockSet = false;
    this.witness.blockChanged();
    const { time } = this.world;
    const dueMs = time.monotonicMs() + forMs;
    this.#bootDueMs = dueMs;
    time.after(forMs, () => {
      if (this.#bootDueMs === dueMs) this.boot();
    });
  }

  #synchronise(): void {
    if (this.aheadMs < -5_000) return;
    this.state.isClockSet = true;
  }

  setClock(aheadMs: number): void {
    if (this.aheadMs === aheadMs) return;
    this.aheadMs = aheadMs;
    this.witness.clockChanged();
    if (this.plan.profile.clock === 'timesync' && aheadMs === 0) this.state.isClockSet = true;
  }

  /** Power fails, and with it the clock; a time server sets it later. Without one, the clock is trusted as it is. */
  loseClock(behindMs: number, forMs: number): void {
    if (this.plan.profile.clock === 'system') return;
    this.kill(1_000);
    this.setClock(-behindMs);
    this.state.isClockSet = false;
    this.world.time.after(forMs, () => this.setClock(0));
  }

  suspend(isSuspended: boolean): void {
    if (isSuspended && this.isFair) return;
    this.#registration = isSuspended ? 'suspended' : 'active';
    this.state.isSuspended = isSuspended;
    this.#registrationChanged();
  }

  /** Somebody closes the batch; for a moment nobody can say which receipt was the last one when the box looked. */
  closeBatch(): void {
    if (!this.world.terminal.closeBatch()) return;
    this.#isBatchDisturbed = true;
    this.world.time.after(10_000, () => {
      this.#isBatchDisturbed = false;
    });
  }

  freeDisk(): void {
    this.state.isDiskFull = false;
    this.world.journal.isFull = false;
    this.witness.blockChanged();
  }

  plugOther(isOther: boolean): void {
    const next = isOther ? this.#otherLink : this.world.link;
    if (next === this.plugged) return;
    this.plugged.cut('noticed');
    this.plugged = next;
  }

  /** The faults are over: everything works from now on. */
  endFaults(): void {
    const { world, state } = this;
    world.trace.add('act', 'the faults cease');
    this.isFair = true;
    this.sales.isFair = true;
    this.kills.disarm();
    this.lateAnswers.disarm();
    this.heldAnswers.release();
    this.setClock(0);
    state.isClockSet = true;
    state.isLineSilent = false;
    this.freeDisk();
    this.suspend(false);
    this.plugOther(false);
    world.terminal.replug();
    world.terminal.addRule({ match: {}, do: 'approve' });
    world.broker.up();
    if (world.broker.isMute) world.broker.unmute();
    this.owner.afterMs = 30_000;
    this.boot();
  }

  perform(act: Act): void {
    perform(act, this);
  }
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
