import { type Finding, fault, note, ok, StepFailure } from '../finding.ts';
import type { Step, StepContext } from '../step.ts';

const texts = { noTool: 'flashNoTool', noSync: 'flashNoSync', failed: 'flashFailed' } as const;

/** Brings this version's firmware onto the panel. One that was cut off in the middle is empty, and found so again. */
export const flash: Step = {
  name: 'flash',
  title: 'stepFlash',
  kind: 'change',
  plan: 'planFlash',
  isWanted: ({ progress: { panel } }) => panel !== null && panel.flash !== 'no',
  async do(context) {
    const { world, progress } = context;
    const { panel } = progress;
    if (panel === null) return [];
    if (panel.flash === 'asked' && !(await isWished(context, panel.link))) {
      progress.panel = null;
      return [note('panelNone')];
    }
    const path = panel.link.replace(/^serial:/, '');
    const flashed = await world.flasher.flash(path);
    if (!flashed.done)
      throw new StepFailure(fault(texts[flashed.why], { link: panel.link, error: flashed.text }));
    const who = await world.devices.ask(panel.link, { mayBeBoard: true });
    if (who.kind !== 'panel' || !who.fits) throw new StepFailure(fault('flashSilent', { link: panel.link }));
    progress.panel = { ...panel, version: who.version, flash: 'no' };
    const findings: Finding[] = [ok('flashed', { version: who.version, baudRate: flashed.baudRate })];
    return findings;
  },
};

const isWished = async ({ person }: StepContext, link: string): Promise<boolean> =>
  person !== null && (await person.confirm('askFlash', { link }));
