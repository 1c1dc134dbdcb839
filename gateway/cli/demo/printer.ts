/** The demo's receipt printer: simulated, in this process, with the latest of what came out of it as pictures. */
import type { PrinterOfBox } from '../../printer/desk.ts';
import { createPrinter } from '../../printer/printer.ts';
import type { Log } from '../../seams/log.ts';
import { inProcessPrinterLink } from '../../simulators/printer/link.ts';
import type { Receipt } from '../../simulators/printer/paper.ts';
import { SimulatedPrinter } from '../../simulators/printer/printer.ts';
import { systemRandom } from '../../system/random.ts';
import { systemTime } from '../../system/time.ts';

/** A printer for the box, and what lies in its tray. */
export interface DemoPrinter {
  forBox: PrinterOfBox;
  /** How many papers have come out so far; the newest one has this number. */
  count(): number;
  /** A paper as PNG; null: there is none of this number, or not any more. */
  png(number: number): Uint8Array | null;
}

/** Paper of 58 mm: in a page's column its letters can be read. */
const columns = 32;
/** Of the normal letters, 12 dots wide. */
const widthDots = columns * 12;
const lineMs = 10;
const papersKept = 20;

/** Makes it. */
export function createDemoPrinter(log: Log): DemoPrinter {
  const papers = new Map<number, { receipt: Receipt; png: Uint8Array | null }>();
  let count = 0;
  const device = new SimulatedPrinter(systemTime, { widthDots, lineMs }, (receipt) => {
    count += 1;
    papers.set(count, { receipt, png: null });
    papers.delete(count - papersKept);
    device.receipts.length = 0;
  });
  const link = inProcessPrinterLink(device, systemTime);
  return {
    forBox: {
      config: { columns, encoding: 'cp1251', cut: true, slips: 1 },
      printer: createPrinter({
        link,
        answers: true,
        cut: true,
        time: systemTime,
        random: systemRandom,
        log,
      }),
    },
    count: () => count,
    png(number) {
      const paper = papers.get(number);
      if (paper === undefined) return null;
      // Drawn when somebody looks.
      paper.png ??= paper.receipt.toPng();
      return paper.png;
    },
  };
}
