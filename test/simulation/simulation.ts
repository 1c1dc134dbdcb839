/** One simulated run: a world, the people around it, and everything that can be done to them. */

import { silentLog } from '../../gateway/seams/log.ts';
import { type InProcessLink, inProcessLink } from '../../gateway/simulators/links.ts';
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import {
  createSimulatedTerminal,
  type SimulatedTerminal,
} from '../../gateway/simulators/terminal/terminal.ts';
import { perform } from './acts.ts';
import { Book } from './book.ts';
import { type BoxClock, boxClockOf } from './box-clock.ts';
import { listen } from './ears.ts';
import type { Judged } from './judged.ts';
import { HeldAnswers, LateAnswers } from './late-answers.ts';
import { noisyLink } from './noisy-link.ts';
import { Owner } from './owner.ts';
import type { Act, Plan } from './plan.ts';
import { seededRandom } from './random.ts';
import { Kills } from './reaper.ts';
import { RecordingLog } from './recording-log.ts';
import { RegistrationSwitch } from './registration-switch.ts';
import { ownKeys, type RegistrySide, registrySideOf, senderKeys } from './registry/registry-side.ts';
import { SaleSystems } from './sale-systems.ts';
import { SimPanel } from './sim-panel.ts';
import { Tally } from './tally.ts';
import { textOf, Violations } from './violation.ts';
import { weatherOf } from './weather.ts';
import { type BoxState, Witness } from './witness.ts';
import { World } from './world.ts';

const synchroniseMs = 4_000;

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
  readonly clock: BoxClock;
  /** The box's registry; null: there is none. */
  readonly side: RegistrySide | null;
  readonly other: SimulatedTerminal;
  readonly state: BoxState & { isLineSilent: boolean };
  /** Whoever is at the other end of the cable. */
  plugged: InProcessLink;
  aheadMs = 0;
  isFair = false;
  readonly #otherLink: InProcessLink;
  #isBatchDisturbed = false;
  readonly #registration = new RegistrationSwitch();
  /** The machine's clock was set since the box started, or need not be. */
  #isClockSet: boolean;
  #bootDueMs = Number.POSITIVE_INFINITY;

  constructor(plan: Plan, withTrace: boolean) {
    const { seed, profile } = plan;
    this.plan = plan;
    this.kills = new Kills(this.faults);
    this.lateAnswers = new LateAnswers(this.faults);
    const isFair = (): boolean => this.isFair;
    this.state = {
      isAlive: false,
      nowMs: () => this.clock.nowMs(),
      isTimeKnown: () => this.clock.isSet,
      isSuspended: false,
      isDiskFull: false,
      isLineSilent: false,
    };
    this.#isClockSet = profile.clock === 'system';
    this.world = new World({
      seed,
      script: { options: profile.terminal },
      clock: profile.clock,
      synchronised: () => this.clock.synchronised(this.#isClockSet),
      registration: this.#registration,
      ...(profile.registry !== null && {
        registered: (...life) => (this.side as RegistrySide).live(...life),
        commandKeys: ownKeys,
        senderKeys,
      }),
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
        wrote: (call, args) => {
          this.witness.wrote(call, args);
          this.side?.rights.wrote(call, args);
        },
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
    this.clock = boxClockOf(this.world, profile.clock, () => this.aheadMs);
    this.side = registrySideOf(seed, profile.registry, this);
    this.plugged = this.world.link;
    this.other = createSimulatedTerminal({
      time: this.world.time,
      random: seededRandom(seed + 1),
      log: silentLog,
      script: { options: { stepMs: 400, version: 'SIMULATED1 OTHERM01SN00000002' } },
    });
    this.#otherLink = inProcessLink(this.other, this.world.time);
    this.sales = new SaleSystems(
      this.world,
      this.book,
      profile,
      this.faults,
      seed,
      () => this.side?.till.current ?? null,
    );
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
    listen(this);
  }

  get secrets(): Judged['secrets'] {
    return this.side?.secrets() ?? [];
  }

  get terminalAheadMs(): number {
    return this.plan.profile.terminal.clockOffsetMs ?? 0;
  }

  /** Everything that the bank has, of both terminals. */
  readonly movements = (): readonly Movement[] => {
    const others = this.other.ledger();
    return others.length === 0 ? this.world.terminal.ledger() : [...this.world.terminal.ledger(), ...others];
  };

  /** Starts the box, if it is off. */
  boot(): void {
    if (this.state.isAlive) return;
    this.#bootDueMs = Number.POSITIVE_INFINITY;
    this.state.isAlive = true;
    this.witness.blockChanged();
    this.clock.booted();
    if (this.plan.profile.clock === 'timesync' && !this.#isClockSet)
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
    this.side?.died();
    if (this.plan.profile.clock === 'timesync') this.#isClockSet = false;
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
    this.#isClockSet = true;
  }

  setClock(aheadMs: number): void {
    if (this.aheadMs === aheadMs) return;
    this.aheadMs = aheadMs;
    this.witness.clockChanged();
    if (this.plan.profile.clock === 'timesync' && aheadMs === 0) this.#isClockSet = true;
  }

  /** Power fails, and with it the clock; a time server sets it later. Without one, the clock is trusted as it is. */
  loseClock(behindMs: number, forMs: number): void {
    if (this.plan.profile.clock === 'system') return;
    this.kill(1_000);
    this.setClock(-behindMs);
    this.#isClockSet = false;
    this.world.time.after(forMs, () => this.setClock(0));
  }

  suspend(isSuspended: boolean): void {
    if (isSuspended && this.isFair) return;
    if (this.side !== null) return this.side.suspend(isSuspended);
    this.state.isSuspended = isSuspended;
    this.#registration.turnTo(isSuspended ? 'suspended' : 'active');
  }

  /** Somebody closes the batch; for a moment nobody can say which receipt was the last one when the box looked. */
  closeBatch(): void {
    if (!this.world.terminal.closeBatch()) return;
    this.#isBatchDisturbed = true;
    this.world.time.after(10_000, () => {
      this.#isBatchDisturbed = false;
    });
  }

  /** There is no room left on the disk for so long. */
  fillDisk(forMs: number): void {
    this.#disk(true);
    this.world.time.after(forMs, () => this.#disk(false));
  }

  #disk(isFull: boolean): void {
    this.state.isDiskFull = isFull;
    this.world.journal.isFull = isFull;
    this.witness.blockChanged();
    this.side?.questions.next.disk(isFull, this.world.time.monotonicMs());
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
    this.#isClockSet = true;
    state.isLineSilent = false;
    this.#disk(false);
    this.suspend(false);
    this.side?.endFaults();
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
