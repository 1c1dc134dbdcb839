import { parseArgs } from 'node:util';
import { askGateway } from '../control/client.ts';
import { type LogEntry, logMaxEntries } from '../control/protocol.ts';
import { SwipeError } from '../seams/error.ts';
import { writtenAmount } from './amounts.ts';
import type { CliCommand } from './command.ts';
import { socketPath } from './places.ts';

/** `swipe log`: the last operations. */
export const command: CliCommand = {
  name: 'log',
  summary: 'the last operations and how they ended',
  help: `usage: swipe log [--config FILE] [--last N] [--json]

Newest first; 20 unless --last says otherwise.

example: swipe log --last 5`,
  async run(argv, { out }) {
    const { values } = parseArgs({
      args: argv,
      options: {
        config: { type: 'string' },
        last: { type: 'string', default: '20' },
        json: { type: 'boolean', default: false },
      },
    });
    const last = Number(values.last);
    if (!Number.isInteger(last) || last < 1 || last > logMaxEntries)
      throw new SwipeError(
        'usage',
        `--last: found ${values.last}, allowed: a whole number from 1 to ${logMaxEntries}`,
      );
    const entries = await askGateway<LogEntry[]>(socketPath(values.config), `/log?limit=${last}`);
    if (values.json) out(JSON.stringify(entries, null, 2));
    else for (const line of table(entries)) out(line);
    return 0;
  },
};

const headings = ['time', 'type', 'outcome', 'code', 'amount', 'invoice', 'id'];

function table(entries: readonly LogEntry[]): string[] {
  if (entries.length === 0) return ['no operation yet'];
  const rows = entries.map((entry) => [
    entry.at.replace('T', ' ').slice(0, 19),
    entry.type,
    (entry.outcome ?? entry.state) + (entry.recovered ? ' (recovered)' : ''),
    entry.code ?? '',
    entry.amount === null ? '' : writtenAmount(entry.amount, entry.currency),
    entry.invoice ?? '',
    entry.id,
  ]);
  const widths = headings.map((_, column) =>
    Math.max(...[headings, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [headings, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
