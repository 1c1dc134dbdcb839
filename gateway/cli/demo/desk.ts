/** The demo's desk with all that is around it: the sample shop, the receipt printer. Loaded only where it is wanted. */
import type { RunningGateway } from '../../main.ts';
import type { PrinterOfBox } from '../../printer/desk.ts';
import { SwipeError } from '../../seams/error.ts';
import type { Log } from '../../seams/log.ts';
import { pause } from '../../seams/time.ts';
import type { EmulatedPanel } from '../../simulators/panel/panel.ts';
import type { HmacKey } from '../../simulators/sale-system.ts';
import type { SeenOperation } from '../../simulators/terminal/seen.ts';
import type { SimulatedTerminal } from '../../simulators/terminal/terminal.ts';
import { systemTime } from '../../system/time.ts';
import { createDemoPrinter } from './printer.ts';
import { sampleRules } from './shop-goods.ts';
import { createLive, type Live } from './shop-live.ts';
import { listenShop } from './shop-server.ts';
import { createShopSite } from './shop-site.ts';

/** A desk that the demo's box may have. */
export interface DemoDesk {
  /** For the box's config. */
  config: { listen: string; callbacks: string[] };
  /** For the start of its gateway. */
  options: { deskPort: number; printer: PrinterOfBox };
  /** The terminal has ended an operation. */
  seen(operation: SeenOperation): void;
  /** Opens the shop on a box that is ready. @throws SwipeError `portTaken`: the desk's */
  open(
    running: Pick<RunningGateway, 'gateway' | 'box'>,
    key: HmacKey,
  ): Promise<{ shop: string; desk: string }>;
  close(): Promise<void>;
}

/** What {@link prepareDemoDesk} needs. */
export interface DemoDeskParts {
  host: string;
  /** 0: any free one. */
  deskPort: number;
  shopPort: number;
  panel: EmulatedPanel;
  terminal: SimulatedTerminal;
  log: Log;
}

const listensWithinMs = 5000;

/** Takes the shop's port, and teaches the terminal what is to happen with the sample orders. @throws SwipeError `portTaken` */
export async function prepareDemoDesk(parts: DemoDeskParts): Promise<DemoDesk> {
  const { host, deskPort, shopPort, panel, terminal, log } = parts;
  const shop = await listenShop(host, shopPort);
  const printer = createDemoPrinter(log);
  let live: Live | null = null;
  for (const rule of sampleRules()) terminal.addRule(rule);
  return {
    // A config has a port in any case; the box takes the one below.
    config: { listen: `${host}:${deskPort || 1}`, callbacks: [shop.url] },
    options: { deskPort, printer: printer.forBox },
    seen: (operation) => live?.seen(operation),
    async open({ gateway, box }, key) {
      const deskUrl = await listening(gateway, deskPort);
      live = createLive({ gateway, panel, terminal, papers: printer.count });
      const at = { box, key, deskUrl, shopUrl: shop.url };
      shop.open(createShopSite({ at, live, png: printer.png }));
      return { shop: shop.url, desk: deskUrl };
    },
    close: shop.close,
  };
}

/** The desk's address, once it listens. A real box tries for ever; whoever starts a demo wants to know. */
async function listening(gateway: RunningGateway['gateway'], port: number): Promise<string> {
  for (const endMs = systemTime.monotonicMs() + listensWithinMs; ; ) {
    const view = gateway.desk();
    if (view?.listening) return view.url;
    if (view?.failure?.includes('EADDRINUSE'))
      throw new SwipeError('portTaken', `port ${port} is in use: name another one with --desk-port`);
    if (systemTime.monotonicMs() > endMs)
      throw new SwipeError(
        'linkFailed',
        `the desk does not listen: ${view?.failure ?? 'no reason is known'}`,
      );
    await pause(systemTime, 10);
  }
}
