import { fault, StepFailure } from '../finding.ts';
import type { StepContext } from '../step.ts';

/**
 * Does something while no gateway runs: it has the ports open, and keeps the registration. One that runs is stopped,
 * never in the middle of a payment. The step that starts it follows; when one fails before, the runner starts it.
 */
export async function whileQuiet<Value>(context: StepContext, work: () => Promise<Value>): Promise<Value> {
  const { gateway, service } = context.world;
  const running = await gateway.status();
  if (running === null) return work();
  if (running.status.operation !== null) throw new StepFailure(fault('gatewayBusy'));
  context.hasStopped = true;
  await service.stop();
  return work();
}
