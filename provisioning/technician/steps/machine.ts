import { machineFindings } from '../checks/machine.ts';
import { demandFaultless } from '../finding.ts';
import type { Step } from '../step.ts';

/** The machine and its card. */
export const machine: Step = {
  name: 'machine',
  title: 'stepMachine',
  kind: 'look',
  async do({ world }) {
    return demandFaultless(machineFindings(world.machine(), world.stateDir));
  },
};
