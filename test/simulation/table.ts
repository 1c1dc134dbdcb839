/** Names and numbers as lines of text, the largest first. */
export function table(title: string, counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).sort((one, other) => other[1] - one[1]);
  const width = Math.max(1, ...rows.map(([, count]) => String(count).length));
  return [title, ...rows.map(([name, count]) => `  ${String(count).padStart(width)}  ${name}`), ''].join(
    '\n',
  );
}
