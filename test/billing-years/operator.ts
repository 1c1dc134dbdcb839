/** What the operator decides: plans, prices, pauses, credit notes, money back, deferrals, reversals; and wrong calls. */
import { setBuyer } from '../../provisioning/registry/billing/buyers.ts';
import { creditNote } from '../../provisioning/registry/billing/ledger/credit-notes.ts';
import { moneyBack } from '../../provisioning/registry/billing/ledger/money-back.ts';
import { reversePayment } from '../../provisioning/registry/billing/ledger/reversals.ts';
import { endPause, pauseBox } from '../../provisioning/registry/billing/pauses.ts';
import { assignPlan, createPlan, setPrice } from '../../provisioning/registry/billing/plans.ts';
import { defer } from '../../provisioning/registry/billing/standing/defer.ts';
import { isRefusal } from '../../provisioning/registry/refusal.ts';
import type { Core } from '../../provisioning/registry/services/core.ts';
import { root } from '../registry/world.ts';
import { bigger, boxesThat, chosen, present } from './boxes.ts';
import { notePaper } from './compare.ts';
import { billOf, customerOf } from './facts.ts';
import { canReverse, reverse, takeBack } from './oracle-money.ts';
import { ownReview } from './oracle-standing.ts';
import { later, laterMonth, monthWith, wallDay } from './wall-calendar.ts';
import type { World } from './world.ts';

const firstPlans = [
  { plan: 'shop', currency: 'UAH', price: 14_990, trialDays: 14 },
  { plan: 'chain', currency: 'UAH', price: 9_999, trialDays: 0 },
  { plan: 'euro', currency: 'EUR', price: 499, trialDays: 30 },
  { plan: 'dollar', currency: 'USD', price: 301, trialDays: 7 },
  { plan: 'free', currency: 'UAH', price: 0, trialDays: 0 },
  { plan: 'odd', currency: 'UAH', price: 31, trialDays: 1 },
];

/** The plans that there are from the beginning. */
export async function firstSetUp(world: World): Promise<void> {
  for (const { plan, currency, price, trialDays } of firstPlans) {
    const told = { plan, price, trialDays, fromMonth: '2026-01' };
    await world.act((core) => createPlan(core, root, { ...told, name: plan, currency }));
    world.facts.currencies.set(plan, currency);
    world.facts.prices.push(told);
  }
}

/** A call that must be refused, and change nothing. */
export async function mustRefuse(
  world: World,
  what: string,
  code: 'conflict' | 'malformed' | 'notFound' | 'restored',
  work: (core: Core) => Promise<unknown>,
): Promise<void> {
  world.compared.add('refusals');
  try {
    await work(world.core(0));
    world.violation(`${what} was not refused`);
  } catch (error) {
    if (!isRefusal(error, code)) world.violation(`${what}: ${error}`);
  }
}

const anyPlan = (world: World): string =>
  world.dice.weighted(firstPlans.map(({ plan }, at) => [[40, 25, 14, 10, 2, 9][at] ?? 1, plan] as const));

async function assign(
  world: World,
  customer: string,
  identity: string | null,
  plan: string | null,
  fromMonth: string,
) {
  const said = (core: Core) =>
    assignPlan(core, world.billing, root, { customer, billedAs: identity, plan, fromMonth });
  for (const bill of world.facts.bills.values())
    if (bill.customer === customer && bill.month >= fromMonth)
      return mustRefuse(world, 'a plan for a month that is billed', 'conflict', said);
  await world.act(said);
  const given = world.facts.given.get(customer) ?? [];
  world.facts.given.set(customer, [...given, { customer, identity, plan, fromMonth }]);
}

async function plans(world: World, kind: string, roll: number): Promise<boolean> {
  const { facts, dice } = world;
  const month = monthWith(wallDay(world.trueMs));
  const fromMonth = laterMonth(month, dice.pick([1, 1, 1, 2, 3]));
  if (kind === 'price') {
    const plan = anyPlan(world);
    const before = facts.prices.filter((one) => one.plan === plan).at(-1)?.price ?? 0;
    const price = plan === 'free' ? 0 : Math.max(1, Math.round((before * dice.between(85, 122)) / 100));
    const told = { plan, price, trialDays: dice.pick([0, 1, 7, 14, 30, 45]), fromMonth };
    await world.act((core) => setPrice(core, world.billing, root, told));
    facts.prices.push(told);
    return true;
  }
  const customer = bigger(world, roll);
  if (customer === null) return false;
  const given = facts.given.get(customer) ?? [];
  const hasPlan = given.some(({ identity }) => identity === null);
  if (kind === 'planOfCustomer') {
    // The very first one may hold from any month on.
    const first = hasPlan ? fromMonth : dice.pick([month, fromMonth, '2026-02', laterMonth(month, -2)]);
    await assign(world, customer, null, hasPlan && dice.chance(0.1) ? null : anyPlan(world), first);
    return true;
  }
  const box = chosen(
    boxesThat(world, (one) => one.customer === customer && one.status === 'claimed'),
    dice.fraction(),
  );
  const identity = facts.boxes.get(box ?? '')?.identity;
  if (identity === undefined) return false;
  const ofBox = { customer, billedAs: identity, plan: anyPlan(world), fromMonth };
  if (!hasPlan && facts.standard === null) {
    await mustRefuse(world, 'a plan for a box whose customer has none', 'conflict', (core) =>
      assignPlan(core, world.billing, root, ofBox),
    );
    return true;
  }
  if (kind === 'noPlanOfItsOwn' && !given.some((row) => row.identity === identity)) return false;
  await assign(world, customer, identity, kind === 'noPlanOfItsOwn' ? null : ofBox.plan, fromMonth);
  return true;
}

async function pause(world: World, roll: number): Promise<boolean> {
  const { facts, dice } = world;
  const box = chosen(
    boxesThat(world, ({ status }) => status === 'claimed'),
    roll,
  );
  const known = facts.boxes.get(box ?? '');
  if (known === undefined) return false;
  const { identity, customer } = known;
  const from = later(wallDay(world.trueMs), dice.between(2, 20));
  const to = later(from, dice.pick([0, 1, 5, 13, 30, 45]));
  const { value } = await world.act((core) =>
    pauseBox(core, world.billing, root, { billedAs: identity, from, to }),
  );
  const rests = facts.rests.get(identity) ?? [];
  facts.rests.set(identity, [...rests, { id: value.pause, customer, from, to }]);
  return true;
}

async function noPause(world: World, roll: number): Promise<boolean> {
  const { facts } = world;
  const today = wallDay(world.trueMs);
  const found = chosen(
    [...facts.rests.values()].flat().filter(({ to }) => to > later(today, 1)),
    roll,
  );
  if (found === null) return false;
  const done = await world.act((core) => endPause(core, world.billing, root, found.id));
  if (found.from > done.today)
    for (const [identity, rests] of facts.rests)
      facts.rests.set(
        identity,
        rests.filter(({ id }) => id !== found.id),
      );
  else found.to = done.today;
  return true;
}

/** Where a customer stands after something that may make it better. */
export async function reviewed(
  world: World,
  customer: string,
  today: string,
  told: string | null,
): Promise<void> {
  const changed = ownReview(world.facts, customer, today, world.patience);
  if (told !== null) world.same(`state of ${customer}`, told, customerOf(world.facts, customer).state);
  if (changed) {
    world.tally.add('back to work at once');
    await world.mustTell([customer]);
  }
}

async function money(world: World, kind: string, roll: number): Promise<boolean> {
  const { facts, dice, billing } = world;
  if (kind === 'creditNote') {
    const recent = [...facts.bills.values()].slice(-600).filter(({ total, back }) => back < total);
    const bill = chosen(recent, roll);
    if (bill === null) return false;
    const left = bill.total - bill.back;
    const total = dice.chance(0.4) ? left : dice.between(1, left);
    const asked = { invoice: bill.number, reason: 'за домовленістю', ...(total === left ? {} : { total }) };
    const { value, today } = await world.act((core) => creditNote(core, billing, root, asked));
    facts.notes += 1;
    takeBack(facts, bill.number, total);
    await notePaper(world, value.number, bill, total);
    await reviewed(world, bill.customer, today, value.state);
    return true;
  }
  if (kind === 'reverse') {
    const found = chosen([...facts.payments.values()].slice(-300), roll);
    if (found === null) return false;
    const asked = { payment: found.id, reason: 'чужі гроші' };
    if (!canReverse(facts, found)) {
      await mustRefuse(world, 'a reversal', 'conflict', (core) => reversePayment(core, billing, root, asked));
      return true;
    }
    await world.act((core) => reversePayment(core, billing, root, asked), { statements: 25 });
    reverse(facts, found);
    return true;
  }
  const rich = [...facts.customers.values()].flatMap(({ id, purses }) =>
    [...purses].flatMap(([currency, { credit }]) => (credit > 0 ? [{ id, currency, credit }] : [])),
  );
  const found = chosen(rich, roll);
  if (found === null) return false;
  facts.moneyBack += 1;
  const back = {
    customer: found.id,
    currency: found.currency,
    day: wallDay(world.trueMs),
    iban: billing.config.seller.iban,
    reference: `back ${world.trueMs} ${facts.moneyBack}`,
  };
  await mustRefuse(world, 'more money back than there is credit', 'conflict', (core) =>
    moneyBack(core, billing, root, { ...back, amount: found.credit + 1 }),
  );
  const amount = dice.chance(0.5) ? found.credit : dice.between(1, found.credit);
  const { value } = await world.act((core) => moneyBack(core, billing, root, { ...back, amount }));
  const purse = customerOf(facts, found.id).purses.get(found.currency);
  if (purse !== undefined) purse.credit -= amount;
  world.same(`credit of ${found.id}`, value.credit, purse?.credit);
  return true;
}

async function patience(world: World, kind: string, roll: number): Promise<boolean> {
  const { facts, dice } = world;
  const all = [...facts.customers.values()];
  const late = all.filter(({ state }) => state !== 'active');
  const put = all.filter(({ deferredUntil }) => deferredUntil !== null);
  const found = chosen(kind === 'noLonger' ? put : late.length > 0 && dice.chance(0.8) ? late : all, roll);
  if (found === null) return false;
  const until = kind === 'noLonger' ? null : later(wallDay(world.trueMs), dice.between(1, 40));
  const asked = { customer: found.id, until, reason: 'обіцяють заплатити' };
  const { value, today } = await world.act((core) => defer(core, world.billing, root, asked));
  found.deferredUntil = until;
  await reviewed(world, found.id, today, value.state);
  return true;
}

async function wrongCall(world: World): Promise<void> {
  const { billing, facts, dice } = world;
  const today = wallDay(world.trueMs);
  const month = monthWith(today);
  const customer = chosen(present(world), dice.fraction()) ?? '';
  await mustRefuse(world, 'a price for a month that has begun', 'conflict', (core) =>
    setPrice(core, billing, root, { plan: 'shop', price: 1, trialDays: 0, fromMonth: month }),
  );
  const own = (facts.given.get(customer) ?? []).filter((row) => !row.identity && row.fromMonth <= month);
  if (own.sort((one, other) => one.fromMonth.localeCompare(other.fromMonth)).at(-1)?.plan)
    await mustRefuse(world, 'a plan for a month that has begun', 'conflict', (core) =>
      assignPlan(core, billing, root, { customer, billedAs: null, plan: 'shop', fromMonth: month }),
    );
  const box = boxesThat(world, ({ status }) => status === 'claimed')[0];
  const billedAs = facts.boxes.get(box ?? '')?.identity ?? '';
  await mustRefuse(world, 'a pause that begins in the past', 'malformed', (core) =>
    pauseBox(core, billing, root, { billedAs, from: later(today, -1), to: later(today, 3) }),
  );
  const number = [...facts.bills.keys()].at(-1);
  if (number === undefined) return;
  const { total, back } = billOf(facts, number);
  await mustRefuse(world, 'a credit note over more than is left', 'conflict', (core) =>
    creditNote(core, billing, root, { invoice: number, total: total - back + 1, reason: 'x' }),
  );
}

/** What the operator does. False: there was nobody for it. */
export async function operatorAct(world: World, kind: string, roll: number): Promise<boolean> {
  switch (kind) {
    case 'price':
    case 'planOfCustomer':
    case 'planOfBox':
    case 'noPlanOfItsOwn':
      return plans(world, kind, roll);
    case 'pause':
      return pause(world, roll);
    case 'endPause':
      return noPause(world, roll);
    case 'creditNote':
    case 'reverse':
    case 'moneyBack':
      return money(world, kind, roll);
    case 'defer':
    case 'noLonger':
      return patience(world, kind, roll);
    case 'wrongCall':
      await wrongCall(world);
      return true;
    case 'details': {
      const id = bigger(world, roll);
      if (id === null) return false;
      const code = String(world.dice.between(10_000_000, 99_999_999));
      const party = {
        name: `ТОВ «Магазин ${code}»`,
        code,
        address: 'Київ',
        contract: { number: code, day: '2026-09-01' },
      };
      const { value } = await world.act((core) => setBuyer(core, root, id, party), { repeatable: true });
      customerOf(world.facts, id).buyer = JSON.stringify({ ...value, ...party });
      return true;
    }
  }
  return false;
}
