import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PrintOutcome } from '../gateway/printer/job.ts';
import { printerLinkOf } from '../gateway/printer/links/open.ts';
import { createPrinter, type Printer } from '../gateway/printer/printer.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { SimulatedPrinter, type SimulatedPrinterOptions } from '../gateway/simulators/printer/printer.ts';
import { servePrinterSerial } from '../gateway/simulators/printer/serial.ts';
import { servePrinterTcp } from '../gateway/simulators/printer/tcp.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { noticeHangUp } from '../gateway/terminal/links/hang-up.ts';
import { needing } from './support/needs.ts';
import { documentOf, numbered, piecesOf } from './support/printer-bench.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('printer links');
const tempDir = tempDirs(test);

const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function printerAt(link: string, answers = true): Printer {
  const options = { baudRate: 115_200, answers, timers: systemTime, noticeHangUp };
  const printer = createPrinter({
    link: printerLinkOf(link, options),
    answers,
    cut: true,
    time: systemTime,
    random: systemRandom,
    log: silentLog,
  });
  ends.push(() => printer.stop());
  return printer;
}

/** Waits for a state of the printer. */
const isNow = (printer: Printer, state: string): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (printer.state() === state) resolve();
    };
    printer.listen(look);
    look();
  });

const printed = (printer: Printer, document = numbered(30)): Promise<PrintOutcome> =>
  new Promise((over) => {
    const beginByMs = systemTime.monotonicMs() + 60_000;
    printer.print({ pieces: () => piecesOf(document), beginByMs, begin: () => true, over });
  });

const device = (options: SimulatedPrinterOptions = {}): SimulatedPrinter =>
  new SimulatedPrinter(systemTime, options);

/** Two pseudo-terminals, back to back. */
async function cable(): Promise<[string, string, () => Promise<void>]> {
  const directory = tempDir();
  const [near, far] = [join(directory, 'near'), join(directory, 'far')];
  const socat = spawn('socat', [`PTY,raw,echo=0,link=${near}`, `PTY,raw,echo=0,link=${far}`], {
    stdio: 'ignore',
  });
  const exit = once(socat, 'exit');
  const pull = async (): Promise<void> => {
    socat.kill('SIGKILL');
    await exit;
  };
  ends.push(pull);
  while (!existsSync(near) || !existsSync(far)) await sleep(5);
  return [near, far, pull];
}

const lines30 = `${Array.from({ length: 30 }, (_, at) => `рядок ${at + 1}`).join('\n')}\n--- cut ---`;

test('over TCP: printed as handed in, and the connection is kept', async () => {
  const simulated = device({ bufferBytes: 300 });
  const served = await servePrinterTcp(simulated, { host: '127.0.0.1', port: 0 });
  ends.push(() => served.close());
  const printer = printerAt(served.link);
  printer.start();
  await isNow(printer, 'ready');
  const { outcome, text } = await printed(printer);
  assert.is(outcome, 'done', text);
  assert.is(simulated.text, lines30);
  assert.ok(simulated.isConnected);
});

test('over TCP: one that is not there, comes, goes, comes again', async () => {
  const first = await servePrinterTcp(device(), { host: '127.0.0.1', port: 0 });
  const { link, port } = first;
  await first.close();
  const printer = printerAt(link);
  printer.start();
  const [simulated, again] = [device(), device()];
  const second = await servePrinterTcp(simulated, { host: '127.0.0.1', port });
  await isNow(printer, 'ready');
  await second.close();
  await isNow(printer, 'absent');
  const third = await servePrinterTcp(again, { host: '127.0.0.1', port });
  ends.push(() => third.close());
  await isNow(printer, 'ready');
  assert.is((await printed(printer)).outcome, 'done');
  assert.equal([simulated.text, again.text], ['', lines30]);
});

test('over TCP: an end of paper in the middle is told, though the printer takes no more bytes', async () => {
  const simulated = device({ bufferBytes: 2_048, paperLines: 40, lineMs: 1 });
  const served = await servePrinterTcp(simulated, { host: '127.0.0.1', port: 0 });
  ends.push(() => served.close());
  const printer = printerAt(served.link);
  printer.start();
  await isNow(printer, 'ready');
  const { outcome, code } = await printed(printer, numbered(190, 'рядок на весь папір, що довший за буфер'));
  assert.equal([outcome, code], ['failed', 'paperOut']);
  simulated.loadPaper(1_000);
  await isNow(printer, 'ready');
  assert.is((await printed(printer)).outcome, 'done');
  assert.is(simulated.receipts.length, 2);
  assert.is(`${simulated.receipts[1]?.toText().trim()}\n--- cut ---`, lines30);
});

test('a second client finds the printer taken', async () => {
  const served = await servePrinterTcp(device(), { host: '127.0.0.1', port: 0 });
  ends.push(() => served.close());
  const printer = printerAt(served.link);
  printer.start();
  await isNow(printer, 'ready');
  const other = connect(served.port, '127.0.0.1');
  await once(other, 'close');
  assert.is(printer.state(), 'ready');
});

needing(test, 'socat')('over a serial port: with a picture, and both ways of proof', async () => {
  for (const lacks of [[], ['processId']] as const) {
    const [near, far] = await cable();
    const simulated = device({ bufferBytes: 1_000_000, lacks });
    const served = await servePrinterSerial(simulated, { path: far, baudRate: 115_200 });
    ends.push(() => served.close());
    const printer = printerAt(`serial:${near}`);
    printer.start();
    await isNow(printer, 'ready');
    const bits = Buffer.from(Uint8Array.from({ length: 2_048 }, (_, at) => at & 0xff)).toString('base64');
    const document = documentOf(
      { kind: 'logo', logo: { width: 128, height: 128, bits } },
      { kind: 'text', text: 'ґ Ґ і І ї Ї є Є' },
    );
    const { outcome, text } = await printed(printer, document);
    assert.is(outcome, 'done', text);
    assert.is(simulated.text, '[picture 128 × 24]\nґ Ґ і І ї Ї є Є\n--- cut ---');
  }
});

needing(test, 'socat')('a serial port that is pulled out while it prints: unknown, and absent', async () => {
  const [near, far, pull] = await cable();
  const simulated = device({ bufferBytes: 1_000_000, lineMs: 50 });
  const served = await servePrinterSerial(simulated, { path: far, baudRate: 115_200 });
  ends.push(() => served.close());
  const printer = printerAt(`serial:${near}`);
  printer.start();
  await isNow(printer, 'ready');
  const outcome = printed(printer);
  while (simulated.paper.isEmpty) await sleep(5);
  await pull();
  assert.equal((await outcome).code, 'linkLost');
  await isNow(printer, 'absent');
});

needing(test, 'socat')('as a character device, read and written without waiting in the kernel', async () => {
  const [near, far, pull] = await cable();
  const simulated = device({ bufferBytes: 1_000_000 });
  const served = await servePrinterSerial(simulated, { path: far, baudRate: 115_200 });
  ends.push(() => served.close());
  const printer = printerAt(`usb:${near}`);
  printer.start();
  await isNow(printer, 'ready');
  assert.is((await printed(printer)).outcome, 'done');
  assert.is(simulated.text, lines30);
  await pull();
  await isNow(printer, 'absent');
});

needing(test, 'socat')(
  'a character device that takes nothing hangs neither the gateway nor its end',
  async () => {
    // Nobody reads the other end: the kernel's buffer fills.
    const [near] = await cable();
    const link = printerLinkOf(`usb:${near}`, {
      baudRate: 9600,
      answers: false,
      timers: systemTime,
      noticeHangUp,
    });
    const connection = await link.open({ data() {}, closed() {} });
    let taken = false;
    void connection.write(new Uint8Array(1_000_000)).then(() => {
      taken = true;
    });
    await sleep(200);
    assert.is(taken, false);
    await connection.close();
  },
);

test('a file where a device should be is no printer, and none is made', async () => {
  const path = join(tempDir(), 'lp0');
  const link = printerLinkOf(`usb:${path}`, {
    baudRate: 9600,
    answers: true,
    timers: systemTime,
    noticeHangUp,
  });
  const open = (): Promise<unknown> => link.open({ data() {}, closed() {} });
  await open().then(
    () => assert.unreachable(),
    (error) => assert.ok(isSwipeError(error, 'linkFailed')),
  );
  assert.is(existsSync(path), false);
  writeFileSync(path, '');
  await open().then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /a file/),
  );
});

test('a link that the config cannot mean is refused', () => {
  const options = { baudRate: 9600, answers: true, timers: systemTime, noticeHangUp };
  for (const text of [
    '',
    'usb:lp0',
    'serial:ttyUSB0',
    'tcp:printer',
    'tcp:printer:0',
    'tcp:printer:70000',
    'ftp:/x',
  ])
    assert.throws(
      () => printerLinkOf(text, options),
      (error: unknown) => isSwipeError(error, 'configInvalid'),
    );
  for (const text of ['usb:/dev/usb/lp0', 'serial:/dev/ttyUSB0', 'tcp:printer:9100', 'tcp:[fe80::1]:9100'])
    assert.is(printerLinkOf(text, options).name, text);
});

test.run();
