import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogFields } from '../gateway/seams/log.ts';
import { createLog, type LogLevel } from '../gateway/system/log.ts';
import { machineSerial } from '../gateway/system/machine.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('system');
const tempDir = tempDirs(test);

// A test number that passes Luhn, put together here: no file holds a card number.
const pan = `4${'1'.repeat(15)}`;

function logged(level: LogLevel, write: (log: ReturnType<typeof createLog>) => void) {
  const lines: string[] = [];
  write(createLog({ level, destination: { write: (line) => lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a log line is one JSON object with level, time, sentence and fields', () => {
  const [line] = logged('info', (log) =>
    log.warn('terminal lost', { link: 'tcp:192.168.0.111:2000', count: 3 }),
  );
  const { time, ...rest } = line ?? {};
  assert.equal(rest, { level: 'warn', msg: 'terminal lost', link: 'tcp:192.168.0.111:2000', count: 3 });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('lines below the level are not written', () => {
  const lines = logged('warn', (log) => {
    log.debug('debug');
    log.info('info');
    log.warn('warn');
    log.error('error');
  });
  assert.equal(
    lines.map(({ msg }) => msg),
    ['warn', 'error'],
  );
});

test('only the fields of the allow-list are written, and only with their type', () => {
  const answer = {
    id: 'operation-1',
    track2: 'secret',
    pan: 'secret',
    epoch: 'secret',
    error: { pan: 'secret' },
  };
  const [line] = logged('info', (log) => log.info('answered', answer as unknown as LogFields));
  assert.is(line?.id, 'operation-1');
  assert.not.match(JSON.stringify(line), 'secret');
});

test('card data in a text is blanked, and a long text is cut', () => {
  const [line] = logged('info', (log) =>
    log.error('frame rejected', {
      error: `found ${pan} in ${'x'.repeat(500)}`,
      reason: `;${pan}=30011010000?`,
    }),
  );
  assert.not.match(JSON.stringify(line), pan);
  assert.match(String(line?.error), /^found 411111\*{6}1111 in x+…$/);
  assert.is(String(line?.error).length, 200);
  assert.is(line?.reason, '[removed]');
});

test('a sentence that quotes card data by mistake is blanked as well', () => {
  const [line] = logged('info', (log) => log.info(`read ${pan}`));
  assert.is(line?.msg, 'read 411111******1111');
});

test('an address is written without its password', () => {
  const [line] = logged('info', (log) =>
    log.info('connecting', { url: 'mqtts://box:pass@word@broker:8883' }),
  );
  assert.is(line?.url, 'mqtts://broker:8883');
});

test('the machine is called by the first file that says something', () => {
  const directory = tempDir();
  const write = (name: string, text: string) => {
    writeFileSync(`${directory}/${name}`, text);
    return `${directory}/${name}`;
  };
  const missing = `${directory}/missing`;
  const pi = write('serial-number', '10000000a1b2c3d4\0');
  const zeros = write('zeros', '0000000000000000\0');
  const installed = write('machine-id', '9f86d081884c7d659a2feaa0c55ad015\n');
  const firstBoot = write('first-boot', 'uninitialized\n');
  assert.is(machineSerial([pi, installed]), '10000000a1b2c3d4');
  assert.is(machineSerial([missing, installed]), '9f86d081884c7d659a2feaa0c55ad015');
  assert.is(machineSerial([zeros, installed]), '9f86d081884c7d659a2feaa0c55ad015');
  assert.is(machineSerial([zeros, firstBoot]), null);
  assert.is(machineSerial([missing, directory]), null);
});

test('a timer runs once, and a cancelled one never', async () => {
  const ran: string[] = [];
  const cancel = systemTime.after(1, () => ran.push('cancelled'));
  cancel();
  cancel();
  await new Promise<void>((resolve) => {
    systemTime.after(2, () => {
      ran.push('ran');
      resolve();
    });
  });
  assert.equal(ran, ['ran']);
});

test('a delay beyond the reach of one Node timer does not run at once', async () => {
  let ran = false;
  // Node runs a timer of more than 2^31 - 1 ms after 1 ms.
  const cancel = systemTime.after(3_000_000_000, () => {
    ran = true;
  });
  await new Promise<void>((resolve) => {
    systemTime.after(20, resolve);
  });
  cancel();
  assert.is(ran, false);
});

test('the clocks agree with the machine and only grow', () => {
  const before = systemTime.monotonicMs();
  assert.ok(Math.abs(systemTime.nowMs() - Date.now()) < 60_000);
  assert.ok(systemTime.monotonicMs() >= before);
});

test('randomness has the length and the range it says', () => {
  assert.is(systemRandom.bytes(32).length, 32);
  assert.not.equal(systemRandom.bytes(32), systemRandom.bytes(32));
  for (let round = 0; round < 100; round += 1) {
    const fraction = systemRandom.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
  }
});

test.run();
