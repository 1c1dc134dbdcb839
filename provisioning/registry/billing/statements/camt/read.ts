import { SaxesParser } from 'saxes';
import { decoded, limited, type TextEncodingName } from '../decoding.ts';
import { StatementFault } from '../fault.ts';
import { withReferences } from '../references.ts';
import { type Bytes, defaultStatementLimits, type Statement, type StatementLimits } from '../shapes.ts';
import { StatementBuilder } from './builder.ts';

const mostAttributes = 100;

/**
 * Reads bank statements of ISO 20022, camt.053.001.02 to .13, in UTF-8 or Windows-1251. A file holds one or more
 * statements; it is taken as a whole or not at all. Document types and entities other than XML's own five are refused.
 * Throws a {@link StatementFault}, or a Refusal `tooLarge`.
 */
export async function readCamt053(
  bytes: Bytes,
  limits: StatementLimits = defaultStatementLimits,
): Promise<Statement> {
  const builder = new StatementBuilder(limits);
  const parser = new SaxesParser({ xmlns: true });
  const at = (): number => parser.line;
  parser.on('error', ({ message }) => {
    throw new StatementFault(at(), '', message.replace(/^\d+:\d+: /, ''), 'well-formed XML');
  });
  parser.on('doctype', () => {
    throw new StatementFault(at(), '', 'a document type', 'no document type and no entities');
  });
  let attributes = 0;
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > mostAttributes)
      throw new StatementFault(at(), '', 'more', `at most ${mostAttributes} attributes of an element`);
  });
  parser.on('opentag', (tag) => {
    attributes = 0;
    builder.open(tag.local, tag.uri, tag.attributes.Ccy?.value ?? null, at());
  });
  parser.on('text', (text) => builder.text(text, at()));
  parser.on('cdata', (text) => builder.text(text, at()));
  parser.on('closetag', () => builder.close());
  for await (const text of decoded(limited(bytes, limits.bytes), encodingOf)) parser.write(text);
  parser.close();
  return { entries: withReferences(builder.entries), notBooked: builder.notBooked };
}

/** By the XML declaration; without one it is UTF-8 (XML 1.0, 4.3.3). */
function encodingOf(start: string): TextEncodingName {
  const name = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(start)?.[1] ?? 'utf-8';
  const encoding = name.toLowerCase();
  if (encoding === 'windows-1251' || encoding === 'cp1251') return 'windows-1251';
  if (encoding === 'utf-8' || encoding === 'us-ascii') return 'utf-8';
  throw new StatementFault(1, 'encoding', name, 'utf-8 or windows-1251');
}
