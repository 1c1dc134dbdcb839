import type { Random } from '../../gateway/seams/random.ts';

/** Repeatable randomness: mulberry32, good enough to spread faults, not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction: next,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}

/** Dice of one purpose. */
export interface Dice {
  /** From 0 (included) to 1 (excluded). */
  fraction(): number;
  /** True so often. */
  chance(probability: number): boolean;
  /** One of them. */
  pick<Thing>(things: readonly Thing[]): Thing;
  /** One of them, by weight; weights of 0 never. */
  weighted<Thing>(things: readonly (readonly [weight: number, thing: Thing])[]): Thing;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
}

/** The dice of a seed for one purpose: what one purpose uses up does not change what another one rolls. */
export function diceOf(seed: number, purpose: string): Dice {
  let mixed = seed ^ 0x5bd1e995;
  for (const letter of purpose) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193);
  const { fraction } = seededRandom(mixed);
  for (let warm = 0; warm < 4; warm += 1) fraction();
  return {
    fraction,
    chance: (probability) => fraction() < probability,
    pick: (things) => things[Math.floor(fraction() * things.length)] as (typeof things)[number],
    weighted(things) {
      let left = fraction() * things.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, thing] of things) {
        left -= weight;
        if (left < 0) return thing;
      }
      return (things.at(-1) as (typeof things)[number])[1];
    },
    between: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
  };
}
