/** What is looked up before an operation starts. Nothing here can move money. */
import type { CommandOf } from '../contract/command.ts';
import { isExpired, needsBaseline, type Refusal } from './gate.ts';
import { compareOriginal, expectedOriginal, isNoOriginal } from './original.ts';
import type { Parts } from './parts.ts';
import type { OriginalReceipt, TerminalCommand } from './requests.ts';
import type { Baseline } from './terminal-port.ts';

/** Ready to start. */
export interface Prepared {
  baseline: Baseline;
  original: OriginalReceipt | null;
}

const refuse = (reason: Refusal['reason'], text: string): Refusal => ({ reason, text });
const silent = refuse('terminalAbsent', 'the terminal does not answer');
const occupied = refuse('busy', 'the terminal is busy with something else');

/** Reads the original of a reversal and the baseline, then checks the deadline (invariant 4). */
export async function prepare(command: TerminalCommand, parts: Parts): Promise<Prepared | Refusal> {
  let original: OriginalReceipt | null = null;
  if (command.type === 'reversal') {
    const found = await findOriginal(command, parts);
    if ('reason' in found) return found;
    original = found;
  }
  const baseline: Baseline | Refusal = needsBaseline(command.type)
    ? await readBaseline(parts)
    : { kind: 'unavailable' };
  if ('reason' in baseline) return baseline;
  const { clock } = parts;
  if (!clock.isTrusted()) return refuse('clockUnknown', 'the box does not know the time');
  if (isExpired(command, clock.nowMs()))
    return refuse('expired', 'its deadline passed before it could start');
  return { baseline, original };
}

async function readBaseline({ terminal }: Parts): Promise<Baseline | Refusal> {
  const reading = await terminal.readBaseline();
  if (reading.kind === 'busy') return occupied;
  return reading.kind === 'noAnswer' ? silent : reading;
}

async function findOriginal(
  command: CommandOf<'reversal'>,
  { journal, terminal }: Parts,
): Promise<OriginalReceipt | Refusal> {
  const known = command.operation === undefined ? null : journal.find(command.operation);
  const earlier = command.operation === undefined ? [] : journal.reversalsOf(command.operation);
  const expected = expectedOriginal(command, known, earlier);
  if (isNoOriginal(expected)) return expected;
  const reading = await terminal.readReceipt(expected.invoice);
  if (reading.kind === 'busy') return occupied;
  if (reading.kind === 'noAnswer') return silent;
  if (reading.kind !== 'read')
    return refuse('originalNotFound', 'the terminal cannot show the receipt of the original');
  return compareOriginal(expected, reading.receipt);
}
