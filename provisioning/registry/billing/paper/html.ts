/** A piece of markup that may stand in a page as it is. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = Html | string | number | null | readonly Html[];

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// What HTML does not allow, halves of characters, and signs that turn the direction of all that follows them.
const unshown = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/** Text as it may stand in an element or a quoted attribute: whatever it holds, it stays text. */
export const escaped = (text: string): string =>
  text.replace(unshown, '').replace(/[&<>"']/g, (sign) => signs[sign] ?? '');

/** Markup with values in it: strings are escaped, null is nothing, {@link Html} and lists of it stay as they are. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const filled = texts.map(
    (text, index) => text + (index < parts.length ? markupOf(parts[index] ?? null) : ''),
  );
  return new Html(filled.join(''));
}

function markupOf(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(({ markup }) => markup).join('');
}
