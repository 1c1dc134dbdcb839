/** What the control socket is asked and answers: HTTP over a Unix socket, JSON, for the commands for people. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudCounters } from '../cloud/cloud-link.ts';
import type { RegistryView } from '../cloud/registration/report.ts';
import type { BoxStatus } from '../contract/event.ts';
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
