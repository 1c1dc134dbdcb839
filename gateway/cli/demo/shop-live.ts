/** What is seen beside the shop's orders: the box's LED, the terminal's screen, how many papers came out. */
import type { Gateway } from '../../gateway.ts';
import { colourName, describeLed } from '../../simulators/panel/describe.ts';
import type { LedChange, Rgb } from '../../simulators/panel/led-history.ts';
import type { EmulatedPanel } from '../../simulators/panel/panel.ts';
import type { SeenOperation } from '../../simulators/terminal/seen.ts';
import type { SimulatedTerminal } from '../../simulators/terminal/terminal.ts';
import { systemTime } from '../../system/time.ts';
import type { ShopWords } from './shop-words.ts';

/** What stands around the counter. */
export interface Counter {
  gateway: Pick<Gateway, 'status' | 'technician'>;
  panel: Pick<EmulatedPanel, 'colour' | 'ledHistory' | 'nowMs'>;
  terminal: Pick<SimulatedTerminal, 'status' | 'isBusy'>;
  /** How many papers have come out. */
  papers: () => number;
}

/** What a page is told; the LED's changes are in `led`. */
export interface LiveView {
  ledText: string;
  screen: readonly string[];
  paper: number;
}

/** So long a terminal shows how an operation ended. */
const endShownMs = 6000;

/** A live picture of the counter. */
export interface Live {
  view(words: ShopWords): LiveView;
  /** The LED's colour now, as an SVG has it. */
  colour(): string;
  /** Changes of the LED since then, with the panel's time in milliseconds; what is too young to be certain is left out. */
  ledSince(atMs: number): (readonly [atMs: number, colour: string])[];
  panelMs(): number;
  /** The terminal has ended an operation. */
  seen(operation: SeenOperation): void;
}

/** Makes it. */
export function createLive({ gateway, panel, terminal, papers }: Counter): Live {
  let ended: (SeenOperation & { atMs: number }) | null = null;

  function screen(words: ShopWords): string[] {
    if (terminal.isBusy()) return [words.screen[terminal.status()], amountOf(gateway)];
    if (ended === null || systemTime.monotonicMs() - ended.atMs > endShownMs) return [words.idle, ''];
    const { outcome, code, amount } = ended;
    return [`${words.ended[outcome] ?? words.endedOtherwise} ${code ?? ''}`.trim(), amount ?? ''];
  }

  return {
    view: (words) => ({
      ledText: ledTextOf(panel, words),
      screen: screen(words),
      paper: papers(),
    }),
    colour: () => colourOf(panel.colour),
    ledSince: (sinceMs) =>
      panel.ledHistory
        .filter(({ atMs }) => atMs > sinceMs && atMs < panel.nowMs - certainMs)
        .map((change) => [change.atMs, colourOf(change)] as const),
    panelMs: () => panel.nowMs,
    seen(operation) {
      // Look-ups are nothing that a customer sees.
      if (operation.amount !== null) ended = { ...operation, atMs: systemTime.monotonicMs() };
    },
  };
}

/** Its meters look at whole periods of the LED's pulses. */
const certainMs = 6;

/** An LED's levels on a screen, where the same numbers look much darker; dark is the colour of its lens. */
function colourOf({ red, green, blue }: Rgb): string {
  if (red + green + blue === 0) return '#3a3f45';
  const [r, g, b] = [red, green, blue].map((level) => Math.round(255 * (level / 255) ** 0.5));
  return `rgb(${r} ${g} ${b})`;
}

function ledTextOf({ ledHistory, nowMs }: Counter['panel'], words: ShopWords): string {
  const { colour, flashes, periodMs, text } = describeLed(ledHistory, nowMs);
  const isChanging = text.endsWith(', changing');
  // Between two flashes whose rhythm is not known yet it is not off.
  const shown = isChanging ? colourName(ledHistory.findLast(isLit) ?? dark) : colour;
  const name = words.colours[shown] ?? shown;
  if (flashes.length > 0) return `${name}, ${words.flashes(flashes.length, (periodMs / 1000).toFixed(1))}`;
  if (shown === 'off') return name;
  return `${name}, ${isChanging ? words.changing : words.steady}`;
}

const dark: Rgb = { red: 0, green: 0, blue: 0 };
const isLit = ({ red, green, blue }: LedChange): boolean => red + green + blue > 0;

/** What the running operation asks for, as a terminal shows it. */
function amountOf({ status, technician }: Counter['gateway']): string {
  const { operation } = status();
  const command = operation === null ? null : technician.find(operation.id)?.command;
  if (command === null || command === undefined || !('amount' in command)) return '';
  return command.amount === undefined ? '' : `${(command.amount / 100).toFixed(2)} UAH`;
}
