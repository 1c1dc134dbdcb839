import type { BillingDocument } from '../shapes.ts';
import { type Decimal, documentColumns, type LineOf, lineColumns } from './rows.ts';

/** Documents as they come out of the database. */
export type Documents = Iterable<BillingDocument> | AsyncIterable<BillingDocument>;

/** How a CSV file is wanted. */
export interface CsvOptions {
  /** `;` and `,` are what a Ukrainian spreadsheet program reads without being asked. */
  delimiter: ',' | ';';
  decimal: Decimal;
  /** Whether the file begins with a byte order mark, by which spreadsheet programs know UTF-8. */
  byteOrderMark: boolean;
}

/** For programs: commas, decimal points, no byte order mark. */
export const defaultCsvOptions: CsvOptions = { delimiter: ',', decimal: '.', byteOrderMark: false };

/**
 * Documents as CSV (RFC 4180), one row each, row by row: no more than one document is held at a time. No cell is taken
 * for a formula by a spreadsheet program.
 */
export async function* documentsCsv(
  documents: Documents,
  options: CsvOptions = defaultCsvOptions,
): AsyncGenerator<string> {
  yield headOf(documentColumns, options);
  for await (const document of documents)
    yield rowOf(
      documentColumns.map(([, value]) => value(document, options.decimal)),
      options,
    );
}

/** The lines of documents as CSV, one row each; as {@link documentsCsv}. */
export async function* linesCsv(
  documents: Documents,
  options: CsvOptions = defaultCsvOptions,
): AsyncGenerator<string> {
  yield headOf(lineColumns, options);
  for await (const document of documents)
    for (const [index, line] of document.lines.entries()) {
      const of: LineOf = { document, line, position: index + 1 };
      yield rowOf(
        lineColumns.map(([, value]) => value(of, options.decimal)),
        options,
      );
    }
}

const headOf = (columns: readonly (readonly [name: string, value: unknown])[], options: CsvOptions): string =>
  `${options.byteOrderMark ? '\ufeff' : ''}${rowOf(
    columns.map(([name]) => name),
    options,
  )}`;

const rowOf = (cells: readonly string[], { delimiter }: CsvOptions): string =>
  `${cells.map((cell) => cellOf(cell, delimiter)).join(delimiter)}\r\n`;

// What makes a spreadsheet program reckon, also behind blanks and as a full-width sign.
const startsFormula = /^[\s\p{Cf}]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;

/** One cell: no formula, quoted where it must be, without what is no text. */
function cellOf(text: string, delimiter: string): string {
  const plain = text.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}/gu, '');
  const safe = startsFormula.test(plain) ? `'${plain}` : plain;
  return safe.includes(delimiter) || /["\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
