/** What a measurement found, and the table of all of them. */

/** One line of the table. */
export interface Row {
  what: string;
  goal: string;
  value: string;
  /** Null: a number beside a goal, or one that this run was too small to judge. */
  met: boolean | null;
}

const verdict = ({ met }: Row): string => (met === null ? '' : met ? 'met' : 'MISSED');

/** The rows as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [
    ['what', 'goal', 'measured', ''],
    ...rows.map((row) => [row.what, row.goal, row.value, verdict(row)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) => `| ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`);
  text.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return text.join('\n');
}
