/** Puts one box together from its parts, real or simulated, and keeps what all of them share: its status. */
import { createAdmission } from './cloud/admission.ts';
import { boxStatusOf } from './cloud/box-status.ts';
import { type CloudCounters, createCloudLink } from './cloud/cloud-link.ts';
import type { BrokerConnector, Signatures } from './cloud/ports.ts';
import type { BoxAround, Registrar } from './cloud/registration/registrar.ts';
import type { RegistryView } from './cloud/registration/report.ts';
import type { Config } from './contract/config.ts';
import type { BoxEvent, BoxStatus } from './contract/event.ts';
import type { ParsedCommand } from './contract/parse.ts';
import { deskAround } from './desk/around.ts';
import type { Desk, DeskView } from './desk/ports.ts';
import { type MaintenanceParts, maintainDaily } from './journal/maintenance.ts';
import { noteTimeKnown, timeKnownSinceMs } from './journal/time-known.ts';
import type { Panel, PanelView } from './panel/panel.ts';
import { createPresses } from './panel/presses.ts';
import { Cashier } from './payments/cashier.ts';
import type { Journal, OperationRecord } from './payments/journal-port.ts';
import type { Registration } from './payments/outside.ts';
import type { Parts } from './payments/parts.ts';
import { type Received, Reception } from './payments/reception.ts';
import { isAboutMoney } from './payments/requests.ts';
import type { Terminal } from './payments/terminal-port.ts';
import { createPrintDesk, type PrinterOfBox } from './printer/desk.ts';
import { deferred } from './seams/deferred.ts';
import { isSwipeError } from './seams/error.ts';
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
  /** The desk on the local network; absent: there is none. */
  desk?: Desk | null;
  /** The receipt printer; absent: there is none. */
  printer?: PrinterOfBox | null;
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
  /** Where the desk can be reached; null: there is none. */
  desk(): DeskView | null;
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

/** Makes a gateway of its parts. Nothing moves before `start()`. */
export function createGateway(parts: GatewayParts): Gateway {
  const { box, config, journal, terminal, registration, panel, time, log } = parts;
  const sinceMs = time.nowMs();
  const clock = createTrustedClock({ ...parts, clock: time, timers: time, mode: config.clock });
  const registrar = parts.registrar ?? null;
  const lan = parts.desk ?? null;
  const ownKeys = new Map(config.commandKeys.map((key) => [key.kid, key]));
  let lastOutcome: PanelView['lastOutcome'] = null;
  let isStarting = true;
  let running = false;
  let cancels: Cancel[] = [];

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
    journalSinceMs: () => timeKnownSinceMs(journal),
    isAllowed(kid, type) {
      if (kid === technician.kid) return technician.may.includes(type);
      const key = ownKeys.get(kid) ?? registrar?.keys.present(kid) ?? null;
      // Without a list of its own a key may ask for everything but resolve.
      return key !== null && (key.allow?.includes(type) ?? type !== 'resolve');
    },
    emit,
    resend: (id) => cloud.resend(id),
    changed,
    told(record) {
      if (record.result !== null && isAboutMoney(record.command))
        lastOutcome = { outcome: record.result.outcome, atMs: time.monotonicMs() };
      cloud.wake();
      lan?.told(record.id);
      printing?.told(record);
      changed();
    },
  };
  const printing = parts.printer ? createPrintDesk({ ...parts.printer, payments: paymentParts, time }) : null;
  paymentParts.printing = printing;
  const cashier = new Cashier(paymentParts);
  const reception = new Reception(paymentParts, cashier);
  const desk = {
    receive(kid: string, parsed: ParsedCommand): Received {
      try {
        return reception.receive(kid, parsed);
      } catch (error) {
        // Whether this id is new can no longer be told: nothing more is taken in, and the next start's checks decide.
        if (isSwipeError(error, 'journalDamaged')) parts.fatal(error);
        throw error;
      }
    },
  };
  const terminalTried = deferred<void>();
  const ready = (): Promise<void> => terminalTried.promise;
  const cloud = createCloudLink({
    ...parts,
    desk,
    status,
    ready,
    // It is in no status, which nobody could read without it; but the cashier must see it.
    connectionChanged: () => panel.show(view),
    ...(registrar === null ? {} : { registry: registrar.notice }),
  });

  const { admit } = createAdmission({ ...parts, desk, ready, clock: time, link: 'lan' });

  function emit(event: BoxEvent): void {
    cloud.emit(event);
    lan?.event(event);
  }

  function started(): void {
    terminalTried.resolve();
    isStarting = false;
    changed();
  }

  function changed(): void {
    if (terminal.state() !== 'absent') terminalTried.resolve();
    cloud.statusChanged();
    lan?.statusChanged();
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
    return boxStatusOf({ ...parts, sinceMs, cashier, printer: printing });
  }

  const press = createPresses({ cashier, emit, log });

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
      cancels.push(noteTimeKnown({ ...parts, clock, mode: config.clock, timers: time }));
      printing?.start(journal.open());
      cashier.recover();
      panel.listen({ changed, pressed });
      registration.onChange(changed);
      cancels.push(maintainDaily({ ...parts, clock, timers: time }));
      panel.start();
      terminal.start();
      cancels.push(time.after(terminalTryMs, started));
      cloud.start();
      lan?.start(deskAround({ ...parts, admit, cashier, status, clock }));
      // The registry is told which terminal there is.
      void terminalTried.promise.then(() => {
        if (running) registrar?.start(boxAround);
      });
      log.info('gateway started', { box, version });
    },
    async stop() {
      running = false;
      const lanStopped = lan?.stop();
      const printingStopped = printing?.stop();
      cashier.stop();
      for (const cancel of cancels) cancel();
      cancels = [];
      clock.stop();
      const devices = [terminal.stop(), panel.stop(), printingStopped];
      await Promise.all([cloud.stop(), ...devices, registrar?.stop(), lanStopped]);
      log.info('gateway stopped', { box });
    },
    status,
    isConnected: () => cloud.connected(),
    counters: () => cloud.counters(),
    registry: () => registrar?.view() ?? null,
    desk: () => lan?.view() ?? null,
    latest: (limit) => journal.latest(limit),
    technician: {
      clock,
      lampTest: () => panel.lampTest?.() ?? false,
      presses: () => presses,
      receive: (parsed) => void desk.receive(technician.kid, parsed),
      find: (id) => cashier.find(id)?.record ?? journal.find(id),
    },
  };
}
