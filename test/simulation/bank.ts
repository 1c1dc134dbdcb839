/** What the bank has, operation by operation: the truth that results are held against. */
import type { Movement, MovementKind } from '../../gateway/simulators/terminal/ledger.ts';
import type { Asked } from './book.ts';

/** Every movement of every terminal, oldest first. */
export type Movements = () => readonly Movement[];

const kinds: Readonly<Record<string, MovementKind>> = {
  payment: 'sale',
  cashback: 'sale',
  refund: 'refund',
  preauthorization: 'preauthorization',
  completion: 'completion',
  instalment: 'instalment',
  instalmentRefund: 'instalmentRefund',
};

/** What a terminal approves of an amount when it approves a part. */
export const partOf = (amount: number): number => Math.ceil(amount / 2);

/** The movements of an operation that is no reversal: by its own amount, which no other one has. */
export const movementsOf = (asked: Asked, movements: readonly Movement[]): readonly Movement[] =>
  movements.filter(
    ({ ours, kind, amount }) =>
      ours &&
      kind === kinds[asked.type] &&
      (amount === asked.amount || (asked.type === 'payment' && amount === partOf(asked.amount))),
  );

/** Those that the terminal did not take back by itself. */
export function standingOf(asked: Asked, movements: readonly Movement[]): readonly Movement[] {
  const undone = (one: Movement): boolean =>
    movements.some(
      ({ kind, automatic, invoice, rrn }) =>
        kind === 'reversal' && automatic && invoice === one.invoice && rrn === one.rrn,
    );
  return movementsOf(asked, movements).filter((one) => !undone(one));
}

/** Sales that somebody keyed in for the very amount of an operation. */
export const foreignOfSameAmount = (asked: Asked, movements: readonly Movement[]): readonly Movement[] =>
  movements.filter(({ ours, amount }) => !ours && amount === asked.amount);
