/** Does to a box and its registry what the plan says. */
import type { Simulation } from '../simulation.ts';
import type { RegistryDeed } from './registry-plan.ts';
import type { RegistrySide } from './registry-side.ts';

type Deed = Exclude<RegistryDeed, { do: 'killAt' }>;

/** What a deed is counted as; null: it is counted where it strikes. */
const names: Readonly<Record<Deed['do'], string | null>> = {
  registryMeets: null,
  registryAway: 'registry: away for a while',
  registryRefuses: 'registry: refuses for a while',
  registryTells: null,
  registryCalls: null,
  registryRotates: 'registry: its key is rotated',
  registryClock: 'registry: its clock jumps',
  twoTimes: null,
  keyTaken: 'registry: a command key taken back',
  keyRotated: 'registry: a command key rotated',
  pairing: 'registry: a pairing code waits',
  brokerMoves: null,
  diskFullAtAnswer: 'registry: the disk is full when its answer comes',
  registrationLost: 'registry: what was kept of it is damaged',
  pinMoved: 'registry: the config names its newest key',
};

/** Carries one deed out. */
export function performAtRegistry(deed: Deed, simulation: Simulation, side: RegistrySide): void {
  const { faults, world, isFair } = simulation;
  if (isFair) return;
  const { registry, line, till } = side;
  const name = names[deed.do];
  if (name !== null) faults.add(name);
  const later = (delayMs: number, run: () => void): void =>
    void world.time.after(delayMs, () => {
      if (!simulation.isFair) run();
    });
  const call = (isCalled: boolean): void => {
    if (isCalled) side.call();
  };

  switch (deed.do) {
    case 'registryMeets':
      line.arm(deed.fault);
      return call(deed.isCalled);
    case 'registryAway':
      line.away = deed.how;
      return later(deed.forMs, () => {
        line.away = null;
      });
    case 'registryRefuses':
      registry.refusal = deed.code;
      return later(deed.forMs, () => {
        registry.refusal = null;
      });
    case 'registryTells':
      if (!registry.isClaimed) return;
      faults.add(`registry: tells ${deed.state}`);
      registry.state = deed.state;
      call(deed.isCalled);
      return later(deed.forMs, () => {
        registry.state = 'active';
        call(deed.isCalled);
      });
    case 'registryCalls':
      faults.add(`registry: a call, ${deed.what}`);
      return callAs(deed.what, side);
    case 'registryRotates':
      registry.beginRotation();
      return later(deed.forMs, () => side.endRotation());
    case 'registryClock':
      registry.aheadMs += deed.byMs;
      return later(deed.forMs, () => {
        registry.aheadMs -= deed.byMs;
      });
    case 'twoTimes':
      if (simulation.plan.profile.clock === 'system') return;
      faults.add('registry: two times for a box without any');
      if (deed.isSlow) line.arm('answers slowly');
      simulation.loseClock(86_400_000, deed.forMs);
      return later(deed.forMs / 4, () => {
        registry.aheadMs += deed.byMs;
        side.call();
        later(deed.forMs / 2, () => {
          registry.aheadMs -= deed.byMs;
        });
      });
    case 'keyTaken':
      till.take();
      call(deed.isCalled);
      return later(deed.forMs, () => {
        till.giveBack();
        call(deed.isCalled);
      });
    case 'keyRotated': {
      const endOld = till.rotate();
      call(deed.isCalled);
      return later(deed.forMs, () => {
        endOld();
        call(deed.isCalled);
      });
    }
    case 'pairing':
      registry.isPairing = true;
      call(deed.isCalled);
      return later(deed.forMs, () => {
        registry.isPairing = false;
      });
    case 'brokerMoves':
      if (!side.isBrokerTold) return;
      faults.add('registry: another broker');
      // Whoever listens has a moment to hear of it.
      side.moveBroker(200);
      return call(deed.isCalled);
    case 'diskFullAtAnswer':
      line.onAnswer = () => {
        line.onAnswer = () => {};
        if (!simulation.isFair) simulation.fillDisk(deed.forMs);
      };
      return call(true);
    case 'registrationLost':
      simulation.kill(deed.forMs);
      return side.loseFile();
    case 'pinMoved':
      simulation.kill(deed.forMs);
      side.pin = registry.newest;
  }
}

function callAs(what: Extract<Deed, { do: 'registryCalls' }>['what'], side: RegistrySide): void {
  const { registry, lastCall } = side;
  switch (what) {
    case 'true':
      return side.call();
    case 'again':
      return lastCall === null ? undefined : side.say(lastCall);
    case 'forged':
      return side.say(side.forgedCall(registry.revision + 1_000));
    case 'old':
      return side.say(side.forgedCall(1, registry.newest));
    case "another box's":
      return side.say(side.forgedCall(registry.revision + 1_000, registry.newest, 'SW-000000000000'));
    case 'nonsense':
      return side.say('{"box":"every one"}');
  }
}
