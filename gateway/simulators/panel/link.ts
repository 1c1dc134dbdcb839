import type { Timers } from '../../seams/time.ts';
import { type InProcessLink, inProcessLink } from '../links.ts';
import type { EmulatedPanel } from './panel.ts';

/**
 * A link to an emulated panel in this process; its `cut` pulls the plug. The panel itself runs on, as one with a
 * power supply of its own.
 */
export function emulatedPanelLink(panel: EmulatedPanel, timers: Timers): InProcessLink {
  let isTaken = false;
  return inProcessLink(
    {
      attach: (channel) => {
        // A serial port has one user.
        if (isTaken) return null;
        isTaken = true;
        const unlisten = panel.listen((bytes) => channel.write(bytes));
        return {
          receive: (bytes) => panel.write(bytes),
          detach: () => {
            isTaken = false;
            unlisten();
          },
        };
      },
    },
    timers,
    { name: 'simulated:panel' },
  );
}
