import { fault, ok, StepFailure } from '../finding.ts';
import { configMark } from '../marks.ts';
import type { Step } from '../step.ts';
import { waitFor } from '../wait.ts';

/** The journal's checks may take a while on an old card. */
const answersWithinMs = 30_000;

/** Switches the gateway on, now and at every boot. */
export const start: Step = {
  name: 'start',
  title: 'stepStart',
  kind: 'change',
  plan: 'planStart',
  async isDone({ world, progress }) {
    const { enabled, active } = await world.service.state();
    const isCurrent = progress.startedWith === configMark(world.files);
    return enabled && active && isCurrent && (await world.gateway.status()) !== null;
  },
  async do(context) {
    const { world, progress } = context;
    const { service, gateway, time, files } = world;
    if (!(await service.state()).installed) throw new StepFailure(fault('serviceMissing'));
    const running = await gateway.status();
    if (running !== null && running.status.operation !== null) throw new StepFailure(fault('gatewayBusy'));
    await service.enable();
    const started = await service.restart();
    context.hasStopped = false;
    if (!started.done) throw new StepFailure(fault('serviceFailed', { error: started.text }));
    const seen = await waitFor(time, answersWithinMs, gateway.status, (status) => status !== null);
    if (seen === null) throw new StepFailure(fault('gatewaySilent'));
    progress.startedWith = configMark(files);
    return [ok('serviceOn')];
  },
};
