/** Puts one box together from its parts, real or simulated, and keeps what all of them share: its status. */
import { type CloudCounters, createCloudLink } from './cloud/cloud-link.ts';
import type { BrokerConnector, CommandDesk, Signatures } from './cloud/ports.ts';
import type { BoxAround, Registrar } from './cloud/registration/registrar.ts';
import type { RegistryView } from './cloud/registration/report.ts';
import type { Config } from './contract/config.ts';
import type { BoxEvent, BoxStatus } from './contract/event.ts';
import type { ParsedCommand } from './contract/parse.ts';
import { isoTime } from './contract/time.ts';
import { type MaintenanceParts, maintainDaily } from './journal/maintenance.ts';
import type { Panel, PanelView } from './panel/panel.ts';
import { createPresses } from './panel/presses.ts';
import { Cashier } from './payments/cashier.ts';
import type { Journal, OperationRecord } from './payments/journal-port.ts';
import type { Registration } from './payments/outside.ts';
import type { Parts } from './payments/parts.ts';
import { Reception } from './payments/reception.ts';
import { isAboutMoney } from './payments/requests.ts';
import type { Terminal } from './payments/terminal-port.ts';
import { deferred } from './seams/deferred.ts';
import { isStorageFull, isSwipeError } from './seams/error.ts';
import type { Log } from './seams/log.ts';
import type { Random } from './seams/random.ts';
import type { Schedule } from './seams/schedule.ts';
import type { Cancel, Time, TrustedClock } from './seams/time.ts';
import { createTrustedClock } from './system/clock-trust.ts';
import { version } from './version.ts';

/** What a gateway is made of. Each part is handed in; a simulation hands in its own. */
export interface GatewayParts {
  box: string;
  config: Pick<Config, 'terminal' | 'commandKeys' | 'limits' | 'clock'>;
  journal: Journal;
  terminal: Terminal;
  connector: BrokerConnector;
  signatures: Signatures;
  registration: Registration;
  /** The box's side of the registry; absent: there is none. */
  registrar?: Registrar | null;
  panel: Panel;
  time: Time;
  random: Random;
  schedule: Schedule;
  /** Whether the system's clock was set from a source that knows the time. */
  synchronised: () => boolean;
  log: Log;
  /** See the journal's maintenance. */
  verifyStep: MaintenanceParts['verifyStep'];
  /** Something that must not happen: the process has to end and start again. */
  fatal: (error: unknown) => void;
  onStep?: Parts['onStep'];
}

/** One box at work. */
export interface Gateway {
  start(): void;
  /** Says goodbye to the broker and lets go of the devices; the journal is left to its owner. */
  stop(): Promise<void>;
  /** As published on the `status` topic. */
  status(): BoxStatus;
  isConnected(): boolean;
  counters(): CloudCounters;
  /** How the registry is doing; null: there is none. */
  registry(): RegistryView | null;
  /** The latest operations, newest first. */
  latest(limit: number): OperationRecord[];
  /** What the technician at the control socket may ask for. */
  technician: TechniciansDesk;
}

/** What a person beside the box may do through it. */
export interface TechniciansDesk {
  /** The box's own time, and whether it is trusted. */
  clock: Pick<TrustedClock, 'nowMs' | 'isTrusted'>;
  /** Shows the panel's lamp test. False: no panel, or an operation runs. */
  lampTest(): boolean;
  /** How often each button was pressed since the start. */
  presses(): Readonly<Record<string, number>>;
  /**
   * Takes in a payment, or its reversal, in the technician's name. All that holds for a command holds for it; its result is
   * signed by the box's own key.
   * Throws as the reception does.
   */
  receive(parsed: ParsedCommand): void;
  find(id: string): OperationRecord | null;
}

/** In whose name the technician's desk asks. No key can have this name, which has blanks in it. */
const technician = { kid: 'technician at the box', may: ['payment', 'reversal'] as readonly string[] };

/**
 * A command that waited at the broker while the box started is not refused only because the terminal has not been
 * greeted yet: it is taken in when the terminal has answered, or after this long without it.
 */
const terminalTryMs = 10_000;

const timeKnownNote = 'timeKnownSince';

/** Makes a gateway of its parts. Nothing moves before `start()`. */
export function createGateway(parts: GatewayParts): Gateway {
  const { box, config, journal, terminal, registration, panel, time, log } = parts;
  const sinceMs = time.nowMs();
  const clock = createTrustedClock({ ...parts, clock: time, timers: time, mode: config.clock });
  const registrar = parts.registrar ?? null;
  const ownKeys = new Map(config.commandKeys.map((key) => [key.kid, key]));
  let lastOutcome: PanelView['lastOutcome'] = null;
  let isStarting = true;
  let running = false;
  let cancels: Cancel[] = [];
  let cancelTimeKnown: Cancel = () => {};

  const paymentParts: Parts = {
    box,
    terms: { ...config.terminal, maxAmount: config.limits.maxAmount ?? 0 },
    journal,
    terminal,
    registration,
    clock,
    timers: time,
    log,
    fatal: parts.fatal,
    onStep: parts.onStep ?? null,
    journalSinceMs: () => Number(journal.note(timeKnownNote) ?? journal.createdAtMs),
    isAllowed(kid, type) {
      if (kid === technician.kid) return technician.may.includes(type);
      const key = ownKeys.get(kid) ?? registrar?.keys.present(kid) ?? null;
      // Without a list of its own a key may ask for everything but resolve.
      return key !== null && (key.allow?.includes(type) ?? type !== 'resolve');
    },
    emit: (event: BoxEvent) => cloud.emit(event),
    resend: (id) => cloud.resend(id),
    changed,
    told(record) {
      if (record.result !== null && isAboutMoney(record.command))
        lastOutcome = { outcome: record.result.outcome, atMs: time.monotonicMs() };
      cloud.wake();
      changed();
    },
  };
  const cashier = new Cashier(paymentParts);
  const reception = new Reception(paymentParts, cashier);
  const desk: CommandDesk = {
    receive(kid, parsed) {
      try {
        reception.receive(kid, parsed);
      } catch (error) {
        // Whether this id is new can no longer be told: nothing more is taken in, and the next start's checks decide.
        if (isSwipeError(error, 'journalDamaged')) parts.fatal(error);
        throw error;
      }
    },
  };
  const terminalTried = deferred<void>();
  const cloud = createCloudLink({
    ...parts,
    desk,
    status,
    ready: () => terminalTried.promise,
    // It is in no status, which nobody could read without it; but the cashier must see it.
    connectionChanged: () => panel.show(view),
    ...(registrar === null ? {} : { registry: registrar.notice }),
  });

  function started(): void {
    terminalTried.resolve();
    isStarting = false;
    changed();
  }

  function changed(): void {
    if (terminal.state() !== 'absent') terminalTried.resolve();
    cloud.statusChanged();
    panel.show(view);
  }

  const view = (): PanelView => ({
    starting: isStarting,
    broker: cloud.connected(),
    status: status(),
    progress: cashier.running()?.progress ?? null,
    lastOutcome,
  });

  function status(): BoxStatus {
    const running = cashier.running();
    const { state, untilMs } = registration.current();
    return {
      online: true,
      box,
      version,
      terminal: { state: terminal.state(), ...terminal.identity() },
      panel: panel.state(),
      registration: { state, until: untilMs === null ? null : isoTime(untilMs) },
      operation:
        running === null
          ? null
          : { id: running.record.id, state: cashier.stateOf(running.record.id, running.record) },
      unresolved: cashier.unresolved(),
      supports: [...terminal.supports(), 'abort', 'status', 'resolve'],
      since: isoTime(sinceMs),
    };
  }

  /** A journal made before the time was known counts from when it was: what is older may have been carried out. */
  function noteTimeKnown(): void {
    if (journal.note(timeKnownNote) !== null) return;
    if (clock.isTrusted())
      try {
        const knownMs = config.clock === 'system' ? journal.createdAtMs : clock.nowMs();
        return journal.setNote(timeKnownNote, String(knownMs));
      } catch (error) {
        if (!isStorageFull(error)) return parts.fatal(error);
      }
    cancelTimeKnown = time.after(1000, noteTimeKnown);
  }

  const press = createPresses({ cashier, emit: (event) => cloud.emit(event), log });

  const presses: Record<string, number> = {};
  const pressed: typeof press = (...args) => {
    const [button] = args;
    presses[button] = (presses[button] ?? 0) + 1;
    try {
      press(...args);
    } catch (error) {
      parts.fatal(error);
    }
  };

  const boxAround: BoxAround = {
    clock,
    terminal: () => terminal.identity(),
    lastSequence: () => journal.lastSequence(),
    brokerChanged: () => cloud.renew(),
  };

  return {
    start() {
      running = true;
      clock.start();
      noteTimeKnown();
      cashier.recover();
      panel.listen({ changed, pressed });
      registration.onChange(changed);
      cancels.push(maintainDaily({ ...parts, clock, timers: time }));
      panel.start();
      terminal.start();
      cancels.push(time.after(terminalTryMs, started));
      cloud.start();
      // The registry is told which terminal there is.
      void terminalTried.promise.then(() => {
        if (running) registrar?.start(boxAround);
      });
      log.info('gateway started', { box, version });
    },
    async stop() {
      running = false;
      cashier.stop();
      for (const cancel of [...cancels, cancelTimeKnown]) cancel();
      cancels = [];
      clock.stop();
      await Promise.all([cloud.stop(), terminal.stop(), panel.stop(), registrar?.stop()]);
      log.info('gateway stopped', { box });
    },
    status,
    isConnected: () => cloud.connected(),
    counters: () => cloud.counters(),
    registry: () => registrar?.view() ?? null,
    latest: (limit) => journal.latest(limit),
    technician: {
      clock,
      lampTest: () => panel.lampTest?.() ?? false,
      presses: () => presses,
      receive: (parsed) => desk.receive(technician.kid, parsed),
      find: (id) => cashier.find(id)?.record ?? journal.find(id),
    },
  };
}
