import { createErrands } from '../../provisioning/registry/upkeep/errands.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import type { FakeBroker } from './fakes.ts';
import type { World } from './world.ts';

/** Works off all errands that are due now. `broker` null: there is none. */
export async function workOff(world: World, broker: FakeBroker | null): Promise<void> {
  const time = new VirtualTime();
  let asked = 0;
  /** The broker, its calls counted as long as they last. */
  const counted =
    broker &&
    new Proxy(broker, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          asked += 1;
          try {
            return await member.apply(target, args);
          } finally {
            asked -= 1;
          }
        };
      },
    });
  const errands = createErrands(world.core, { broker: counted, timers: time });
  errands.start();
  // Idle means that it waits for time that does not pass here, and not for the broker.
  while (time.pending === 0 || asked > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await errands.stop();
}
