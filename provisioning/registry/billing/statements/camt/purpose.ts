import { tidy } from '../tidy.ts';
import { allAt, type Element, textAt } from './tree.ts';

// `Ustrd` holds 140 characters; longer purposes go on in the next one.
const fullText = 140;

/** What the payer wrote, by `RmtInf`: what is free text first, then references; empty where nothing is told. */
export function purposeOf(details: Element): string {
  let free = '';
  let before = fullText;
  for (const { text } of allAt(details, 'RmtInf', 'Ustrd')) {
    free += `${before === fullText ? '' : ' '}${text}`;
    before = text.length;
  }
  const structured = allAt(details, 'RmtInf', 'Strd').flatMap((one) => [
    textAt(one, 'RfrdDocInf', 'Nb'),
    textAt(one, 'CdtrRefInf', 'Ref'),
    ...allAt(one, 'AddtlRmtInf').map(({ text }) => text),
  ]);
  const told = [free, ...structured].filter((text) => text !== null && text.trim() !== '');
  return tidy(told.length > 0 ? told.join(' ') : (textAt(details, 'AddtlTxInf') ?? ''));
}
