import { type AnswerStyle, noReceiptFields, receiptFields, shortAnswer, writtenReceipt } from './answers.ts';
import type { Batch, MerchantTotals } from './batch.ts';
import type { Merchant } from './merchants.ts';
import { formatAmount } from './money.ts';
import type { Query, Settled, Verdict } from './orders.ts';
import { type Receipt, trnStatuses } from './receipt.ts';

const emptyLog = 'Cannot obtain receipt: log file is empty!';

/** Answers everything that moves no money: the batch, its receipts and totals, the terminal itself. */
export class Reports {
  readonly #batch: Batch;
  readonly #style: AnswerStyle;

  constructor(parts: { batch: Batch; style: AnswerStyle }) {
    this.#batch = parts.batch;
    this.#style = parts.style;
  }

  answer(query: Query, verdict: Verdict): Settled {
    if (verdict.kind === 'refuse') return refusal(query, verdict.code, verdict.text);
    switch (query.kind) {
      case 'ping':
      case 'hostTest':
        return done({ code: '00', responseCode: '0000' });
      case 'info':
        return done({ version: this.#style.options.version });
      case 'balance':
        return done({ balance: '1234.56', code: '00', responseCode: '0000' });
      case 'totals':
        return this.#text(totalsText('X-ЗВІТ', this.#batch.totals(query.merchant)));
      case 'closeBatch':
        return this.#close(query.merchant);
      case 'journal':
        return this.#text(this.#batch.receipts(query.merchant).map(journalLine).join('\n'));
      case 'receiptInfo':
        return this.#receiptInfo(query.invoice);
      case 'receiptCopy':
        return this.#receiptCopy(query.invoice);
    }
  }

  #text(receipt: string): Settled {
    return done({ receipt, responseCode: '0000' });
  }

  /** §5.18: an empty log is an error of its own. */
  #close(merchant: Merchant | null): Settled {
    if (this.#batch.receipts(merchant).length === 0) return withReceipt(shortAnswer('0001', emptyLog));
    const text = totalsText('Z-ЗВІТ', this.#batch.totals(merchant));
    this.#batch.close(merchant, this.#style.options.restartNumbers);
    return this.#text(text);
  }

  /** §5.30: `responseCode` is the transaction's, `error` the method's. */
  #receiptInfo(invoice: string): Settled {
    const receipt = this.#batch.find(invoice);
    if (receipt === null) return { ...shortAnswer('1000', this.#missing()), params: { ...noReceiptFields } };
    return { ...done(receiptFields(receipt, this.#style)), invoice: receipt.invoice };
  }

  #receiptCopy(invoice: string): Settled {
    const receipt = this.#batch.find(invoice);
    if (receipt === null) return withReceipt(shortAnswer('1000', this.#missing()));
    return this.#text(writtenReceipt(receipt, this.#style));
  }

  #missing(): string {
    return this.#batch.isEmpty() ? emptyLog : 'Чек не знайдено';
  }
}

const done = (params: Record<string, string>): Settled => ({ ...shortAnswer('0000'), params });

const withReceipt = (settled: Settled): Settled => ({
  ...settled,
  params: { receipt: '', ...settled.params },
});

/** §5.10: a balance that the bank does not tell is `unknown`, with code 0001. */
function refusal({ kind }: Query, code: string, text: string): Settled {
  if (kind !== 'balance' || Number(code) >= 1000) return shortAnswer(code, text);
  return {
    ...shortAnswer('0001', text),
    params: { balance: 'unknown', code: '01', responseCode: '0001' },
  };
}

function totalsText(title: string, totals: readonly MerchantTotals[]): string {
  const lines = totals.flatMap(({ merchant, sales, refunds, reversed }) => [
    `${merchant.name} ${merchant.terminalId}`,
    `ОПЛАТИ ${sales.count}: ${formatAmount(sales.amount)} ГРН`,
    `ПОВЕРНЕННЯ ${refunds.count}: ${formatAmount(refunds.amount)} ГРН`,
    `СКАСУВАННЯ ${reversed.count}: ${formatAmount(reversed.amount)} ГРН`,
  ]);
  return ['*** SIMULATED ***', title, ...lines, ''].join('\n');
}

function journalLine({ invoice, title, amount, code, trnStatus }: Receipt): string {
  const mark = trnStatus === trnStatuses.reversed ? ' СКАСОВАНО' : '';
  return `ЧЕК ${invoice}: ${title} ${formatAmount(amount)} ГРН, код ${code}${mark}`;
}
