import type { Random } from '../../seams/random.ts';
import type { Clock } from '../../seams/time.ts';
import { type AnswerStyle, financialParams, shortAnswer, textOfCode } from './answers.ts';
import type { Batch } from './batch.ts';
import { type Booking, bookingOf } from './booking.ts';
import { type Card, pick, randomDigits } from './cards.ts';
import type { Ledger, Movement, MovementKind } from './ledger.ts';
import type { MoneyOrder, Settled, Verdict } from './orders.ts';
import { type Receipt, trnStatuses, txnTypes } from './receipt.ts';

/** What an {@link Authoriser} works with. */
export interface AuthoriserParts {
  clock: Pick<Clock, 'nowMs'>;
  random: Random;
  cards: readonly Card[];
  batch: Batch;
  ledger: Ledger;
  style: AnswerStyle;
}

/** A money order other than one that takes a receipt back. */
type Booked = Exclude<MoneyOrder, { kind: 'withdrawal' }>;

/**
 * The moment of truth: moves the money at the bank and writes the receipt, both or neither. The bank here knows
 * only this terminal, so it believes every rrn, approval code and agreement that it is told.
 */
export class Authoriser {
  readonly #parts: AuthoriserParts;
  #nextRrn: number;

  constructor(parts: AuthoriserParts) {
    this.#parts = parts;
    this.#nextRrn = Number(`4${randomDigits(parts.random, 11)}`);
  }

  /** @param ours asked for over the link, not keyed in */
  settle(order: MoneyOrder, verdict: Verdict, ours: boolean): Settled {
    if (order.kind === 'withdrawal') return this.#withdraw(order, verdict, ours);
    if (verdict.kind === 'refuse') return this.#refuse(order, verdict, ours);
    if (this.#parts.batch.isFull()) return shortAnswer('1003');
    return this.#book(bookingOf(order, verdict, this.#parts.random), order, ours);
  }

  #book(booking: Booking, order: Booked, ours: boolean): Settled {
    const { batch, ledger, random, style } = this.#parts;
    const receipt: Receipt = {
      ...this.#blank(order, booking, ours),
      invoice: batch.nextInvoice(),
      trnStatus: trnStatuses.approved,
      code: booking.code,
      rrn: String(this.#nextRrn),
      approvalCode: randomDigits(random, 6),
    };
    this.#nextRrn += 1;
    batch.keep(receipt);
    for (const { kind, amount } of booking.moves) ledger.move(this.#movement(kind, amount, receipt, ours));
    return {
      code: booking.code,
      error: false,
      text: textOfCode(booking.code),
      params: withoutFields({ ...financialParams(receipt, style), ...booking.extra }, booking.leftOut),
      moved: true,
      invoice: receipt.invoice,
      undo: () => this.#takeBack(receipt, booking, ours),
    };
  }

  /** A host's decline and a card's (1002) may leave a receipt; other refusals never reached the host. */
  #refuse(order: Booked, { code, text }: Verdict & { kind: 'refuse' }, ours: boolean): Settled {
    if (Number(code) >= 1000 && code !== '1002') return shortAnswer(code, text);
    const { batch, style, random } = this.#parts;
    const { declinedListed, declinedNumbered } = style.options;
    const listed = declinedListed && !batch.isFull();
    const receipt: Receipt = {
      ...this.#blank(order, bookingOf(order, { kind: 'approve' }, random), ours),
      invoice: listed || declinedNumbered ? batch.nextInvoice() : '',
      trnStatus: trnStatuses.declined,
      code,
      rrn: '',
      approvalCode: '',
      notes: [],
    };
    if (listed) batch.keep(receipt);
    if (code === '1002') return shortAnswer(code, text);
    return { ...shortAnswer(code, text), params: financialParams(receipt, style), invoice: receipt.invoice };
  }

  #blank(order: Booked, { title, txnType, amount, notes }: Booking, ours: boolean) {
    const { clock, random, cards, style } = this.#parts;
    const atMs = clock.nowMs() + style.options.clockOffsetMs;
    const card = pick(random, cards);
    return { merchant: order.merchant, title, txnType, amount, withdrawn: 0, atMs, card, notes, ours };
  }

  /** Withdrawal, WithdrawalPartly (ECR protocol JSON based v1.0.3.1 §5.3, §5.4): by receipt, in this batch only. */
  #withdraw(order: MoneyOrder & { kind: 'withdrawal' }, verdict: Verdict, ours: boolean): Settled {
    if (verdict.kind === 'refuse') return shortAnswer(verdict.code, verdict.text);
    const { batch, ledger, style } = this.#parts;
    const receipt = Number(order.invoice) === 0 ? null : batch.find(order.invoice);
    if (receipt === null || receipt.trnStatus === trnStatuses.declined)
      return shortAnswer('1000', 'Чек не знайдено');
    if (receipt.trnStatus === trnStatuses.reversed) return shortAnswer('1008');
    const amount = order.amount ?? receipt.amount;
    if (amount > receipt.amount) return shortAnswer('1000', 'Сума перевищує суму чека');
    ledger.move(this.#movement('reversal', amount, receipt, ours));
    if (amount === receipt.amount) markReversed(receipt);
    else {
      receipt.amount -= amount;
      receipt.withdrawn += amount;
    }
    const params = financialParams(
      {
        ...receipt,
        title: 'СКАСУВАННЯ',
        amount,
        txnType: txnTypes.withdrawal,
        trnStatus: trnStatuses.approved,
      },
      style,
    );
    return {
      ...shortAnswer('0000'),
      params: order.amount === null ? params : withoutFields(params, ['signVerif', 'txnType']),
      moved: true,
      invoice: receipt.invoice,
    };
  }

  #takeBack(receipt: Receipt, { moves }: Booking, ours: boolean): void {
    const { batch, ledger, style } = this.#parts;
    for (const { amount } of moves)
      ledger.move({ ...this.#movement('reversal', amount, receipt, ours), automatic: true });
    if (style.options.declinedListed) markReversed(receipt);
    else batch.remove(receipt);
  }

  #movement(
    kind: MovementKind,
    amount: number,
    { invoice, rrn, merchant }: Receipt,
    ours: boolean,
  ): Movement {
    const atMs = this.#parts.clock.nowMs();
    return { kind, amount, invoice, rrn, merchant: merchant.index, atMs, ours, automatic: false };
  }
}

function markReversed(receipt: Receipt): void {
  receipt.txnType = txnTypes.withdrawal;
  receipt.trnStatus = trnStatuses.reversed;
}

function withoutFields(params: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
}
