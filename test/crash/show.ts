/** A crash report as text. */
import { table } from '../simulation/table.ts';
import type { CrashReport } from './run.ts';

/** Tables, then every violation, then the sums. */
export function show(report: CrashReport): string {
  const { violations, elapsedMs } = report;
  const lines = [
    table('Kills by moment', report.moments.toJSON()),
    table('Other troubles', report.troubles.toJSON()),
    table('What people did', report.people.toJSON()),
    table('Movements at the bank', report.charges.toJSON()),
    table('Outcomes', report.outcomes.toJSON()),
    table('Reasons told', report.reasons.toJSON()),
    table('What no cash register can tell', report.untellable.toJSON()),
    ...violations.map(
      ({ point, id, text }) => `violation: seed ${report.seed}, point ${point}, ${id}: ${text}`,
    ),
    `seed ${report.seed}: ${report.kills} kills, ${report.operations} operations, ${report.requests} requests of money, ` +
      `${report.charges.total} movements at the bank, ${report.sequences} results told ${report.published} times, ` +
      `${report.recovered} recovered, ${report.unknown} once unknown, ${report.decided} decided by a person, ` +
      `${violations.length} violations, ${(elapsedMs / 1000).toFixed(1)} s`,
  ];
  return lines.join('\n');
}
