import { type Dice, diceOf } from '../random.ts';

/** What a seed's registry is like. */
export interface RegistryProfile {
  /** How often it wants to hear from the box. */
  everyMs: number;
  /** The box is claimed with its first question. */
  isNew: boolean;
  /** Whose word on the broker's address counts. */
  brokerFrom: 'config' | 'registry';
  /** The till may not ask for everything. */
  isLimited: boolean;
  /** How far its clock is ahead. */
  aheadMs: number;
  /** How many questions on their way meet a fault, beside those that the plan names. */
  faulty: number;
  /** In the end it is silent for five weeks. */
  isSilentForWeeks: boolean;
}

/** The registry of a seed; null: a box that nobody bills. */
export function registryProfileOf(seed: number): RegistryProfile | null {
  const dice: Dice = diceOf(seed, 'registry');
  if (dice.chance(0.3)) return null;
  return {
    everyMs: dice.pick([180_000, 900_000, 3_600_000, 86_400_000]),
    isNew: dice.chance(0.3),
    brokerFrom: dice.chance(0.25) ? 'registry' : 'config',
    isLimited: dice.chance(0.4),
    aheadMs: dice.chance(0.3) ? dice.pick([-2_000, 2_000, 20_000]) : 0,
    faulty: dice.chance(0.3) ? dice.pick([0.1, 0.5]) : 0,
    isSilentForWeeks: dice.chance(0.02),
  };
}
