import { parse } from 'csv-parse/sync';
import { exponentOf } from '../../paper/money.ts';
import { isIban } from '../../rules/iban.ts';
import { decoded, limited } from '../decoding.ts';
import { StatementFault } from '../fault.ts';
import { isReference, type Unreferenced, withReferences } from '../references.ts';
import {
  type Bytes,
  type Direction,
  defaultStatementLimits,
  type Statement,
  type StatementLimits,
} from '../shapes.ts';
import { tidy } from '../tidy.ts';
import { amountIn, dayIn, type SignedAmount } from './cells.ts';
import { type Places, placesOf } from './columns.ts';
import { type Lines, wholeLines } from './lines.ts';
import type { Column, CsvProfile } from './profiles.ts';

/** Lines besides entries: the names of the columns, empty ones. */
const sparedLines = 1_000;

/** What somebody writes freely. However long it is, it is no fault of the file: less of it is kept. */
const free: ReadonlySet<Column> = new Set(['purpose', 'payerName']);

interface Row {
  cells: readonly string[];
  line: number;
}

/**
 * Reads a bank's CSV file by a profile. It is taken as a whole or not at all. Throws a {@link StatementFault}, or a
 * Refusal `tooLarge`.
 */
export async function readStatementCsv(
  bytes: Bytes,
  profile: CsvProfile,
  limits: StatementLimits = defaultStatementLimits,
): Promise<Statement> {
  const text = decoded(limited(bytes, limits.bytes), () => profile.encoding);
  const entries: Unreferenced[] = [];
  let header: { places: Places; width: number } | null = null;
  for await (const lines of wholeLines(text, limits.entries + sparedLines))
    for (const row of rowsOf(lines, profile)) {
      if (header === null) header = { places: placesOf(row.cells, profile), width: row.cells.length };
      else entries.push(entryOf(row, { ...header, profile, limits }));
      if (entries.length > limits.entries)
        throw new StatementFault(row.line, '', 'more', `at most ${limits.entries} entries`);
    }
  if (header === null) throw new StatementFault(1, '', 'nothing', 'a line with the names of the columns');
  return { entries: withReferences(entries), notBooked: 0 };
}

/** The rows in whole lines, without empty ones: one on each line. */
function rowsOf({ text, first }: Lines, profile: CsvProfile): Row[] {
  const rows: Row[] = [];
  let line = first - 1;
  try {
    parse(text, {
      delimiter: profile.delimiter,
      record_delimiter: ['\r\n', '\n'],
      // Names with quotation marks in them come without being quoted.
      relax_quotes: true,
      relax_column_count: true,
      on_record: (cells: string[]) => {
        line += 1;
        // A mark that is never closed would swallow the lines that follow.
        if (cells.some((cell) => /[\r\n]/.test(cell)))
          throw new StatementFault(line, '', cells.join(profile.delimiter), 'one entry on one line');
        if (cells.some((cell) => cell.trim() !== '')) rows.push({ cells, line });
        return null;
      },
    });
  } catch (error) {
    if (error instanceof StatementFault) throw error;
    const code = (error as { code?: string }).code ?? String(error);
    throw new StatementFault(line + 1, '', code, 'a line of CSV (RFC 4180)');
  }
  return rows;
}

interface EntryParts {
  width: number;
  places: Places;
  profile: CsvProfile;
  limits: StatementLimits;
}

function entryOf({ cells, line }: Row, { width, places, profile, limits }: EntryParts): Unreferenced {
  if (cells.length < Math.max(...places.values()) + 1)
    throw new StatementFault(line, '', `${cells.length} columns`, `${width} columns`);
  if (cells.slice(width).some((cell) => cell.trim() !== ''))
    throw new StatementFault(
      line,
      '',
      cells.slice(width).join(profile.delimiter),
      `no more than ${width} columns`,
    );
  const cell = (column: Column): string => {
    const place = places.get(column);
    const text = place === undefined ? '' : (cells[place] ?? '');
    if (text.length > limits.text && !free.has(column))
      throw new StatementFault(line, column, text, `at most ${limits.text} characters`);
    return tidy(text);
  };
  const account = (cell('account') || (profile.account ?? '')).replaceAll(' ', '').toUpperCase();
  if (!/^[A-Z0-9]{1,34}$/.test(account))
    throw new StatementFault(line, 'account', cell('account'), 'the IBAN of the account');
  const currency = cell('currency').toUpperCase() || (profile.currency ?? '');
  const exponent = exponentOf(currency);
  if (exponent === null)
    throw new StatementFault(line, 'currency', cell('currency'), 'a currency of ISO 4217');
  const day = dayIn(cell('day'));
  if (day === null)
    throw new StatementFault(line, 'day', cell('day'), 'a day such as 05.11.2026 or 2026-11-05');
  const payerIban = cell('payerIban').replaceAll(' ', '').toUpperCase();
  const payerCode = cell('payerCode');
  return {
    account,
    currency,
    day,
    ...movedBy(cell, profile, exponent, line),
    reversal: false,
    payer: {
      name: cell('payerName') || null,
      iban: isIban(payerIban) ? payerIban : null,
      code: /^\d{8,10}$/.test(payerCode) ? payerCode : null,
    },
    purpose: cell('purpose'),
    bankReference: referenceIn(cell('reference'), line),
    more: [cell('document'), payerIban, payerCode],
  };
}

function referenceIn(text: string, line: number): string | null {
  if (text.length > 70) throw new StatementFault(line, 'reference', text, 'at most 70 characters');
  return isReference(text) ? text : null;
}

/** From one column with a sign, or from two of which one is filled. */
function movedBy(
  cell: (column: Column) => string,
  { columns, decimal }: CsvProfile,
  exponent: number,
  line: number,
): SignedAmount {
  const example = exponent === 0 ? '1234' : `1234${decimal === ',' ? ',' : '.'}${'50'.padEnd(exponent, '0')}`;
  const read = (column: Column, direction?: Direction): SignedAmount[] => {
    const text = cell(column);
    const found = amountIn(text, decimal, exponent);
    if (text === '' || found?.amount === 0) return [];
    if (found === null || (direction !== undefined && found.direction === 'debit'))
      throw new StatementFault(line, columns[column]?.[0] ?? column, text, `a number such as ${example}`);
    return [{ ...found, direction: direction ?? found.direction }];
  };
  const amounts = [...read('amount'), ...read('credit', 'credit'), ...read('debit', 'debit')];
  const [only] = amounts;
  if (only === undefined || amounts.length > 1)
    throw new StatementFault(line, 'amount', `${amounts.length} amounts`, 'one amount, not zero');
  return only;
}
