/** Places in a broken frame where an object may start; more are not tried. */
const startsMax = 64;
/** Characters that are read in all these tries together: the longest frames get fewer of them. */
const readMax = 1024 * 1024;

/** An object found at the end of a frame. */
export interface FoundObject {
  object: Record<string, unknown>;
  /** Characters before it that were thrown away. */
  skipped: number;
}

/**
 * Reads the JSON object that ends a frame. What stands before it (line noise, the half of a frame that was cut off)
 * is skipped; `isWanted` tells a whole message from an object within one. Null when there is none.
 */
export function findObject(
  text: string,
  isWanted: (object: Record<string, unknown>) => boolean,
): FoundObject | null {
  // Nothing but an object's own end can end it.
  if (!text.trimEnd().endsWith('}')) return null;
  let start = text.indexOf('{');
  for (let tried = 0, read = 0; start !== -1 && tried < startsMax && read < readMax; tried += 1) {
    read += text.length - start;
    const object = parseObject(text.slice(start));
    if (object !== null && isWanted(object)) return { object, skipped: start };
    start = text.indexOf('{', start + 1);
  }
  return null;
}

function parseObject(text: string): Record<string, unknown> | null {
  // Receipt texts hold line breaks; a raw one within a string is no JSON, and worth reading all the same.
  const value = parse(text) ?? (hasControls(text) ? parse(escapeControls(text)) : null);
  return isObject(value) ? value : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\u0001-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const everyControl = /[\u0001-\u001f]/g;
const hasControls = (text: string): boolean => controls.test(text);

function escapeControls(text: string): string {
  // A string, closed or not: an escaped character is taken as a pair, so that \" does not end it.
  return text.replace(/"(?:[^"\\]+|\\[\s\S])*"?/g, (string) =>
    hasControls(string) ? string.replace(everyControl, (one) => JSON.stringify(one).slice(1, -1)) : string,
  );
}

/** Whether a value is an object with members, not an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
