/** Does to a world what its plan says. */

import { isoTime } from '../../gateway/contract/time.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { signCommand } from '../../gateway/simulators/sale-system.ts';
import type { Asked } from './book.ts';
import type { Act } from './plan.ts';
import { performAtRegistry } from './registry/registry-acts.ts';
import { amountOf, idOf } from './sale-systems.ts';
import type { Simulation } from './simulation.ts';
import { box, keys } from './world.ts';

const commandLifeMs = 120_000;
/** What tells the other content of an id from its own. */
export const otherOrder = 'another order';

/** What a fault is counted as. */
const names: Readonly<Partial<Record<Act['do'], string>>> = {
  otherContent: 'people: the same id with other content',
  abort: 'people: abort of an older operation',
  abortLatest: 'people: abort of the latest operation',
  abortAhead: 'people: abort before the command',
  button: 'people: a button of the panel',
  customerCancels: 'people: the customer presses the red key',
  status: 'people: status asked',
  again: 'people: the same command again',
  keypadSame: 'terminal: foreign sale of the same amount',
  keypadOther: 'terminal: foreign sale of another amount',
  closeBatch: 'terminal: batch closed in between',
  power: 'terminal: reboot',
  kill: 'box: killed at any moment',
  diskFull: 'box: disk full',
  suspended: 'registry: suspended',
  clockJump: 'box: clock jumps',
  clockUnset: 'box: started with its clock unset',
  cutNoticed: 'link: cut',
  cutSilent: 'link: dies silently',
  unplug: 'link: unplugged',
  silence: 'link: silence',
  held: 'link: answers held on the way',
  otherTerminal: 'link: another device answers',
  brokerAway: 'mqtt: broker away',
  brokerHangs: 'mqtt: connection hangs',
  forgetSession: 'mqtt: session lost',
  fireWill: 'mqtt: will fired while alive',
};

/** Carries one act out. */
export function perform(act: Act, simulation: Simulation): void {
  const { world, sales, faults, book, state } = simulation;
  const { terminal, broker, time } = world;
  world.trace.add('act', JSON.stringify(act));
  const name = names[act.do];
  if (name !== undefined) faults.add(name);
  const later = (delayMs: number, run: () => void): void => void time.after(delayMs, run);
  const chosen = (which: number): Asked | null => {
    const candidates = book.all().filter(({ expectation }) => expectation === 'outcome');
    return candidates[Math.floor(which * candidates.length)] ?? null;
  };
  const latest = (): Asked | null => book.all().findLast(({ id }) => id.startsWith('operation-')) ?? null;

  switch (act.do) {
    case 'ask':
      return sales.ask(act);
    case 'again': {
      const asked = chosen(act.which);
      return asked === null ? undefined : sales.sendOnce(asked, commandLifeMs);
    }
    case 'otherContent': {
      // Only once the box has the first one: otherwise the second one would be the operation.
      const asked = chosen(act.which);
      if (asked === null || world.journal.find(asked.id) === null) return;
      return sales.sendOnce(asked, commandLifeMs, { order: otherOrder });
    }
    case 'status':
    case 'abort': {
      const asked = chosen(act.which);
      return asked === null ? undefined : void sales.inquire(act.do, 0, { target: asked.id });
    }
    case 'abortLatest': {
      const asked = latest();
      return asked === null ? undefined : void sales.inquire('abort', 1, { target: asked.id });
    }
    case 'abortAhead':
      sales.inquire('abort', act.sender, { target: idOf(act.n) });
      return later(300, () =>
        sales.ask({ ...act, do: 'ask', type: 'payment', lifeMs: commandLifeMs, which: 0, part: false }),
      );
    case 'button':
      return simulation.panel.press(act.action);
    case 'customerCancels':
      return void terminal.cancelByCustomer();
    case 'junk':
      return junk(act, simulation);
    case 'keypadSame': {
      const asked = latest();
      return asked === null || asked.amount === 0 ? undefined : terminal.keypadSale(asked.amount);
    }
    case 'keypadOther':
      return terminal.keypadSale(act.amount);
    case 'closeBatch':
      return simulation.closeBatch();
    case 'power':
      return terminal.powerCycle();
    case 'rule':
      faults.add(
        `terminal: ${act.rule.do}${act.rule.match?.method === 'GetReceiptInfo' ? ' at a look-up' : ''}`,
      );
      return terminal.addRule(act.rule);
    case 'kill':
      return simulation.kill(act.forMs);
    case 'killAt':
      return simulation.kills.arm(act);
    case 'lateAnswer':
      return simulation.lateAnswers.arm();
    case 'diskFull':
      return simulation.fillDisk(act.forMs);
    case 'suspended':
      simulation.suspend(true);
      return later(act.forMs, () => simulation.suspend(false));
    case 'clockJump':
      simulation.setClock(simulation.aheadMs + act.byMs);
      return later(act.forMs, () => simulation.setClock(0));
    case 'clockUnset':
      return simulation.loseClock(act.behindMs, act.forMs);
    case 'cutNoticed':
      return simulation.plugged.cut('noticed');
    case 'cutSilent':
      return simulation.plugged.cut('silent');
    case 'unplug':
      terminal.unplug();
      return later(act.forMs, () => terminal.replug());
    case 'silence':
      state.isLineSilent = true;
      return later(act.forMs, () => {
        state.isLineSilent = false;
      });
    case 'held':
      simulation.heldAnswers.hold();
      return later(act.forMs, () => simulation.heldAnswers.release());
    case 'otherTerminal':
      simulation.plugOther(true);
      return later(act.forMs, () => simulation.plugOther(false));
    case 'brokerAway':
      broker.down();
      return later(act.forMs, () => broker.up());
    case 'brokerHangs':
      broker.isMute = true;
      return later(act.forMs, () => broker.unmute());
    case 'forgetSession':
      return broker.forget();
    case 'fireWill':
      return broker.fireWill();
    default:
      return simulation.side === null ? undefined : performAtRegistry(act, simulation, simulation.side);
  }
}

/** What must not be carried out, and mostly not be answered. */
function junk({ n, what }: Extract<Act, { do: 'junk' }>, { world, sales, faults }: Simulation): void {
  faults.add(`people: a command that is ${what}`);
  const amount = what === 'tooMuch' ? 5_000_001 + n : amountOf(n);
  const members = { amount, currency: 'UAH', ...(what === 'invalid' && { tip: 100 }) };
  const isMute = what === 'unsigned' || what === 'otherBox' || what === 'retained';
  const sender = what === 'forbidden' ? -1 : 0;
  const asked = sales.open(
    idOf(n),
    'payment',
    members,
    sender,
    { amount, cash: 0 },
    isMute ? 'nothing' : 'refused',
  );
  const nowMs = world.time.nowMs();
  const times = { issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + commandLifeMs) };
  const command = { ...asked.content, ...times, ...(what === 'otherBox' && { box: `${box}X` }) };
  const key =
    what === 'unsigned'
      ? { ...keys.shop, secret: keys.till.secret }
      : what === 'forbidden'
        ? keys.clerk
        : keys.shop;
  const send = (): void => {
    if (asked.sends.length > 0 && (isMute || asked.known !== null)) return;
    asked.sends.push({ atMs: world.time.monotonicMs(), expiresAtMs: nowMs + commandLifeMs });
    world.broker.send(topicsOf(box).commands, signCommand(command, key), what === 'retained', key.kid);
    // The same bytes again, until there is an answer; the box knows the id before it knows the time.
    world.time.after(60_000, send);
  };
  send();
}
