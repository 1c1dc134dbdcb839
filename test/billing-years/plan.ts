/** What happens on which day: made of a seed alone, before anything runs. Who it happens to is left to a roll. */
import { type Dice, diceOf } from '../simulation/random.ts';
import type { Tax } from './facts.ts';
import { daysFrom, later, laterMonth, midnightOf } from './wall-calendar.ts';

/** How large a run is. */
export interface Size {
  months: number;
  boxes: number;
  customers: number;
  /** Acts of operators and technicians in a day, on average. */
  actsPerDay: number;
  /** Of so many acts one is killed. */
  killsIn: number;
  /** Everything that stands is compared on the first day of a month only. */
  comparesMonthly: boolean;
}

/** A run of so many months and boxes, of a fifth as many customers. */
export const sizeOf = ({
  months,
  boxes,
  acts = Math.max(5, boxes / 300),
}: {
  months: number;
  boxes: number;
  acts?: number | undefined;
}): Size => ({
  months,
  boxes,
  customers: Math.ceil(boxes / 5),
  actsPerDay: acts,
  killsIn: 12,
  comparesMonthly: boxes > 1000,
});

/** What operators and technicians do, and how often in proportion. */
const kinds = [
  [50, 'claim'],
  [22, 'retire'],
  [4, 'lose'],
  [12, 'comeBack'],
  [26, 'move'],
  [7, 'moveThereAndBack'],
  [4, 'moveByTwoClocks'],
  [16, 'replace'],
  [5, 'replaceByOld'],
  [30, 'pause'],
  [9, 'endPause'],
  [2, 'leave'],
  [5, 'newCustomer'],
  [12, 'planOfCustomer'],
  [14, 'planOfBox'],
  [6, 'noPlanOfItsOwn'],
  [3, 'price'],
  [8, 'details'],
  [11, 'creditNote'],
  [14, 'moneyBack'],
  [9, 'defer'],
  [3, 'noLonger'],
  [6, 'reverse'],
  [10, 'wrongCall'],
  [4, 'clockForward'],
  [4, 'clockBack'],
  [2, 'billAgain'],
] as const;

/** What there is to do: those above, and what is done at its hour. */
export type Kind =
  | (typeof kinds)[number][1]
  | 'daily'
  | 'bank'
  | 'desk'
  | 'backup'
  | 'restore'
  | 'tax'
  | 'clockRight'
  | 'prove';

/** Something to do. */
export interface Act {
  atMs: number;
  kind: Kind;
  /** From 0 to 1: which one it happens to. */
  roll: number;
}

/** What is the same for all of a seed's days. */
export interface Plan {
  seed: number;
  size: Size;
  first: string;
  firstMonth: string;
  last: string;
  tax: Tax;
  /** null: customers without a plan are not billed until they get one. */
  standard: string | null;
  /** When the daily work is done, in ms after midnight. */
  dailyMs: number;
  /** By how much the second instance's clock is behind. */
  lagMs: number;
  /** From and until when the registry is off. */
  off: readonly (readonly [from: string, until: string])[];
  backups: readonly (readonly [taken: string, restored: string])[];
  /** When the tax changes, and to what. */
  newTax: { day: string; tax: Tax };
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

const taxes: readonly Tax[] = [
  { mode: 'none', rateBasisPoints: 0 },
  { mode: 'onTop', rateBasisPoints: 2000 },
  { mode: 'included', rateBasisPoints: 2000 },
  { mode: 'onTop', rateBasisPoints: 1400 },
  { mode: 'included', rateBasisPoints: 700 },
];

/** The plan of a seed. */
export function planOf(seed: number, size: Size): Plan {
  const dice = diceOf(seed, 'plan');
  const firstMonth = '2026-10';
  const day = (month: number, of: number): string => later(`${laterMonth(firstMonth, month)}-01`, of - 1);
  const last = day(size.months + 1, 20);
  const off: [string, string][] = [];
  const backups: [string, string][] = [];
  for (let month = 1; month < size.months; month += dice.between(4, 9)) {
    // Over the 1st: it is missed, once in a while two of them.
    const from = day(month, dice.between(22, 28));
    off.push([from, later(from, dice.pick([4, 9, 12, 40]))]);
  }
  // Switched on late: more months are missed than are billed unasked.
  if (seed % 5 === 4) off.push(['2026-10-20', day(4, 6)]);
  for (let month = 2; month < size.months && backups.length < 4; month += dice.between(5, 20)) {
    const taken = day(month, dice.between(1, 28));
    const restored = later(taken, dice.between(1, 6));
    if (!off.some(([from, until]) => from <= later(restored, 1) && taken <= later(until, 1)))
      backups.push([taken, restored]);
  }
  return {
    seed,
    size,
    first: '2026-09-12',
    firstMonth,
    last,
    tax: dice.pick(taxes),
    standard: seed % 3 === 0 ? null : 'shop',
    dailyMs: dice.pick([5 * minuteMs + 30_000, 17 * minuteMs, 3 * hourMs + 17 * minuteMs, 4 * hourMs]),
    lagMs: dice.pick([0, 1500, 2 * minuteMs]),
    off,
    backups,
    newTax: { day: day(dice.between(3, Math.max(4, size.months - 2)), 10), tax: dice.pick(taxes) },
  };
}

/** Whether the registry is off on a day. */
export const isOff = ({ off }: Plan, day: string): boolean =>
  off.some(([from, until]) => from <= day && day < until);

/** What is done on a day, in order. On a day on which the registry is off: nothing. */
export function actsOn(plan: Plan, day: string): Act[] {
  if (isOff(plan, day)) return [];
  const dice = diceOf(plan.seed, day);
  const startMs = midnightOf(day);
  const endMs = midnightOf(later(day, 1));
  const acts: Act[] = [];
  const add = (kind: Kind, atMs: number): unknown => acts.push({ atMs, kind, roll: dice.fraction() });
  const at = (ms: number): number => startMs + ms;
  add('daily', at(plan.dailyMs));
  add('bank', at(10 * hourMs));
  add('desk', at(15 * hourMs));
  if (day.endsWith('-02')) add('prove', at(16 * hourMs));
  for (const [taken, restored] of plan.backups) {
    if (taken === day) add('backup', at(dice.between(1, 80) * 15 * minuteMs));
    if (restored === day) add('restore', at(12 * hourMs));
  }
  if (plan.newTax.day === day) add('tax', at(11 * hourMs));
  const most = Math.floor(plan.size.actsPerDay * 2 * dice.fraction() + dice.fraction());
  for (let count = 0; count < most; count += 1) {
    const kind = dice.weighted(kinds);
    const atMs = momentOf(dice, startMs, endMs);
    const isClock = kind === 'clockForward' || kind === 'clockBack';
    // Never over a month's end: whoever bills by a clock that is a day wrong bills a day wrong.
    if (isClock && !['05', '11', '17', '23'].includes(day.slice(8))) continue;
    add(kind, atMs);
    if (isClock) add('clockRight', atMs + dice.between(1, 9) * hourMs);
  }
  // First days: most boxes are claimed before the first month begins.
  if (daysFrom(plan.first, day) === 0) add('newCustomer', at(8 * hourMs));
  return acts.sort((one, other) => one.atMs - other.atMs);
}

/** Any moment of a day; often one beside midnight. */
function momentOf(dice: Dice, startMs: number, endMs: number): number {
  const way = dice.fraction();
  if (way < 0.08) return startMs + dice.between(0, 200_000);
  if (way < 0.16) return endMs - 1 - dice.between(0, 200_000);
  return startMs + Math.floor(dice.fraction() * (endMs - startMs));
}
