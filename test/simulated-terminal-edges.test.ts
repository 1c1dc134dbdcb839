import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command } from '../gateway/cli/terminal.ts';
import { isSwipeError, messageOf } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { parseScript, parseScriptText } from '../gateway/simulators/terminal/script.ts';
import { serveTcp } from '../gateway/simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';
import { purchase } from './support/terminal-world.ts';

const test = suite('simulated terminal, edges');
const tempDir = tempDirs(test);

const request = (method: string, params: object = {}) =>
  Buffer.from(`\0${JSON.stringify({ method, step: 0, params })}\0`);

/** Resolves with the text up to the first NUL. */
function answerFrom(stream: NodeJS.EventEmitter): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      const end = text.indexOf('\0');
      if (end !== -1) resolve(text.slice(0, end));
    });
  });
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Runs `swipe terminal` in this process, and ends it. */
function running(argv: string[]) {
  const lines: string[] = [];
  const errors: string[] = [];
  const controller = new AbortController();
  let wake = () => {};
  const exit = command.run(argv, {
    out: (line) => {
      lines.push(line);
      wake();
    },
    error: (line) => errors.push(line),
    signal: controller.signal,
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
      if (found) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { lines, errors, exit, until, stop: () => controller.abort() };
}

test('over TCP: one client at a time, answers, a port that is taken is named', async () => {
  const parts = { time: systemTime, random: systemRandom, log: silentLog };
  const terminal = createSimulatedTerminal({ ...parts, script: { options: { stepMs: 0, lookUpMs: 0 } } });
  const served = await serveTcp(terminal, { host: '127.0.0.1', port: 0 });
  try {
    assert.is(served.link, `tcp:127.0.0.1:${served.port}`);
    const first = await connected(served.port);
    first.write(request('Purchase', purchase('12.34')));
    assert.is(JSON.parse(await answerFrom(first)).params.amount, '12.34');

    const second = await connected(served.port);
    second.write(request('PingDevice'));
    const firstAnswer = answerFrom(second);
    const other = answerFrom(first);
    first.write(request('GetTerminalInfo'));
    assert.match(await other, /GetTerminalInfo/);
    first.end();
    assert.match(await firstAnswer, /PingDevice/, 'the second one has its turn now');
    second.destroy();

    const taken = await serveTcp(terminal, { host: '127.0.0.1', port: served.port }).catch((error) => error);
    assert.ok(isSwipeError(taken, 'portTaken'));
    assert.match(messageOf(taken), new RegExp(`port ${served.port} `));
  } finally {
    await served.close();
    terminal.stop();
  }
});

test('a script with faults: every one is listed', () => {
  const faulty = {
    merchants: { shop: 'Магазин' },
    options: { stepMs: -1, odd: ['crooked'], timeZone: 'Mars/Olympus', colour: 'red' },
    operations: [
      { match: { ammount: '1.00' }, do: 'aprove' },
      { do: 'decline', code: '1001' },
      { do: 'approve', amount: '1.00' },
      { match: { amount: '1' }, do: 'slow' },
    ],
    keypad: [{ atMs: 1 }],
  };
  let text = '';
  try {
    parseScript(faulty);
  } catch (error) {
    assert.ok(isSwipeError(error, 'scriptInvalid'));
    text = messageOf(error);
  }
  for (const path of [
    'merchants.shop',
    'options.stepMs',
    'options.odd.0',
    'options.timeZone',
    'options.colour',
    'operations.0.match.ammount',
    'operations.0.do',
    'operations.1.code',
    'operations.2.amount',
    'operations.3.match.amount',
    'keypad.0.amount',
  ])
    assert.ok(text.includes(`${path}: found `), `${path} in ${text}`);
  assert.throws(() => parseScriptText('{'), /the script is not JSON/);
  assert.is(parseScript({}).options.stepMs, 800);
});

test('the command: serves, tells each operation, ends when asked', async () => {
  const script = join(tempDir(), 'script.json');
  writeFileSync(
    script,
    JSON.stringify({ options: { stepMs: 0 }, operations: [{ do: 'decline', match: { amount: '9.99' } }] }),
  );
  const terminal = running(['--tcp', '0', '--script', script]);
  const [, port] = await terminal.until(/tcp:127\.0\.0\.1:(\d+)/);
  const socket = await connected(Number(port));
  socket.write(
    Buffer.concat([request('Purchase', purchase('100.50')), request('Purchase', purchase('9.99'))]),
  );
  await terminal.until(/^Purchase 100\.50: approved 0000, receipt 131220$/);
  await terminal.until(/^Purchase 9\.99: declined 0005$/);
  socket.destroy();
  terminal.stop();
  assert.is(await terminal.exit, 0);
  assert.equal(terminal.errors, []);
});

test('the command says in one line what was wrong', async () => {
  const script = join(tempDir(), 'script.json');
  writeFileSync(script, '{"options":{"stepMs":"fast"}}');
  for (const [argv, wrong] of [
    [[], /give --tcp PORT or --serial PATH \(see swipe terminal --help\)/],
    [['--tcp', '70000'], /--tcp takes a port/],
    [['--serial', '/x', '--tcp', '1'], /give --tcp PORT or --serial PATH/],
    [['--loud'], /--loud/],
    [['--tcp', '0', '--script', `${script}.missing`], /cannot read the script/],
    [['--tcp', '0', '--script', script], /script\.json: .*options\.stepMs: found "fast"/],
    [['--serial', join(tempDir(), 'none')], /cannot open /],
  ] as const) {
    const { exit, errors } = running([...argv]);
    assert.is(await exit, 1, String(argv));
    assert.is(errors.length, 1);
    assert.match(errors[0] ?? '', wrong);
    assert.not.match(errors[0] ?? '', /\n/);
  }
  const asked = running(['--help']);
  assert.is(await asked.exit, 0);
  assert.match(asked.lines.join('\n'), /Example/);
});

needing(test, 'socat')('over a serial line', async () => {
  const directory = tempDir();
  const [till, device] = [join(directory, 'till'), join(directory, 'terminal')];
  const socat = spawn('socat', [`PTY,raw,echo=0,link=${till}`, `PTY,raw,echo=0,link=${device}`]);
  try {
    await appear(directory, till, device);
    const terminal = running(['--serial', device]);
    await terminal.until(/serial:/);
    const port = new SerialPort({ path: till, baudRate: 115_200 });
    await once(port, 'open');
    const answer = answerFrom(port);
    port.write(request('PingDevice'));
    assert.is(JSON.parse(await answer).params.responseCode, '0000');
    port.close();
    await once(port, 'close');
    terminal.stop();
    assert.is(await terminal.exit, 0);
  } finally {
    await ended(socat);
  }
});

async function appear(directory: string, ...paths: string[]): Promise<void> {
  const watcher = watch(directory);
  try {
    while (!paths.every((path) => existsSync(path))) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

test.run();
