/** A technician's world in memory: each part says what a test wants it to say, and nothing is changed anywhere. */
import type { Answers } from '../../provisioning/technician/answers.ts';
import { parseAnswers } from '../../provisioning/technician/answers.ts';
import type { Finding } from '../../provisioning/technician/finding.ts';
import { type Ending, run } from '../../provisioning/technician/runner.ts';
import type { Person, Step } from '../../provisioning/technician/step.ts';
import { allSteps } from '../../provisioning/technician/steps/all.ts';
import type {
  FileName,
  GatewayHealth,
  GatewayOperation,
  GatewayStatus,
  Registered,
  SerialDevice,
  TerminalWords,
  Tried,
  Who,
  World,
} from '../../provisioning/technician/world.ts';

/** A terminal's words. */
export const words: TerminalWords = {
  vendor: 'PAX',
  model: 's800',
  software: 'SIM1',
  id: 'S1260S6Y',
  merchants: { 1: 'Shop', 10: 'Incasso' },
};

/** A registry's key, of the right form. */
export const registryKey = 'A'.repeat(43);

/** A claim code of the right form. */
export const claim = 'Y7Q3-4SN-ATY0';

const nowMs = Date.UTC(2026, 10, 21, 10);

/** A status of a box at work. */
export function statusOf(more: Partial<GatewayStatus['status']> = {}): GatewayStatus {
  return {
    status: {
      online: true,
      box: 'SW-7K3M9QXA2BCD',
      version: '0.1.0',
      terminal: { state: 'ready', vendor: 'PAX', model: 's800', software: 'SIM1', id: 'S1260S6Y' },
      panel: 'ready',
      printer: 'none',
      registration: { state: 'active', until: null },
      operation: null,
      unresolved: [],
      supports: [],
      since: '2026-11-21T10:00:00.000Z',
      ...more,
    },
    connected: true,
    counters: { dropped: {} },
    registry: null,
  };
}

/** The health of a box at work. */
export const healthOf = (more: Partial<GatewayHealth> = {}): GatewayHealth => ({
  clock: { trusted: true, now: '2026-11-21T10:00:00.000Z', latestTrusted: '2026-11-21T09:59:00.000Z' },
  storage: { freeBytes: 4e9, reserveBytes: 8 * 1024 * 1024, journalBytes: 1e6 },
  outbox: { waiting: 0, isMore: false },
  broker: 'mqtts://broker.example:8883',
  certificateEndsAt: '2027-02-01T00:00:00.000Z',
  links: { terminal: 'serial:/dev/serial/by-id/usb-terminal', panel: 'serial:/dev/serial/by-id/usb-panel' },
  presses: {},
  ...more,
});

/** A way that is open. */
export const open = (host: string, port: number): Tried => ({
  host,
  port,
  reach: { at: 'open' },
  otherMs: null,
  viaProxy: null,
});

/** See the module. Members may be replaced before a run. */
export class TechniciansWorld {
  clockMs = nowMs;
  readonly kept = new Map<FileName, string>();
  readonly writes: FileName[] = [];
  /** What was done to the world, in order. */
  readonly deeds: string[] = [];
  devices: SerialDevice[] = [
    { path: '/dev/serial/by-id/usb-terminal', names: ['/dev/ttyACM0'], mayBeBoard: false },
    { path: '/dev/serial/by-id/usb-panel', names: ['/dev/ttyACM1'], mayBeBoard: true },
  ];
  who: Record<string, Who> = {
    'serial:/dev/serial/by-id/usb-terminal': { kind: 'terminal', baudRate: 115_200, words },
    'serial:/dev/serial/by-id/usb-panel': { kind: 'panel', version: '1.0.0', fits: true },
  };
  registry: Tried = { ...open('registry.example', 443), otherMs: nowMs };
  broker: Tried = open('broker.example', 8883);
  running = false;
  enabled = false;
  status: GatewayStatus | null = statusOf();
  health: GatewayHealth = healthOf();
  registered: Registered | null = null;
  enrolled: { kind: 'answered'; state: string; reason: string | null } | { kind: 'unanswered'; why: string } =
    {
      kind: 'answered',
      state: 'active',
      reason: null,
    };
  operations = new Map<string, GatewayOperation>();
  outcomes: string[] = [];
  forgetting: string[] = [];
  isConnected = true;
  joined = { done: true } as Awaited<ReturnType<World['joiner']['join']>>;
  flashed = { done: true, baudRate: 115_200 } as Awaited<ReturnType<World['flasher']['flash']>>;
  #ids = 0;
  #ms = 0;

  asWorld(): World {
    return {
      time: {
        nowMs: () => this.clockMs,
        monotonicMs: () => this.#ms,
        after: (delayMs, run) => {
          this.#ms += delayMs;
          queueMicrotask(run);
          return () => {};
        },
      },
      version: '0.1.0',
      stateDir: '/var/lib/swipe',
      machine: () => ({
        model: 'Raspberry Pi 3',
        serial: '00c0ffee',
        system: 'Debian 12',
        isRoot: true,
        freeBytes: 4e9,
        isReadOnly: false,
        forgetting: this.forgetting,
      }),
      network: {
        tryRegistry: async () => this.registry,
        tryBroker: async () => this.broker,
      },
      joiner: {
        isThere: async () => true,
        isConnected: async () => this.isConnected,
        isJoined: async () => false,
        join: async () => {
          this.deeds.push('join');
          return this.joined;
        },
      },
      devices: {
        list: async () => this.devices,
        ask: async (link) => this.who[link] ?? { kind: 'closed', why: 'gone', text: 'no such file' },
      },
      flasher: {
        flash: async (path) => {
          this.deeds.push(`flash ${path}`);
          if (this.flashed.done) this.who[`serial:${path}`] = { kind: 'panel', version: '1.0.0', fits: true };
          return this.flashed;
        },
      },
      service: {
        state: async () => ({ installed: true, enabled: this.enabled, active: this.running }),
        enable: async () => {
          this.enabled = true;
        },
        restart: async () => {
          this.deeds.push('restart');
          this.running = true;
          return { done: true };
        },
        stop: async () => {
          this.deeds.push('stop');
          this.running = false;
        },
      },
      gateway: {
        status: async () => (this.running ? this.status : null),
        health: async () => (this.running ? this.health : null),
        lamps: async () => true,
        tryBroker: async () => ({ ms: 40 }),
        testPayment: async (id, reverses) => this.#operate(id, reverses),
        operation: async (id) => this.operations.get(id) ?? nothing,
      },
      enrolment: {
        box: () => 'SW-7K3M9QXA2BCD',
        registered: () => this.registered,
        enrol: async () => {
          this.deeds.push('enrol');
          if (this.enrolled.kind === 'answered' && this.enrolled.state !== 'unregistered')
            this.registered = registeredAs(this.enrolled.state);
          return this.enrolled;
        },
      },
      files: {
        paths: {
          config: '/etc/swipe/gateway.json',
          pin: '/etc/swipe/terminal.json',
          progress: '/var/lib/swipe-provision/progress.json',
          sheet: '/var/lib/swipe-provision/sheet.html',
          log: '/var/lib/swipe-provision/provision.log',
        },
        read: (name) => this.kept.get(name) ?? null,
        write: (name, text) => {
          this.writes.push(name);
          this.kept.set(name, text);
        },
      },
      newOperationId: () => {
        this.#ids += 1;
        return `operation-${this.#ids}`;
      },
    };
  }

  /** Runs the steps; what was found. */
  async run(
    answers: Answers,
    {
      person = null,
      isDryRun = false,
      steps = allSteps,
      isByItself = false,
      isCancelled = () => false,
    }: RunOptions = {},
  ): Promise<{ ending: Ending; findings: Finding[]; told: string[]; works: string[] }> {
    const findings: Finding[] = [];
    const told: string[] = [];
    const works: string[] = [];
    const ending = await run(steps, {
      world: this.asWorld(),
      answers,
      person,
      isDryRun,
      isByItself,
      isCancelled,
      teller: {
        begins() {},
        works: (step) => void works.push(step.name),
        finds: (finding) => void findings.push(finding),
        says: (key) => void told.push(key),
        ends() {},
      },
    });
    return { ending, findings, told, works };
  }

  #operate(id: string, reverses: string | undefined): GatewayOperation {
    const known = this.operations.get(id);
    if (known !== undefined) return known;
    this.deeds.push(reverses === undefined ? `pay ${id}` : `reverse ${reverses}`);
    const outcome = this.outcomes.shift() ?? 'approved';
    const operation = { stage: 'finished', outcome, code: '0000', text: '', invoice: '7' };
    this.operations.set(id, operation);
    return operation;
  }
}

interface RunOptions {
  person?: Person | null;
  isDryRun?: boolean;
  steps?: readonly Step[];
  isByItself?: boolean;
  isCancelled?: () => boolean;
}

const nothing: GatewayOperation = { stage: null, outcome: null, code: null, text: null, invoice: null };

/** What the state directory says after a registration. */
export const registeredAs = (state: string): Registered => ({
  box: 'SW-7K3M9QXA2BCD',
  state,
  keys: [registryKey],
  broker: { url: 'mqtts://broker.example:8883' },
  certificateEndsAt: null,
  pairing: null,
});

/** Answers with a registry. */
export function answersWith(more: object = {}): Answers {
  const read = parseAnswers({
    registry: { url: 'https://registry.example', key: registryKey },
    claim,
    terminal: { merchants: { shop: '1' } },
    ...more,
  });
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.answers;
}
