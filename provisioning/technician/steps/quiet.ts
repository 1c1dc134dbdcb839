import { fault, StepFailure } from '../finding.ts';
import type { StepContext } from '../step.ts';

/**
 * Does something while no gateway runs: it has the ports open, and keeps the registration. One that runs is stopped,
 * never in the middle of a payment; when what is done fails it runs again. Else the step that starts it does.
 */
export async function whileQuiet<Value>(
  { world: { gateway, service } }: StepContext,
  work: () => Promise<Value>,
): Promise<Value> {
  const running = await gateway.status();
  if (running === null) return work();
  if (running.status.operation !== null) throw new StepFailure(fault('gatewayBusy'));
  await service.stop();
  try {
    return await work();
  } catch (error) {
    await service.restart();
    throw error;
  }
}
