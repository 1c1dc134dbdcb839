/** The bank against the results: points 1, 3 and 5 of DESIGN 4, and the one case of 4.1 that nobody can tell. */
import type { Result } from '../../gateway/contract/result.ts';
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import { foreignOfSameAmount, movementsOf, standingOf } from './bank.ts';
import { type Asked, movesMoney } from './book.ts';
import type { Simulation } from './simulation.ts';

const isApproved = ({ outcome }: Result): boolean =>
  outcome === 'approved' || outcome === 'partiallyApproved';

/** Reports every violation; returns how many outcomes no cash register could have told. */
export function judgeMoney(simulation: Simulation, finals: ReadonlyMap<string, Result>): number {
  const { book } = simulation;
  const movements = simulation.movements();
  const accounted = new Set<Movement>();
  let untellable = 0;
  for (const asked of book.all()) {
    if (!movesMoney(asked.type)) continue;
    const moved =
      asked.type === 'reversal' ? reversalsOf(asked, simulation, movements) : movementsOf(asked, movements);
    for (const one of moved) accounted.add(one);
    const final = finals.get(asked.id) ?? null;
    if (judgeOne(asked, final, moved, movements, simulation)) untellable += 1;
  }
  const extra = movements.find(
    (one) => one.ours && !one.automatic && one.kind !== 'cash' && !accounted.has(one),
  );
  if (extra !== undefined)
    simulation.violations.report('1', '', `money moved that nobody asked for: ${extra.kind} ${extra.amount}`);
  return untellable;
}

/** True: it is the case that no cash register can tell. */
function judgeOne(
  asked: Asked,
  final: Result | null,
  moved: readonly Movement[],
  movements: readonly Movement[],
  { violations }: Simulation,
): boolean {
  const { id, type, expectation } = asked;
  const report = violations.report;
  if (moved.length > 1)
    report('1', id, `${moved.length} movements: ${moved.map(({ amount }) => amount).join(', ')}`);
  const standing = type === 'reversal' ? moved : standingOf(asked, movements);
  if (expectation !== 'outcome' && moved.length > 0)
    report('3.2', id, `${type} moved money, which may not be`);
  if (final === null) return false;
  // Whatever a person decides, and whatever is told while it is not certain, may differ from the bank.
  if (final.resolved !== null || final.outcome === 'unknown') return false;
  const [movement] = standing;
  if (!isApproved(final)) {
    if (movement !== undefined)
      report('3', id, `${final.outcome} ${final.reason.code}, but the bank has ${movement.amount}`);
    return false;
  }
  if (movement === undefined) {
    const startMs = Date.parse(final.startedAt ?? '') - 150_000;
    const isForeign =
      final.recovered &&
      foreignOfSameAmount(asked, movements).some(({ atMs }) => atMs >= startMs - 8_000_000);
    if (!isForeign) report('3', id, `${final.outcome}, but the bank has nothing`);
    return isForeign;
  }
  if (final.approvedAmount !== movement.amount)
    report('3', id, `approvedAmount ${final.approvedAmount}, but the bank has ${movement.amount}`);
  const isOther =
    (final.rrn !== null && final.rrn !== movement.rrn) ||
    (final.invoice !== null && Number(final.invoice) !== Number(movement.invoice));
  if (isOther) report('5', id, `credited with receipt ${final.invoice}, ours is ${movement.invoice}`);
  if (type === 'cashback') judgeCash(asked, final, movement, movements, report);
  return false;
}

function judgeCash(
  asked: Asked,
  final: Result,
  { rrn }: Movement,
  movements: readonly Movement[],
  report: Simulation['violations']['report'],
): void {
  const cash = movements.find((one) => one.kind === 'cash' && one.rrn === rrn)?.amount ?? 0;
  if (final.cashApproved !== cash)
    report('3', asked.id, `cashApproved ${final.cashApproved}, but the bank has ${cash}`);
}

/** A reversal moves what its own request took back: the last one on the wire before the movement that names its receipt. */
function reversalsOf(
  asked: Asked,
  { witness }: Simulation,
  movements: readonly Movement[],
): readonly Movement[] {
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
