import type { Oddity } from './script.ts';
import type { Answer } from './wire.ts';

const amounts = new Set(['amount', 'amountCash', 'balance', 'discount']);
const blanked = new Set(['msgType', 'responseCode', 'invoiceNumber', 'amount']);

/** An answer as text, with whatever is odd about this terminal. Without oddities it is as the bank's text has it. */
export function writeAnswer(answer: Answer, odd: ReadonlySet<Oddity>): string {
  const { method, params, error, errorDescription } = answer;
  const oddParams = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, oddValue(name, value, odd)]),
  );
  const members: [string, unknown][] = [
    // Seen in the bank's own examples: " ServicePbP ".
    ['method', odd.has('strayBlanks') ? ` ${method} ` : method],
    ['step', 0],
    ['params', oddParams],
    ['error', error],
    // Seen in the bank's own hex dump.
    [odd.has('keyTypos') ? 'errorDescritption' : 'errorDescription', errorDescription],
  ];
  if (!odd.has('keyOrder')) return JSON.stringify(Object.fromEntries(members));
  const spread = members
    .reverse()
    .map(([name, value]) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  return `{ ${spread.join(', ')} }`;
}

function oddValue(name: string, value: string, odd: ReadonlySet<Oddity>): string {
  let text = value;
  if (odd.has('commaAmounts') && amounts.has(name)) text = text.replace('.', ',');
  if (odd.has('shortCodes') && name === 'responseCode') text = text.replace(/^00(?=\d\d$)/, '');
  if (odd.has('shortTime') && name === 'time') text = text.slice(0, 5).replace(':', '');
  if (odd.has('strayBlanks') && blanked.has(name)) text = ` ${text}`;
  return text;
}
