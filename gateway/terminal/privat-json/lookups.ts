/** Reading the terminal's receipts on one connection. Nothing here can move money. */
import type { Baseline, NoReading, ReceiptReading } from '../../payments/terminal-port.ts';
import { ask, ping } from './handshake.ts';
import type { LocalTime } from './local-time.ts';
import type { Message } from './message.ts';
import { baselineOf, isSameNumber, readingOf } from './receipts.ts';
import { lastInvoice } from './requests.ts';
import type { Session } from './session.ts';

/** How long a receipt is waited for, with what stands before it in line. */
export const lookUpMs = 3_000;

const method = 'GetReceiptInfo';

/** How often the last receipt is asked for until two answers agree. */
const triesMax = 3;

/** What look-ups need of the driver. */
export interface LookUpParts {
  localTime: LocalTime;
  /** Added to each limit: two messages are sent no closer than this. */
  commandGapMs: number;
  has(method: string): boolean;
  lacks(method: string): void;
  shows(method: string): void;
  suspect(state?: 'busy'): void;
}

/** The connection went away meanwhile. */
export interface Gone {
  kind: 'gone';
}

/** Reads receipts on one connection. */
export interface LookUps {
  isIdle(): Promise<boolean>;
  last(): Promise<Baseline | NoReading | Gone>;
  receipt(invoice: string): Promise<ReceiptReading | Gone>;
  /** The mark of the receipt of this number; null when the terminal does not show it. */
  mark(invoice: string): Promise<{ kind: 'mark'; mark: string | null } | NoReading | Gone>;
}

/** Look-ups on this connection. */
export function lookUpsOn(session: Session, parts: LookUpParts): LookUps {
  const limitMs = lookUpMs + 2 * parts.commandGapMs;

  const look = async (
    invoiceNumber: string,
  ): Promise<Message | NoReading | Gone | { kind: 'unavailable' }> => {
    if (!parts.has(method)) return { kind: 'unavailable' };
    const reply = await ask(session, method, { invoiceNumber }, limitMs);
    switch (reply.kind) {
      case 'answer':
        parts.shows(method);
        return reply.message;
      case 'notImplemented':
        parts.lacks(method);
        return look(invoiceNumber);
      case 'busy':
        parts.suspect('busy');
        return { kind: 'busy' };
      case 'noAnswer':
        parts.suspect();
        return { kind: 'noAnswer' };
      case 'gone':
        return { kind: 'gone' };
    }
  };

  return {
    async isIdle() {
      const { kind } = await ping(session, limitMs);
      if (kind !== 'answer') parts.suspect(kind === 'busy' ? 'busy' : undefined);
      return kind === 'answer';
    },
    async last() {
      const lastNow = async () => {
        const found = await look(lastInvoice);
        return 'kind' in found ? found : baselineOf(found);
      };
      // An empty batch and a passing error look the same, and one bit makes an answer without its number: what says
      // that there is no receipt is believed when it is said twice in a row.
      let before = '';
      for (let tries = 0; tries < triesMax; tries += 1) {
        const last = await lastNow();
        const isDoubtful = last.kind === 'none' || last.kind === 'unavailable';
        if (last.kind !== 'garbled' && (!isDoubtful || last.kind === before)) return last;
        before = last.kind;
      }
      return { kind: 'noAnswer' };
    },
    async mark(invoice) {
      const found = await look(invoice);
      if ('kind' in found) return found.kind === 'unavailable' ? { kind: 'mark', mark: null } : found;
      const shown = baselineOf(found);
      if (shown.kind === 'garbled') return { kind: 'noAnswer' };
      const isAsked = shown.kind === 'receipt' && isSameNumber(shown.invoice, invoice);
      return { kind: 'mark', mark: isAsked ? shown.mark : null };
    },
    async receipt(invoice) {
      const found = await look(invoice);
      return 'kind' in found ? found : readingOf(found, invoice, parts.localTime);
    },
  };
}
