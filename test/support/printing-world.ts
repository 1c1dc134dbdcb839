/** A whole box under virtual time with a simulated printer. */
import type { PrinterConfig } from '../../gateway/contract/printer-config.ts';
import type { PrinterOfBox } from '../../gateway/printer/desk.ts';
import { createPrinter } from '../../gateway/printer/printer.ts';
import { inProcessPrinterLink } from '../../gateway/simulators/printer/link.ts';
import { SimulatedPrinter, type SimulatedPrinterOptions } from '../../gateway/simulators/printer/printer.ts';
import { seededRandom } from '../simulation/random.ts';
import { World, type WorldOptions } from '../simulation/world.ts';

/** What a printing world is like. */
export interface PrintingOptions {
  device?: SimulatedPrinterOptions;
  config?: Partial<PrinterConfig>;
  world?: WorldOptions;
}

/** See the module. */
export class PrintingWorld extends World {
  readonly device: SimulatedPrinter;

  constructor({ device, config, world }: PrintingOptions = {}) {
    super({
      ...world,
      printer: (time, log): PrinterOfBox => ({
        config: { columns: 48, encoding: 'cp1251', cut: true, slips: 1, ...config },
        printer: createPrinter({
          link: inProcessPrinterLink(this.device, time),
          answers: config?.answers ?? true,
          cut: config?.cut ?? true,
          time,
          random: seededRandom(7),
          log,
        }),
      }),
    });
    this.device = new SimulatedPrinter(this.time, device);
  }

  override async start(): Promise<void> {
    await super.start();
    await this.until(() => this.gateway.status().printer === 'ready', 60_000);
  }

  /** A command that prints these lines. */
  printing(...lines: string[]) {
    return this.command('print', { document: lines.map((text) => ({ kind: 'text', text })) });
  }

  /** Pulls the plug of the box; the printer stays on, and prints what it holds. */
  override kill(): void {
    super.kill();
    this.device.unplug();
    this.device.plug();
  }

  /** What came out, one text a piece. */
  papers(): string[] {
    return this.device.receipts.map((receipt) => receipt.toText().trim());
  }

  /** What was told of the papers of payments. */
  printEvents(): string[] {
    return this.events.flatMap((event) =>
      event.type === 'print'
        ? [`${event.id} ${event.what} ${event.outcome} ${event.reason.code}`.trim()]
        : [],
    );
  }
}
