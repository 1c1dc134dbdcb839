/** Reads what the config names, puts the real parts together, starts and stops them; nothing else. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BoxKey, loadOrMakeBoxKey } from './cloud/box-key.ts';
import { createSignatures } from './cloud/jws.ts';
import { type BrokerConfig, type BrokerSource, createMqttConnector } from './cloud/mqtt-connector.ts';
import { createExchange } from './cloud/registration/exchange.ts';
import { keptFileAt } from './cloud/registration/kept-file.ts';
import { createRegistrar, type Registrar } from './cloud/registration/registrar.ts';
import { createTlsKeys } from './cloud/registration/tls-key.ts';
import type { Config } from './contract/config.ts';
import { controlSocketOf } from './control/protocol.ts';
import { serveControl } from './control/server.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { openJournal } from './journal/journal.ts';
import { createBoardPanel } from './panel/board.ts';
import { noPanel, type Panel } from './panel/panel.ts';
import type { PanelPort } from './panel/talk.ts';
import { panelBaudRate } from './panel/wire.ts';
import { unbilled } from './payments/outside.ts';
import { deferred } from './seams/deferred.ts';
import { messageOf, SwipeError } from './seams/error.ts';
import type { Log } from './seams/log.ts';
import { timesyncDone } from './system/clock-trust.ts';
import { hardwareFacts } from './system/hardware.ts';
import { machineSerial } from './system/machine.ts';
import { systemRandom } from './system/random.ts';
import { systemSchedule } from './system/schedule.ts';
import { systemTime } from './system/time.ts';
import { linkOf } from './terminal/links/open.ts';
import { createPrivatTerminal } from './terminal/privat-json/driver.ts';

/** A gateway that runs in this process. */
export interface RunningGateway {
  gateway: Gateway;
  box: string;
  /** Rejects when something happened that must not: the process has to end, so that the next start's checks decide. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

/** What is not the config's. */
export interface RunOptions {
  log: Log;
  /** See the driver; for terminals that need less of a rest than real ones. */
  sessionPauseMs?: number;
  /** A panel that is at no serial port; instead of the config's. */
  panelPort?: PanelPort;
}

/**
 * Starts the box's gateway as its config says.
 *
 * @throws SwipeError: each says what was wrong and what to do; nothing is left open
 */
export async function startGateway(
  config: Config,
  { log, sessionPauseMs, panelPort }: RunOptions,
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
    const journal = openJournal({
      directory: stateDir,
      box,
      machine: machineSerial(),
      nowMs: systemTime.nowMs(),
      log,
    });
    opened.push(() => journal.close());
    const { promise: failed, reject } = deferred<never>();
    failed.catch(() => {});
    const gateway = createGateway({
      box,
      config,
      journal,
      terminal: createPrivatTerminal({
        ...config.terminal,
        link: linkOf(config.terminal.link, { baudRate: config.terminal.baudRate, timers: systemTime }),
        time: systemTime,
        random: systemRandom,
        log,
        ...(sessionPauseMs === undefined ? {} : { sessionPauseMs }),
      }),
      connector: createMqttConnector({ broker: brokerOf(config, registrar), box, timers: systemTime, log }),
      signatures: await createSignatures({
        box,
        commandKeys: config.commandKeys,
        boxKey,
        ...(registrar === null ? {} : { issued: registrar.keys }),
      }),
      registration: registrar?.registration ?? unbilled,
      registrar,
      panel: panelOf(panelPort ?? portOf(config.panel), log),
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
    const control = await serveControl(controlSocketOf(stateDir), gateway);
    opened.push(() => control.close());
    gateway.start();
    opened.push(() => gateway.stop());
    return { gateway, box, failed, stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

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

function makeStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SwipeError('configInvalid', `stateDir: ${stateDir} cannot be made: ${messageOf(error)}`);
  }
}
