/** The daily work: what was missed is billed, killed and repeated, by one instance or by both at once. */
import { billingDay, monthsUnasked } from '../../provisioning/registry/billing/daily/day.ts';
import { suspendAll } from '../../provisioning/registry/billing/daily/dunning.ts';
import { billMonth } from '../../provisioning/registry/billing/run/month.ts';
import type { Core } from '../../provisioning/registry/services/core.ts';
import { killAfter, killAfterCommits } from '../registry/killing.ts';
import { root } from '../registry/world.ts';
import type { Bank } from './bank.ts';
import { compareMonth } from './compare.ts';
import { billsOf, type OwnBill } from './oracle-lines.ts';
import { owe } from './oracle-money.ts';
import { ownDay, ownReminders } from './oracle-standing.ts';
import { daysOfMonth, later, laterMonth, midnightOf, wallDay } from './wall-calendar.ts';
import type { World } from './world.ts';

/** A month is over when this has passed since its last midnight. */
const settledMs = 5 * 60_000;

/** Months that are over, by the oracle's wall. */
function over({ plan }: World, nowMs: number): string[] {
  const months: string[] = [];
  for (let month = plan.firstMonth; ; month = laterMonth(month, 1)) {
    const overMs = midnightOf(later(daysOfMonth(month).at(-1) ?? '', 1)) + settledMs;
    if (overMs > nowMs) return months;
    months.push(month);
  }
}

/** Those that are not billed. */
export const missed = (world: World, nowMs: number): string[] =>
  over(world, nowMs).filter((month) => !world.facts.billed.has(month));

/** Of the last three those in which somebody is held, and nobody looked today. */
const heldOf = (world: World, nowMs: number, today: string): string[] =>
  over(world, nowMs)
    .slice(-3)
    .filter((month) => (world.facts.billed.get(month) ?? 0) > 0 && world.facts.looked.get(month) !== today);

/** What the registry billed is held against the oracle's bills, and then owed. */
async function billed(world: World, bank: Bank, month: string, today: string): Promise<void> {
  const { facts } = world;
  // What was billed is never rewritten, whatever became of plans meanwhile: only who had none is looked at again.
  const isOver = facts.billed.get(month) === 0;
  const { bills, withoutPlan } = isOver
    ? { bills: new Map<string, OwnBill>(), withoutPlan: 0 }
    : billsOf(facts, month);
  const found = await compareMonth(world, month, bills, new Set([today]));
  for (const bill of found) owe(facts, bill);
  facts.billed.set(month, withoutPlan);
  facts.looked.set(month, today);
  const run = await world.reader
    .selectFrom('billing_runs')
    .selectAll()
    .where('month', '=', month)
    .executeTakeFirst();
  world.same(`run of ${month}`, `${run?.state} ${run?.without_plan}`, `finished ${withoutPlan}`);
  if (withoutPlan > 0) world.tally.add('a month with boxes without a plan');
  world.tally.add('invoices', found.length);
  bank.billed(found);
}

/** The daily work has looked again at who was held: who has a plan now is billed, of who has none it was told. */
async function lookedAgain(world: World, bank: Bank, month: string, today: string): Promise<void> {
  const before = world.facts.bills.size;
  await billed(world, bank, month, today);
  world.tally.add('invoices of who was held, unasked', world.facts.bills.size - before);
  if (world.facts.billed.get(month) === 0) return;
  const alarm = await world.reader
    .selectFrom('alarms')
    .select((eb) => eb.fn.max('last_at_ms').as('lastMs'))
    .where('kind', '=', 'withoutPlan')
    .where('subject', '=', month)
    .executeTakeFirstOrThrow();
  world.same(`alarm of who is held in ${month}`, wallDay(Number(alarm.lastMs)), today);
}

/** Tries to bill, and dies on the way. */
async function dying(world: World, core: Core, month: string | undefined): Promise<void> {
  const { dice, billing } = world;
  const whole = dice.chance(0.3);
  const killed = whole
    ? killAfterCommits(core.store, dice.between(1, 4))
    : killAfter(core.store, dice.between(0, 60));
  const through = { ...core, store: killed.store };
  try {
    if (month !== undefined && dice.chance(0.6))
      await billMonth(through, billing, month, { portion: dice.between(2, 60) });
    else await billingDay(through, billing);
  } catch (error) {
    if (!killed.wasKilled()) throw error;
    world.tally.add(month === undefined ? 'daily work killed' : 'run of a month killed');
  }
}

/** The daily work, and what the oracle says to it. */
export async function daily(world: World, bank: Bank): Promise<void> {
  const { dice, facts, billing, patience } = world;
  const at = dice.chance(0.5) ? 0 : 1;
  const core = world.core(at);
  const other = world.core(at === 0 ? 1 : 0);
  const today = world.todayOf(core);
  const months = missed(world, core.clock.nowMs());
  const held = heldOf(world, core.clock.nowMs(), today);
  const isMuch = months.length > monthsUnasked;
  if (isMuch) {
    await billingDay(core, billing);
    const alarm = await world.reader
      .selectFrom('alarms')
      .select('kind')
      .where('kind', '=', 'billingBehind')
      .executeTakeFirst();
    world.same('alarm of months that nobody asked for', alarm?.kind, 'billingBehind');
    const rows = await world.reader
      .selectFrom('billing_runs')
      .select('month')
      .where('month', 'in', months)
      .execute();
    world.same('runs nobody asked for', rows.length, 0);
    world.tally.add('months missed, billed by hand', months.length);
    for (const month of months)
      await billMonth(core, billing, month, { actor: root.name, portion: dice.between(3, 2000) });
  }
  // By a clock that is behind, the month may not be over yet.
  const otherMs = other.clock.nowMs();
  const isOne =
    world.todayOf(other) === today &&
    missed(world, otherMs).join() === months.join() &&
    heldOf(world, otherMs, today).join() === held.join();
  const kills = dice.chance(months.length > 0 ? 0.8 : 2 / world.plan.size.killsIn) ? dice.between(1, 3) : 0;
  for (let count = 0; count < kills; count += 1)
    await dying(world, isOne && dice.chance(0.5) ? other : core, isMuch ? undefined : months[0]);
  if (isOne && dice.chance(months.length > 0 ? 0.5 : 0.05)) {
    world.tally.add('daily work on two instances at once');
    await Promise.all([billingDay(core, billing), billingDay(other, billing)]);
  } else await billingDay(core, billing);
  if (months.length > 1) world.tally.add('months missed, made up for', months.length - 1);
  for (const month of months) await billed(world, bank, month, today);
  for (const month of held) await lookedAgain(world, bank, month, today);
  const reminded = ownReminders(facts, today, patience);
  const { moved, held: isHeld, suspended } = ownDay(facts, today, patience);
  world.tally.add('reminders', reminded);
  world.tally.add('suspensions', suspended);
  await world.mustTell(moved);
  if (!isHeld) return;
  world.tally.add('suspensions that wait for a word');
  const alarm = await world.reader
    .selectFrom('alarms')
    .select('kind')
    .where('kind', '=', 'massSuspension')
    .where('acknowledged_at_ms', 'is', null)
    .executeTakeFirst();
  world.same('alarm of many suspensions', alarm?.kind, 'massSuspension');
  if (dice.chance(0.5)) return;
  await suspendAll(core, billing, 'person:anna');
  const word = ownDay(facts, world.todayOf(core), patience, true);
  world.tally.add("suspensions by the operator's word", word.suspended);
  await world.mustTell(word.moved);
}

/** A month that was billed is billed again by hand: the same invoices, unless somebody has got a plan meanwhile. */
export async function billAgain(world: World, bank: Bank, roll: number): Promise<boolean> {
  const months = [...world.facts.billed.keys()];
  const month = months[Math.floor(roll * months.length)];
  if (month === undefined) return false;
  const { value, today } = await world.act((core) => billMonth(core, world.billing, month), {
    repeatable: true,
  });
  const before = world.facts.bills.size;
  await billed(world, bank, month, today);
  const after = world.facts.bills.size - before;
  if (after > 0) world.tally.add('invoices for who got a plan later', after);
  if (value.issued !== after && value.issued !== 0)
    world.violation(`${month} again: ${value.issued} were told, ${after} came`);
  return true;
}
