/** Whether the gateway is alive: the rule by which its watchdog is fed. */
import type { Journal } from '../payments/journal-port.ts';
import { messageOf } from '../seams/error.ts';
import type { AttendedTime } from './attended-time.ts';

/** What the gateway cannot do without. Its event loop shows itself by asking at all. */
export interface Vitals {
  journal: Pick<Journal, 'note'>;
  terminal: Pick<AttendedTime, 'unattendedMs'>;
}

/**
 * Which part has hung or is broken, in words for the log; null while all are alive. Neither the broker nor the
 * terminal itself counts: they may be slow or away for as long as they like, and a restart would bring neither back.
 * A full disk does not count either.
 *
 * The journal writes on the event loop, so one that hangs keeps this from being asked. What is looked for here is one
 * that has stopped answering because a page of it is damaged; the read costs no access to the disk.
 *
 * @param patienceMs how long the terminal's owner may go without a turn. The kernel holds a serial port that is being
 *   closed for 30 s when the device takes no more bytes (closing_wait, setserial(8)).
 */
export function faultOf({ journal, terminal }: Vitals, patienceMs: number): string | null {
  const unattendedMs = terminal.unattendedMs();
  if (unattendedMs > patienceMs)
    return `the terminal's owner has had no turn for ${Math.round(unattendedMs / 1000)} s`;
  try {
    journal.note('terminal');
  } catch (error) {
    return `the journal does not answer: ${messageOf(error)}`;
  }
  return null;
}
