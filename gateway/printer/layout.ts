/** From a document to what stands on the paper. Pure. */
import type { PrintElement } from '../contract/print-document.ts';
import type { PrinterEncoding } from '../contract/printer-config.ts';
import { fitText } from './code-page.ts';
import { fitPicture, qrDots } from './pictures.ts';
import type { Paper, Sheet, SheetPart } from './sheet.ts';
import { alignLine, pair, sumText, wrap } from './wrap.ts';

/** What a layout depends on. */
export interface LayoutOptions {
  paper: Paper;
  encoding: PrinterEncoding;
  /** False: there is no cutter, and paper is fed where a cut would be. */
  cut: boolean;
}

/** Lines of paper between the print head and the place where one tears it off by hand. */
const tearOffLines = 4;

/** Lays a document out. It ends with a cut, whether it says so or not. */
export function layOut(elements: readonly PrintElement[], options: LayoutOptions): Sheet {
  const cut: SheetPart = options.cut ? { kind: 'cut' } : { kind: 'feed', lines: tearOffLines };
  const ended = elements.at(-1)?.kind === 'cut' ? elements : [...elements, { kind: 'cut' } as const];
  return ended.flatMap((element) => (element.kind === 'cut' ? [cut] : partsOf(element, options)));
}

function partsOf(element: Exclude<PrintElement, { kind: 'cut' }>, options: LayoutOptions): SheetPart[] {
  const { paper, encoding } = options;
  const fit = (text: string): string => fitText(text, encoding);
  switch (element.kind) {
    case 'text': {
      const columns = columnsAt(element.size, paper);
      const lines = wrap(fit(element.text), columns);
      return linesAt(
        lines.map((line) => alignLine(line, element.align, columns)),
        element,
      );
    }
    case 'item':
      return linesAt(itemLines(element, fit, paper.columns), { bold: false, size: 1 });
    case 'total':
      return linesAt(pair(fit(element.label), sumText(element.sum), columnsAt(element.size, paper)), element);
    case 'rule':
      return linesAt([(element.double ? '=' : '-').repeat(paper.columns)], { bold: false, size: 1 });
    case 'feed':
      return [{ kind: 'feed', lines: element.lines }];
    case 'qr':
      // A reader needs white around it (ISO/IEC 18004 §6.3.8).
      return [blankLine, { kind: 'qr', text: element.text, dots: qrDots(element.text, paper) }, blankLine];
    case 'logo': {
      const { width, height, bits } = element.logo;
      return [fitPicture({ kind: 'picture', width, height, bits: Buffer.from(bits, 'base64') }, paper)];
    }
  }
}

const blankLine: SheetPart = { kind: 'feed', lines: 1 };

const columnsAt = (size: number, paper: Paper): number => Math.floor(paper.columns / size);

const linesAt = (lines: readonly string[], { bold, size }: { bold: boolean; size: number }): SheetPart[] =>
  lines.map((text) => ({ kind: 'line', text: text.trimEnd(), bold, size: size === 2 ? 2 : 1 }));

/** The name, and below it quantity, price and sum; with no quantity the sum stands beside the name. */
function itemLines(
  { name, quantity, price, sum }: Extract<PrintElement, { kind: 'item' }>,
  fit: (text: string) => string,
  columns: number,
): string[] {
  if (quantity === undefined) return pair(fit(name), sumText(sum), columns);
  const count = price === undefined ? quantity : `${quantity} x ${sumText(price)}`;
  return [...wrap(fit(name), columns), ...pair(`  ${count}`, sumText(sum), columns)];
}
