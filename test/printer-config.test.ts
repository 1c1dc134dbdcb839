import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Config, parseConfig } from '../gateway/contract/config.ts';

const test = suite('printer config');

const read = (printer: unknown): ReturnType<typeof parseConfig> =>
  parseConfig({
    broker: { url: 'mqtt://127.0.0.1' },
    terminal: { protocol: 'privat-json', link: 'serial:/dev/ttyUSB0' },
    printer,
    commandKeys: [],
  });
const printerOf = (printer: unknown): Config['printer'] => {
  const parsed = read(printer);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config.printer;
};
const pathsOf = (printer: unknown): string[] => {
  const parsed = read(printer);
  return 'faults' in parsed ? parsed.faults.map(({ path }) => path) : [];
};

test('a printer needs its link alone, and a link that can be meant', () => {
  const link = 'tcp:192.168.1.50:9100';
  assert.equal(printerOf({ link }), {
    link,
    baudRate: 9600,
    columns: 48,
    encoding: 'cp1251',
    answers: true,
    slips: 1,
    cut: true,
  });
  for (const wrong of [
    'tcp:printer',
    'tcp:printer:0',
    'tcp:printer:70000',
    'usb:lp0',
    'serial:',
    'lpd:printer',
    '',
  ])
    assert.equal(pathsOf({ link: wrong }), ['printer.link'], wrong);
  assert.equal(pathsOf({ link, encoding: 'cp866', columns: 40, codePage: 256, slips: 3 }).sort(), [
    'printer.codePage',
    'printer.columns',
    'printer.encoding',
    'printer.slips',
  ]);
});

test.run();
