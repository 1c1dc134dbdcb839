/** Invoices, acts and credit notes: to read, to print, for accounting. */
import {
  type DocumentHead,
  findDocument,
  listDocuments,
} from '../../../provisioning/registry/billing/documents.ts';
import {
  type CsvOptions,
  defaultCsvOptions,
  documentsCsv,
  linesCsv,
} from '../../../provisioning/registry/billing/export/csv.ts';
import { documentsJson } from '../../../provisioning/registry/billing/export/json.ts';
import { paperOf, wholePapers } from '../../../provisioning/registry/billing/papers.ts';
import type { DocumentKind } from '../../../provisioning/registry/billing/shapes.ts';
import { SwipeError } from '../../seams/error.ts';
import { writeOut } from './billing-output.ts';
import { billed, everyPage, flag, money, monthIn, text, wordIn } from './billing-parts.ts';
import { person } from './config-file.ts';
import { table } from './table.ts';
import { type Task, textOf, type Work } from './work.ts';

const kinds = ['invoice', 'act', 'creditNote'] as const satisfies readonly DocumentKind[];

/** In the order of the help. */
export const billingPaperWorks: readonly Work[] = [
  {
    words: ['invoice'],
    usage: 'invoice NUMBER [--language uk|en] [--to FILE] [--json]',
    summary: 'an invoice, an act or a credit note as an HTML page to print or send',
    example: 'invoice SW-2026-000123 --language en --to invoice.html',
    arguments: ['NUMBER'],
    options: { language: text, to: text },
    run: invoice,
  },
  {
    words: ['invoices'],
    usage:
      'invoices [--customer CUSTOMER] [--period YYYY-MM] [--kind invoice|act|creditNote] [--open] [--csv [--lines] [--spreadsheet] | --json] [--to FILE]',
    summary:
      'invoices, and with --kind other papers; --csv and --json for accounting (--lines: box by box; --spreadsheet: as Ukrainian Excel reads it)',
    example: 'invoices --period 2026-10 --csv --to october.csv',
    options: {
      customer: text,
      period: text,
      kind: text,
      open: flag,
      csv: flag,
      lines: flag,
      spreadsheet: flag,
      to: text,
    },
    run: invoices,
  },
];

async function invoice(task: Task): Promise<void> {
  const number = task.words[0] ?? '';
  const language = wordIn(task, 'language', ['uk', 'en']) ?? 'uk';
  await billed(task, async ({ core }) => {
    const whole =
      task.values.json === true
        ? `${JSON.stringify(await findDocument(core, person(), number), null, 2)}\n`
        : await paperOf(core, person(), number, { language });
    await writeOut(task.io, textOf(task, 'to'), [whole]);
  });
}

const forSpreadsheets: CsvOptions = { delimiter: ';', decimal: ',', byteOrderMark: true };

async function invoices(task: Task): Promise<void> {
  const { csv, json, lines, spreadsheet, open } = task.values;
  if (csv === true && json === true) throw new SwipeError('usage', '--csv or --json, not both');
  if (csv !== true && (lines === true || spreadsheet === true))
    throw new SwipeError('usage', '--lines and --spreadsheet go with --csv');
  const query = {
    customer: textOf(task, 'customer'),
    month: monthIn(task, 'period'),
    kind: wordIn(task, 'kind', kinds) ?? 'invoice',
    open: open === true,
  };
  const options = spreadsheet === true ? forSpreadsheets : defaultCsvOptions;
  await billed(task, async ({ core }) => {
    const papers = () => wholePapers(core, person(), query);
    const to = textOf(task, 'to');
    if (json === true) return writeOut(task.io, to, documentsJson(papers()));
    if (csv === true)
      return writeOut(
        task.io,
        to,
        lines === true ? linesCsv(papers(), options) : documentsCsv(papers(), options),
      );
    const rows = await everyPage(
      (after: { month: string; number: string } | undefined, limit) =>
        listDocuments(core, person(), { ...query, after, limit }),
      ({ month, number }) => ({ month, number }),
    );
    await writeOut(
      task.io,
      to,
      shown(rows).map((line) => `${line}\n`),
    );
  });
}

const shown = (rows: readonly DocumentHead[]): string[] =>
  table(
    ['number', 'month', 'day', 'due', 'customer', 'total', 'open', 'buyer'],
    rows.map((row) => [
      row.number,
      row.month,
      row.day,
      row.dueDay ?? '',
      row.customer,
      money(row.total, row.currency),
      row.open === 0 ? '' : money(row.open, row.currency),
      row.buyer.name,
    ]),
  );
