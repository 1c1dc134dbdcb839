import { maskFullPan } from '../../contract/card-data.ts';
import type { Card } from './cards.ts';
import type { LocalTime } from './local-time.ts';
import type { Merchant } from './merchants.ts';
import { formatAmount } from './money.ts';

/** `txnType` of ECR protocol JSON based v1.0.3.1 §5.30. */
export const txnTypes = {
  undefined: '0',
  purchase: '1',
  refund: '2',
  withdrawal: '3',
  instalment: '4',
} as const;

/** `trnStatus` of §5.1.2. */
export const trnStatuses = { approved: '1', declined: '2', reversed: '3' } as const;

/** One receipt of the open batch. */
export interface Receipt {
  /** Empty for an operation that got no number. */
  invoice: string;
  merchant: Merchant;
  title: string;
  txnType: (typeof txnTypes)[keyof typeof txnTypes];
  trnStatus: (typeof trnStatuses)[keyof typeof trnStatuses];
  /** Minor units; what is left of it after partial withdrawals. */
  amount: number;
  /** Minor units that partial withdrawals took. */
  withdrawn: number;
  /** The transaction's own response code, four digits. */
  code: string;
  rrn: string;
  approvalCode: string;
  /** By the terminal's own clock. */
  atMs: number;
  card: Card;
  /** Lines of this kind of operation alone, such as an instalment agreement's. */
  notes: readonly string[];
  ours: boolean;
}

/**
 * The receipt as a terminal prints it, with SIMULATED across it. Numbers stand on lines of their own: two side by
 * side could be taken for one card number.
 * @param leaky the way some terminals do it: whole card number, holder and expiry
 */
export function receiptText(receipt: Receipt, at: LocalTime, leaky: boolean): string {
  const { card, merchant } = receipt;
  return [
    'ПРИВАТБАНК',
    '*** SIMULATED ***',
    merchant.name,
    `ТЕРМІНАЛ ${merchant.terminalId}`,
    ...(receipt.invoice === '' ? [] : [`ЧЕК ${receipt.invoice}`]),
    receipt.title,
    `КАРТКА ${leaky ? card.pan : maskFullPan(card.pan)}`,
    card.scheme,
    ...(leaky ? [`ВЛАСНИК ${card.holder}`, `ДІЄ ДО ${card.expiry}`] : []),
    `СУМА ${formatAmount(receipt.amount)} ГРН`,
    ...(receipt.withdrawn === 0 ? [] : [`ПОВЕРНУТО ${formatAmount(receipt.withdrawn)} ГРН`]),
    ...(receipt.rrn === '' ? [] : [`RRN ${receipt.rrn}`, `КОД АВТ. ${receipt.approvalCode}`]),
    ...receipt.notes,
    `${at.date} ${at.time}`,
    verdictLine(receipt),
    '*** SIMULATED ***',
    '',
  ].join('\n');
}

function verdictLine({ trnStatus, code }: Receipt): string {
  if (trnStatus === trnStatuses.reversed) return 'СКАСОВАНО';
  return trnStatus === trnStatuses.declined ? `ВІДМОВА ${code}` : `СХВАЛЕНО ${code}`;
}
