/** Days on which a box is not billed. */
import { endPause, pauseBox } from '../../../provisioning/registry/billing/pauses.ts';
import type { Core } from '../../../provisioning/registry/services/core.ts';
import { box as findBox } from '../../../provisioning/registry/services/lists.ts';
import { billed, dayIn, text } from './billing-parts.ts';
import { person } from './config-file.ts';
import { show, type Work } from './work.ts';

/** In the order of the help. */
export const billingPauseWorks: readonly Work[] = [
  {
    words: ['pause'],
    usage: 'pause BOX --from DAY --to DAY',
    summary:
      'a box is not billed on these days to come, first and last included; it goes on working as it is',
    example: 'pause SW-7K3M9QXA2BCD --from 2026-12-24 --to 2027-01-07',
    arguments: ['BOX'],
    options: { from: text, to: text },
    run: (task) =>
      billed(task, async ({ core, billing }) => {
        const box = task.words[0] ?? '';
        const days = { from: dayIn(task, 'from'), to: dayIn(task, 'to') };
        const made = await pauseBox(core, billing, person(), {
          billedAs: await billedAsOf(core, box),
          ...days,
        });
        show(task, made, () => [`${made.pause}  ${box} is not billed from ${made.from} to ${made.to}`]);
      }),
  },
  {
    words: ['pause', 'end'],
    usage: 'pause end PAUSE',
    summary: 'ends a pause: today is its last day, and one that has not begun is gone (its id: see account)',
    example: 'pause end PA-7K3M9QXA2BCD',
    arguments: ['PAUSE'],
    run: (task) =>
      billed(task, ({ core, billing }) => endPause(core, billing, person(), task.words[0] ?? '')),
  },
];

/** What a box is billed as: a box that took another's place goes on as that one. @throws Refusal `notFound` */
export const billedAsOf = async (core: Core, box: string): Promise<string> =>
  (await findBox(core, person(), box)).billedAs;
