import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { note, ok } from '../provisioning/technician/finding.ts';
import { type SheetData, sheetHtml } from '../provisioning/technician/sheet/sheet.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: the sheet');
const tempDir = tempDirs(test);

/** As long as it gets: every test, long names. */
const data: SheetData = {
  box: 'SW-7K3M9QXA2BCD',
  machine: 'Raspberry Pi 3 Model B Plus Rev 1.3, Debian GNU/Linux 12 (bookworm)',
  serial: '00000000c0ffee01',
  terminal: 'Verifone Vx520',
  terminalId: 'TESTKKM000CT22927302',
  merchants: ['shop = 1 Крамниця <на розі>', 'incasso = 10 Інкасація', 'parts = 6 Оплата Частинами'],
  link: 'serial:/dev/serial/by-id/usb-VeriFone_Inc_Trident_USB_Device_1.1_0123456789-if00',
  panel: '1.0.0',
  version: '0.1.0',
  registry: 'https://registry.example',
  broker: 'mqtts://broker.example:8883',
  atMs: Date.UTC(2026, 10, 21, 10),
  findings: [
    ok('flashed', { version: '1.0.0', baudRate: 115_200 }),
    ok('registered', { box: 'SW-7K3M9QXA2BCD', state: 'active' }),
    ok('serviceOn'),
    ok('terminalReady', { terminal: 'Verifone Vx520, TESTKKM000CT22927302' }),
    ok('brokerConnected', { broker: 'mqtts://broker.example:8883' }),
    ok('brokerRound', { ms: 41 }),
    ok('clockTrusted'),
    ok('lampsShown'),
    ok('buttonPressed', { button: 'red' }),
    note('buttonUntested', { button: 'white' }),
    ok('paid', { invoice: '131220' }),
    ok('takenBack'),
  ],
};

test('what was found is on it, and nothing that a name could smuggle in', () => {
  const html = sheetHtml('en', data);
  for (const part of [
    'SW-7K3M9QXA2BCD',
    'TESTKKM000CT22927302',
    '2026-11-21 10:00 UTC',
    'was not tried',
    '<svg',
  ])
    assert.ok(html.includes(part), part);
  assert.ok(html.includes('&lt;на розі&gt;'));
  assert.not.match(html, /https?:\/\/(?!registry\.example|www\.w3\.org)/);
  assert.is(sheetHtml('en', data), html);
  assert.ok(sheetHtml('uk', data).includes('Акт передачі'));
});

for (const language of ['uk', 'en'] as const)
  needing(test, 'chromium')(`one A4 page, ${language}`, () => {
    const directory = tempDir();
    const page = join(directory, 'sheet.html');
    writeFileSync(page, sheetHtml(language, data));
    const pdf = join(directory, 'sheet.pdf');
    const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--no-pdf-header-footer'];
    const own = `--user-data-dir=${join(directory, 'profile')}`;
    execFileSync('chromium', [...quiet, own, `--print-to-pdf=${pdf}`, `file://${page}`], { stdio: 'ignore' });
    const text = readFileSync(pdf, 'latin1');
    assert.equal(/\/Count (\d+)/.exec(text)?.[1], '1');
    const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(text) ?? [];
    assert.equal([Math.round(Number(width)), Math.round(Number(height))], [595, 842]);
  });

test.run();
