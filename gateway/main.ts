/** Reads what the config names, puts the real parts together, starts and stops them; nothing else. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BoxKey, loadOrMakeBoxKey } from './cloud/box-key.ts';
import { createSignatures } from './cloud/jws.ts';
import { type BrokerConfig, type BrokerSource, createMqttConnector } from './cloud/mqtt-connector.ts';
import { createExchange } from './cloud/registration/exchange.ts';
import { keptFileAt } from './cloud/registration/kept-file.ts';
import { createRegistrar, type Registrar } from './cloud/registration/registrar.ts';
import { createTlsKeys } from './cloud/registration/tls-key.ts';
import type { Config } from './contract/config.ts';
import { watchBroker } from './control/broker-watch.ts';
import { createProbes } from './control/probes.ts';
import { controlSocketOf } from './control/protocol.ts';
import { serveControl } from './control/server.ts';
import type { Desk } from './desk/ports.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { defaultReserveBytes, openJournal } from './journal/journal.ts';
import { answerLimit, type SqliteJournal } from './journal/sqlite-journal.ts';
import { createBoardPanel } from './panel/board.ts';
import { noPanel, type Panel } from './panel/panel.ts';
import type { PanelPort } from './panel/talk.ts';
import { panelBaudRate } from './panel/wire.ts';
import { unbilled } from './payments/outside.ts';
import type { PrinterOfBox } from './printer/desk.ts';
import { printerLinkOf } from './printer/links/open.ts';
import { createPrinter } from './printer/printer.ts';
import { deferred } from './seams/deferred.ts';
import { messageOf, SwipeError } from './seams/error.ts';
import type { Log } from './seams/log.ts';
import { createAttendedTime } from './system/attended-time.ts';
import { timesyncDone } from './system/clock-trust.ts';
import { hardwareFacts } from './system/hardware.ts';
import { faultOf } from './system/liveness.ts';
import { machineSerial } from './system/machine.ts';
import { systemRandom } from './system/random.ts';
import { systemSchedule } from './system/schedule.ts';
import { systemTime } from './system/time.ts';
import { noticeHangUp } from './terminal/links/hang-up.ts';
import { linkOf } from './terminal/links/open.ts';
import { createPrivatTerminal } from './terminal/privat-json/driver.ts';

/** A gateway that runs in this process. */
export interface RunningGateway {
  gateway: Gateway;
  box: string;
  /** Rejects when something happened that must not: the process has to end, so that the next start's checks decide. */
  failed: Promise<never>;
  /** Which part of it has hung, if one that must have a turn had none for so long; null while all are alive. */
  fault(patienceMs: number): string | null;
  stop(): Promise<void>;
}

/** What a box owes to others: see {@link owedBy}. */
export interface Owed {
  /** Operations without a final outcome. */
  open: number;
  /** Results that the broker has not acknowledged; at most 1000 are counted. */
  undelivered: number;
}

/** What is not the config's. */
export interface RunOptions {
  log: Log;
  /** See the driver; for terminals that need less of a rest than real ones. */
  sessionPauseMs?: number;
  /** A panel that is at no serial port; instead of the config's. */
  panelPort?: PanelPort;
  /** A printer that is at no port; instead of the config's. */
  printer?: PrinterOfBox;
  /** Instead of the port in the config's `desk`; 0: any free one. */
  deskPort?: number;
}

/**
 * Starts the box's gateway as its config says.
 *
 * @throws SwipeError: each says what was wrong and what to do; nothing is left open
 */
export async function startGateway(
  config: Config,
  { log, sessionPauseMs, panelPort, printer, deskPort }: RunOptions,
): Promise<RunningGateway> {
  const { stateDir } = config;
  const opened: (() => unknown)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    makeStateDir(stateDir);
    const boxKey = loadOrMakeBoxKey(join(stateDir, 'box-key.json'), systemRandom);
    const box = boxOf(config, boxKey);
    const registrar = registrarOf(config, boxKey, log);
    const journal = journalOf(stateDir, box, log);
    opened.push(() => journal.close());
    const terminalTime = createAttendedTime(systemTime);
    const { time } = terminalTime;
    const { promise: failed, reject } = deferred<never>();
    failed.catch(() => {});
    const broker = watchBroker(
      createMqttConnector({ broker: brokerOf(config, registrar), box, timers: systemTime, log }),
      systemTime,
    );
    const gateway = createGateway({
      box,
      config,
      journal,
      terminal: createPrivatTerminal({
        ...config.terminal,
        link: linkOf(config.terminal.link, { baudRate: config.terminal.baudRate, timers: time }),
        time,
        random: systemRandom,
        log,
        ...(sessionPauseMs === undefined ? {} : { sessionPauseMs }),
      }),
      connector: broker,
      signatures: await createSignatures({
        box,
        commandKeys: config.commandKeys,
        boxKey,
        ...(registrar === null ? {} : { issued: registrar.keys }),
      }),
      registration: registrar?.registration ?? unbilled,
      registrar,
      panel: panelOf(panelPort ?? portOf(config.panel), log),
      desk: await deskOf(config, log, deskPort),
      printer: printer ?? printerOf(config, log),
      time: systemTime,
      random: systemRandom,
      schedule: systemSchedule,
      synchronised: timesyncDone,
      verifyStep: (rows) => journal.verifyStep(rows),
      log,
      fatal(error) {
        log.error('the gateway cannot go on', { error: messageOf(error) });
        reject(error);
      },
    });
    const probes = createProbes({
      box,
      config,
      gateway,
      journal,
      reserveBytes: defaultReserveBytes,
      broker,
      clock: systemTime,
      synchronised: timesyncDone,
    });
    const control = await serveControl(controlSocketOf(stateDir), gateway, probes);
    opened.push(() => control.close());
    gateway.start();
    opened.push(() => gateway.stop());
    const vitals = { journal, terminal: terminalTime };
    return {
      gateway,
      box,
      failed,
      fault: (patienceMs) => faultOf(vitals, patienceMs),
      stop: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/**
 * What a box that is not running owes: nothing may be thrown away while it is more than nothing.
 *
 * @throws SwipeError when its state cannot tell, such as `journalLocked` while it runs
 */
export function owedBy(config: Config, log: Log): Owed {
  const { stateDir } = config;
  if (!existsSync(join(stateDir, 'journal.db'))) return { open: 0, undelivered: 0 };
  const box = boxOf(config, loadOrMakeBoxKey(join(stateDir, 'box-key.json'), systemRandom));
  const journal = journalOf(stateDir, box, log);
  try {
    return { open: journal.open().length, undelivered: journal.undelivered(0, answerLimit).length };
  } finally {
    journal.close();
  }
}

const journalOf = (directory: string, box: string, log: Log): SqliteJournal =>
  openJournal({ directory, box, machine: machineSerial(), nowMs: systemTime.nowMs(), log });

/** A box's name. The registry knows boxes by the one that follows from their key alone. */
function boxOf({ box, registry }: Config, boxKey: BoxKey): string {
  if (registry !== null && box !== undefined && box !== boxKey.box)
    throw new SwipeError(
      'configInvalid',
      `box: found "${box}", allowed with a registry: nothing, or "${boxKey.box}", which follows from the box's key`,
    );
  return box ?? boxKey.box;
}

/** The box's side of the registry; null: the config names none. */
function registrarOf(config: Config, boxKey: BoxKey, log: Log): Registrar | null {
  const { registry, stateDir } = config;
  if (registry === null) return null;
  const inState = (name: string): string => join(stateDir, name);
  return createRegistrar({
    box: boxKey.box,
    boxKey,
    registry,
    ownKids: config.commandKeys.map(({ kid }) => kid),
    file: keptFileAt(inState('registration.json')),
    tlsKeys: config.broker === null ? createTlsKeys(inState('tls-key.pem'), boxKey.box, systemRandom) : null,
    exchange: createExchange(registry),
    hardware: hardwareFacts(),
    time: systemTime,
    random: systemRandom,
    log,
  });
}

/** The config's broker; where it names none, the registry's. */
function brokerOf({ broker }: Config, registrar: Registrar | null): BrokerConfig | BrokerSource {
  if (broker !== null) return broker;
  // No config without either gets past its schema.
  if (registrar === null) throw new SwipeError('configInvalid', 'broker: found nothing');
  return registrar.broker;
}

const portOf = (panel: Config['panel']): PanelPort | null =>
  panel === null ? null : linkOf(panel.link, { baudRate: panelBaudRate, timers: systemTime });

const panelOf = (port: PanelPort | null, log: Log): Panel =>
  port === null ? noPanel : createBoardPanel({ port, time: systemTime, random: systemRandom, log });

/** Loaded only where there is one: a box without it keeps no HTTP framework in memory. */
async function deskOf({ desk }: Config, log: Log, port?: number): Promise<Desk | null> {
  if (desk === null) return null;
  const { createDesk } = await import('./desk/desk.ts');
  const parts = { config: desk, time: systemTime, random: systemRandom, log };
  return createDesk(port === undefined ? parts : { ...parts, port });
}

/** The config's receipt printer; null: there is none. */
function printerOf({ printer: config }: Config, log: Log): PrinterOfBox | null {
  if (config === null) return null;
  const { answers, cut, baudRate } = config;
  const link = printerLinkOf(config.link, { baudRate, answers, timers: systemTime, noticeHangUp });
  return {
    config,
    printer: createPrinter({ link, answers, cut, time: systemTime, random: systemRandom, log }),
  };
}

function makeStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SwipeError('configInvalid', `stateDir: ${stateDir} cannot be made: ${messageOf(error)}`);
  }
}
