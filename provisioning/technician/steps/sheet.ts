import { shownTerminal } from '../checks/devices.ts';
import type { Finding } from '../finding.ts';
import { ok } from '../finding.ts';
import { sheetHtml } from '../sheet/sheet.ts';
import type { Step, StepContext } from '../step.ts';

/** Whose findings stand on the sheet. */
const tested = ['flash', 'pin', 'register', 'start', 'test', 'payment'];

/** The hand-over sheet, made of what was written down: the same again as long as nothing else was found. */
export const sheet: Step = {
  name: 'sheet',
  title: 'stepSheet',
  kind: 'change',
  plan: 'planSheet',
  isDone(context) {
    const present = context.world.files.read('sheet');
    return present !== null && present === htmlOf(context);
  },
  async do(context) {
    const { files } = context.world;
    files.write('sheet', htmlOf(context));
    return [ok('sheetWritten', { path: files.paths.sheet })];
  },
};

function htmlOf({ world, progress, answers }: StepContext): string {
  const { terminal, panel, steps } = progress;
  const { model, serial, system } = world.machine();
  const findings: Finding[] = tested
    .flatMap((name) => steps[name]?.findings ?? [])
    .filter(({ text }) => text !== 'merchantsListed' && text !== 'terminalPinned');
  const times = tested.map((name) => steps[name]?.atMs ?? 0);
  return sheetHtml(answers.language ?? 'en', {
    box: world.enrolment.box(),
    machine: [model, system].filter(Boolean).join(', '),
    serial,
    terminal: terminal === null ? null : shownTerminal({ ...terminal.words, id: null }),
    terminalId: terminal?.words.id ?? null,
    merchants: Object.entries(progress.merchants).map(([name, index]) =>
      `${name} = ${index} ${terminal?.words.merchants[index] ?? ''}`.trim(),
    ),
    link: terminal?.link ?? null,
    panel: panel?.version ?? null,
    version: world.version,
    registry: answers.registry?.url ?? null,
    broker: answers.broker?.url ?? world.enrolment.registered()?.broker?.url ?? null,
    atMs: Math.max(...times),
    findings,
  });
}
