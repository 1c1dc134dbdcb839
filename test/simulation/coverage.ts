/** Which cells of the operation's table a simulation took, and why some cannot be. */
import type { OperationInput, OperationState } from '../../gateway/payments/operation.ts';
import { transitions } from '../../gateway/payments/transitions.ts';

/** Cells that nothing can reach from outside, each with the reason. */
export const unreachable: Readonly<Record<string, string>> = {
  'accepted refused': 'the gate refuses before a command is accepted',
};

/** One cell of the table: what a state makes of an input. */
export interface Cell {
  cell: string;
  count: number;
  /** Why it cannot be reached; null: it can. */
  reason: string | null;
}

/** Every cell, from steps counted as `from input to`. */
export function coverageOf(steps: Readonly<Record<string, number>>): Cell[] {
  const states = Object.entries(transitions) as [
    OperationState['name'],
    Record<OperationInput['name'], unknown>,
  ][];
  return states.flatMap(([state, inputs]) =>
    Object.keys(inputs).map((input) => {
      const cell = `${state} ${input}`;
      const count = Object.entries(steps)
        .filter(([step]) => step.startsWith(`${cell} `))
        .reduce((sum, [, times]) => sum + times, 0);
      return { cell, count, reason: unreachable[cell] ?? null };
    }),
  );
}
