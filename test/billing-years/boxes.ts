/** What technicians do: boxes come, move, are exchanged and go. Through the registry's real services. */
import { isoTime } from '../../gateway/contract/time.ts';
import { isRefusal } from '../../provisioning/registry/refusal.ts';
import { moveBox, retireBox } from '../../provisioning/registry/services/boxes.ts';
import type { Core } from '../../provisioning/registry/services/core.ts';
import { addCustomer, customerLeaves, newClaim } from '../../provisioning/registry/services/customers.ts';
import { endNext } from '../../provisioning/registry/services/leaving.ts';
import { createRegistrar } from '../../provisioning/registry/services/registrar.ts';
import { readAnswer, root, TestBox } from '../registry/world.ts';
import { customerOf, type KnownBox } from './facts.ts';
import { wallDay } from './wall-calendar.ts';
import type { World } from './world.ts';

/** One of many by a roll; null: there is none. */
export function chosen<Thing>(things: readonly Thing[], roll: number): Thing | null {
  return things[Math.floor(roll * things.length)] ?? null;
}

/** Customers that have not left. */
export const present = ({ facts }: World): string[] =>
  [...facts.customers.values()].filter(({ left }) => !left).map(({ id }) => id);

/** Some have many boxes, most have few. */
export const bigger = (world: World, roll: number): string | null => chosen(present(world), roll ** 2);

/** Boxes of a kind. */
export const boxesThat = ({ facts }: World, are: (box: KnownBox, id: string) => boolean): string[] =>
  [...facts.boxes].flatMap(([id, box]) => (are(box, id) ? [id] : []));

const inUse = (world: World, roll: number): string | null =>
  chosen(
    boxesThat(world, ({ status }) => status === 'claimed'),
    roll,
  );

/** Makes a customer. */
export async function newCustomer(world: World): Promise<string> {
  const name = `Крамниця ${world.facts.customers.size + 1}`;
  const { value } = await world.act((core) => addCustomer(core, root, name));
  world.facts.customers.set(value.customer, {
    id: value.customer,
    name,
    left: false,
    buyer: null,
    state: 'active',
    since: null,
    byRegistry: false,
    deferredUntil: null,
    purses: new Map(),
  });
  return value.customer;
}

/** A machine that nobody has seen yet. */
export function newMachine(world: World): TestBox {
  const box = new TestBox(Uint8Array.from({ length: 32 }, () => world.dice.between(0, 255)));
  box.csr = undefined;
  world.machines.set(box.id, box);
  return box;
}

async function registers(world: World, core: Core, box: TestBox, claim: string): Promise<void> {
  const time = isoTime(core.clock.nowMs());
  for (let tries = 0; ; tries += 1)
    try {
      const jws = box.signed(box.request({ claim, time }));
      box.revision = readAnswer(await createRegistrar(core).register(jws, '192.0.2.1'), world.keys).revision;
      return;
    } catch (error) {
      // After a restore the registry has raised every box's count, and tells it.
      if (!isRefusal(error, 'countBehind') || tries > 0) throw error;
      box.count = error.count ?? 0;
    }
}

/** A box becomes a customer's, new or from the shelf, in the place of another or not. */
export async function claim(
  world: World,
  { customer, machine, replaces = null }: { customer: string; machine: TestBox; replaces?: string | null },
): Promise<void> {
  const { facts } = world;
  const code = await world.act((core) => newClaim(core, root, { customer, replaces }));
  const { atMs } = await world.act((core) => registers(world, core, machine, code.value.code), {
    repeatable: true,
    statements: 30,
  });
  const row = await world.reader
    .selectFrom('boxes')
    .select(['billed_as', 'customer', 'status'])
    .where('id', '=', machine.id)
    .executeTakeFirstOrThrow();
  world.same(`box ${machine.id}'s customer`, row.customer, customer);
  const identity = row.billed_as;
  const before = replaces === null ? undefined : facts.boxes.get(replaces);
  if (before === undefined) {
    if (facts.stays.has(identity))
      world.violation(`${machine.id} is billed anew as ${identity}, which was billed before`);
    facts.stays.set(identity, [
      ...(facts.stays.get(identity) ?? []),
      { customer, fromMs: atMs, untilMs: null },
    ]);
  } else {
    world.same(`identity of ${machine.id}, which replaces ${replaces},`, identity, before.identity);
    before.status = 'retired';
  }
  facts.boxes.set(machine.id, { customer, identity, status: 'claimed' });
}

function endStay(world: World, identity: string, atMs: number): number {
  const stay = world.facts.stays.get(identity)?.at(-1);
  if (stay === undefined) throw new Error(`${identity} was never anybody's`);
  // By a clock that went back it may end before it began: it was there for that moment.
  stay.untilMs = Math.max(stay.fromMs, atMs);
  return stay.untilMs;
}

async function move(world: World, box: string, customer: string): Promise<void> {
  const known = world.facts.boxes.get(box);
  if (known === undefined || known.customer === customer) return;
  const { atMs } = await world.act((core) => moveBox(core, root, box, customer), { repeatable: true });
  const endedMs = endStay(world, known.identity, atMs);
  world.facts.stays.get(known.identity)?.push({ customer, fromMs: endedMs, untilMs: null });
  known.customer = customer;
}

async function end(world: World, box: string, status: 'retired' | 'lost'): Promise<void> {
  const known = world.facts.boxes.get(box);
  if (known === undefined) return;
  const { atMs } = await world.act((core) => retireBox(core, root, box, status), { repeatable: true });
  endStay(world, known.identity, atMs);
  known.status = status;
}

async function leave(world: World, customer: string): Promise<void> {
  const { facts } = world;
  const { atMs, value } = await world.act((core) => customerLeaves(core, root, customer), { statements: 40 });
  const core = world.core(0);
  for (let rest = true; rest; ) {
    const endings = await core.store.reader
      .selectFrom('errands')
      .selectAll()
      .where('kind', '=', 'ending')
      .execute();
    for (const { id, subject } of endings) {
      await core.store.write((tx) => tx.deleteFrom('errands').where('id', '=', id).execute());
      await endNext(core, subject);
    }
    rest = endings.length > 0;
  }
  const boxes = boxesThat(world, (box) => box.customer === customer && box.status === 'claimed');
  world.same(`boxes of ${customer}, which leaves,`, value.boxes, boxes.length);
  for (const box of boxes) {
    const known = facts.boxes.get(box);
    if (known === undefined) continue;
    endStay(world, known.identity, atMs);
    known.status = 'retired';
  }
  customerOf(facts, customer).left = true;
}

/** What happens to boxes. False: nobody is there to whom it could happen. */
export async function boxAct(world: World, kind: string, roll: number): Promise<boolean> {
  const { facts, dice, plan } = world;
  const other = bigger(world, dice.fraction());
  const box = inUse(world, roll);
  switch (kind) {
    case 'newCustomer':
      await newCustomer(world);
      return true;
    case 'claim': {
      const count = boxesThat(world, ({ status }) => status === 'claimed').length;
      if (other === null || count > plan.size.boxes * 1.02) return false;
      for (let left = count < plan.size.boxes ? dice.between(1, 2) : 1; left > 0; left -= 1)
        await claim(world, { customer: other, machine: newMachine(world) });
      return true;
    }
    case 'comeBack': {
      const old = chosen(
        boxesThat(world, ({ status }, id) => status === 'retired' && world.machines.has(id)),
        roll,
      );
      const machine = world.machines.get(old ?? '');
      if (other === null || machine === undefined) return false;
      await claim(world, { customer: other, machine });
      return true;
    }
  }
  const known = facts.boxes.get(box ?? '');
  if (box === null || known === undefined || other === null) return false;
  switch (kind) {
    case 'retire':
      await end(world, box, 'retired');
      return true;
    case 'lose':
      await end(world, box, 'lost');
      return true;
    case 'move':
      await move(world, box, other);
      return true;
    case 'moveThereAndBack': {
      const back = known.customer;
      await move(world, box, other);
      world.trueMs += dice.between(1000, 40 * 60_000);
      if (!customerOf(facts, back).left) await move(world, box, back);
      return true;
    }
    case 'moveByTwoClocks': {
      const third = bigger(world, dice.fraction());
      const ofMonth = Number(wallDay(world.trueMs).slice(8));
      if (third === null || ofMonth < 3 || ofMonth > 25) return false;
      world.offsets[0] += dice.between(60_000, 5 * 3_600_000);
      world.only = 0;
      await move(world, box, other);
      world.only = 1;
      await move(world, box, third);
      world.only = null;
      world.offsets[0] = 0;
      return true;
    }
    case 'replace':
    case 'replaceByOld': {
      const old =
        kind === 'replace'
          ? null
          : chosen(
              boxesThat(world, ({ status }) => status === 'retired'),
              dice.fraction(),
            );
      const machine = old === null ? newMachine(world) : world.machines.get(old);
      if (machine === undefined) return false;
      await claim(world, { customer: known.customer, machine, replaces: box });
      return true;
    }
    case 'leave': {
      // Nobody leaves while hardly anybody is left.
      const count = boxesThat(world, (one) => one.status === 'claimed').length;
      const own = boxesThat(
        world,
        (one) => one.status === 'claimed' && one.customer === known.customer,
      ).length;
      if (own * 8 > count) return false;
      await leave(world, known.customer);
      return true;
    }
  }
  return false;
}
