import { textOfCode } from './answers.ts';
import { parseAmount } from './money.ts';
import type { Settled, Verdict } from './orders.ts';
import type { Rule } from './script.ts';

const refusalCodes: Partial<Record<Rule['do'], string>> = {
  decline: '0005',
  fail: '1000',
  noPaper: '1005',
};

/** What a rule makes the terminal and its host say. */
export function verdictOf({ do: deed, code, text, amount }: Rule): Verdict {
  if (deed === 'partial') return { kind: 'partial', amount: parseAmount(amount ?? '') };
  const refusal = refusalCodes[deed];
  if (refusal === undefined) return { kind: 'approve' };
  const refusedWith = code ?? refusal;
  return { kind: 'refuse', code: refusedWith, text: text ?? textOfCode(refusedWith) };
}

/** How an operation went, in one word for people. */
export function outcomeOf({ code, moved }: Settled): string {
  const number = Number(code);
  if (number === 0) return moved ? 'approved' : 'done';
  if (number === 10) return 'partiallyApproved';
  if (number === 1001) return 'cancelled';
  return number < 1000 ? 'declined' : 'failed';
}
