import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { examine } from '../provisioning/technician/doctor.ts';
import { answersWith, healthOf, open, statusOf, TechniciansWorld } from './support/technician-world.ts';

const test = suite('doctor');

const ways = {
  registry: { url: 'https://registry.example' },
  broker: { url: 'mqtts://broker.example:8883' },
  isOnline: true,
};

type Change = (world: TechniciansWorld) => void;

/** What is found that is not well: level and text. */
async function found(change: Change = () => {}, pinned = true, asked = ways): Promise<string[]> {
  const world = new TechniciansWorld();
  world.running = true;
  if (pinned)
    world.kept.set('pin', JSON.stringify({ terminal: { vendor: 'PAX', model: 's800', id: 'S1260S6Y' } }));
  change(world);
  const findings = await examine(world.asWorld(), asked);
  assert.equal([world.deeds, world.writes], [[], []], 'it only looks');
  return findings.filter(({ level }) => level !== 'ok').map(({ level, text }) => `${level} ${text}`);
}

const health =
  (more: Parameters<typeof healthOf>[0]): Change =>
  (world) => {
    world.health = healthOf(more);
  };
const status =
  (more: Parameters<typeof statusOf>[0]): Change =>
  (world) => {
    world.status = statusOf(more);
  };
const registry =
  (more: object): Change =>
  (world) => {
    const view = {
      url: 'https://registry.example',
      state: 'active',
      reason: null,
      pairing: null,
      heardAt: '2026-11-21T09:00:00.000Z',
      endsAt: null,
      failure: null,
    } as const;
    world.status = { ...statusOf(), registry: { ...view, ...more } };
  };

test('a box at work: nothing to say', async () => {
  assert.equal(await found(), []);
  assert.equal(await found(registry({})), []);
});

test('no gateway answers: that, and the way out', async () => {
  assert.equal(
    await found((world) => {
      world.running = false;
    }),
    ['fault gatewaySilent'],
  );
});

test('a clock that was once trusted far ahead is told from one that is not known', async () => {
  const now = '2026-11-21T10:00:00.000Z';
  const clock = (trusted: boolean, latestTrusted: string | null) =>
    health({ clock: { trusted, now, latestTrusted } });
  assert.equal(await found(clock(false, '2027-11-21T10:00:00.000Z')), ['fault clockAhead']);
  assert.equal(await found(clock(false, '2026-11-21T09:59:00.000Z')), ['fault clockUnknown']);
  assert.equal(await found(clock(false, null)), ['fault clockUnknown']);
  assert.equal(await found(clock(true, now)), []);
});

test('how far ahead it was is told', async () => {
  const world = new TechniciansWorld();
  world.running = true;
  world.health = healthOf({
    clock: { trusted: false, now: '2026-11-21T10:00:00.000Z', latestTrusted: '2027-11-21T10:00:00.000Z' },
  });
  const one = (await examine(world.asWorld(), ways)).find(({ text }) => text === 'clockAhead');
  assert.equal(one?.with, {
    box: '2026-11-21 10:00 UTC',
    latest: '2027-11-21 10:00 UTC',
    aheadMs: 365 * 86_400_000,
  });
});

test('terminal: absent, at work, another one than was handed over', async () => {
  const { terminal } = statusOf().status;
  assert.equal(await found(status({ terminal: { ...terminal, state: 'absent' } })), ['fault terminalAbsent']);
  assert.equal(await found(status({ terminal: { ...terminal, state: 'busy' } })), ['note terminalAtWork']);
  assert.equal(await found(status({ terminal: { ...terminal, id: 'S9999999' } })), ['fault terminalChanged']);
  assert.equal(await found(status({ terminal: { ...terminal, id: 'S9999999' } }), false), []);
});

test('panel: payments go on without it', async () => {
  assert.equal(await found(status({ panel: 'absent' })), ['warning panelAbsent']);
  assert.equal(await found(status({ panel: 'outdated' })), ['warning panelOutdated']);
  assert.equal(await found(status({ panel: 'foreign' })), ['warning panelForeign']);
  assert.equal(await found(status({ panel: 'none' })), ['note panelNone']);
});

test('unresolved operations, dropped messages', async () => {
  assert.equal(await found(status({ unresolved: ['operation-1'] })), ['fault unresolved']);
  assert.equal(
    await found((world) => {
      world.status = { ...statusOf(), counters: { dropped: { unsigned: 3, tooLarge: 0 } } };
    }),
    ['warning dropped'],
  );
});

test('the card: nearly full, full; the records; results that wait', async () => {
  const storage = healthOf().storage;
  assert.equal(await found(health({ storage: { ...storage, freeBytes: 40e6 } })), ['warning storageEnding']);
  assert.equal(await found(health({ storage: { ...storage, freeBytes: 1e6 } })), ['fault storageFull']);
  assert.equal(await found(health({ storage: { ...storage, journalBytes: 2e9 } })), ['warning journalLarge']);
  assert.equal(await found(health({ outbox: { waiting: 3, isMore: false } })), ['note outboxWaiting']);
  assert.equal(await found(health({ outbox: { waiting: 100, isMore: true } })), ['warning outboxWaiting']);
});

test('the certificate: soon over, over', async () => {
  assert.equal(await found(health({ certificateEndsAt: '2026-12-01T00:00:00.000Z' })), [
    'warning certificateEnding',
  ]);
  assert.equal(await found(health({ certificateEndsAt: '2026-11-20T00:00:00.000Z' })), [
    'fault certificateOver',
  ]);
  assert.equal(await found(health({ certificateEndsAt: null })), []);
});

test('registration: each state, and a registry that is silent for weeks', async () => {
  const stateIs =
    (state: string): Change =>
    (world) => {
      registry({ state })(world);
      const { status: now, ...rest } = world.status ?? statusOf();
      world.status = { ...rest, status: { ...now, registration: { state: state as 'active', until: null } } };
    };
  assert.equal(await found(stateIs('trial')), []);
  assert.equal(await found(stateIs('pastDue')), ['warning registrationPastDue']);
  assert.equal(await found(stateIs('suspended')), ['fault registrationSuspended']);
  assert.equal(await found(stateIs('unregistered')), ['fault registrationNone']);
  assert.equal(await found(registry({ endsAt: '2026-11-28T00:00:00.000Z' })), ['warning registryEnding']);
  assert.equal(await found(registry({ failure: 'HTTP 500' })), ['warning registryFailing']);
});

test('a broker that is lost is looked for, one that is connected is left alone', async () => {
  const lost: Change = (world) => {
    world.status = { ...statusOf(), connected: false };
    world.broker = { ...open('broker.example', 8883), reach: { at: 'port', why: 'silent' } };
  };
  assert.equal(await found(lost), ['fault brokerLost', 'fault portSilent']);
  assert.equal(await found(lost, true, { ...ways, isOnline: false }), ['fault brokerLost']);
  assert.equal(
    await found((world) => {
      world.broker = { ...open('broker.example', 8883), reach: { at: 'port', why: 'silent' } };
    }),
    [],
  );
});

test('a registry that cannot be reached stops no payment, a clock beside it that is wrong by a year does', async () => {
  assert.equal(
    await found((world) => {
      world.registry = { ...open('registry.example', 443), reach: { at: 'name', why: 'unknown' } };
    }),
    ['warning nameUnknown'],
  );
  assert.equal(
    await found((world) => {
      world.registry = { ...open('registry.example', 443), otherMs: world.clockMs + 366 * 86_400_000 };
    }),
    ['fault clockWrong'],
  );
});

test('answers for tests are answers', () => assert.is(answersWith().clock, 'timesync'));

test.run();
