import { pause, type Time } from '../../gateway/seams/time.ts';

const lookEveryMs = 250;

/** Looks again and again, for so long, until what is seen fits. Gives back what was seen last. */
export async function waitFor<Seen>(
  time: Time,
  limitMs: number,
  look: () => Promise<Seen>,
  fits: (seen: Seen) => boolean,
): Promise<Seen> {
  for (const endMs = time.monotonicMs() + limitMs; ; ) {
    const seen = await look();
    if (fits(seen) || time.monotonicMs() >= endMs) return seen;
    await pause(time, lookEveryMs);
  }
}
