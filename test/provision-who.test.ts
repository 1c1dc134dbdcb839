/** Who is at a device: asked on real ptys, by nothing that could move money. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { only, panelQuestions, terminalQuestions } from '../gateway/cli/technician/harmless.ts';
import { listSerialDevices } from '../gateway/cli/technician/serial-devices.ts';
import { askWho } from '../gateway/cli/technician/who.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { readPanelFirmware } from '../gateway/simulators/panel/firmware.ts';
import { createEmulatedPanel } from '../gateway/simulators/panel/panel.ts';
import { servePanelPty } from '../gateway/simulators/panel/serve.ts';
import type { SeenOperation } from '../gateway/simulators/terminal/seen.ts';
import { serveSerial } from '../gateway/simulators/terminal/serial.ts';
import { serveTcp } from '../gateway/simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import type { Link } from '../gateway/terminal/links/link.ts';
import { linkOf } from '../gateway/terminal/links/open.ts';
import { encodeMessage } from '../gateway/terminal/privat-json/message.ts';
import { methodsOfType } from '../gateway/terminal/privat-json/requests.ts';
import { needing } from './support/needs.ts';
import { laySerialCable } from './support/serial-cable.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: who is there');
const tempDir = tempDirs(test);
const withSocat = needing(test, 'socat');

const linkAt = (link: string, baudRate: number): Link => linkOf(link, { baudRate, timers: systemTime });

/** Links that note every byte that goes out. */
function noting(sent: Uint8Array[]): typeof linkAt {
  return (text, baudRate) => {
    const link = linkAt(text, baudRate);
    return {
      name: link.name,
      async open(handlers) {
        const connection = await link.open(handlers);
        return {
          write(bytes) {
            sent.push(bytes);
            connection.write(bytes);
          },
          close: () => connection.close(),
        };
      },
    };
  };
}

const harmless = [...terminalQuestions, ...panelQuestions].map((bytes) =>
  Buffer.from(bytes).toString('latin1'),
);
const allHarmless = (sent: readonly Uint8Array[]): boolean =>
  sent.every((bytes) => harmless.includes(Buffer.from(bytes).toString('latin1')));

const ask = (link: string, sent: Uint8Array[], mayBeBoard = false, baudRate?: number, pingsMs = [600, 600]) =>
  askWho({ linkAt: noting(sent), time: systemTime, sessionPauseMs: 20, pingsMs }, link, {
    mayBeBoard,
    baudRate,
  });

interface Ended {
  close(): Promise<void>;
}

async function withTerminal(
  use: (link: string, seen: SeenOperation[]) => Promise<void>,
  script: object = {},
): Promise<void> {
  const seen: SeenOperation[] = [];
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script,
    seen: (operation) => void seen.push(operation),
  });
  const cable = await laySerialCable(tempDir());
  const served: Ended = await serveSerial(terminal, { path: cable.terminalEnd });
  try {
    await use(`serial:${cable.boxEnd}`, seen);
  } finally {
    await served.close();
    terminal.stop();
    await cable.remove();
  }
}

async function withPanel(use: (link: string) => Promise<void>): Promise<void> {
  const panel = createEmulatedPanel({ hex: readPanelFirmware(), time: systemTime });
  panel.start();
  const path = join(tempDir(), 'ttyPanel');
  const served = await servePanelPty(panel, path);
  try {
    await use(`serial:${path}`);
  } finally {
    await served.close();
    panel.stop();
  }
}

withSocat('a terminal says who it is, and is asked nothing that could move money', () =>
  withTerminal(async (link, seen) => {
    for (const mayBeBoard of [false, true]) {
      const sent: Uint8Array[] = [];
      const who = await ask(link, sent, mayBeBoard, undefined, [8_000]);
      assert.is(who.kind, 'terminal');
      assert.ok(
        who.kind === 'terminal' && who.words.id !== null && Object.keys(who.words.merchants).length > 0,
      );
      assert.ok(sent.length > 3 && allHarmless(sent));
    }
    const money = Object.values(methodsOfType).flat() as readonly string[];
    assert.equal(
      seen.filter(({ method }) => money.includes(method)),
      [],
    );
  }),
);

withSocat('a panel says who it is, also when it is asked as a terminal first', () =>
  withPanel(async (link) => {
    const sent: Uint8Array[] = [];
    assert.equal(await ask(link, sent, false, 115_200), { kind: 'panel', version: '1.0.0', fits: true });
    assert.equal(await ask(link, sent, true), { kind: 'panel', version: '1.0.0', fits: true });
    assert.ok(allHarmless(sent));
  }),
);

withSocat(
  'a device that says nothing is silent, one that talks nonsense is not taken for either',
  async () => {
    const cable = await laySerialCable(tempDir());
    try {
      const sent: Uint8Array[] = [];
      assert.equal(await ask(`serial:${cable.boxEnd}`, sent, false, 115_200), { kind: 'silent' });
      const noise = linkAt(`serial:${cable.terminalEnd}`, 9600);
      const scanner = await noise.open({
        data: () => scanner.write(Buffer.from('4823012345\r\n')),
        closed() {},
      });
      assert.equal(await ask(`serial:${cable.boxEnd}`, sent, false, 115_200), { kind: 'babble' });
      await scanner.close();
      assert.ok(allHarmless(sent));
    } finally {
      await cable.remove();
    }
  },
);

withSocat('a port that another program has, and one that is not there', () =>
  withPanel(async (link) => {
    const other = await linkAt(link, 57_600).open({ data() {}, closed() {} });
    const taken = await ask(link, []);
    await other.close();
    assert.ok(taken.kind === 'closed' && taken.why === 'taken', JSON.stringify(taken));
    const gone = await ask('serial:/dev/nothing-here', []);
    assert.ok(gone.kind === 'closed' && gone.why === 'gone', JSON.stringify(gone));
  }),
);

test('a terminal on the network, and an address where nobody is', async () => {
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script: {},
  });
  const served = await serveTcp(terminal, { host: '127.0.0.1', port: 0 });
  const who = await ask(served.link, [], false, undefined, [8_000]);
  assert.is(who.kind, 'terminal');
  await served.close();
  terminal.stop();
  const nobody = await ask(served.link, []);
  assert.ok(nobody.kind === 'closed' && nobody.why === 'unreachable');
});

test('the guard lets nothing out but whole questions of the list', async () => {
  const out: Uint8Array[] = [];
  const link: Link = {
    name: 'test',
    open: async () => ({ write: (bytes) => void out.push(bytes), close: async () => {} }),
  };
  const connection = await only(terminalQuestions, link).open({ data() {}, closed() {} });
  for (const question of terminalQuestions) connection.write(question);
  assert.is(out.length, terminalQuestions.length);
  const purchase = encodeMessage('Purchase', { amount: '1.00' });
  const interrupt = encodeMessage('ServiceMessage', { msgType: 'interrupt' });
  const [ping = new Uint8Array()] = terminalQuestions;
  for (const bytes of [purchase, interrupt, ping.subarray(1), Buffer.concat([ping, purchase])])
    assert.throws(() => connection.write(bytes), /must not be sent/);
  assert.is(out.length, terminalQuestions.length);
  const names = terminalQuestions.map((bytes) => Buffer.from(bytes).toString());
  for (const method of Object.values(methodsOfType).flat())
    assert.not.ok(
      names.some((text) => text.includes(`"${method}"`)),
      method,
    );
});

test('devices are found by their names, each once, without udevadm', () => {
  const dev = tempDir();
  mkdirSync(join(dev, 'serial/by-id'), { recursive: true });
  mkdirSync(join(dev, 'serial/by-path'));
  for (const name of ['ttyUSB0', 'ttyACM0', 'ttyACM1', 'ttyS0', 'tty1']) writeFileSync(join(dev, name), '');
  symlinkSync('../../ttyACM0', join(dev, 'serial/by-id/usb-Arduino_Uno-if00'));
  symlinkSync('../../ttyUSB0', join(dev, 'serial/by-id/usb-Verifone-if00'));
  symlinkSync('../../ttyUSB0', join(dev, 'serial/by-path/pci-0'));
  symlinkSync('../../ttyUSB9', join(dev, 'serial/by-id/usb-gone-if00'));
  const found = listSerialDevices(dev);
  assert.equal(
    found.map(({ path, mayBeBoard }) => [path.slice(dev.length), mayBeBoard]),
    [
      ['/serial/by-id/usb-Arduino_Uno-if00', true],
      ['/serial/by-id/usb-Verifone-if00', false],
      ['/ttyACM1', false],
    ],
  );
  assert.ok(found[1]?.names.includes(join(dev, 'serial/by-path/pci-0')));
  assert.equal(listSerialDevices(join(dev, 'none')), []);
});

test.run();
