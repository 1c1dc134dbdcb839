import { randomBytes } from 'node:crypto';
import type { Random } from '../seams/random.ts';

/** The machine's own randomness: V8's generator for jitter, the kernel's for keys and names. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (length) => randomBytes(length),
};
