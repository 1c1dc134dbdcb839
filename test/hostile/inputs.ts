/** How much hostile input each property gets, and from which seed: the same every time in CI, new ground in the soak. */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import type { Test } from 'uvu';
import { messageOf } from '../../gateway/seams/error.ts';

const isSoak = process.env.SWIPE_SOAK === '1';

/** Inputs per property: SWIPE_INPUTS, or 5,000, or 100,000 in the soak. */
export const inputs = wholeNumber('SWIPE_INPUTS') ?? (isSoak ? 100_000 : 5_000);

/** Where they come from: SWIPE_SEED, or always the same, or anywhere in the soak. */
export const seed = wholeNumber('SWIPE_SEED') ?? (isSoak ? randomInt(2 ** 31) : 20_261_121);

function wholeNumber(variable: string): number | null {
  const text = process.env[variable];
  if (text === undefined || text === '') return null;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new TypeError(`${variable}: found "${text}", allowed: a whole number greater than 0`);
}

/**
 * Holds a property against {@link inputs} inputs. Says how many there were and from which seed; throws in fast-check's
 * words which input broke it, and how to come back to it.
 */
export async function attack<Input>(name: string, property: fc.IRawProperty<Input>): Promise<void> {
  const startedMs = performance.now();
  const details = await fc.check(property, { numRuns: inputs, seed });
  if (details.failed)
    throw new Error(`${messageOf(details.errorInstance)}\n${fc.defaultReportMessage(details)}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${name}: ${details.numRuns} inputs, seed ${seed}, ${seconds} s`);
}

/** Registers a test of one property. */
export function hostile<Input>(test: Test, name: string, property: fc.IRawProperty<Input>): void {
  test(name, () => attack(name, property));
}
