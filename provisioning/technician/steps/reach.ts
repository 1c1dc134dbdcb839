import { clockFindings } from '../checks/clock.ts';
import { reachFindings } from '../checks/reach.ts';
import { demandFaultless, type Finding, note } from '../finding.ts';
import type { Step, StepContext } from '../step.ts';
import { registryWanted } from './register.ts';

/** The way out: what is blocked, by name and port. A registry that is not known yet is asked for. */
export const reach: Step = {
  name: 'reach',
  title: 'stepReach',
  kind: 'look',
  async do(context) {
    const { world, answers } = context;
    const { proxy, broker } = answers;
    const boxMs = world.time.nowMs();
    const registry = await registryWanted(context);
    const findings: Finding[] = [];
    if (registry !== null) {
      const tried = await world.network.tryRegistry(registry, proxy);
      const { host, otherMs } = tried;
      if (otherMs !== null) findings.push(...clockFindings({ boxMs, otherMs, host }));
      findings.push(...reachFindings(tried, { service: 'registry', boxMs, proxy }));
    }
    const way = broker ?? knownBroker(context);
    if (way !== null) {
      const tried = await world.network.tryBroker(way, proxy);
      findings.push(...reachFindings(tried, { service: 'broker', boxMs, proxy }));
    }
    if (proxy !== undefined && !findings.some(({ level }) => level === 'fault'))
      findings.push(note('proxyNotNeeded', { proxy }));
    return demandFaultless(findings);
  },
};

/** The registry's, from an earlier registration. */
function knownBroker({ world }: StepContext) {
  try {
    return world.enrolment.registered()?.broker ?? null;
  } catch {
    // A box key that cannot be used is told where the box registers.
    return null;
  }
}
