import { parseConfig } from '../../../gateway/contract/config.ts';
import { faultLine } from '../../../gateway/contract/faults.ts';
import { messageOf } from '../../../gateway/seams/error.ts';
import { fault, ok, StepFailure } from '../finding.ts';
import { needed, type Step, type StepContext } from '../step.ts';

/** Writes the gateway's config, whole or not at all, and only one that it would start with. */
export const config: Step = {
  name: 'config',
  title: 'stepConfig',
  kind: 'change',
  plan: 'planConfig',
  isDone: (context) =>
    context.progress.terminal !== null && context.world.files.read('config') === configText(context),
  async do(context) {
    const { files } = context.world;
    const text = configText(context);
    const read = parseConfig(JSON.parse(text));
    if ('faults' in read)
      throw new StepFailure(fault('configFaults', { faults: read.faults.map(faultLine).join('; ') }));
    try {
      files.write('config', text);
    } catch (error) {
      throw new StepFailure(fault('writeFailed', { path: files.paths.config, error: messageOf(error) }));
    }
    return [ok('configWritten', { path: files.paths.config })];
  },
};

/** The config for what was found and answered. What stands there and is not the technician's stays, such as keys. */
function configText(context: StepContext): string {
  const { answers, progress, world } = context;
  const { link, baudRate } = needed(progress.terminal, 'terminal');
  const before = present(context);
  const { link: panelLink } = progress.panel ?? { link: null };
  const { defaultMerchant, merchants } = progress;
  const wanted = {
    stateDir: world.stateDir,
    clock: answers.clock,
    // Without the claim: it was used, and is not to lie about.
    registry: answers.registry ?? null,
    ...(answers.broker === null ? {} : { broker: answers.broker }),
    terminal: {
      protocol: 'privat-json',
      link,
      ...(link.startsWith('tcp:') ? {} : { baudRate }),
      currency: answers.terminal.currency,
      merchants,
      ...(defaultMerchant === null ? {} : { defaultMerchant }),
    },
    panel: panelLink === null ? null : { link: panelLink },
    commandKeys: answers.commandKeys ?? before.commandKeys ?? [],
    ...(answers.limits === undefined ? {} : { limits: answers.limits }),
  };
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => name === 'limits'));
  return `${JSON.stringify({ ...kept, ...wanted }, null, 2)}\n`;
}

function present({ world: { files } }: StepContext): Record<string, unknown> {
  const text = files.read('config');
  if (text === null) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // V8 quotes the text around the fault, which may be a secret.
    throw new StepFailure(fault('configUnreadable', { path: files.paths.config, error: 'no JSON' }));
  }
}
