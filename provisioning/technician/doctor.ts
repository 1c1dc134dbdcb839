/** Looks at a box at any later time: harmless while payments run, since it only asks. */
import { clockFindings } from './checks/clock.ts';
import {
  boxClockFindings,
  certificateFindings,
  operationFindings,
  panelFindings,
  registrationFindings,
  storageFindings,
  terminalFindings,
} from './checks/gateway.ts';
import { machineFindings } from './checks/machine.ts';
import { reachFindings } from './checks/reach.ts';
import { type Finding, fault, ok } from './finding.ts';
import { readPin } from './steps/pin.ts';
import type { BrokerWay, World } from './world.ts';

/** What the doctor needs. It takes no port and opens no session at the broker. */
export type DoctorWorld = Pick<World, 'time' | 'stateDir' | 'network' | 'gateway' | 'files'> & {
  /** Without the question who asks: whoever may open the control socket may ask. */
  machine(): Omit<ReturnType<World['machine']>, 'isRoot'>;
};

/** What the config says of the way out. */
export interface DoctorWays {
  registry: { url: string; ca?: string | undefined } | null;
  /** Null: not known here. Looked at when the gateway is not connected. */
  broker: BrokerWay | null;
  /** False: the network is left alone. */
  isOnline: boolean;
}

/** Everything that is to be said of this box. */
export async function examine(world: DoctorWorld, ways: DoctorWays): Promise<Finding[]> {
  const facts = world.machine();
  // That the config lies on an overlay is as it should be, once the box is set up.
  const forgetting = facts.forgetting.filter((place) => place === world.stateDir);
  const machine = machineFindings({ ...facts, isRoot: true, forgetting }, world.stateDir);
  const seen = await world.gateway.status();
  const health = seen === null ? null : await world.gateway.health();
  if (seen === null || health === null)
    return [...machine, fault('gatewaySilent'), ...(await wayOut(world, ways))];
  const { status, connected } = seen;
  const broker = health.broker ?? '?';
  return [
    // The gateway itself knows how full the card is.
    ...machine.filter(({ text }) => !/^disk(Free|Low|Full)$/.test(text)),
    ok('serviceOn'),
    ...boxClockFindings(health),
    ...terminalFindings(status, readPin(world.files.read('pin')), health.links.terminal),
    ...panelFindings(status, health.links.panel ?? ''),
    connected ? ok('brokerConnected', { broker }) : fault('brokerLost', { broker }),
    ...certificateFindings(health, world.time.nowMs()),
    ...registrationFindings(seen),
    ...operationFindings(seen),
    ...storageFindings(health, connected),
    ...(await wayOut(world, { ...ways, broker: connected ? null : ways.broker })),
  ];
}

/** Payments go on without the registry, for weeks: its silence is told as such by the gateway. */
const notAtOnce = (finding: Finding): Finding =>
  finding.level === 'fault' ? { ...finding, level: 'warning' } : finding;

/** Where the way out ends. A broker that is connected needs no second look. */
async function wayOut(
  { network, time }: DoctorWorld,
  { registry, broker, isOnline }: DoctorWays,
): Promise<Finding[]> {
  if (!isOnline) return [];
  const boxMs = time.nowMs();
  const findings: Finding[] = [];
  if (registry !== null) {
    const tried = await network.tryRegistry(registry);
    if (tried.otherMs !== null)
      findings.push(...clockFindings({ boxMs, otherMs: tried.otherMs, host: tried.host }));
    findings.push(...reachFindings(tried, { service: 'registry', boxMs }).map(notAtOnce));
  }
  if (broker !== null)
    findings.push(...reachFindings(await network.tryBroker(broker), { service: 'broker', boxMs }));
  return findings;
}
