/** A bank's statement: what was booked, what waits and why, and the list of what waits. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { entryStates, listEntries, type ToldEntry } from '../../../provisioning/registry/billing/entries.ts';
import {
  type ImportedStatement,
  importStatement,
  type StatementFormat,
  statementFormats,
} from '../../../provisioning/registry/billing/import.ts';
import { messageOf, SwipeError } from '../../seams/error.ts';
import { billed, everyPage, money, text, wordIn } from './billing-parts.ts';
import { person } from './config-file.ts';
import { table } from './table.ts';
import { needed, show, type Task, type Work } from './work.ts';

/** In the order of the help. */
export const billingEntryWorks: readonly Work[] = [
  {
    words: ['entries'],
    usage: `entries [--state ${entryStates.join('|')}] [--json]`,
    summary: 'entries of bank statements, by default those that wait for a person, and why',
    example: 'entries',
    options: { state: text },
    run: (task) =>
      billed(task, async ({ core }) => {
        const state = wordIn(task, 'state', entryStates) ?? 'waiting';
        const rows = await everyPage(
          (after: number | undefined, limit) => listEntries(core, person(), { after, limit, state }),
          ({ entry }) => entry,
        );
        show(task, rows, () => entryTable(rows));
      }),
  },
];

/** Imports the file of `--statement`. */
export async function payStatement(task: Task): Promise<void> {
  const path = needed(task, 'statement');
  const asked = wordIn(task, 'format', statementFormats);
  const looksLike = await formatOf(path);
  const format = asked ?? looksLike;
  if (format === null)
    throw new SwipeError(
      'usage',
      `--format is needed: ${path} is no XML; allowed: ${statementFormats.join(', ')}`,
    );
  await billed(task, async ({ core, billing }) => {
    const bytes = createReadStream(path);
    const done = await importStatement(core, billing, person(), { bytes, format });
    show(task, done, () => linesOf(done));
  });
}

/** An XML file is camt.053; of other files nobody can tell whose they are. @throws SwipeError `usage` */
async function formatOf(path: string): Promise<StatementFormat | null> {
  const start = Buffer.alloc(64);
  try {
    const file = await open(path);
    await file.read(start, 0, start.length, 0).finally(() => file.close());
  } catch (error) {
    throw new SwipeError('usage', `--statement: ${path} cannot be read: ${messageOf(error)}`);
  }
  return /^(\xef\xbb\xbf)?\s*</.test(start.toString('latin1')) ? 'camt' : null;
}

function linesOf({ entries, booked, waiting, again, notBooked }: ImportedStatement): string[] {
  const fresh = entries.filter((entry) => !entry.again);
  const inBooks = fresh.filter(({ state }) => state === 'booked');
  // Those of an earlier import too: whoever looks at the file again wants to know what is left to do.
  const waits = entries.filter(({ state }) => state === 'waiting');
  return [
    ...(inBooks.length === 0 ? [] : ['booked:', ...entryTable(inBooks), '']),
    ...(waits.length === 0 ? [] : ['waiting:', ...entryTable(waits), '']),
    `${booked} booked, ${waiting} new ones wait, ${again} were taken before${notBooked === 0 ? '' : `, ${notBooked} are not booked by the bank yet`}`,
    ...(waits.length === 0
      ? []
      : [
          'to decide: swipe registry pay --entry ENTRY --invoice NUMBER | --customer CUSTOMER | --aside REASON',
        ]),
  ];
}

// A purpose may be long; all of it is in --json.
const shownPurpose = 60;

const entryTable = (rows: readonly ToldEntry[]): string[] =>
  table(
    ['entry', 'why', 'day', 'amount', 'customer', 'payer', 'purpose'],
    rows.map((row) => [
      String(row.entry),
      row.why ?? '',
      row.day,
      money(row.direction === 'debit' ? -row.amount : row.amount, row.currency),
      row.customer ?? '',
      shortened(row.payer.name ?? row.payer.iban ?? ''),
      shortened(row.purpose),
    ]),
  );

const shortened = (long: string): string => {
  // What a bank writes must not steer the terminal of whoever reads it.
  const plain = long.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return plain.length > shownPurpose ? `${plain.slice(0, shownPurpose - 1)}…` : plain;
};
