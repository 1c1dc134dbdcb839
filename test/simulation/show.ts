/** Shows a violation: the lines of the run's trace that are about the operation, from all sides. */
import { runSeed } from './run.ts';
import type { Violation } from './violation.ts';

const mostLines = 120;
const aroundMs = 20_000;

/** Runs the seed again with its trace, and picks what concerns the violation. */
export async function showViolation(seed: number, operations: number, violation: Violation): Promise<string> {
  const { simulation } = await runSeed(seed, operations, true);
  const { id, atMs, point, text } = violation;
  const { lines } = simulation.world.trace;
  const times = lines.map((line) => Number(line.slice(0, 9)));
  const about = lines.map((line) => (id === '' ? false : line.includes(id)));
  const first = about.indexOf(true);
  const fromMs = (times[first] ?? atMs ?? 0) - 1_000;
  const toMs = atMs ?? (times[about.lastIndexOf(true)] ?? 0) + aroundMs;
  const isNoise = (line: string): boolean => /getLastStatMsgCode|PingDevice|\/status /.test(line);
  const shown = lines.filter((line, index) => {
    const ms = times[index] ?? 0;
    return about[index] || (ms >= fromMs && ms <= toMs && !isNoise(line));
  });
  const cut =
    shown.length > mostLines
      ? [...shown.slice(0, mostLines), `… ${shown.length - mostLines} more lines`]
      : shown;
  const moved = simulation
    .movements()
    .map(
      ({ kind, amount, invoice, ours, automatic }) =>
        `${kind} ${amount} #${invoice}${ours ? '' : ' keyed in'}${automatic ? ' by itself' : ''}`,
    );
  return [
    `seed ${seed}, point ${point}, ${id}: ${text}`,
    ...cut.map((line) => `  ${line.slice(0, 400)}`),
    `  the bank: ${moved.slice(-20).join('; ')}`,
    '',
  ].join('\n');
}
