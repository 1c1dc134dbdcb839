import { type Asked, castOf, type FoundTerminal, shownTerminal, type Wishes } from '../checks/devices.ts';
import { demandFaultless, fault, ok, StepFailure } from '../finding.ts';
import type { Step, StepContext } from '../step.ts';
import type { GatewayStatus, SerialDevice } from '../world.ts';
import { whileQuiet } from './quiet.ts';

/** Finds terminal and panel, and asks each device who it is by nothing that could move money. */
export const devices: Step = {
  name: 'devices',
  title: 'stepDevices',
  kind: 'look',
  async isDone(context) {
    const running = await context.world.gateway.status();
    return running !== null && isKept(context, running);
  },
  async do(context) {
    const { world, progress, isDryRun } = context;
    const running = isDryRun ? await world.gateway.status() : null;
    // A dry run takes no port from a gateway that works with it.
    if (running !== null)
      return [ok('terminalKept', { terminal: shownTerminal({ ...running.status.terminal }) })];
    return whileQuiet(context, async () => {
      const wishes = wishesOf(context);
      const cast = castOf(await askAll(context, wishes), wishes);
      demandFaultless(cast.findings);
      progress.terminal = await theOne(context, cast.terminals);
      progress.panel = cast.panel;
      context.keep();
      return cast.findings;
    });
  },
};

/** The gateway runs with what was found before, and both answer it. */
function isKept({ progress, answers, world }: StepContext, { status }: GatewayStatus): boolean {
  const { terminal, panel } = progress;
  if (terminal === null || world.files.read('config') === null) return false;
  const { link, id } = answers.terminal;
  const isSame =
    (link === undefined || link === terminal.link) && (id === undefined || id === status.terminal.id);
  const isThere = status.terminal.state !== 'absent' && status.terminal.id === terminal.words.id;
  const hasPanel = answers.panel === 'none' ? panel === null : panel === null || status.panel === 'ready';
  return isSame && isThere && hasPanel && (panel === null || panel.flash === 'no');
}

const wishesOf = ({ answers: { terminal, panel } }: StepContext): Wishes => ({
  terminalLink: terminal.link ?? null,
  terminalId: terminal.id ?? null,
  panel: panel === 'none' ? null : panel,
});

async function askAll({ world, answers }: StepContext, { terminalLink, panel }: Wishes): Promise<Asked[]> {
  const found = await world.devices.list();
  const named = [terminalLink, panel === null || panel === 'auto' ? null : panel.link];
  const isLookedFor = terminalLink === null || panel === 'auto';
  const serial = found
    .map((device) => ({ link: linkOf(device, named), mayBeBoard: device.mayBeBoard }))
    .filter(({ link }) => isLookedFor || named.includes(link));
  const others = named
    .filter((link) => link !== null)
    .filter((link) => !serial.some((one) => one.link === link))
    .map((link) => ({ link, mayBeBoard: false }));
  const { baudRate } = answers.terminal;
  return Promise.all(
    [...serial, ...others].map(async (one) => ({
      ...one,
      who: await world.devices.ask(one.link, { mayBeBoard: one.mayBeBoard, baudRate }),
    })),
  );
}

/** As the answers call it, where they name it by another of its names. */
function linkOf({ path, names }: SerialDevice, named: readonly (string | null)[]): string {
  const asNamed = named.find((link) => link !== null && names.includes(link.replace(/^serial:/, '')));
  return asNamed ?? `serial:${path}`;
}

async function theOne({ person }: StepContext, terminals: readonly FoundTerminal[]): Promise<FoundTerminal> {
  const [first, second] = terminals;
  if (first === undefined) throw new StepFailure(fault('terminalMissing'));
  if (second === undefined) return first;
  if (person === null)
    throw new StepFailure(fault('terminalTwo', { links: terminals.map(({ link }) => link).join(', ') }));
  const options = terminals.map(({ link, words }) => ({
    value: link,
    label: `${shownTerminal(words)}, ${link}`,
  }));
  const chosen = await person.choose('askWhichTerminal', options);
  return terminals.find(({ link }) => link === chosen) ?? first;
}
