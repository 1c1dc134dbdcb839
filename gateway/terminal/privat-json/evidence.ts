/** What the terminal shows after a break: every receipt since the baseline (docs/invariants.md, settling). */
import type {
  Baseline,
  EvidenceReading,
  ReceiptFacts,
  ReceiptReading,
} from '../../payments/terminal-port.ts';
import type { LookUps } from './lookups.ts';

/** The most receipts that are read; more since one operation began would be a day's work. */
export const receiptsMax = 30;

type Walk = { since: ReceiptFacts[]; complete: boolean };

/** Thrown within this file when the terminal cannot be read now. */
class NotReady extends Error {}

/** Reads the evidence over one connection; `notReady` when the terminal is not idle, or goes away meanwhile. */
export async function gather(
  lookUps: LookUps,
  terminal: string,
  since: Baseline,
  original: string | null,
): Promise<EvidenceReading> {
  try {
    if (!(await lookUps.isIdle())) return { kind: 'notReady' };
    const last = await lastOf(lookUps);
    const walk = await walkFrom(lookUps, since, last);
    const reading = original === null ? null : await readingNow(lookUps, original);
    return { kind: 'read', terminal, last, ...walk, original: reading };
  } catch (error) {
    if (error instanceof NotReady) return { kind: 'notReady' };
    throw error;
  }
}

async function lastOf(lookUps: LookUps): Promise<Baseline> {
  const last = await lookUps.last();
  if (last.kind === 'receipt' || last.kind === 'none' || last.kind === 'unavailable') return last;
  throw new NotReady();
}

async function readingNow(lookUps: LookUps, invoice: string): Promise<ReceiptReading> {
  const reading = await lookUps.receipt(invoice);
  // Silence is no evidence: it is asked again when the terminal answers.
  if (reading.kind === 'gone' || reading.kind === 'busy' || reading.kind === 'noAnswer') throw new NotReady();
  return reading;
}

const nothingSure: Walk = { since: [], complete: false };

async function walkFrom(lookUps: LookUps, since: Baseline, last: Baseline): Promise<Walk> {
  // Without a last receipt there is nothing to read, and an empty batch may be a closed one.
  if (since.kind === 'unavailable' || last.kind !== 'receipt') return nothingSure;
  if (since.kind === 'none') return walkDown(lookUps, last.invoice);
  const first = BigInt(since.invoice);
  const end = BigInt(last.invoice);
  if (end < first) return nothingSure;
  if (end === first) return { since: [], complete: since.mark === last.mark };
  const walk = await walkUp(lookUps, first, end, widthOf(since.invoice, last.invoice));
  // Numbers that began again after a closed batch may have passed the baseline's: it must still be the same receipt.
  return { ...walk, complete: walk.complete && (await isStillThere(lookUps, since)) };
}

async function walkUp(lookUps: LookUps, after: bigint, last: bigint, width: number): Promise<Walk> {
  const since: ReceiptFacts[] = [];
  const limit = after + BigInt(receiptsMax);
  let complete = last <= limit;
  for (let number = after + 1n; number <= last && number <= limit; number += 1n) {
    const reading = await readingNow(lookUps, numbered(number, width));
    if (reading.kind === 'read') since.push(reading.receipt);
    else complete = false;
    if (reading.kind === 'unavailable') break;
  }
  return { since, complete };
}

/** There was no receipt before: everything down to the first one is new. */
async function walkDown(lookUps: LookUps, last: string): Promise<Walk> {
  const since: ReceiptFacts[] = [];
  let number = BigInt(last);
  for (; number >= 1n && since.length < receiptsMax; number -= 1n) {
    const reading = await readingNow(lookUps, numbered(number, widthOf(last)));
    if (reading.kind === 'read') since.unshift(reading.receipt);
    // Below the last one a missing number is the end; the last one itself was there a moment ago.
    else return { since, complete: reading.kind === 'notFound' && since.length > 0 };
  }
  return { since, complete: number < 1n };
}

async function isStillThere(
  lookUps: LookUps,
  since: Extract<Baseline, { kind: 'receipt' }>,
): Promise<boolean> {
  const found = await lookUps.mark(since.invoice);
  if (found.kind === 'gone' || found.kind === 'busy' || found.kind === 'noAnswer') throw new NotReady();
  return found.kind === 'mark' && found.mark === since.mark;
}

/** How wide the terminal writes its numbers; 0 when it writes no leading zeros. */
const widthOf = (...invoices: string[]): number =>
  Math.max(0, ...invoices.filter((invoice) => invoice.startsWith('0')).map(({ length }) => length));

const numbered = (number: bigint, width: number): string => String(number).padStart(width, '0');
