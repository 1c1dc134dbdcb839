/**
 * The technician's payment of one unit of the currency and its reversal. Whoever can open the control socket can also
 * open the terminal's port: nothing is given away here that was not theirs. The id is the caller's, made and kept before
 * it is sent, so that asking again after a power cut asks for the same payment.
 */
import * as v from 'valibot';
import { parseCommand } from '../contract/parse.ts';
import { operationId } from '../contract/primitives.ts';
import { isoTime } from '../contract/time.ts';
import type { TechniciansDesk } from '../gateway.ts';
import { SwipeError } from '../seams/error.ts';
import type { OperationAnswer } from './protocol.ts';

/** What is asked: the payment, or the reversal of one. */
export const testPaymentSchema = v.strictObject({ id: operationId, reverses: v.optional(operationId) });

/** Minor units: 1.00. */
export const testAmount = 100;
const lifeMs = 120_000;

/**
 * Asks for it, or for its result if it was asked for before.
 *
 * @param asked out of a request's body, as it came
 * @throws SwipeError `usage` for a body that is none; whatever the reception throws
 */
export function askTestPayment(
  { desk, box, currency }: { desk: TechniciansDesk; box: string; currency: string },
  asked: unknown,
): OperationAnswer {
  const parsed = v.safeParse(testPaymentSchema, asked);
  if (!parsed.success)
    throw new SwipeError('usage', 'allowed: {"id": "8 to 64 of A-Z a-z 0-9 _ -", "reverses": the same}');
  const { id, reverses } = parsed.output;
  const nowMs = desk.clock.nowMs();
  const head = { id, box, issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + lifeMs) };
  const command =
    reverses === undefined
      ? { ...head, type: 'payment', amount: testAmount, currency, order: 'technician' }
      : { ...head, type: 'reversal', operation: reverses, order: 'technician' };
  desk.receive(parseCommand(command));
  return operationAnswer(desk, id);
}

/** What is known of an operation; null where there is none. */
export function operationAnswer(desk: TechniciansDesk, id: string): OperationAnswer {
  const record = desk.find(id);
  if (record === null) return { id, stage: null, outcome: null, code: null, text: null, invoice: null };
  const { stage, result } = record;
  return {
    id,
    stage,
    outcome: result?.outcome ?? null,
    code: result?.reason.code ?? null,
    text: result?.reason.text ?? null,
    invoice: result?.invoice ?? null,
  };
}
