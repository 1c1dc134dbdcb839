import { createErrands } from '../../provisioning/registry/upkeep/errands.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import type { FakeBroker } from './fakes.ts';
import type { World } from './world.ts';

/** Works off all errands that are due now. `broker` null: there is none. */
export async function workOff(world: World, broker: FakeBroker | null): Promise<void> {
  const time = new VirtualTime();
  const errands = createErrands(world.core, { broker, timers: time });
  errands.start();
  // Idle means that it waits for time that does not pass here.
  while (time.pending === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await errands.stop();
}
