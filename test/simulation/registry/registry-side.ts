/** A registry, the way to it, and everything that the box's side of it is held against. */
import { createRegistrar } from '../../../gateway/cloud/registration/registrar.ts';
import type { TlsKeys } from '../../../gateway/cloud/registration/tls-key.ts';
import type { CommandKey } from '../../../gateway/contract/config.ts';
import { topicsOf } from '../../../gateway/contract/topics.ts';
import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Log } from '../../../gateway/seams/log.ts';
import { pause, type Time } from '../../../gateway/seams/time.ts';
import type { HmacKey } from '../../../gateway/simulators/sale-system.ts';
import { type Pair, registryPair, signedBy } from '../../support/fake-registry.ts';
import type { BoxClock } from '../box-clock.ts';
import { box, boxKey, keys } from '../names.ts';
import type { SimProcess } from '../process.ts';
import { seededRandom } from '../random.ts';
import type { SimBroker } from '../sim-broker.ts';
import type { Tally } from '../tally.ts';
import type { Violations } from '../violation.ts';
import type { RegisteredLife, World } from '../world.ts';
import { configKeys } from '../world-config.ts';
import { Belief } from './belief.ts';
import { Questions } from './questions.ts';
import { RegistryLine } from './registry-line.ts';
import type { RegistryProfile } from './registry-profile.ts';
import { Rights } from './rights.ts';
import { pairingCode, SimRegistry } from './sim-registry.ts';
import { TillKeys, tillKeys, tillSecrets } from './till-keys.ts';

/** What it is made of. */
export interface RegistrySideParts {
  seed: number;
  profile: RegistryProfile;
  world: World;
  clock: BoxClock;
  faults: Tally;
  violations: Violations;
}

/** The technician's code for a new box. */
export const claimCode = 'Y7Q3-4SN-ATY0';

/** The config's command keys where there is a registry: the till has its own from there. */
export const ownKeys: readonly CommandKey[] = configKeys.filter(({ kid }) => kid !== keys.till.kid);

/** All keys that anybody signs with. */
export const senderKeys: readonly HmacKey[] = [...Object.values(keys), ...tillKeys];

const topic = topicsOf(box).registry;
const tlsKeys: TlsKeys = {
  own: () => ({
    pem: '',
    publicKey: Buffer.alloc(0),
    csr: '-----BEGIN CERTIFICATE REQUEST-----\nof a box\n-----END CERTIFICATE REQUEST-----\n',
  }),
};

/** See the module. */
export class RegistrySide {
  readonly registry: SimRegistry;
  readonly line: RegistryLine;
  readonly till: TillKeys;
  readonly belief: Belief;
  readonly questions: Questions;
  readonly rights: Rights;
  /** What is in `registration.json`. */
  file: string | null = null;
  /** The registry's key in the box's config. */
  pin: Pair = registryPair(1);
  readonly #parts: RegistrySideParts;
  readonly #random: ReturnType<typeof seededRandom>;
  /** Calls that the registry made itself. */
  readonly #calls = new Map<string, { kid: string; revision: number }>();
  #calledFor = 0;
  #isAlive = false;
  #moves = 0;
  #brokerUrl: string;

  constructor(parts: RegistrySideParts) {
    const { seed, profile, world, clock, faults, violations } = parts;
    const { time, trace, broker } = world;
    this.#parts = parts;
    this.#random = seededRandom(seed ^ 0x7e57);
    this.#brokerUrl = broker.url;
    this.registry = new SimRegistry({
      clock: time,
      claim: profile.isNew ? claimCode : null,
      everyMs: profile.everyMs,
      brokerUrl: () => (this.isBrokerTold ? this.#brokerUrl : null),
    });
    this.registry.aheadMs = profile.aheadMs;
    const { registry } = this;
    this.line = new RegistryLine({ seed, registry, time, faults, trace, faulty: profile.faulty });
    this.till = new TillKeys(registry, profile.isLimited);
    this.belief = new Belief(this.pin.x);
    const { belief } = this;
    this.questions = new Questions({
      time,
      clock,
      belief,
      kept: () => this.file,
      hasRoom: () => this.#isAlive && !world.journal.isFull,
      saidIn: (reply) => this.line.saidIn(reply),
      violations,
    });
    const recordOf = (id: string) => world.journal.find(id);
    this.rights = new Rights({ time, clock, belief, commandKeys: ownKeys, recordOf, violations });
  }

  /** The box's side for one life. */
  live(life: SimProcess, time: Time, log: Log): RegisteredLife {
    const { profile, world } = this.#parts;
    const { broker, journal } = world;
    const isTold = this.isBrokerTold;
    this.#calledFor = 0;
    this.#isAlive = true;
    this.belief.booted(this.pin.x);
    this.rights.look();
    this.questions.next.booted(world.time.monotonicMs());
    const file = life.file({
      read: () => this.file,
      write: (text) => {
        if (journal.isFull) throw new SwipeError('storageFull', 'no room');
        this.file = text;
        this.questions.wrote(text);
      },
    });
    const exchange = life.exchange(
      (body, signal) => {
        this.questions.asked(body);
        return this.line.exchange(body, signal);
      },
      (body, reply) => {
        this.questions.heard(body, reply);
        this.rights.look();
      },
    );
    const registrar = createRegistrar({
      box,
      boxKey,
      registry: {
        url: 'https://registry.example',
        key: this.pin.x,
        claim: profile.isNew ? claimCode : undefined,
      },
      ownKids: ownKeys.map(({ kid }) => kid),
      file,
      tlsKeys: isTold ? tlsKeys : null,
      exchange,
      hardware: { model: 'Raspberry Pi 3', serial: '00000000abcdef01', system: 'Debian 12' },
      time,
      random: this.#random,
      log,
    });
    return { registrar, connector: isTold ? byAddress(broker, registrar.broker, world.time) : broker };
  }

  /** The power is gone. */
  died(): void {
    this.#isAlive = false;
    this.questions.died();
  }

  /** A message was acknowledged by the box. */
  acknowledged(payload: string): void {
    const call = this.#calls.get(payload);
    if (call === undefined || !this.belief.now.trusted.includes(call.kid)) return;
    if (call.revision <= Math.max(this.#calledFor, this.belief.now.heard?.revision ?? 0)) return;
    this.#calledFor = call.revision;
    this.questions.next.called(this.#parts.world.time.monotonicMs(), this.questions.isAsking);
  }

  /** Tells the box over MQTT to ask. */
  call(): void {
    const { text, kid } = this.registry.call(box);
    this.#calls.set(text, { kid, revision: this.registry.revision });
    this.say(text);
  }

  /** Whatever stands on the registry's topic from now on. */
  say(text: string): void {
    this.#parts.world.broker.retain(topic, text);
  }

  /** The last call; null: there was none. */
  get lastCall(): string | null {
    return [...this.#calls.keys()].at(-1) ?? null;
  }

  /** A call that the registry did not make. */
  forgedCall(revision: number, pair: Pair = registryPair(99), of = box): string {
    return signedBy(pair, 'swipe-registry-notice', { box: of, revision });
  }

  /** The broker goes to another address soon; the registry knows it already. */
  moveBroker(afterMs: number): void {
    this.#moves += 1;
    const url = `mqtt://127.0.0.1:${1883 + this.#moves}`;
    this.#brokerUrl = url;
    const { broker, time } = this.#parts.world;
    time.after(afterMs, () => broker.moveTo(url));
  }

  /** Whether the box's config leaves the broker to the registry. */
  get isBrokerTold(): boolean {
    return this.#parts.profile.brokerFrom === 'registry';
  }

  /** The operator ends what the box may do, or lets it go on. */
  suspend(isSuspended: boolean): void {
    if (!this.registry.isClaimed) return;
    this.registry.state = isSuspended ? 'suspended' : 'active';
    this.call();
  }

  /** The registry's old key ends, if the box has moved on to the new one. */
  endRotation(): void {
    if (this.belief.onDisk.trusted.includes(this.registry.newest.kid)) this.registry.endRotation();
  }

  /** What is kept is damaged; whoever repairs the box names the registry's newest key. */
  loseFile(): void {
    this.file = this.file === null ? null : this.file.replace('"count":', '"count":0');
    this.pin = this.registry.newest;
    this.belief.lost(this.pin.x);
    this.questions.forgotten();
  }

  /** The faults are over. */
  endFaults(): void {
    const { registry } = this;
    this.line.endFaults();
    registry.refusal = null;
    if (registry.isClaimed) registry.state = 'active';
    registry.aheadMs = 0;
    registry.isPairing = false;
    this.till.giveBack();
    this.call();
  }

  /** Whether the box believes what is so. */
  isTold(): boolean {
    const { keys: believed, broker } = this.belief.now;
    const { world } = this.#parts;
    const told = [...this.registry.commandKeys.keys()];
    return (
      this.belief.stateAt(world.time.nowMs(), 0) === 'active' &&
      told.join() === believed.map(({ kid }) => kid).join() &&
      (!this.isBrokerTold || broker === this.#brokerUrl)
    );
  }

  /** What nobody may see (docs/invariants.md, 7). */
  secrets(): [what: string, text: string][] {
    const { d = '' } = boxKey.privateKey;
    const issued = tillSecrets.map((text): [string, string] => ['a key', text]);
    return [
      ...issued,
      ["the box's own key", d],
      ['a claim code', claimCode],
      ['a pairing code', pairingCode],
    ];
  }
}

/** The registry that a profile has; null: none. */
export const registrySideOf = (
  seed: number,
  profile: RegistryProfile | null,
  { world, clock, faults, violations }: Omit<RegistrySideParts, 'seed' | 'profile'>,
): RegistrySide | null =>
  profile === null ? null : new RegistrySide({ seed, profile, world, clock, faults, violations });

/** The broker for whoever looks for it where it is. */
const byAddress = (
  broker: SimBroker,
  source: () => { url: string },
  time: Time,
): RegisteredLife['connector'] => ({
  async connect(will, handlers) {
    const { url } = source();
    if (url === broker.url) return broker.connect(will, handlers);
    await pause(time, 5);
    throw new SwipeError('brokerUnreachable', `nobody at ${url}`);
  },
});
