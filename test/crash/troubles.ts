/** What else goes wrong at a counter while gateways are killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RuleInput, ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import type { Dice } from '../simulation/random.ts';
import type { Tally } from '../simulation/tally.ts';
import type { CrashBox } from './box.ts';

/** What a run's terminal is like. */
export function terminalOf(dice: Dice): ScriptInput {
  return {
    options: {
      stepMs: dice.pick([5, 25, 60]),
      lookUpMs: dice.pick([1, 20]),
      declinedListed: dice.chance(0.3),
      declinedNumbered: dice.chance(0.3),
      interruptLosesRace: dice.chance(0.3),
      // A receipt and an answer with everything in them that must not get any further.
      leaky: true,
      clockOffsetMs: dice.pick([0, 0, -60_000, 45_000]),
      firstInvoice: dice.between(1, 900_000),
    },
  };
}

/** What the next request of money comes upon; null: nothing in particular. */
export function ruleFor(dice: Dice): RuleInput | null {
  const deed = dice.weighted([
    [10, null],
    [3, { do: 'slow', delayMs: dice.between(100, 900) }],
    [2, { do: 'decline' }],
    [1, { do: 'partial' }],
    [1, { do: 'customerCancels' }],
    [1, { do: 'garbled' }],
    [1, { do: 'contradict' }],
  ] as const);
  const method = dice.pick(['Purchase', 'Purchase', 'Purchase', 'Refund', 'Withdrawal']);
  // A refund of less than was asked is nothing that a bank does.
  if (deed === null || (deed.do === 'partial' && method !== 'Purchase')) return null;
  return { match: { method }, times: 1, ...deed };
}

/** One more trouble, now and then; resolves when it is over. */
export async function trouble(box: CrashBox, dice: Dice, seen: Tally): Promise<void> {
  const what = dice.weighted([
    [14, 'none'],
    [3, 'broker killed'],
    [2, 'cable pulled'],
    [1, 'cable loose'],
    [2, 'foreign sale'],
  ] as const);
  if (what === 'none') return;
  seen.add(what);
  await sleep(dice.between(0, 400));
  if (what === 'foreign sale') await box.terminal({ do: 'keypad', amount: dice.between(100, 90_000) });
  if (what === 'broker killed') {
    await box.broker.kill();
    await sleep(dice.between(0, 700));
    await box.broker.start();
  }
  const times = { 'cable pulled': 1, 'cable loose': 3, 'broker killed': 0, 'foreign sale': 0 }[what];
  for (let pulled = 0; pulled < times; pulled += 1) {
    await box.cable.unplug();
    await sleep(dice.between(0, 700 / times));
    await box.cable.plug();
    await sleep(dice.between(0, 300));
  }
}
