/** `swipe panel`: the emulated panel as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reportVersion } from './firmware/bench.ts';
import { root, swipe } from './support/child.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';
import { Trail } from './support/trail.ts';

const test = suite('panel-command');
const tempDir = tempDirs(test);
const started: ChildProcess[] = [];
const opened: SerialPort[] = [];

test.after.each(async () => {
  for (const port of opened.splice(0)) if (port.isOpen) await new Promise((resolve) => port.close(resolve));
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** `swipe panel` with its standard input in the test's hands. */
function panelProcess(...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'gateway/cli/swipe.mjs'), 'panel', ...args], {
    cwd: root,
  });
  started.push(child);
  const lines = new Trail<string>('swipe panel');
  const wire = new Trail<number>('the line');
  const hear = (chunk: Buffer): void => {
    for (const line of chunk.toString().split('\n')) if (line !== '') lines.add(line);
  };
  child.stderr.on('data', hear);
  child.stdout.on('data', (chunk: Buffer) => {
    if (!args.includes('--stdio')) return hear(chunk);
    for (const byte of chunk) wire.add(byte);
  });
  return { child, lines, wire };
}

/** A port, and what comes from it: without sysex every message of the panel has three bytes. */
async function openPort(path: string): Promise<{ port: SerialPort; heard: Trail<string> }> {
  const port = new SerialPort({ path, baudRate: 57_600, autoOpen: false });
  const heard = new Trail<string>(path);
  const half: number[] = [];
  port.on('data', (bytes: Buffer) => {
    for (const byte of bytes) if (half.push(byte) === 3) heard.add(half.splice(0).join(' '));
  });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  opened.push(port);
  return { port, heard };
}

const version = `${reportVersion} 2 5`;
const buttons = (bits: number): string => `${0x90} ${bits} 0`;

test('speaks on standard input and output, and ends with them', async () => {
  const { child, lines, wire } = panelProcess('--stdio');
  await lines.find((line) => line.includes('the emulated panel is at stdio'), 'its greeting');
  await wire.find((byte) => byte === reportVersion, 'the banner');
  await lines.find((line) => line.includes('white, a flash every 1.0 s'), 'what the LED shows');
  const from = wire.items.length;
  child.stdin.write(Uint8Array.of(reportVersion));
  await wire.find((byte) => byte === reportVersion, 'the answer', from);
  child.stdin.end();
  const [code] = await once(child, 'exit');
  assert.is(code, 0);
});

needing(test, 'socat')('makes a port that opens again and again, and keys press its buttons', async () => {
  const path = join(tempDir(), 'panel');
  const { child, lines } = panelProcess('--pty', path);
  await lines.find((line) => line === `the emulated panel is at serial:${path}`, 'its greeting');
  for (let times = 0; times < 2; times += 1) {
    const { port, heard } = await openPort(path);
    port.write([reportVersion]);
    await heard.find((message) => message === version, `an answer at opening ${times}`);
    await new Promise((resolve) => port.close(resolve));
  }
  const { port, heard } = await openPort(path);
  port.write([0xd0, 1]);
  await heard.find((message) => message === buttons(0b1100), 'both buttons up');
  for (const [key, bits, says] of [
    ['a', 0b1000, 'pressed   abort'],
    ['i', 0b0100, 'pressed   info'],
  ] as const) {
    const from = heard.items.length;
    child.stdin.write(key);
    await lines.find((line) => line === says, says);
    await heard.find((message) => message === buttons(bits), `${key} down`, from);
    await heard.find((message) => message === buttons(0b1100), `${key} up`, from);
  }
  const from = heard.items.length;
  child.stdin.write('b');
  await heard.find((message) => message === buttons(0), 'both down', from);
  await heard.find((message) => message === buttons(0b1100), 'both up', from);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.is(code, 0);
  assert.is(existsSync(path), false, 'the port is gone with it');
});

test('says what is wrong with its words', async () => {
  for (const [args, says] of [
    [[], /give one of --pty PATH, --serial PATH, --stdio/],
    [['--stdio', '--pty', '/tmp/x'], /give one of/],
    [['--nonsense'], /nonsense/],
    [['--stdio', '--hex', '/nowhere/panel.hex'], /cannot read the firmware/],
    [['--serial', '/nowhere/tty'], /cannot open \/nowhere\/tty/],
  ] as const) {
    const child = swipe(['panel', ...args]);
    assert.is((await child.exit).code, 1, args.join(' '));
    assert.match(child.err.items.join('\n'), says);
    assert.is(child.err.items.length, 1, 'one line');
  }
  const file = join(tempDir(), 'bad.hex');
  writeFileSync(file, ':00\n');
  const child = swipe(['panel', '--stdio', '--hex', file]);
  assert.is((await child.exit).code, 1);
  assert.match(child.err.items.join('\n'), /line 1 is no record of Intel HEX/);
});

test.run();
