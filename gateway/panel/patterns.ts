/**
 * What the LED shows: a table. Every pattern is known by its rhythm alone, since one man in twelve cannot tell red
 * from green. A rhythm is made of flashes that are plainly short or plainly long, with plainly short or plainly long
 * dark between them. Nothing flashes more than three times in any second (WCAG 2.2, 2.3.1, "three flashes").
 */

/** Red, green, blue, each 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A flash and the dark after it, in milliseconds. */
export type Flash = readonly [onMs: number, offMs: number];

/** What the LED can tell. */
export interface Pattern {
  readonly name: string;
  readonly colour: Colour;
  /** Played again and again. */
  readonly rhythm: readonly Flash[];
  /** What it tells the cashier. */
  readonly meaning: string;
}

const shortMs = 200;
const longMs = 900;
/** The dark within a group of flashes, and between groups. */
const gapMs = 250;
const pauseMs = 1_300;

const short: Flash = [shortMs, gapMs];
const long: Flash = [longMs, gapMs];
/** A group of flashes and the pause after it. */
const group = (...flashes: Flash[]): Flash[] =>
  flashes.map(([onMs, offMs], place) => [onMs, place === flashes.length - 1 ? pauseMs : offMs]);

const off: Colour = [0, 0, 0];
const white: Colour = [120, 120, 120];
const red: Colour = [255, 0, 0];
const green: Colour = [0, 160, 0];
const blue: Colour = [0, 40, 255];
const amber: Colour = [255, 90, 0];
const magenta: Colour = [220, 0, 200];

/** The table. A new pattern needs a rhythm that no other one has; the test of this table says so if it does not. */
export const patterns = {
  ready: {
    name: 'ready',
    colour: green,
    rhythm: [[1_000, 0]],
    meaning: 'ready for a payment',
  },
  waitingForCard: {
    name: 'waitingForCard',
    colour: blue,
    rhythm: [[longMs, longMs]],
    meaning: 'somebody is awaited at the terminal: card, PIN, a key',
  },
  authorising: {
    name: 'authorising',
    colour: blue,
    rhythm: [short],
    meaning: 'the terminal is at work: wait',
  },
  approved: {
    name: 'approved',
    colour: green,
    rhythm: [short, short, [2_500, gapMs]],
    meaning: 'paid (for five seconds)',
  },
  declined: {
    name: 'declined',
    colour: red,
    rhythm: group(short, short, short),
    meaning: 'not paid: declined, cancelled, failed or refused (for five seconds)',
  },
  unknown: {
    name: 'unknown',
    colour: magenta,
    rhythm: group(long, long),
    meaning: 'nobody knows whether it was paid: do not charge again, look at the terminal',
  },
  terminalAbsent: {
    name: 'terminalAbsent',
    colour: amber,
    rhythm: group(long, short),
    meaning: 'the terminal does not answer: cable, power',
  },
  noBroker: {
    name: 'noBroker',
    colour: amber,
    rhythm: group(short, short, short, short),
    meaning: 'the sale system cannot reach the box: network',
  },
  suspended: {
    name: 'suspended',
    colour: red,
    rhythm: group(long, short, short, short),
    meaning: 'suspended: no new payments; the owner has to pay the bill',
  },
  unregistered: {
    name: 'unregistered',
    colour: red,
    rhythm: group(long, short, short),
    meaning: 'not registered: no new payments',
  },
  pastDue: {
    name: 'pastDue',
    colour: green,
    rhythm: [[3_000, gapMs]],
    meaning: 'ready, but the bill for the box is past due',
  },
  booting: {
    name: 'booting',
    colour: white,
    rhythm: group(short),
    meaning: 'starting',
  },
} as const satisfies Record<string, Pattern>;

/** One of the table's names. */
export type PatternName = keyof typeof patterns;

/** What the panel shows by itself while no gateway is heard; see its firmware. No pattern of the table may look like it. */
export const gatewayDown: Pattern = {
  name: 'gatewayDown',
  colour: red,
  rhythm: [
    [100, 150],
    [100, 1_650],
  ],
  meaning: 'the gateway is not running: the panel says so by itself',
};

/** A colour held for a time. */
export interface Frame {
  readonly colour: Colour;
  readonly ms: number;
}

/** A pattern as the frames that are played; the steady one is a single frame. */
export const framesOf = ({ colour, rhythm }: Pattern): Frame[] =>
  rhythm.flatMap(([onMs, offMs]) => [
    { colour, ms: onMs },
    ...(offMs === 0 ? [] : [{ colour: off, ms: offMs }]),
  ]);

/**
 * Shown once when both buttons are pressed: each colour by itself and all together, then the version of the panel's
 * firmware as flashes, long ones for its major number and short ones for its minor.
 */
export function identifyFrames({ major, minor }: { major: number; minor: number }): Frame[] {
  const flashes = [
    ...Array.from({ length: Math.min(major, 9) }, () => long),
    ...Array.from({ length: Math.min(minor, 9) }, () => short),
  ];
  const dark: Frame = { colour: off, ms: longMs };
  return [
    ...[red, [0, 255, 0] as const, [0, 0, 255] as const, white].map((colour) => ({ colour, ms: 600 })),
    dark,
    ...framesOf({ name: '', meaning: '', colour: white, rhythm: flashes }),
    dark,
  ];
}
