/** Carries out `print`, and prints what goes with a payment. The printer decides nothing here but what became of a paper. */
import type { CommandOf } from '../contract/command.ts';
import type { PrinterState } from '../contract/event.ts';
import type { PrintDocument, PrintElement } from '../contract/print-document.ts';
import { type PrinterConfig, usualCodePage } from '../contract/printer-config.ts';
import type { Result } from '../contract/result.ts';
import { parseIsoTime } from '../contract/time.ts';
import { refusal } from '../payments/endings.ts';
import { isExpired, type Refusal } from '../payments/gate.ts';
import type { OperationRecord } from '../payments/journal-port.ts';
import type { Ending } from '../payments/operation.ts';
import type { Printing } from '../payments/outside.ts';
import type { Parts } from '../payments/parts.ts';
import { RecordKeeper } from '../payments/record-keeper.ts';
import { messageOf } from '../seams/error.ts';
import type { Cancel, Time, TrustedClock } from '../seams/time.ts';
import { encodeSheet } from './escpos.ts';
import { failed, type PrintOutcome } from './job.ts';
import { layOut } from './layout.ts';
import type { Printer } from './printer.ts';
import { paperOf } from './sheet.ts';
import { slipsOf } from './slip.ts';

/** A box's printer and what its config says of it. */
export interface PrinterOfBox {
  config: Pick<PrinterConfig, 'columns' | 'encoding' | 'codePage' | 'cut' | 'slips'>;
  printer: Printer;
}

/** What the desk is made of. */
export interface PrintDeskParts extends PrinterOfBox {
  payments: Parts;
  time: Time;
}

/** The print desk: for commands of its own, and for what was told of a payment. */
export interface PrintDesk extends Printing {
  /** As the status tells it. */
  state(): PrinterState;
  /** An outcome was told: its slip and the shop's document are printed, unless nobody waits for them any more. */
  told(record: OperationRecord): void;
  /** @param before operations of before the start: their papers would be stale */
  start(before: readonly OperationRecord[]): void;
  stop(): Promise<void>;
}

/** A slip that has not begun so long after its outcome is not wanted any more. */
const slipMaxMs = 60_000;
/** An outcome that took so long to be found out finds nobody at the counter. */
const outcomeMaxMs = 10 * 60_000;

/** So many documents are kept at most. */
const keptMax = 16;

const busy: Refusal = { reason: 'busy', text: 'too many papers wait for the printer' };

/** Makes a print desk on a printer; it does nothing before `start`. */
export function createPrintDesk({ config, printer, payments, time }: PrintDeskParts): PrintDesk {
  const { emit, log, clock } = payments;
  const stale = new Set<string>();
  /** What goes with operations that are under way. */
  const documents = new Map<string, PrintDocument>();
  const open = new Set<RecordKeeper>();
  const due = new Set<Cancel>();
  const codePage = config.codePage ?? usualCodePage[config.encoding];
  const layout = { paper: paperOf(config.columns), encoding: config.encoding, cut: config.cut };
  const piecesOf = (elements: readonly PrintElement[]): Uint8Array[] =>
    encodeSheet(layOut(elements, layout), { encoding: config.encoding, codePage });

  /** A paper of no command of its own: only an event tells what became of it. */
  function accompany(id: string, what: 'slip' | 'document', elements: readonly PrintElement[]): void {
    if (elements.length === 0) return;
    const over = ({ outcome, code, text }: PrintOutcome): void => {
      log.info('a paper of a payment is over', { id, type: what, outcome, code, reason: text });
      emit({ type: 'print', id, what, outcome, reason: { code, text } });
    };
    if (printer.isBusy()) return over(failed(busy.reason, busy.text));
    const beginByMs = time.monotonicMs() + slipMaxMs;
    printer.print({ pieces: () => piecesOf(elements), beginByMs, begin: () => true, over });
  }

  return {
    state: () => printer.state(),
    refuses: () => (printer.isBusy() ? busy : null),

    keep(id, document) {
      documents.set(id, document);
      // One payment runs at a time: what is older than a few will not be told any more.
      const [oldest] = documents.keys();
      if (documents.size > keptMax && oldest !== undefined) documents.delete(oldest);
    },

    begin(record, document) {
      const { command } = record;
      if (command?.type !== 'print') return;
      const keeper = new RecordKeeper(payments, record);
      open.add(keeper);
      const tell = (ending: Ending): void =>
        keeper.tell(
          ending,
          () => ({ stage: 'finished', exhausted: false }),
          () => open.delete(keeper),
        );
      printer.print({
        pieces: () => piecesOf(document),
        beginByMs: time.monotonicMs() + parseIsoTime(command.expiresAt) - clock.nowMs(),
        begin() {
          const why = mayNotBegin(command, clock) ?? (keeper.start(startOf(clock.nowMs())) ? null : diskFull);
          if (why !== null) tell(refusal(why.reason, why.text));
          return why === null;
        },
        over: ({ outcome, code, text }) =>
          tell({ outcome, reason: { source: 'box', code, text }, ...nothingElse }),
      });
    },

    told({ id, stage, result }) {
      const document = documents.get(id) ?? [];
      if (stage === 'finished') documents.delete(id);
      if (result === null || !isFresh(result) || stale.has(id)) return;
      // Not within the step that tells the outcome: that waits for nothing here.
      const cancel = time.after(0, () => {
        due.delete(cancel);
        try {
          accompany(id, 'slip', slipsOf(result, { copies: config.slips }));
          accompany(id, 'document', document);
        } catch (error) {
          log.error('the papers of a payment cannot be printed', { id, error: messageOf(error) });
        }
      });
      due.add(cancel);
    },

    start(before) {
      for (const { id } of before) stale.add(id);
      printer.listen(() => {
        emit({ type: 'printer', state: printer.state() });
        payments.changed();
      });
      printer.start(before.some(({ type, stage }) => type === 'print' && stage === 'running'));
    },

    async stop() {
      for (const cancel of due) cancel();
      for (const keeper of open) keeper.drop();
      await printer.stop();
    },
  };
}

const nothingElse = { details: null, recovered: false, resolved: null } as const;
const diskFull: Refusal = { reason: 'storageFull', text: 'the disk of the box is full' };

/** Checked at the last moment: the paper may have waited for others. */
function mayNotBegin(command: CommandOf<'print'>, clock: TrustedClock): Refusal | null {
  if (!clock.isTrusted()) return { reason: 'clockUnknown', text: 'the box does not know the time' };
  if (!isExpired(command, clock.nowMs())) return null;
  return { reason: 'expired', text: 'its deadline passed before it could start' };
}

const startOf = (atMs: number) => ({
  start: { atMs, baseline: { kind: 'unavailable' }, terminal: '', request: { type: 'print' } } as const,
  lastContactMs: null,
});

/** Money moved, and not so long ago that nobody waits for paper. */
function isFresh({ outcome, resolved, startedAt, finishedAt }: Result): boolean {
  if (outcome !== 'approved' && outcome !== 'partiallyApproved') return false;
  if (resolved !== null || startedAt === null) return false;
  return parseIsoTime(finishedAt) - parseIsoTime(startedAt) <= outcomeMaxMs;
}
