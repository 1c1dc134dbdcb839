import type { LedChange, Rgb } from './led-history.ts';

/** A flash and the dark after it, in milliseconds. */
export type MeasuredFlash = readonly [onMs: number, offMs: number];

/** What a person would say about the LED. */
export interface LedDescription {
  /** `off`, or the name of the hue it has when it is on. */
  colour: string;
  /** One period of the rhythm, the longest dark last; empty when the LED is steady or nothing repeats yet. */
  flashes: readonly MeasuredFlash[];
  /** 0 when steady or when nothing repeats yet. */
  periodMs: number;
  /** Such as `red, 2 flashes every 2.0 s: 100 100 ms`. */
  text: string;
}

// Longer than any flash or pause of a rhythm.
const steadyMs = 4_000;
const flashesMax = 8;
const lookBackMs = 20_000;

interface Span {
  fromMs: number;
  toMs: number;
  colour: string;
}

/**
 * Describes what the LED has been showing.
 * @param changes oldest first, as {@link EmulatedPanel.ledHistory} gives them
 * @param nowMs the panel's time
 */
export function describeLed(changes: readonly LedChange[], nowMs: number): LedDescription {
  const spans = spansOf(changes, nowMs);
  const last = spans.at(-1);
  if (last === undefined) return { colour: 'off', flashes: [], periodMs: 0, text: 'off' };
  if (nowMs - last.fromMs > steadyMs)
    return { colour: last.colour, flashes: [], periodMs: 0, text: steadyText(last.colour) };
  const lit = spans.filter(({ colour }) => colour !== 'off');
  const colour = lit.at(-1)?.colour ?? 'off';
  const flashes = repeatingFlashes(spans, colour);
  if (flashes.length === 0)
    return { colour: last.colour, flashes, periodMs: 0, text: `${last.colour}, changing` };
  const periodMs = flashes.reduce((sum, [onMs, offMs]) => sum + onMs + offMs, 0);
  const count = flashes.length === 1 ? 'a flash' : `${flashes.length} flashes`;
  const lengths = flashes.map(([onMs]) => Math.round(onMs / 10) * 10).join(' ');
  const text = `${colour}, ${count} every ${(periodMs / 1000).toFixed(1)} s: ${lengths} ms`;
  return { colour, flashes, periodMs, text };
}

const steadyText = (colour: string): string => (colour === 'off' ? 'off' : `${colour}, steady`);

/** The name of a hue; brightness does not matter. */
export function colourName({ red, green, blue }: Rgb): string {
  const most = Math.max(red, green, blue);
  if (most === 0) return 'off';
  const [r, g, b] = [red / most, green / most, blue / most];
  const isIn = (part: number): boolean => part > 0.6;
  if (isIn(r) && isIn(g) && isIn(b)) return 'white';
  if (isIn(r) && isIn(b)) return 'magenta';
  if (isIn(g) && isIn(b)) return 'cyan';
  if (isIn(r) && isIn(g)) return 'yellow';
  if (isIn(r)) return g > 0.2 && b < 0.2 ? 'amber' : 'red';
  return isIn(g) ? 'green' : 'blue';
}

/** The look-back as stretches of one hue each. */
function spansOf(changes: readonly LedChange[], nowMs: number): Span[] {
  const spans: Span[] = [];
  for (const [index, change] of changes.entries()) {
    const toMs = changes[index + 1]?.atMs ?? nowMs;
    if (toMs < nowMs - lookBackMs) continue;
    const colour = colourName(change);
    const before = spans.at(-1);
    if (before?.colour === colour) before.toMs = toMs;
    else spans.push({ fromMs: change.atMs, toMs, colour });
  }
  return spans;
}

/** The shortest group of flashes that was seen twice in a row just now; empty when there is none. */
function repeatingFlashes(spans: readonly Span[], colour: string): MeasuredFlash[] {
  const flashes: MeasuredFlash[] = [];
  // The last span is not over yet, and without the dark after it a flash is not complete.
  for (let index = spans.length - 3; index >= 0; index -= 2) {
    const [on, off] = [spans[index], spans[index + 1]];
    if (on?.colour !== colour || off?.colour !== 'off') {
      if (flashes.length > 0 || index < spans.length - 4) break;
      index += 1;
      continue;
    }
    flashes.unshift([on.toMs - on.fromMs, off.toMs - off.fromMs]);
  }
  for (let count = 1; count <= Math.min(flashesMax, flashes.length / 2); count += 1) {
    const group = flashes.slice(-count);
    const before = flashes.slice(-2 * count, -count);
    if (group.every((flash, place) => isAlike(flash, before[place] as MeasuredFlash)))
      return longestDarkLast(group);
  }
  return [];
}

const isAlike = (one: MeasuredFlash, other: MeasuredFlash): boolean =>
  [0, 1].every((part) => {
    const [a, b] = [one[part as 0], other[part as 0]];
    return Math.abs(a - b) <= 20 + 0.1 * Math.max(a, b);
  });

function longestDarkLast(flashes: readonly MeasuredFlash[]): MeasuredFlash[] {
  const longest = Math.max(...flashes.map(([, offMs]) => offMs));
  // Of several as long as it, the last one: a group is told from its beginning.
  const place = flashes.findLastIndex(([, offMs]) => offMs === longest);
  return [...flashes.slice(place + 1), ...flashes.slice(0, place + 1)];
}
