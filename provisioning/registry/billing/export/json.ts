import { exponentOf } from '../paper/money.ts';
import type { Documents } from './csv.ts';

/**
 * Documents as JSON, document by document: `{ "format": "swipe-documents-1", "documents": [ … ] }`. Each is as it was issued, with
 * amounts in minor units, and `exponent` for how many decimals those are.
 */
export async function* documentsJson(documents: Documents): AsyncGenerator<string> {
  yield '{"format":"swipe-documents-1","documents":[';
  let before = '\n';
  for await (const document of documents) {
    yield `${before}${JSON.stringify({ ...document, exponent: exponentOf(document.currency) })}`;
    before = ',\n';
  }
  yield '\n]}\n';
}
