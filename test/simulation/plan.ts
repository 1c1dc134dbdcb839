/** What happens in a simulated world, made of one seed: data, so that a plan can be shown, cut down and run again. */
import type { OperationType } from '../../gateway/contract/command.ts';
import type { RuleInput } from '../../gateway/simulators/terminal/script.ts';
import { type Profile, profileOf, ruleFor } from './profile.ts';
import { type Dice, diceOf } from './random.ts';
import { type RegistryDeed, registryDeeds } from './registry/registry-plan.ts';

/** What a sale system asks for by itself; `abort`, `status` and `resolve` are about another operation. */
export type AskedType = Exclude<OperationType, 'abort' | 'status' | 'resolve'>;

/** A call at which the box may lose its power; `link.money`: the first byte of a request that moves money. */
export const killPoints = [
  'journal.accept',
  'journal.start',
  'journal.update',
  'journal.tell',
  'journal.setNote',
  'journal.delivered',
  'link.money',
  'link.write',
  'broker.publish',
  'broker.puback',
] as const;

/** One thing that happens. `which`, 0 to 1, chooses among what there is then. */
export type Deed =
  | { do: 'ask'; n: number; sender: number; type: AskedType; lifeMs: number; which: number; part: boolean }
  | { do: 'again' | 'otherContent' | 'status' | 'abort'; which: number }
  | {
      do: 'abortLatest' | 'customerCancels' | 'power' | 'closeBatch' | 'fireWill' | 'lateAnswer';
    }
  | { do: 'abortAhead'; n: number; sender: number }
  | {
      do: 'junk';
      n: number;
      what: 'unsigned' | 'otherBox' | 'retained' | 'forbidden' | 'invalid' | 'tooMuch';
    }
  | { do: 'button'; action: 'abort' | 'receipt' | 'totals' }
  | { do: 'keypadSame' }
  | { do: 'keypadOther'; amount: number }
  | { do: 'kill'; forMs: number }
  | {
      do: 'killAt';
      point: (typeof killPoints)[number];
      when: 'before' | 'after';
      skip: number;
      forMs: number;
    }
  | { do: 'diskFull' | 'suspended'; forMs: number }
  | { do: 'clockJump'; byMs: number; forMs: number }
  | { do: 'clockUnset'; behindMs: number; forMs: number }
  | { do: 'cutNoticed' | 'cutSilent' | 'forgetSession' }
  | { do: 'unplug' | 'silence' | 'held' | 'otherTerminal' | 'brokerAway' | 'brokerHangs'; forMs: number }
  | { do: 'rule'; rule: RuleInput }
  | RegistryDeed;

/** A deed and when, in milliseconds after the start. */
export type Act = Deed & { atMs: number };

/** A whole run. */
export interface Plan {
  seed: number;
  profile: Profile;
  acts: readonly Act[];
}

const asked: readonly (readonly [weight: number, type: AskedType])[] = [
  [24, 'payment'],
  [3, 'refund'],
  [6, 'reversal'],
  [2, 'cashback'],
  [2, 'preauthorization'],
  [2, 'completion'],
  [3, 'instalment'],
  [2, 'instalmentRefund'],
  [1, 'reconciliation'],
  [1, 'totals'],
  [2, 'receipt'],
  [1, 'balance'],
];

/** From milliseconds to hours, most of them as long as a customer takes. */
const pauseBefore = (dice: Dice, profile: Profile): number =>
  dice.weighted([
    [1.5, dice.between(0, 800)],
    [10, inFlightMs(profile) + dice.between(0, 20_000)],
    [4, dice.between(30_000, 200_000)],
    [0.4, dice.between(200_000, 3_600_000)],
  ]);

const short = (dice: Dice): number => dice.pick([0, 100, 3_000, 20_000]);
const long = (dice: Dice): number =>
  dice.weighted([
    [4, 500],
    [4, 5_000],
    [3, 40_000],
    [1, 200_000],
    [0.5, 800_000],
  ]);

type Maker = (dice: Dice, profile: Profile, n: () => number) => Deed;

/** Every fault and every person's whim, with its share where a seed has it at all. */
const whims: readonly (readonly [weight: number, make: Maker])[] = [
  [6, (dice, profile) => ({ do: 'rule', rule: ruleFor(dice, profile) })],
  [2, (dice) => ({ do: 'kill', forMs: dice.chance(0.8) ? short(dice) : long(dice) })],
  [
    4,
    (dice) => ({
      do: 'killAt',
      point: dice.pick(killPoints),
      when: dice.pick(['before', 'after']),
      skip: dice.chance(0.6) ? 0 : dice.between(1, 6),
      forMs: dice.chance(0.8) ? short(dice) : long(dice),
    }),
  ],
  [1, (dice) => ({ do: 'diskFull', forMs: long(dice) })],
  [0.5, (dice) => ({ do: 'suspended', forMs: long(dice) })],
  [
    0.7,
    (dice) => ({
      do: 'clockJump',
      byMs: dice.pick([-3_600_000, -600_000, -60_000, -4_000, 4_000, 60_000, 600_000, 3_600_000]),
      forMs: long(dice),
    }),
  ],
  [
    0.7,
    (dice) => ({
      do: 'clockUnset',
      behindMs: dice.pick([60_000, 3_600_000, 86_400_000, 1_000_000_000_000]),
      forMs: long(dice),
    }),
  ],
  [0.8, () => ({ do: 'lateAnswer' })],
  [1, () => ({ do: 'cutNoticed' })],
  [1, () => ({ do: 'cutSilent' })],
  [1, (dice) => ({ do: 'unplug', forMs: long(dice) })],
  [1, (dice) => ({ do: 'silence', forMs: long(dice) })],
  [1.2, (dice) => ({ do: 'held', forMs: long(dice) })],
  [0.4, (dice) => ({ do: 'otherTerminal', forMs: long(dice) })],
  [0.7, () => ({ do: 'power' })],
  [0.4, () => ({ do: 'closeBatch' })],
  [1, () => ({ do: 'keypadSame' })],
  [1.2, (dice) => ({ do: 'keypadOther', amount: dice.between(11, 99) })],
  [0.7, () => ({ do: 'customerCancels' })],
  [1.2, (dice) => ({ do: 'brokerAway', forMs: dice.chance(0.98) ? long(dice) : 3 * 3_600_000 })],
  [0.6, (dice) => ({ do: 'brokerHangs', forMs: long(dice) })],
  [0.4, () => ({ do: 'forgetSession' })],
  [0.4, () => ({ do: 'fireWill' })],
  [1.5, (dice) => ({ do: 'again', which: dice.fraction() })],
  [0.7, (dice) => ({ do: 'otherContent', which: dice.fraction() })],
  [1.5, () => ({ do: 'abortLatest' })],
  [0.4, (dice) => ({ do: 'abort', which: dice.fraction() })],
  [0.3, (dice, _, n) => ({ do: 'abortAhead', n: n(), sender: dice.between(0, 1) })],
  [0.8, (dice) => ({ do: 'button', action: dice.pick(['abort', 'receipt', 'totals']) })],
  [0.7, (dice) => ({ do: 'status', which: dice.fraction() })],
  [
    0.6,
    (dice, _, n) => ({
      do: 'junk',
      n: n(),
      what: dice.pick(['unsigned', 'otherBox', 'retained', 'forbidden', 'invalid', 'tooMuch']),
    }),
  ],
];

/** The plan of a seed, with so many operations of the sale systems and, in most seeds, fewer faults. */
export function makePlan(seed: number, operations: number): Plan {
  const profile = profileOf(seed);
  const dice = diceOf(seed, 'plan');
  let made = 0;
  const next = (): number => {
    made += 1;
    return made;
  };
  const acts: Act[] = [];
  const asks: number[] = [];
  let atMs = 0;
  for (let count = 0; count < operations; count += 1) {
    atMs += pauseBefore(dice, profile);
    asks.push(atMs);
    acts.push({
      atMs,
      do: 'ask',
      n: next(),
      sender: dice.between(0, 1),
      type: dice.weighted(asked),
      lifeMs: dice.weighted([
        [10, 120_000],
        [1, dice.between(300, 4_000)],
        [2, 900_000],
      ]),
      which: dice.fraction(),
      part: dice.chance(0.4),
    });
  }
  // Each fault has a rate of its own in each seed, and in many seeds none.
  const rates = whims.map(
    ([weight, make]) => [dice.chance(0.55) ? weight * dice.pick([0.3, 1, 3]) : 0, make] as const,
  );
  const faults = Math.floor(operations * dice.pick([0.1, 0.3, 0.7, 1.2]));
  for (let count = 0; count < faults && rates.some(([weight]) => weight > 0); count += 1) {
    const isInFlight = dice.chance(0.7);
    const from = isInFlight ? dice.pick(asks) : dice.between(0, atMs);
    const deed = dice.weighted(rates)(dice, profile, next);
    // A rule has to stand when the request comes, and the terminal answers buttons before; all else strikes while
    // it is under way.
    const isEarly = early.has(deed.do) || (deed.do === 'button' && deed.action !== 'abort');
    const afterMs = isEarly ? -1 : dice.between(0, inFlightMs(profile));
    acts.push({ ...deed, atMs: Math.max(0, isInFlight ? from + afterMs : from) });
  }
  const dozen = diceOf(seed, 'registry plan');
  for (const deed of profile.registry === null ? [] : registryDeeds(dozen, operations)) {
    const isInFlight = dozen.chance(0.7);
    const from = isInFlight ? dozen.pick(asks) : dozen.between(0, atMs);
    acts.push({ ...deed, atMs: from + (isInFlight ? dozen.between(0, inFlightMs(profile)) : 0) });
  }
  const order = acts.map((act, index) => ({ act, index }));
  order.sort((one, other) => one.act.atMs - other.act.atMs || one.index - other.index);
  return { seed, profile, acts: order.map(({ act }) => act) };
}

const early: ReadonlySet<Deed['do']> = new Set(['rule', 'killAt', 'lateAnswer']);

/** About as long as an operation takes. */
const inFlightMs = ({ terminal }: Profile): number => (terminal.stepMs ?? 0) * 6 + 800;
