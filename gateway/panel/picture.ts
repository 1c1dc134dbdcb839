/** Draws the table of patterns for the documentation. Pure: the same table gives the same picture. */
import { type Colour, framesOf, gatewayDown, type Pattern, patterns } from './patterns.ts';

const rowPx = 44;
const headPx = 34;
const widthPx = 900;
const lineLeftPx = 250;
const pxPerMs = 0.1;
const shownMs = 6_000;

/** The picture, as SVG: for each pattern its light, its name and meaning, and six seconds of its rhythm. */
export function drawPatterns(): string {
  const rows = [...Object.values<Pattern>(patterns), gatewayDown];
  const heightPx = headPx + rows.length * rowPx + 8;
  const seconds = Array.from({ length: shownMs / 1000 + 1 }, (_, second) => {
    const x = lineLeftPx + second * 1000 * pxPerMs;
    return `<text x="${x}" y="20" text-anchor="middle" fill="#667">${second} s</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}" font-family="sans-serif" font-size="13">`,
    '<title>What the LED of the panel shows</title>',
    `<rect width="${widthPx}" height="${heightPx}" fill="#fff"/>`,
    ...seconds,
    ...rows.map(drawRow),
    '</svg>',
    '',
  ].join('\n');
}

function drawRow(pattern: Pattern, row: number): string {
  const top = headPx + row * rowPx;
  return [
    `<g transform="translate(0 ${top})">`,
    `<circle cx="20" cy="14" r="9" fill="#222" stroke="#889"/>`,
    `<circle cx="20" cy="14" r="8" fill="${hexOf(pattern.colour)}">${blink(pattern)}</circle>`,
    `<text x="38" y="18" font-weight="bold">${pattern.name}</text>`,
    `<text x="38" y="36" font-size="12" fill="#445">${pattern.meaning}</text>`,
    `<rect x="${lineLeftPx}" y="4" width="${shownMs * pxPerMs}" height="18" fill="#222"/>`,
    ...flashes(pattern),
    '</g>',
  ].join('\n');
}

function flashes(pattern: Pattern): string[] {
  const drawn: string[] = [];
  const frames = framesOf(pattern);
  let atMs = 0;
  for (let place = 0; atMs < shownMs; place = (place + 1) % frames.length) {
    const { colour, ms } = frames[place] as (typeof frames)[number];
    const untilMs = Math.min(shownMs, atMs + ms);
    if (colour === pattern.colour)
      drawn.push(
        `<rect x="${px(lineLeftPx + atMs * pxPerMs)}" y="4" width="${px((untilMs - atMs) * pxPerMs)}" height="18" fill="${hexOf(colour)}"/>`,
      );
    atMs = untilMs;
  }
  return drawn;
}

/** The light itself, where the viewer plays SMIL; elsewhere it stays on. */
function blink(pattern: Pattern): string {
  const frames = framesOf(pattern);
  if (frames.length === 1) return '';
  const totalMs = frames.reduce((sum, { ms }) => sum + ms, 0);
  let atMs = 0;
  const times = frames.map(({ ms }) => {
    const time = atMs / totalMs;
    atMs += ms;
    return time.toFixed(4);
  });
  const values = frames.map(({ colour }) => (colour === pattern.colour ? '1' : '0'));
  return `<animate attributeName="opacity" calcMode="discrete" dur="${totalMs}ms" repeatCount="indefinite" keyTimes="${times.join(';')}" values="${values.join(';')}"/>`;
}

const px = (value: number): string => String(Math.round(value * 10) / 10);

/** As bright on paper as the LED is: its levels are much lower than a screen's for the same impression. */
function hexOf([red, green, blue]: Colour): string {
  const most = Math.max(red, green, blue, 1);
  const hex = (level: number): string =>
    Math.round(255 * (level / most) ** 0.6)
      .toString(16)
      .padStart(2, '0');
  return `#${hex(red)}${hex(green)}${hex(blue)}`;
}
