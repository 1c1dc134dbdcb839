/** What the panel costs the gateway, and how quickly it follows: real firmware, pseudo-terminal, serialport, johnny-five. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BoxStatus } from '../../gateway/contract/event.ts';
import { createBoardPanel } from '../../gateway/panel/board.ts';
import { togetherMs } from '../../gateway/panel/buttons.ts';
import type { PanelView } from '../../gateway/panel/panel.ts';
import { panelBaudRate } from '../../gateway/panel/wire.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { pause } from '../../gateway/seams/time.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { serialLink } from '../../gateway/terminal/links/serial.ts';
import { isOnPath } from '../support/needs.ts';
import { readyStatus } from '../support/panel-bench.ts';
import type { Child } from './children.ts';
import { median, percentile, short } from './numbers.ts';
import type { Row } from './report.ts';
import { alternate } from './starts.ts';
import type { Statuses } from './statuses.ts';
import type { Counter, World } from './world.ts';

/** How much is measured. */
export interface PanelSize {
  starts: number;
  /** Changes of the LED, and presses. */
  changes: number;
}

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
/** A gateway has settled after this. */
const settleMs = 5_000;

/** Rows about the panel; none without socat. */
export async function measurePanel(
  world: World,
  statuses: Statuses,
  swipe: string,
  counter: Counter,
  { starts, changes }: PanelSize,
): Promise<Row[]> {
  if (!isOnPath('socat')) return [];
  const path = join(world.directory, 'panel');
  const script = fileURLToPath(new URL('./processes/panel.ts', import.meta.url));
  const device = world.launch(process.execPath, ['--import', 'tsx', script, path]);
  await device.next();
  const rows = [
    ...(await measureReaction(device, path, changes)),
    ...(await measureCost(world, statuses, swipe, counter, path, starts)),
  ];
  await device.stop();
  return rows;
}

/** From a change of the box's state to the pins, and from a press to its action, in one gateway's panel in this process. */
async function measureReaction(device: Child, path: string, changes: number): Promise<Row[]> {
  let pressed = (_atMs: number): void => {};
  const port = serialLink(path, { baudRate: panelBaudRate });
  const panel = createBoardPanel({ port, time: systemTime, random: systemRandom, log: silentLog });
  panel.listen({ changed() {}, pressed: () => pressed(nowMs()) });
  let status: BoxStatus = readyStatus;
  const view = (): PanelView => ({
    starting: false,
    broker: true,
    status,
    progress: null,
    lastOutcome: null,
  });
  panel.show(view);
  panel.start();
  type Said = { led?: { green: number; blue: number; atMs: number }; pressedMs?: number };
  /** Waits until the LED has this colour. */
  const lit = async (channel: 'green' | 'blue'): Promise<number> => {
    for (;;) {
      const { led } = (await device.next()) as Said;
      if (led !== undefined && led[channel] > 0) return led.atMs;
    }
  };
  /** Asks for a press, or for nothing; what was told of the LED before the answer is past. */
  const ask = async (question: { press?: 'abort' }): Promise<number> => {
    let said = (await device.ask(question)) as Said;
    while (said.pressedMs === undefined) said = (await device.next()) as Said;
    return said.pressedMs;
  };
  await lit('green');
  const shown: number[] = [];
  const acted: number[] = [];
  for (let n = 0; n < changes; n += 1) {
    await pause(systemTime, 150 + 50 * systemRandom.fraction());
    status = { ...readyStatus, operation: n % 2 === 0 ? { id: 'operation-1', state: 'running' } : null };
    await ask({});
    const toldMs = nowMs();
    panel.show(view);
    shown.push((await lit(n % 2 === 0 ? 'blue' : 'green')) - toldMs);
  }
  for (let n = 0; n < changes; n += 1) {
    await pause(systemTime, 200 + 50 * systemRandom.fraction());
    const heard = new Promise<number>((resolve) => {
      pressed = resolve;
    });
    const pressedMs = await ask({ press: 'abort' });
    acted.push((await heard) - pressedMs);
  }
  await panel.stop();
  return [row('panel: state change to LED pin, p95', shown), row('panel: press to action, p95', acted)];
}

function row(what: string, took: readonly number[]): Row {
  const note = what.includes('press') ? `; ${togetherMs} ms of it wait for a second button` : '';
  const value = `${short(percentile(took, 0.95))} ms (p50 ${short(median(took))}${note})`;
  return { what, goal: '(beside it)', value, met: null };
}

/** A gateway with a panel against one without. */
async function measureCost(
  world: World,
  statuses: Statuses,
  swipe: string,
  { link }: Counter,
  path: string,
  starts: number,
): Promise<Row[]> {
  const boxes = ['SW-NO-PANEL', 'SW-PANEL'] as const;
  const starterOf = (box: (typeof boxes)[number]) => {
    const { config, stateDir } = world.config(box, link);
    if (box === 'SW-PANEL') {
      const input = JSON.parse(readFileSync(config, 'utf8'));
      writeFileSync(config, JSON.stringify({ ...input, panel: { link: `serial:${path}` } }));
    }
    return { box, command: swipe, args: ['gateway', '--config', config], coldFiles: stateDir };
  };
  const starters = [starterOf(boxes[0]), starterOf(boxes[1])] as const;
  const [bareMs, panelMs] = await alternate(world, statuses, starts, starters);
  const residents: [number[], number[]] = [[], []];
  for (let round = 0; round < Math.min(starts, 5); round += 1)
    for (const at of [0, 1] as const) {
      const { box, command, args } = starters[at];
      const isUp = statuses.when(box, ({ panel }) => panel === (at === 0 ? 'none' : 'ready'));
      const child = world.launch(command, args);
      await isUp;
      await pause(systemTime, settleMs);
      residents[at].push(residentBytes(child.pid) / 1e6);
      await child.stop();
    }
  const [bare, panel] = [median(residents[0]), median(residents[1])];
  return [
    {
      what: 'panel: start until online, with to without',
      goal: '(beside it)',
      value: `${short(panelMs / bareMs)} (${short(panelMs)} ms to ${short(bareMs)} ms)`,
      met: null,
    },
    {
      what: 'panel: memory (RSS) after the start',
      goal: '(beside it)',
      value: `${short(panel - bare)} MB more (${short(panel)} MB to ${short(bare)} MB)`,
      met: null,
    },
  ];
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
