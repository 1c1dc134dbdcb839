import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { jwsTypes, type PairingAnswer, pairingAnswerSchema } from '../gateway/contract/registration.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { SwipeError } from '../gateway/seams/error.ts';
import type { Refusal } from '../provisioning/registry/refusal.ts';
import { retireBox, retireSaleSystem, unpair } from '../provisioning/registry/services/boxes.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { beginRotation, finishRotation } from '../provisioning/registry/services/rotations.ts';
import { behind, type Rotated, stragglers } from '../provisioning/registry/services/stragglers.ts';
import { newToken } from '../provisioning/registry/services/tokens.ts';
import { onBoth } from './registry/stores.ts';
import { hmacJws, root, TestBox, World } from './registry/world.ts';

const test = suite('registry rotation');
const both = onBoth(test);

const dayMs = 86_400_000;
const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n';

async function paired(world: World, box: TestBox, name: string): Promise<PairingAnswer> {
  const { code } = await newPairingCode(world.core, root, box.id);
  const reply = await world.call('POST', '/v1/pairings', { body: { code, name, csr } });
  return v.parse(pairingAnswerSchema, reply.json);
}

/** A sale system asks for its boxes, and for a new certificate. */
async function renew(world: World, { kid, secret = '' }: PairingAnswer): Promise<void> {
  const typ = jwsTypes.pairingsQuery;
  const body = hmacJws({ time: isoTime(world.nowMs), csr }, { typ, kid }, secret);
  const reply = await world.call('POST', '/v1/pairings/query', { body, type: 'application/jose' });
  if (reply.status !== 200) throw new Error(reply.text);
}

const refused = (finishing: Promise<void>): Promise<string> =>
  finishing.then(
    () => 'finished',
    (error: Refusal) => `${error.code}: ${error.message}`,
  );

const finish = (world: World, what: Rotated = 'ca', force = false): Promise<string> =>
  refused(finishRotation(world.core, root, what, force));

const names = async (world: World, what: Rotated = 'ca'): Promise<string[]> =>
  (await stragglers(world.core, what, { limit: 1000 })).map(({ id }) => id);

both(
  'a CA is not finished while a box or a sale system has a good certificate of the old one; both have a way to a new one',
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer('Крамниця');
    const box = await world.claimedBox(customer);
    const asleep = await world.claimedBox(customer);
    const system = await paired(world, box, '1С: каса 1');
    assert.equal(await behind(world.core, 'ca'), { boxes: 0, saleSystems: 0 });

    await beginRotation(world.core, root, 'ca');
    world.nowMs += 1000;
    for (const atOnce of [undefined, 1, 2, 3])
      assert.equal(await behind(world.core, 'ca', atOnce), { boxes: 2, saleSystems: 1 });
    const [first] = await stragglers(world.core, 'ca', { limit: 1 });
    assert.equal(first, {
      id: system.saleSystem,
      kind: 'saleSystem',
      name: '1С: каса 1',
      customer,
      customerName: 'Крамниця',
      seenAt: isoTime(world.nowMs - 1000),
      until: isoTime(world.nowMs - 1000 + 90 * dayMs),
    });
    const pages: string[] = [];
    for (let page = await stragglers(world.core, 'ca', { limit: 1 }); page.length > 0; ) {
      const id = page[0]?.id ?? '';
      pages.push(id);
      page = await stragglers(world.core, 'ca', { after: id, limit: 1 });
    }
    assert.equal(pages, [system.saleSystem, ...[box.id, asleep.id].sort()]);
    assert.equal(await names(world), pages);

    await box.register(world);
    assert.is(await finish(world), 'conflict: 1 boxes and 1 sale systems have not moved yet');
    await asleep.register(world);
    assert.is(await finish(world), 'conflict: 0 boxes and 1 sale systems have not moved yet');
    assert.equal(await names(world), [system.saleSystem]);
    await renew(world, system);
    assert.equal(await names(world), []);
    assert.is(await finish(world), 'finished');
  },
);

both(
  'what ends anyway holds up nothing: ended boxes and sale systems, expired certificates',
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer();
    const [box, stolen, other] = [
      await world.claimedBox(customer),
      await world.claimedBox(customer),
      new TestBox(),
    ];
    other.csr = undefined;
    await other.register(world, { claim: await world.claim(customer) });
    const ended = await paired(world, box, 'ended');
    const idle = await paired(world, box, 'idle');
    await beginRotation(world.core, root, 'ca');
    assert.equal(
      await behind(world.core, 'ca'),
      { boxes: 2, saleSystems: 2 },
      'one box has a broker of its own',
    );
    await retireBox(world.core, root, stolen.id, 'stolen');
    await retireSaleSystem(world.core, root, ended.saleSystem);
    assert.equal(await names(world), [idle.saleSystem, box.id]);
    const [{ id: pairing } = { id: '' }] = await world.core.store.reader
      .selectFrom('pairings')
      .select('id')
      .where('sale_system', '=', idle.saleSystem)
      .execute();
    await unpair(world.core, root, pairing);
    assert.equal(await names(world), [idle.saleSystem, box.id], 'it may be paired with another box tomorrow');
    world.nowMs += 90 * dayMs - 1;
    assert.is((await names(world)).length, 2);
    world.nowMs += 1;
    assert.equal(await names(world), []);
    assert.is(await finish(world), 'finished');
  },
);

both('of several certificates the newest that is still good is the one that counts', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  const system = await paired(world, box, '1C');
  world.nowMs += dayMs;
  await renew(world, system);
  await beginRotation(world.core, root, 'ca');
  assert.equal(await names(world), [system.saleSystem, box.id], 'once, however many it has');
  world.nowMs += dayMs;
  await renew(world, system);
  assert.equal(await names(world), [box.id]);
  // A lost answer: the box has not got what was made for it, and asks anew.
  await box.send(world, box.signed());
  assert.equal(await names(world), []);
  assert.ok((await box.register(world)).certificate !== null, 'it is made once more');
});

both('one by the new CA is the newest, also within one millisecond', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  const systems: PairingAnswer[] = [];
  for (let at = 0; at < 8; at += 1) systems.push(await paired(world, box, `till ${at}`));
  await beginRotation(world.core, root, 'ca');
  for (const system of systems) await renew(world, system);
  assert.equal(await names(world), [box.id]);
});

both('shut out all the same, they are listed until they are back', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  const system = await paired(world, box, '1C');
  await beginRotation(world.core, root, 'ca');
  assert.is(await finish(world, 'ca', true), 'finished');
  assert.equal(await names(world), [system.saleSystem, box.id]);
  world.nowMs += 1000;
  assert.ok((await box.register(world)).certificate !== null);
  await renew(world, system);
  assert.equal(await names(world), []);
});

both(
  "the broker's own certificate must be by the new CA first; force does not help there",
  async (database) => {
    const world = new World(await database.open());
    await beginRotation(world.core, root, 'ca');
    const asked: string[] = [];
    world.brokerCertificate = async (when) => {
      asked.push(when);
      return { notAfterMs: world.nowMs + dayMs, fault: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
    };
    for (const force of [false, true])
      assert.match(
        await finish(world, 'ca', force),
        /^conflict: nobody would take the broker's own certificate/,
      );
    assert.equal(asked, ['afterRotation', 'afterRotation'], 'judged as it will be, not as it is');
    world.brokerCertificate = () => Promise.reject(new SwipeError('brokerUnreachable', 'it is away'));
    assert.match(await finish(world), /^conflict: whether the broker has its new certificate cannot be seen/);
    assert.is((await world.authority.state()).previousCa, 'ca-1', 'nothing has happened so far');
    assert.is(await finish(world, 'ca', true), 'finished');
  },
);

both(
  "the registry's key: boxes count, whoever has a certificate; sale systems know nothing of it",
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer();
    const box = await world.claimedBox(customer);
    await paired(world, box, '1C');
    await box.register(world);
    assert.equal(await behind(world.core, 'key'), { boxes: 0, saleSystems: 0 });
    await beginRotation(world.core, root, 'key');
    assert.match(await finish(world, 'key'), /^conflict: 1 boxes and 0 sale systems/);
    assert.equal(
      (await stragglers(world.core, 'key', { limit: 9 })).map(({ id, until }) => [id, until]),
      [[box.id, null]],
    );
    // The first answer tells of the new key, the next request says that it is known.
    await box.register(world);
    assert.match(await finish(world, 'key'), /^conflict: 1 boxes/);
    await box.register(world);
    assert.is(await finish(world, 'key'), 'finished');
  },
);

both('by the API: where it stands, who is behind; nothing for a token of one customer', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const box = await world.claimedBox(customer);
  const scopes = ['authority:write'] as const;
  const wish = { name: 'x', scopes, lifeMs: dayMs };
  const { token } = await newToken(world.core, root, { ...wish, customer: null });
  const { token: bound } = await newToken(world.core, root, { ...wish, customer });
  const post = (body: object): Promise<number> =>
    world.call('POST', '/v1/operator/authority/rotate', { token, body }).then(({ status }) => status);
  assert.is(await post({ what: 'ca', step: 'begin' }), 204);
  assert.is(await post({ what: 'ca', step: 'begin' }), 409);
  assert.is(await post({ what: 'ca', step: 'finish' }), 409);
  const get = (path: string, by = token) => world.call('GET', `/v1/operator/authority${path}`, { token: by });
  const state = (await get('')).json as { behind: object; previousCa: string };
  assert.equal(state.behind, { key: { boxes: 1, saleSystems: 0 }, ca: { boxes: 1, saleSystems: 0 } });
  assert.equal(
    ((await get('/behind?limit=10')).json as { id: string }[]).map(({ id }) => id),
    [box.id],
  );
  assert.is((await get('/behind?what=key')).status, 200);
  assert.is((await get('/behind?what=all')).status, 400);
  for (const path of ['', '/behind']) assert.is((await get(path, bound)).status, 403);
  assert.is(await post({ what: 'ca', step: 'finish', force: true }), 204);
});

test.run();
