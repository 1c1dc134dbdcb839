import type { BoxStatus } from '../contract/event.ts';
import { isoTime } from '../contract/time.ts';
import type { Cashier } from '../payments/cashier.ts';
import type { Registration } from '../payments/outside.ts';
import type { Terminal } from '../payments/terminal-port.ts';
import { version } from '../version.ts';

/** Whom the status asks. */
export interface StatusSources {
  box: string;
  /** When the gateway was started. */
  sinceMs: number;
  terminal: Pick<Terminal, 'state' | 'identity' | 'supports'>;
  panel: { state(): BoxStatus['panel'] };
  /** Absent: there is no printer. */
  printer?: { state(): BoxStatus['printer'] } | null;
  registration: Pick<Registration, 'current'>;
  cashier: Pick<Cashier, 'running' | 'stateOf' | 'unresolved'>;
}

/** What the box is and can do now. */
export function boxStatusOf(sources: StatusSources): BoxStatus {
  const { box, sinceMs, terminal, panel, printer, registration, cashier } = sources;
  const record = cashier.running()?.record ?? null;
  const { state, untilMs } = registration.current();
  return {
    online: true,
    box,
    version,
    terminal: { state: terminal.state(), ...terminal.identity() },
    panel: panel.state(),
    printer: printer?.state() ?? 'none',
    registration: { state, until: untilMs === null ? null : isoTime(untilMs) },
    operation: record === null ? null : { id: record.id, state: cashier.stateOf(record.id, record) },
    unresolved: cashier.unresolved(),
    supports: [...terminal.supports(), ...(printer ? ['print'] : []), 'abort', 'status', 'resolve'],
    since: isoTime(sinceMs),
  };
}
