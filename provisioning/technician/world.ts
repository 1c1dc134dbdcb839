/** What steps and checks need of the world outside. Each is handed in, so that a test drives it. */
import type { RegistryView } from '../../gateway/cloud/registration/report.ts';
import type { BoxStatus } from '../../gateway/contract/event.ts';
import type { Time } from '../../gateway/seams/time.ts';
import type { Answers } from './answers.ts';

/** What the machine says of itself. */
export interface MachineFacts {
  model: string | null;
  serial: string | null;
  system: string | null;
  isRoot: boolean;
  /** Of the state directory's file system; null: it cannot be asked. */
  freeBytes: number | null;
  isReadOnly: boolean;
  /** Which of the places of state and config lie in memory: an overlay, a tmpfs. Empty: none, or it cannot be told. */
  forgetting: readonly string[];
}

/** Where a connection ended, from the name to what is spoken there. The first thing that failed, or `open`. */
export type Reach =
  | { at: 'name'; why: 'unknown' | 'silent' }
  | { at: 'port'; why: 'refused' | 'silent' | 'noRoute' }
  | {
      at: 'tls';
      why: 'unknownCa' | 'wrongName' | 'notYetValid' | 'expired' | 'refused' | 'failed';
      text: string;
    }
  | { at: 'service'; why: 'http' | 'denied' | 'notMqtt'; text: string }
  | { at: 'open' };

/** A way that was tried. */
export interface Tried {
  host: string;
  port: number;
  reach: Reach;
  /** The other side's clock, where it says it; unsigned, so good for nothing but telling that one of the two is wrong. */
  otherMs: number | null;
  /** Through the proxy of the answers the port is open; null: not tried. */
  viaProxy: boolean | null;
}

/** Where a broker is, and what opens it. Files' contents, not paths. */
export interface BrokerWay {
  url: string;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
}

/** Tries ways out. Nothing here rejects. */
export interface Network {
  tryRegistry(registry: { url: string; ca?: string | undefined }, proxy?: string): Promise<Tried>;
  /**
   * Up to a session of its own where name and password open it; with a certificate to the handshake alone, since one
   * certificate is one session at the broker, and that is the gateway's.
   */
  tryBroker(broker: BrokerWay, proxy?: string): Promise<Tried>;
}

/** A serial device. */
export interface SerialDevice {
  /** The most lasting of its names, such as `/dev/serial/by-id/…`. */
  path: string;
  /** All of its names, that of the kernel included. */
  names: readonly string[];
  /** Its USB chip is one that Arduinos have. Terminals' cables have some of them, too. */
  mayBeBoard: boolean;
}

/** What a terminal says of itself. */
export interface TerminalWords {
  vendor: string | null;
  model: string | null;
  software: string | null;
  id: string | null;
  /** Index to name; empty when it does not list them. */
  merchants: Readonly<Record<string, string>>;
}

/** Who is at a device. */
export type Who =
  | { kind: 'panel'; version: string; fits: boolean }
  | { kind: 'terminal'; baudRate: number; words: TerminalWords }
  | { kind: 'terminalBusy' }
  /** A board with firmware of somebody else's. */
  | { kind: 'otherFirmware'; name: string }
  | { kind: 'silent' }
  /** It talks, but not in a way that is understood. */
  | { kind: 'babble' }
  | { kind: 'closed'; why: 'taken' | 'denied' | 'gone' | 'unreachable'; text: string };

/** Finds devices and asks them who they are, by nothing that could move money. Nothing here rejects. */
export interface Devices {
  list(): Promise<SerialDevice[]>;
  /** @param link as in the config: `serial:/dev/…`, `tcp:HOST:PORT` */
  ask(link: string, hint: { mayBeBoard: boolean; baudRate?: number | undefined }): Promise<Who>;
}

/** Flashes a panel's firmware. Does not reject. */
export interface Flasher {
  flash(
    path: string,
  ): Promise<
    { done: true; baudRate: number } | { done: false; why: 'noTool' | 'noSync' | 'failed'; text: string }
  >;
}

/** The connection that the answers ask for. */
export interface Joiner {
  /** False: there is nothing here that could do it. */
  isThere(): Promise<boolean>;
  /** Whether this machine is in any network. */
  isConnected(): Promise<boolean>;
  isJoined(wanted: Wanted): Promise<boolean>;
  /** Joins, or puts back what was before and says why. */
  join(wanted: Wanted): Promise<{ done: true } | { done: false; text: string }>;
}

/** See {@link Joiner}. */
export type Wanted = Pick<Answers, 'wifi' | 'network'>;

/** The gateway's unit. */
export interface Service {
  state(): Promise<{ installed: boolean; enabled: boolean; active: boolean }>;
  enable(): Promise<void>;
  /** Starts it, or starts it anew. */
  restart(): Promise<{ done: true } | { done: false; text: string }>;
  stop(): Promise<void>;
}

/** What `GET /status` of the control socket tells. */
export interface GatewayStatus {
  status: BoxStatus;
  connected: boolean;
  counters: { dropped: Readonly<Record<string, number>> };
  registry: RegistryView | null;
}

/** What `GET /health` of the control socket tells. Times are RFC 3339. */
export interface GatewayHealth {
  clock: { trusted: boolean; now: string; latestTrusted: string | null };
  storage: { freeBytes: number; reserveBytes: number; journalBytes: number };
  outbox: { waiting: number; isMore: boolean };
  broker: string | null;
  certificateEndsAt: string | null;
  links: { terminal: string; panel: string | null };
  presses: Readonly<Record<string, number>>;
}

/** How a test payment, or its reversal, stands. */
export interface GatewayOperation {
  stage: string | null;
  outcome: string | null;
  code: string | null;
  text: string | null;
  invoice: string | null;
}

/** The running gateway's control socket. */
export interface GatewayDoor {
  /** Null: nobody answers. */
  status(): Promise<GatewayStatus | null>;
  health(): Promise<GatewayHealth | null>;
  /** False: not now, or no panel. */
  lamps(): Promise<boolean>;
  tryBroker(): Promise<{ ms: number } | { error: string }>;
  /** Asks for 1.00, or its reversal; the same id asks for the same one. Rejects when nobody answers. */
  testPayment(id: string, reverses?: string): Promise<GatewayOperation>;
  operation(id: string): Promise<GatewayOperation>;
}

/** What is known of the box's registration, from its state directory. */
export interface Registered {
  box: string;
  state: string;
  /** The registry's public keys that are believed. */
  keys: readonly string[];
  broker: BrokerWay | null;
  certificateEndsAt: number | null;
  pairing: { code: string; expiresAtMs: number } | null;
}

/** The box's side of the registry, in the gateway's state directory. Only while no gateway runs there. */
export interface Enrolment {
  /** The box's id; its key is made with the first call. @throws SwipeError `keyInvalid` */
  box(): string;
  /** Null: it has never been answered. */
  registered(): Registered | null;
  enrol(asked: {
    registry: { url: string; key: string; ca?: string | undefined };
    claim: string | undefined;
    terminal: TerminalWords;
    ownBroker: boolean;
  }): Promise<
    { kind: 'answered'; state: string; reason: string | null } | { kind: 'unanswered'; why: string }
  >;
}

/** Files that are written whole or not at all, and are on disk when the call returns. */
export interface Files {
  readonly paths: Readonly<Record<FileName, string>>;
  /** Null: there is none. */
  read(name: FileName): string | null;
  write(name: FileName, text: string): void;
}

/** The config; which terminal was handed over; how far this is; the sheet; the log. */
export type FileName = 'config' | 'pin' | 'progress' | 'sheet' | 'log';

/** All of it. */
export interface World {
  time: Time;
  version: string;
  stateDir: string;
  machine(): MachineFacts;
  network: Network;
  joiner: Joiner;
  devices: Devices;
  flasher: Flasher;
  service: Service;
  gateway: GatewayDoor;
  enrolment: Enrolment;
  files: Files;
  newOperationId(): string;
}
