/** What the control socket is asked and answers: HTTP over a Unix socket, JSON, for the commands for people. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudCounters } from '../cloud/cloud-link.ts';
import type { RegistryView } from '../cloud/registration/report.ts';
import type { BoxStatus } from '../contract/event.ts';
import type { DeskView } from '../desk/ports.ts';
import type { OperationRecord } from '../payments/journal-port.ts';

/** The state directory of a box that was installed as a package. */
export const packagedStateDir = '/var/lib/swipe';
const packagedSocketDir = '/run/swipe';
const socketName = 'control.sock';

/** Where a gateway with this state directory serves its socket: an installed one in /run, any other beside its state. */
export function controlSocketOf(stateDir: string): string {
  const isInstalled = stateDir === packagedStateDir && existsSync(packagedSocketDir);
  return join(isInstalled ? packagedSocketDir : stateDir, socketName);
}

/** `GET /status`. */
export interface StatusAnswer {
  status: BoxStatus;
  /** Commands are being heard from the broker. */
  connected: boolean;
  counters: CloudCounters;
  /** Null: the config names no registry. */
  registry: RegistryView | null;
  /** Null: the config names no desk. */
  desk: DeskView | null;
}

/** One line of `GET /log?limit=N`. No card data: it is not in the journal's records either. */
export interface LogEntry {
  id: string;
  /** RFC 3339. */
  at: string;
  type: string;
  state: string;
  outcome: string | null;
  code: string | null;
  /** Minor units. */
  amount: number | null;
  currency: string | null;
  invoice: string | null;
  rrn: string | null;
  order: string | null;
  sequence: number | null;
  recovered: boolean;
}

/** `GET /health`. Times are RFC 3339. */
export interface HealthAnswer {
  clock: {
    /** The config's `clock`. */
    mode: 'system' | 'timesync';
    trusted: boolean;
    /** The system's clock was set from a time server since the boot. */
    synchronised: boolean;
    /** The machine's clock. */
    now: string;
    /** The latest time that the box has ever trusted; it never trusts an earlier one (invariant 4). */
    latestTrusted: string | null;
  };
  storage: { freeBytes: number; reserveBytes: number; journalBytes: number };
  /** Results that the broker has not acknowledged; `isMore`: there may be more than were counted. */
  outbox: { waiting: number; isMore: boolean };
  /** Where the broker is; null: nobody has told. */
  broker: string | null;
  certificateEndsAt: string | null;
  links: { terminal: string; panel: string | null };
  /** How often each button was pressed since the start. */
  presses: Readonly<Record<string, number>>;
}

/** `POST /lamps`. False: no panel is there, or an operation runs. */
export interface LampsAnswer {
  shown: boolean;
}

/** `POST /broker`. */
export interface BrokerTried {
  roundTripMs: number;
}

/** `POST /test-payment`, `GET /operation?id=…`. All null: there is none of this id. */
export interface OperationAnswer {
  id: string;
  stage: OperationRecord['stage'] | null;
  outcome: string | null;
  code: string | null;
  text: string | null;
  invoice: string | null;
}

/** The most entries that are told at once. */
export const logMaxEntries = 1000;

/** One operation as a line of the log. */
export function logEntryOf(record: OperationRecord, isoTime: (epochMs: number) => string): LogEntry {
  const { result } = record;
  return {
    id: record.id,
    at: isoTime(record.acceptedAtMs),
    type: record.type,
    state: record.stage,
    outcome: result?.outcome ?? null,
    code: result?.reason.code ?? null,
    amount: result?.approvedAmount ?? result?.amount ?? null,
    currency: result?.currency ?? null,
    invoice: result?.invoice ?? null,
    rrn: result?.rrn ?? null,
    order: record.command?.order ?? null,
    sequence: result?.sequence ?? null,
    recovered: result?.recovered ?? false,
  };
}
