/** Rows as a person reads them: one line each, columns as wide as what stands in them. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [headings, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A time as a person reads it, in UTC; nothing for none. */
export const shownTime = (iso: string | null): string =>
  iso === null ? '' : iso.replace('T', ' ').slice(0, 16);
