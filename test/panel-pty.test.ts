/** The panel through a pseudo-terminal: real firmware, socat, serialport, johnny-five, and the gateway's own process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBoardPanel } from '../gateway/panel/board.ts';
import type { Panel } from '../gateway/panel/panel.ts';
import { panelBaudRate } from '../gateway/panel/wire.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { readPanelFirmware } from '../gateway/simulators/panel/firmware.ts';
import { createEmulatedPanel, type EmulatedPanel } from '../gateway/simulators/panel/panel.ts';
import { type ServedPanel, servePanelPty } from '../gateway/simulators/panel/serve.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { linkOf } from '../gateway/terminal/links/open.ts';
import { swipe } from './support/child.ts';
import { needing } from './support/needs.ts';
import { readyStatus } from './support/panel-bench.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('panel pty');
const tempDir = tempDirs(test);
const withSocat = needing(test, 'socat');

const limitMs = 30_000;

/** Waits for something that an emulated pin or a panel shows. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const endMs = performance.now() + limitMs; !isSo(); ) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Longer than any press here still lasts, and than a panel that was just met needs to say which buttons are down. */
async function fingersOff(chip: EmulatedPanel): Promise<void> {
  const offMs = chip.nowMs + 250;
  // By the panel's own time, which a busy machine holds up; then once more by ours, for the bytes on the way.
  await until('the panel to go on', () => chip.nowMs >= offMs);
  await new Promise((resolve) => setTimeout(resolve, 250));
}

interface Wired {
  chip: EmulatedPanel;
  served: ServedPanel;
  path: string;
}

async function onPty<T>(use: (wired: Wired) => Promise<T>): Promise<T> {
  const chip = createEmulatedPanel({ hex: readPanelFirmware(), time: systemTime });
  chip.start();
  const path = join(tempDir(), 'ttyPanel');
  const wired = { chip, path, served: await servePanelPty(chip, path) };
  try {
    return await use(wired);
  } finally {
    await wired.served.close();
    chip.stop();
  }
}

/** A panel of the gateway in this process. */
function panelAt(path: string): { panel: Panel; pressed: string[] } {
  const pressed: string[] = [];
  const port = linkOf(`serial:${path}`, { baudRate: panelBaudRate, timers: systemTime });
  const panel = createBoardPanel({ port, time: systemTime, random: systemRandom, log: silentLog });
  panel.listen({
    changed() {},
    pressed(button, action, told) {
      pressed.push(`${button} ${action}`);
      told?.('done');
    },
  });
  panel.show(() => ({
    starting: false,
    broker: true,
    status: readyStatus,
    progress: null,
    lastOutcome: null,
  }));
  panel.start();
  return { panel, pressed };
}

const isGreen = ({ colour }: EmulatedPanel): boolean => colour.green > 0 && colour.red + colour.blue === 0;
/** Of all that the panel can show, full red alone is the firmware's "gateway down" here. */
const isRed = ({ colour }: EmulatedPanel): boolean => colour.red === 255 && colour.green === 0;

withSocat('presses at the pins ask for what the table says; each is answered by a tone', () =>
  onPty(async ({ chip, path }) => {
    const { panel, pressed } = panelAt(path);
    try {
      await until('green', () => isGreen(chip));
      chip.press('abort');
      await until('the abort', () => pressed.length === 1);
      await until('a tone', () => chip.tones.length === 1);
      await fingersOff(chip);
      chip.press('info');
      await until('the receipt', () => pressed.length === 2);
      await fingersOff(chip);
      chip.press('info', 2_100);
      await until('the totals', () => pressed.length === 3);
      await until('the tone of the totals', () => chip.tones.length === 3);
      await fingersOff(chip);
      chip.press('info');
      chip.press('abort');
      await until('both', () => pressed.length === 4);
      assert.equal(pressed, ['abort abort', 'info receipt', 'info totals', 'both identify']);
      await until('the lamp test', () => chip.colour.blue === 255);
      await until('green again', () => isGreen(chip));
    } finally {
      await panel.stop();
    }
  }),
);

withSocat('a button that is held when the panel is met counts once it was let go', () =>
  onPty(async ({ chip, path }) => {
    chip.setButton('abort', true);
    const { panel, pressed } = panelAt(path);
    try {
      await until('green', () => isGreen(chip));
      await fingersOff(chip);
      chip.press('info');
      // Had the red one counted, it would have been first, or would have made this press one of both.
      await until('the receipt', () => pressed.length === 1);
      chip.setButton('abort', false);
      await fingersOff(chip);
      chip.press('abort');
      await until('presses', () => pressed.includes('abort abort'));
      assert.equal(pressed, ['info receipt', 'abort abort']);
    } finally {
      await panel.stop();
    }
  }),
);

withSocat('pulled out in the middle of a press, and plugged in again', () =>
  onPty(async (wired) => {
    const { chip, path } = wired;
    const { panel, pressed } = panelAt(path);
    try {
      await until('green', () => isGreen(chip));
      chip.setButton('info', true);
      await fingersOff(chip);
      await wired.served.close();
      await until('its absence', () => panel.state() === 'absent');
      await until('the firmware to take over', () => isRed(chip));
      chip.setButton('info', false);
      wired.served = await servePanelPty(chip, path);
      await until('green again', () => isGreen(chip));
      assert.is(panel.state(), 'ready');
      assert.equal(pressed, []);
      chip.press('info');
      await until('a press', () => pressed.length === 1);
      assert.equal(pressed, ['info receipt']);
    } finally {
      await panel.stop();
    }
  }),
);

withSocat(
  'the gateway is killed, started again, hung and woken: the panel says so, and gives the LED back',
  () =>
    onPty(async ({ chip, path }) => {
      const directory = tempDir();
      const config = join(directory, 'gateway.json');
      writeFileSync(
        config,
        JSON.stringify({
          stateDir: join(directory, 'state'),
          // Nobody listens there: the box has nothing but its panel.
          broker: { url: 'mqtt://127.0.0.1:1' },
          terminal: { protocol: 'privat-json', link: 'tcp:127.0.0.1:1' },
          panel: { link: `serial:${path}` },
          commandKeys: [],
        }),
      );
      /** Starting: a white that the firmware's own dim one is far from. */
      const isDriven = (): boolean => chip.colour.red > 100 && chip.colour.blue > 100;
      let gateway = swipe(['gateway', '--config', config]);
      try {
        await until('the gateway at the LED', isDriven);
        chip.press('abort');
        const line = await gateway.out.find((text) => text.includes('a button was pressed'), 'the press');
        assert.is(JSON.parse(line).outcome, 'refused');

        await gateway.end('SIGKILL');
        await until('gateway down', () => isRed(chip));
        gateway = swipe(['gateway', '--config', config]);
        await until('the new gateway at the LED', isDriven);

        gateway.signal('SIGSTOP');
        await until('gateway down while it hangs', () => isRed(chip));
        gateway.signal('SIGCONT');
        await until('the woken gateway at the LED', () => isDriven() || chip.colour.green > 50);
        assert.equal(await gateway.end('SIGTERM'), { code: 0, signal: null });
      } finally {
        await gateway.end('SIGKILL');
      }
    }),
);

test.run();
