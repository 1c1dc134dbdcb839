/** What happens between a box and its registry, made of a seed: data, as the rest of the plan. */
import type { ProblemCode, RegistrationState } from '../../../gateway/contract/registration.ts';
import type { Dice } from '../random.ts';
import { forYears, type LineFault, usualFaults } from './line-faults.ts';

/** A call over MQTT that the box hears. */
export const calls = ['true', 'again', 'forged', 'old', "another box's", 'nonsense'] as const;

/** A call of the registry at which the box may lose its power. */
export const registryKillPoints = ['registry.keep', 'registry.ask', 'registry.answer'] as const;

/** `isCalled`: the registry calls the box, so that it happens now and not at the next question. */
export type RegistryDeed =
  | { do: 'registryMeets'; fault: LineFault; isCalled: boolean }
  | { do: 'registryAway'; how: LineFault; forMs: number }
  | { do: 'registryRefuses'; code: ProblemCode; forMs: number }
  | { do: 'registryTells'; state: RegistrationState; forMs: number; isCalled: boolean }
  | { do: 'registryCalls'; what: (typeof calls)[number] }
  | { do: 'registryRotates'; forMs: number }
  | { do: 'registryClock'; byMs: number; forMs: number }
  /** The machine has no time for so long, and the registry tells two; the first one slowly, perhaps. */
  | { do: 'twoTimes'; byMs: number; isSlow: boolean; forMs: number }
  | { do: 'keyTaken' | 'keyRotated' | 'pairing'; forMs: number; isCalled: boolean }
  | { do: 'brokerMoves'; isCalled: boolean }
  | { do: 'diskFullAtAnswer' | 'registrationLost' | 'pinMoved'; forMs: number }
  | {
      do: 'killAt';
      point: (typeof registryKillPoints)[number];
      when: 'before' | 'after';
      skip: number;
      forMs: number;
    };

const aWhile = (dice: Dice): number =>
  dice.weighted([
    [3, 3_000],
    [4, 40_000],
    [3, 300_000],
    [1, 3_600_000],
  ]);
const off = (dice: Dice): number => dice.pick([0, 100, 3_000, 20_000]);
const isCalled = (dice: Dice): boolean => dice.chance(0.7);

const whims: readonly (readonly [weight: number, make: (dice: Dice) => RegistryDeed])[] = [
  [6, (dice) => ({ do: 'registryMeets', fault: dice.pick(usualFaults), isCalled: isCalled(dice) })],
  [
    1,
    (dice) => ({
      do: 'registryAway',
      how: dice.pick(['no connection', 'no answer', dice.pick(usualFaults)]),
      forMs: aWhile(dice),
    }),
  ],
  [
    0.5,
    (dice) => ({
      do: 'registryRefuses',
      code: dice.pick(['keyMismatch', 'hardwareChanged', 'malformed', 'failed', 'busy']),
      forMs: aWhile(dice),
    }),
  ],
  [
    2,
    (dice) => ({
      do: 'registryTells',
      state: dice.pick(['active', 'trial', 'pastDue', 'suspended', 'suspended', 'unregistered']),
      forMs: aWhile(dice),
      isCalled: isCalled(dice),
    }),
  ],
  [1.5, (dice) => ({ do: 'registryCalls', what: dice.pick(calls) })],
  [0.8, (dice) => ({ do: 'registryRotates', forMs: aWhile(dice) })],
  [
    0.5,
    (dice) => ({
      do: 'registryClock',
      byMs: dice.pick([-3_600_000, -600_000, 600_000, 3_600_000]),
      forMs: aWhile(dice),
    }),
  ],
  [
    0.5,
    (dice) => ({
      do: 'twoTimes',
      byMs: dice.pick([-3_600_000, -600_000, 600_000]),
      isSlow: dice.chance(0.4),
      forMs: dice.pick([100_000, 600_000]),
    }),
  ],
  [1.5, (dice) => ({ do: 'keyTaken', forMs: aWhile(dice), isCalled: isCalled(dice) })],
  [1, (dice) => ({ do: 'keyRotated', forMs: aWhile(dice), isCalled: isCalled(dice) })],
  [0.3, (dice) => ({ do: 'pairing', forMs: aWhile(dice), isCalled: isCalled(dice) })],
  [0.4, (dice) => ({ do: 'brokerMoves', isCalled: isCalled(dice) })],
  [0.5, (dice) => ({ do: 'diskFullAtAnswer', forMs: aWhile(dice) })],
  [0.3, (dice) => ({ do: 'registrationLost', forMs: off(dice) })],
  [0.3, (dice) => ({ do: 'pinMoved', forMs: off(dice) })],
  [
    2,
    (dice) => ({
      do: 'killAt',
      point: dice.pick(registryKillPoints),
      when: dice.pick(['before', 'after']),
      skip: dice.between(0, 2),
      forMs: off(dice),
    }),
  ],
];

/** So many deeds, most seeds without some of them. */
export function registryDeeds(dice: Dice, operations: number): RegistryDeed[] {
  const rates = whims.map(
    ([weight, make]) => [dice.chance(0.6) ? weight * dice.pick([0.3, 1, 3]) : 0, make] as const,
  );
  const count = Math.floor(operations * dice.pick([0.05, 0.2, 0.5]));
  const hasAny = rates.some(([weight]) => weight > 0);
  const deeds = Array.from({ length: hasAny ? count : 0 }, () => dice.weighted(rates)(dice));
  return dice.chance(0.015) ? [...deeds, { do: 'registryMeets', fault: forYears, isCalled: true }] : deeds;
}
