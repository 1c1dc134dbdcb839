import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemRandom } from '../gateway/system/random.ts';
import { allPerMinute } from '../provisioning/registry/identity/attempts.ts';
import { newCode, shownCode } from '../provisioning/registry/identity/codes.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { onBoth } from './registry/stores.ts';
import { root, TestBox, World } from './registry/world.ts';

const test = suite('registry guessing');
const both = onBoth(test);

const minuteMs = 60_000;
const guess = (): string => shownCode(newCode(systemRandom.bytes));

/** Whether a guess by a box that nobody knows was looked at. */
async function isLookedAt(world: World, address: string): Promise<boolean> {
  const { reason } = await new TestBox().register(world, { claim: guess() }, address);
  assert.ok(reason === 'claimUnknown' || reason === 'claimLocked', String(reason));
  return reason === 'claimUnknown';
}

both('an hour of guessing from one address: ten codes are looked at', async (database) => {
  const world = new World(await database.open());
  let lookedAt = 0;
  for (let tries = 0; tries < 360; tries += 1) {
    if (await isLookedAt(world, '198.51.100.7')) lookedAt += 1;
    world.nowMs += 10_000;
  }
  // Five at once, then after 1, 2, 4, 8, 16 minutes.
  assert.is(lookedAt, 10);
});

both(
  'guessing from as many addresses as one likes: a hundred codes a minute are looked at',
  async (database) => {
    const world = new World(await database.open());
    const address = (at: number): string => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
    const minutes: number[] = [];
    for (let minute = 0; minute < 2; minute += 1) {
      let lookedAt = 0;
      for (let at = 0; at < 130; at += 1) {
        if (await isLookedAt(world, address(minute * 1000 + at))) lookedAt += 1;
        world.nowMs += 450;
      }
      world.nowMs = Math.ceil(world.nowMs / minuteMs) * minuteMs;
      minutes.push(lookedAt);
    }
    assert.equal(minutes, [allPerMinute, allPerMinute]);
    // While the door is closed the right code waits too, a minute at most.
    const claim = await world.claim(await world.customer());
    for (let at = 0; at < allPerMinute; at += 1) await isLookedAt(world, address(5000 + at));
    const box = new TestBox();
    assert.is((await box.register(world, { claim }, '192.0.2.99')).reason, 'claimLocked');
    world.nowMs += minuteMs;
    assert.is((await box.register(world, { claim }, '192.0.2.99')).state, 'active');
  },
);

test('so what a guesser has in an hour, with ten thousand codes alive, is less than one in ten million', () => {
  const perHour = allPerMinute * 60;
  assert.is(perHour, 6000);
  const chance = (perHour * 10_000) / 2 ** 50;
  assert.ok(chance < 1e-7 && chance > 1e-8, String(chance));
});

both(
  'at once from many addresses, at two instances: what slips through is what was on its way',
  async (database) => {
    const store = await database.open({ connections: 20 });
    const worlds = [new World(store), new World(store)] as const;
    const atOnce = 40;
    let lookedAt = 0;
    for (let round = 0; round < 6; round += 1) {
      const tries = Array.from({ length: atOnce }, (_, at) =>
        isLookedAt(worlds[(at % 2) as 0 | 1], `10.9.${round}.${at}`),
      );
      lookedAt += (await Promise.all(tries)).filter(Boolean).length;
    }
    assert.ok(lookedAt >= allPerMinute && lookedAt < allPerMinute + atOnce, String(lookedAt));
  },
);

both('pairing codes are guessed no faster, and by the same count', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  const { code } = await newPairingCode(world.core, root, box.id);
  const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx';
  const pair = (typed: string, address: string) =>
    world.call('POST', '/v1/pairings', { body: { code: typed, name: '1C', csr }, address });
  const codes: (string | undefined)[] = [];
  for (let at = 0; at < 7; at += 1) codes.push((await pair(guess(), '198.51.100.8')).problem?.code);
  assert.equal(
    codes.slice(0, 5),
    Array.from({ length: 5 }, () => 'codeUnknown'),
  );
  assert.equal(codes.slice(5), ['tooMany', 'tooMany']);
  assert.is((await pair(code, '198.51.100.8')).problem?.code, 'tooMany', 'the right one is not looked at');
  assert.not.ok(await isLookedAt(world, '198.51.100.8'), 'nor are claim codes from there');
  assert.is((await pair(code, '198.51.100.9')).status, 200, 'elsewhere people pair');
});

both('a stolen claim code: the thief has a box with nothing on it, and is seen', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const claim = await world.claim(customer);
  const thief = new TestBox();
  const stolen = await thief.register(world, { claim });
  assert.is(stolen.state, 'active');
  assert.equal(stolen.commandKeys, [], 'no sale system sends it anything');
  const box = new TestBox();
  assert.is((await box.register(world, { claim })).reason, 'claimUsed');
  const [alarm] = await world.core.store.reader.selectFrom('alarms').selectAll().execute();
  assert.equal([alarm?.kind, alarm?.customer], ['claimReused', null]);
  const used = await world.core.store.reader
    .selectFrom('claims')
    .select(['id', 'used_by'])
    .executeTakeFirstOrThrow();
  assert.equal(
    [used.id, used.used_by],
    [alarm?.subject, thief.id],
    'the alarm names the claim, that the box',
  );
  await retireBox(world.core, root, thief.id, 'stolen');
  assert.is((await thief.send(world, thief.signed())).problem?.code, 'retired');
  assert.is((await box.register(world, { claim: await world.claim(customer) })).state, 'active');
});

test.run();
