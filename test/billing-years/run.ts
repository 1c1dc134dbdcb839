/** One seed: its days one after the other, and everything compared. */
import { proveLedger } from '../../provisioning/registry/billing/ledger/prove.ts';
import { Bank } from './bank.ts';
import { boxAct, claim, newCustomer, newMachine, present } from './boxes.ts';
import { compareBalances, comparePapers, compareSettled, compareTold } from './compare.ts';
import { billAgain, daily } from './daily.ts';
import { firstSetUp, operatorAct } from './operator.ts';
import { type Act, actsOn, type Plan, planOf, type Size } from './plan.ts';
import { type Backup, backUp, restore } from './restore.ts';
import { later, midnightOf, monthWith, wallDay } from './wall-calendar.ts';
import { World } from './world.ts';

/** What a run found. */
export interface YearsReport {
  seed: number;
  days: number;
  invoices: number;
  /** What was compared, by kind. */
  compared: Record<string, number>;
  /** What happened, by kind. */
  events: Record<string, number>;
  violations: string[];
  seconds: number;
}

/** Called once for each month. */
export type Progress = (month: string, world: World) => void;

/** Runs a seed. */
export async function runYears(seed: number, size: Size, onMonth: Progress = () => {}): Promise<YearsReport> {
  const startMs = performance.now();
  const plan = planOf(seed, size);
  const world = new World(plan);
  let days = 0;
  try {
    world.trueMs = midnightOf(plan.first);
    await world.open();
    const bank = new Bank(world);
    await firstSetUp(world);
    await firstBoxes(world);
    const keeping: { backup: Backup | null } = { backup: null };
    for (let day = plan.first; day < plan.last && world.violations.length === 0; day = later(day, 1)) {
      days += 1;
      for (const act of actsOn(plan, day)) await does(world, bank, act, keeping);
      await endOfDay(world, day);
      if (day.endsWith('-01')) onMonth(monthWith(day), world);
    }
    if (world.violations.length === 0) await atTheEnd(world);
  } catch (error) {
    world.violation(`thrown: ${error instanceof Error ? error.stack : error}`);
  } finally {
    await world.close();
    world.remove();
  }
  return {
    seed,
    days,
    invoices: world.facts.bills.size,
    compared: world.compared.toJSON(),
    events: world.tally.toJSON(),
    violations: world.violations,
    seconds: (performance.now() - startMs) / 1000,
  };
}

/** Three quarters of all customers and boxes are there before the first month begins. */
async function firstBoxes(world: World): Promise<void> {
  const { size } = world.plan;
  for (let count = 0; count < size.customers; count += 1) await newCustomer(world);
  const customers = present(world);
  for (let count = 0; count < size.boxes * 0.75; count += 1) {
    const customer = customers[Math.floor(world.dice.fraction() ** 2 * customers.length)];
    world.trueMs += world.dice.between(1, 60_000);
    if (customer !== undefined) await claim(world, { customer, machine: newMachine(world) });
  }
}

async function does(
  world: World,
  bank: Bank,
  { atMs, kind, roll }: Act,
  keeping: { backup: Backup | null },
): Promise<void> {
  const { dice } = world;
  world.trueMs = Math.max(world.trueMs + 1, atMs);
  switch (kind) {
    case 'daily':
      return daily(world, bank);
    case 'bank':
      return bank.day();
    case 'desk':
      return bank.desk();
    case 'prove':
      await compareTold(world, 300);
      return compareAll(world);
    case 'backup':
      keeping.backup = backUp(world, bank);
      break;
    case 'restore':
      if (keeping.backup === null) return;
      await restore(world, bank, keeping.backup);
      keeping.backup = null;
      await compareAll(world);
      break;
    case 'tax':
      world.setTax(world.plan.newTax.tax);
      break;
    case 'clockForward':
    case 'clockBack': {
      const by = dice.between(60_000, 5 * 3_600_000);
      world.offsets[dice.chance(0.5) ? 0 : 1] += kind === 'clockForward' ? by : -by;
      break;
    }
    case 'clockRight':
      world.offsets[0] = 0;
      world.offsets[1] = -world.plan.lagMs;
      return;
    case 'billAgain':
      if (!(await billAgain(world, bank, roll))) return;
      break;
    default:
      if (!((await boxAct(world, kind, roll)) || (await operatorAct(world, kind, roll)))) return;
  }
  world.tally.add(kind);
}

async function endOfDay(world: World, day: string): Promise<void> {
  if (!world.plan.size.comparesMonthly || day.endsWith('-01')) await compareBalances(world);
  // Somebody has called the boxes meanwhile.
  await world.core(0).store.write((tx) => tx.deleteFrom('errands').execute());
}

async function compareAll(world: World): Promise<void> {
  await compareBalances(world);
  const month = monthWith(wallDay(world.trueMs));
  if (world.plan.size.comparesMonthly && !/-0[17]$/.test(month)) return;
  await compareSettled(world);
  world.same('proof by the registry itself', JSON.stringify(await proveLedger(world.reader)), '[]');
}

async function atTheEnd(world: World): Promise<void> {
  await compareBalances(world);
  await compareSettled(world);
  await comparePapers(world);
  world.same('proof by the registry itself', JSON.stringify(await proveLedger(world.reader)), '[]');
}

/** The plan of a seed, for whoever wants to see it. */
export const shown = (plan: Plan): string =>
  `seed ${plan.seed}: ${plan.tax.mode} then ${plan.newTax.tax.mode}, ${plan.off.length} times off, ${plan.backups.length} restores`;
