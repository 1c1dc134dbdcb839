import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemRandom } from '../gateway/system/random.ts';
import { allPerMinute } from '../provisioning/registry/identity/attempts.ts';
import { newCode, shownCode } from '../provisioning/registry/identity/codes.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { acknowledge, alarms } from '../provisioning/registry/services/lists.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { newToken } from '../provisioning/registry/services/tokens.ts';
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

/** The last wrong code before the door closes, after all the others of its minute; and some that come too late. */
async function closeTheDoor(world: World): Promise<void> {
  const others = { failures: allPerMinute - 1, first_at_ms: world.nowMs, blocked_until_ms: 0 };
  await world.core.store.write((tx) =>
    tx.updateTable('attempts').set(others).where('key', '=', 'anybody').execute(),
  );
  assert.ok(await isLookedAt(world, '10.7.0.1'));
  world.nowMs += 1000;
  for (let at = 0; at < 3; at += 1) assert.not.ok(await isLookedAt(world, `10.8.${at}.1`));
}

const alarmsOf = ({ core }: World) =>
  core.store.reader
    .selectFrom('alarms')
    .select(['kind', 'subject', 'customer', 'times', 'detail', 'acknowledged_at_ms'])
    .orderBy('id')
    .execute();

both('that right codes have to wait is an alarm, once for as long as it goes on', async (database) => {
  const world = new World(await database.open());
  const { token } = await newToken(world.core, root, {
    name: 'monitor',
    scopes: ['metrics:read'],
    customer: null,
    lifeMs: 86_400_000,
  });
  const gauge = async (): Promise<number> => {
    const { text } = await world.call('GET', '/metrics', { token });
    return Number(/^swipe_registry_wrong_codes (\d+)$/m.exec(text)?.[1]);
  };
  const seen = async () =>
    (await alarmsOf(world)).map(({ times, acknowledged_at_ms }) => [times, acknowledged_at_ms !== null]);
  for (let at = 0; at < allPerMinute - 1; at += 1) await isLookedAt(world, `10.6.${at}.1`);
  assert.equal([await alarmsOf(world), await gauge()], [[], allPerMinute - 1]);
  assert.ok(await isLookedAt(world, '10.6.99.1'));
  assert.not.ok(await isLookedAt(world, '10.6.100.1'));
  assert.is(await gauge(), allPerMinute);
  const [alarm, ...others] = await alarmsOf(world);
  assert.equal(others, []);
  assert.equal([alarm?.kind, alarm?.customer, alarm?.times], ['codesGuessed', null, 1]);
  assert.match(
    alarm?.detail ?? '',
    /^100 wrong codes within a minute, the last one by address:10\.6\.99\.1, box:SW-/,
  );
  world.nowMs += minuteMs;
  assert.is(await gauge(), 0);
  await closeTheDoor(world);
  assert.equal(await seen(), [[2, false]], 'it goes on');

  const acknowledgeAll = async (): Promise<void> => {
    for (const { alarm: id } of await alarms(world.core, root, { limit: 9 }))
      await acknowledge(world.core, root, id);
  };
  await acknowledgeAll();
  world.nowMs += 59 * minuteMs;
  await closeTheDoor(world);
  assert.equal(await seen(), [[3, true]], 'who has seen it is not told again');
  world.nowMs += 61 * minuteMs;
  await closeTheDoor(world);
  assert.equal(
    await seen(),
    [
      [3, true],
      [1, false],
    ],
    'it was over, and begins anew',
  );

  await acknowledgeAll();
  await world.core.store.write((tx) =>
    tx
      .updateTable('alarms')
      .set({ first_at_ms: world.nowMs - 86_400_000 })
      .execute(),
  );
  world.nowMs += minuteMs;
  await closeTheDoor(world);
  assert.is((await seen()).length, 3, 'what goes on for a day is told again');
});

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
    assert.equal(
      (await alarmsOf(worlds[0])).map(({ kind, times }) => [kind, times]),
      [['codesGuessed', 1]],
      'what slips through closes nothing again',
    );
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
  assert.is((await thief.register(world)).reason, 'retired');
  assert.is((await box.register(world, { claim: await world.claim(customer) })).state, 'active');
});

test.run();
