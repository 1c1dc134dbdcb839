import type { Gateway } from '../../gateway.ts';
import { SwipeError } from '../../seams/error.ts';
import { pause } from '../../seams/time.ts';
import { systemTime } from '../../system/time.ts';
import type { PairedShop } from './shop.ts';

/** A Pi Zero, or an emulated processor, needs most of it. */
const readyWithinMs = 60_000;
const lookEveryMs = 10;

/** Until the box has all that a payment needs. @throws SwipeError `linkFailed` */
export const boxReady = (gateway: Gateway): Promise<void> =>
  until(() => {
    const { terminal, registration } = gateway.status();
    return gateway.isConnected() && terminal.state === 'ready' && registration.state === 'active';
  });

/**
 * Pairs a sale system with a box that is registered, until the box has its key.
 *
 * @throws SwipeError `linkFailed`
 */
export async function pairedWith(gateway: Gateway, pair: () => Promise<PairedShop>): Promise<PairedShop> {
  const before = gateway.registry()?.heardAt;
  const shop = await pair();
  // An answer from between the code and its use shows the code; any later one brings the key.
  await until(() => {
    const registry = gateway.registry();
    return registry?.heardAt !== before && registry?.pairing === null;
  });
  return shop;
}

async function until(isSo: () => boolean): Promise<void> {
  for (const endMs = systemTime.monotonicMs() + readyWithinMs; systemTime.monotonicMs() < endMs; ) {
    if (isSo()) return;
    await pause(systemTime, lookEveryMs);
  }
  throw new SwipeError(
    'linkFailed',
    `the demo did not come up within ${readyWithinMs / 1000} s: see its log`,
  );
}
