import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Timers } from '../../../gateway/seams/time.ts';

/**
 * What the broker says to something, if it does so in time. What it says later is nobody's.
 *
 * @throws SwipeError `brokerUnreachable` (rejects) when `limitMs` have passed; what the work throws
 */
export async function within<Value>(timers: Timers, limitMs: number, work: Promise<Value>): Promise<Value> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = timers.after(limitMs, () =>
      reject(new SwipeError('brokerUnreachable', `the broker has said nothing for ${limitMs} ms`)),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
