/** The emulated panel in the window of the demo: its LED in the last line, its buttons on the keyboard. */
import { describeLed } from '../simulators/panel/describe.ts';
import type { EmulatedPanel } from '../simulators/panel/panel.ts';
import { systemTime } from '../system/time.ts';
import { keysPress } from './panel.ts';

/** A window on a panel. */
export interface LivePanel {
  /** Writes a line above the LED's. */
  out(line: string): void;
  /** The terminal is as it was before. */
  close(): void;
}

/** What the keys do, for the one line that says so. */
export const keysHelp = 'keys: a abort, i copy of the last receipt, I (held) totals, b both, Ctrl-C ends it';

const refreshMs = 50;
const eraseLine = '\r\u001b[K';

/**
 * Shows the LED as it is at this moment, in the last line of a terminal, and lets the keyboard press the buttons.
 *
 * @param keys what further keys do
 */
export function openLivePanel(
  panel: EmulatedPanel,
  keys: Readonly<Record<string, () => void>> = {},
): LivePanel {
  let shown = '';
  let cancel = (): void => {};
  const write = (text: string): void => void process.stdout.write(text);
  const draw = (): void => {
    const line = ledLine(panel);
    if (line !== shown) write(eraseLine + line);
    shown = line;
  };
  const refresh = (): void => {
    draw();
    cancel = systemTime.after(refreshMs, refresh);
  };
  const out = (line: string): void => {
    write(`${eraseLine}${line}\n`);
    shown = '';
    draw();
  };
  const hear = (bytes: Buffer): void => {
    for (const key of bytes.toString()) if (Object.hasOwn(keys, key)) keys[key]?.();
  };
  const endKeys = keysPress(panel, { out });
  process.stdin.on('data', hear);
  refresh();
  return {
    out,
    close() {
      cancel();
      process.stdin.off('data', hear);
      endKeys();
      write(eraseLine);
    },
  };
}

/** Such as `panel      ● blue, a flash every 0.5 s: 200 ms`; the light has the LED's colour. */
function ledLine(panel: EmulatedPanel): string {
  const { red, green, blue } = panel.colour;
  // Its levels are those of an LED: on a screen the same numbers look much darker.
  const [r, g, b] = [red, green, blue].map((level) => Math.round(255 * (level / 255) ** 0.5));
  const light = red + green + blue === 0 ? '○' : `\u001b[38;2;${r};${g};${b}m●\u001b[0m`;
  const sound = panel.frequencyHz > 0 ? ` ♪ ${Math.round(panel.frequencyHz)} Hz` : '';
  return `panel      ${light} ${describeLed(panel.ledHistory, panel.nowMs).text}${sound}`;
}
