/** A printer of the box on a simulated one, under virtual time. */
import * as v from 'valibot';
import { type PrintDocument, printDocumentSchema } from '../../gateway/contract/print-document.ts';
import type { PrinterEncoding } from '../../gateway/contract/printer-config.ts';
import { usualCodePage } from '../../gateway/contract/printer-config.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { encodeSheet } from '../../gateway/printer/escpos.ts';
import type { PrintOutcome } from '../../gateway/printer/job.ts';
import { layOut } from '../../gateway/printer/layout.ts';
import { createPrinter, type Printer } from '../../gateway/printer/printer.ts';
import { type Paper, paperOf } from '../../gateway/printer/sheet.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { inProcessPrinterLink } from '../../gateway/simulators/printer/link.ts';
import { SimulatedPrinter, type SimulatedPrinterOptions } from '../../gateway/simulators/printer/printer.ts';
import { VirtualTime } from './virtual-time.ts';

/** The result of a payment. */
export const result = (change: Partial<Result>): Result => ({
  id: 'operation-0001',
  box: 'SW-7K3M9QXA2BCD',
  sequence: 1,
  type: 'payment',
  outcome: 'approved',
  reason: { source: 'terminal', code: '0000', text: '' },
  amount: 10_050,
  approvedAmount: 10_050,
  currency: 'UAH',
  merchant: 'shop',
  order: null,
  card: null,
  rrn: null,
  authCode: null,
  invoice: null,
  terminal: null,
  agreement: null,
  signatureRequired: false,
  receipt: null,
  startedAt: '2026-11-21T10:00:00.000Z',
  finishedAt: '2026-11-21T10:00:05.000Z',
  recovered: false,
  resolved: null,
  ...change,
});

/** A document as a shop would write it, read by its schema. */
export const documentOf = (...elements: v.InferInput<typeof printDocumentSchema>): PrintDocument =>
  v.parse(printDocumentSchema, elements);

/** So many numbered lines. */
export const numbered = (count: number, word = 'рядок'): PrintDocument =>
  documentOf(
    ...Array.from({ length: count }, (_, at) => ({ kind: 'text' as const, text: `${word} ${at + 1}` })),
  );

/** The bytes of a document. */
export function piecesOf(
  document: PrintDocument,
  options: { columns?: Paper['columns']; encoding?: PrinterEncoding; cut?: boolean } = {},
): Uint8Array[] {
  const { columns = 48, encoding = 'cp1251', cut = true } = options;
  return encodeSheet(layOut(document, { paper: paperOf(columns), encoding, cut }), {
    encoding,
    codePage: usualCodePage[encoding],
  });
}

/** What is on the paper when the document was printed at once by a printer that never fails. */
export function printedAtOnce(
  document: PrintDocument,
  options: Parameters<typeof piecesOf>[1] = {},
): SimulatedPrinter {
  const printer = new SimulatedPrinter(new VirtualTime(), {
    widthDots: paperOf(options.columns ?? 48).dots,
    bufferBytes: 1_000_000,
  });
  const line = printer.attach({ write() {}, room() {}, close() {} });
  for (const piece of piecesOf(document, options)) line?.offer(piece);
  return printer;
}

/** Of half the fraction always, so that every run is the same. */
const random = { fraction: () => 0.5, bytes: (length: number) => new Uint8Array(length) };

/** See the module. */
export class PrinterBench {
  readonly time = new VirtualTime();
  readonly device: SimulatedPrinter;
  readonly printer: Printer;
  /** What was told of each paper, `done`, `failed paperOut` …, by its name. */
  readonly told: string[] = [];
  readonly outcomes: PrintOutcome[] = [];
  /** The printer's states, as they came. */
  readonly states: string[] = [];
  /** Papers that were begun, by name. */
  readonly begun: string[] = [];

  constructor(options: SimulatedPrinterOptions & { answers?: boolean; cut?: boolean } = {}) {
    this.device = new SimulatedPrinter(this.time, options);
    this.printer = createPrinter({
      link: inProcessPrinterLink(this.device, this.time),
      answers: options.answers ?? true,
      cut: options.cut ?? true,
      time: this.time,
      random,
      log: silentLog,
    });
    this.printer.listen(() => this.states.push(this.printer.state()));
    this.printer.start();
  }

  /** Starts it and waits until it is ready. */
  static async ready(options: ConstructorParameters<typeof PrinterBench>[0] = {}): Promise<PrinterBench> {
    const bench = new PrinterBench(options);
    await bench.is('ready');
    return bench;
  }

  is(state: string): Promise<void> {
    return this.time.runUntil(() => this.printer.state() === state, 120_000);
  }

  /** Hands a document in; `withinMs`: how long it may wait for its turn. */
  print(name: string, document: PrintDocument, withinMs = 60_000): void {
    this.printer.print({
      pieces: () => piecesOf(document),
      beginByMs: this.time.monotonicMs() + withinMs,
      begin: () => {
        this.begun.push(name);
        return true;
      },
      over: (outcome) => {
        this.outcomes.push(outcome);
        this.told.push(`${name} ${outcome.outcome} ${outcome.code}`.trim());
      },
    });
  }

  /** Prints, and waits for the outcome. */
  async printed(name: string, document: PrintDocument): Promise<string> {
    const before = this.told.length;
    this.print(name, document);
    await this.time.runUntil(() => this.told.length > before, 300_000);
    return this.told.at(-1) ?? '';
  }

  async stop(): Promise<void> {
    const stopped = this.printer.stop();
    await this.time.advance(1_000);
    await stopped;
  }
}
