/** The bank against the results: invariants 1, 3 and 5, and what no cash register can tell (docs/invariants.md). */
import type { Result } from '../../gateway/contract/result.ts';
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import { foreignOfSameAmount, movementsOf, standingOf } from './bank.ts';
import { type Asked, movesMoney } from './book.ts';
import type { Judged } from './judged.ts';
import type { Tally } from './tally.ts';

/** The window of docs/invariants.md, settling; written here again, so that a change of the box's own is noticed. */
const finishingMs = 3 * 60_000;
const clockSlackMs = 2 * 60_000;
/** From reading the baseline to the request on the wire. */
const baselineMs = 5_000;

/** Outcomes that no cash register can tell apart; counted by these names. */
export const untellables = {
  foreign: 'ours ended without a receipt, and somebody keyed in the same amount',
  late: 'the terminal went on alone for longer than five minutes',
} as const;

type Untellable = (typeof untellables)[keyof typeof untellables];

const isApproved = ({ outcome }: Result): boolean =>
  outcome === 'approved' || outcome === 'partiallyApproved';

/** Reports every violation, and counts the outcomes that no cash register could have told. */
export function judgeMoney(simulation: Judged, finals: ReadonlyMap<string, Result>, untellable: Tally): void {
  const { book } = simulation;
  const movements = simulation.movements();
  const accounted = new Set<Movement>();
  for (const asked of book.all()) {
    if (!movesMoney(asked.type)) continue;
    const moved =
      asked.type === 'reversal' ? reversalsOf(asked, simulation, movements) : movementsOf(asked, movements);
    for (const one of moved) accounted.add(one);
    const final = finals.get(asked.id) ?? null;
    const excuse = judgeOne(asked, final, moved, movements, simulation);
    if (excuse !== null) untellable.add(excuse);
  }
  const extra = movements.find(
    (one) => one.ours && !one.automatic && one.kind !== 'cash' && !accounted.has(one),
  );
  if (extra !== undefined)
    simulation.violations.report('1', '', `money moved that nobody asked for: ${extra.kind} ${extra.amount}`);
}

/** What no cash register can tell; null: what was told is right, or reported. */
function judgeOne(
  asked: Asked,
  final: Result | null,
  moved: readonly Movement[],
  movements: readonly Movement[],
  judged: Judged,
): Untellable | null {
  const { id, type, expectation } = asked;
  const { report } = judged.violations;
  if (moved.length > 1)
    report('1', id, `${moved.length} movements: ${moved.map(({ amount }) => amount).join(', ')}`);
  const standing = type === 'reversal' ? moved : standingOf(asked, movements);
  if (expectation !== 'outcome' && moved.length > 0)
    report('3.2', id, `${type} moved money, which may not be`);
  if (final === null) return null;
  // Whatever a person decides, and whatever is told while it is not certain, may differ from the bank.
  if (final.resolved !== null || final.outcome === 'unknown') return null;
  const [movement] = standing;
  if (!isApproved(final)) {
    if (movement === undefined) return null;
    if (final.reason.code === 'notPerformed' && isTooLate(asked, movement, judged)) return untellables.late;
    report('3', id, `${final.outcome} ${final.reason.code}, but the bank has ${movement.amount}`);
    return null;
  }
  if (movement === undefined) {
    if (final.recovered && isForeign(asked, final, movements, judged)) return untellables.foreign;
    report('3', id, `${final.outcome}, but the bank has nothing`);
    return null;
  }
  if (final.approvedAmount !== movement.amount)
    report('3', id, `approvedAmount ${final.approvedAmount}, but the bank has ${movement.amount}`);
  const isOther =
    (final.rrn !== null && !isReference(final.rrn, movement.rrn)) ||
    (final.invoice !== null && Number(final.invoice) !== Number(movement.invoice));
  if (isOther) report('5', id, `credited with receipt ${final.invoice}, ours is ${movement.invoice}`);
  if (type === 'cashback') judgeCash(asked, final, movement, movements, report);
  return null;
}

/**
 * The bank's references are digits here, but may hold letters (ISO 8583 field 37): one bit that falls over on the line
 * makes a letter of a digit, and nobody can see it. Another operation's reference has no letter.
 */
function isReference(told: string, real: string): boolean {
  const differing = [...real].map((digit, at) => [digit, told[at] ?? '']).filter(([a, b]) => a !== b);
  if (told.length !== real.length || differing.length > 1) return false;
  return differing.every(([, letter = '']) => /[A-Za-z]/.test(letter));
}

/** A terminal's receipts may tell the minute only. */
const minuteMs = 60_000;

/**
 * Ours ended without a receipt, and somebody keyed in the same amount: after the baseline was read, and by the
 * terminal's clock within the operation's window (from the start to three minutes after the last contact, and two
 * minutes of slack). The receipt that was credited must be that one.
 */
function isForeign(asked: Asked, final: Result, movements: readonly Movement[], judged: Judged): boolean {
  const { terminalAheadMs: aheadMs } = judged;
  const window = windowOf(asked, judged);
  if (window === null) return false;
  const { fromMs, toMs } = window;
  // A box that died between the start and the first byte has sent nothing, and cannot know it.
  const sentMs = judged.witness.sent(asked.id)?.wallMs ?? 0;
  return foreignOfSameAmount(asked, movements).some(
    ({ atMs, invoice }) =>
      Number(invoice) === Number(final.invoice) &&
      atMs >= sentMs - baselineMs &&
      atMs + aheadMs >= fromMs - minuteMs &&
      atMs + aheadMs <= toMs + minuteMs,
  );
}

/** The terminal went on alone, and finished later than any is assumed to; nobody saw it at work. */
function isTooLate(asked: Asked, { atMs }: Movement, judged: Judged): boolean {
  const window = windowOf(asked, judged);
  return window !== null && atMs + judged.terminalAheadMs > window.lateToMs - minuteMs;
}

function windowOf(
  { id }: Asked,
  { world }: Judged,
): { fromMs: number; toMs: number; lateToMs: number } | null {
  const record = world.journal.find(id);
  if (record === null || record.start === null) return null;
  const { start, lastContactMs, lateContactMs } = record;
  const lastMs = Math.max(lastContactMs ?? 0, start.atMs);
  const lateMs = Math.max(lateContactMs ?? 0, lastMs);
  return {
    fromMs: start.atMs - clockSlackMs,
    toMs: lastMs + finishingMs + clockSlackMs,
    lateToMs: lateMs + finishingMs + clockSlackMs,
  };
}

function judgeCash(
  asked: Asked,
  final: Result,
  { rrn }: Movement,
  movements: readonly Movement[],
  report: Judged['violations']['report'],
): void {
  const cash = movements.find((one) => one.kind === 'cash' && one.rrn === rrn)?.amount ?? 0;
  if (final.cashApproved !== cash)
    report('3', asked.id, `cashApproved ${final.cashApproved}, but the bank has ${cash}`);
}

/** A reversal moves what its own request took back: the last one on the wire before the movement that names its receipt. */
function reversalsOf(asked: Asked, { witness }: Judged, movements: readonly Movement[]): readonly Movement[] {
  const frame = witness.sent(asked.id);
  if (frame === null) return [];
  const invoice = Number(frame.params.invoiceNumber);
  const next = witness.frames.find(
    (one) => one.atMs > frame.atMs && Number(one.params.invoiceNumber ?? Number.NaN) === invoice,
  );
  return movements.filter(
    ({ kind, automatic, ours, invoice: of, atMs }) =>
      kind === 'reversal' &&
      ours &&
      !automatic &&
      Number(of) === invoice &&
      atMs >= frame.wallMs &&
      (next === undefined || atMs < next.wallMs),
  );
}
