/** Four times the input takes no more than about four times as long: nothing that strangers fill is quadratic. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readJws } from '../../../gateway/cloud/jws-form.ts';
import { maskPan, scrubText, shortText } from '../../../gateway/contract/card-data.ts';
import { parseConfig } from '../../../gateway/contract/config.ts';
import { parseCommand } from '../../../gateway/contract/parse.ts';
import { parseScriptText } from '../../../gateway/simulators/terminal/script.ts';
import { createFramer } from '../../../gateway/terminal/privat-json/frame.ts';
import { readMessage } from '../../../gateway/terminal/privat-json/message.ts';
import { scrubTerminalText } from '../../../gateway/terminal/privat-json/terminal-text.ts';

const test = suite('soak: growth');

const units = [
  '{',
  '}',
  '[',
  '"',
  '\\',
  '{"',
  '{"a":',
  '{"a":"\n',
  '{"a":{}}',
  '{}',
  ',',
  '\0',
  '0',
  '1 ',
  '1-',
  '.',
  'a.',
  ' ',
  '\n',
  'B********',
  ';1234567890123=',
  '^',
  'card holder ',
  'CARDHOLDER\n',
  'exp',
  'exp. date ',
  'діє до ',
  'дійсна ',
  'abc ',
  '12/',
];
const silently = (run: () => unknown) => (): void => {
  try {
    run();
  } catch {
    // What it says is tested elsewhere.
  }
};
const targets: Readonly<Record<string, (text: string) => () => unknown>> = {
  readMessage: (text) => {
    const bytes = Buffer.from(`${text}}`);
    return () => readMessage(bytes);
  },
  'the framer, byte by byte': (text) => {
    const bytes = Buffer.from(text).subarray(0, 200_000);
    return () => {
      const framer = createFramer();
      for (let at = 0; at < bytes.length; at += 1) framer.push(bytes.subarray(at, at + 1));
    };
  },
  scrubText: (text) => () => scrubText(text, ['PETRENKO/IVAN', text]),
  scrubTerminalText: (text) => () => scrubTerminalText(text, ['A B']),
  maskPan: (text) => () => maskPan(text),
  shortText: (text) => () => shortText(text),
  readJws: (text) => silently(() => readJws(text)),
  'a text in a command': (text) => () => parseCommand({ id: text, order: text, [text]: text }),
  'a text in a config': (text) => () =>
    parseConfig({ broker: { url: text, [text]: 1 }, terminal: { link: text }, box: text }),
  parseScriptText: (text) => silently(() => parseScriptText(text)),
  'members of a command': (text) => {
    const members = Object.fromEntries(Array.from({ length: text.length / 16 }, (_, at) => [`m${at}`, at]));
    return () => parseCommand(members);
  },
};

/** Time of this process on the CPU, so that others on the machine do not count. */
const bestOf = (times: number, run: () => unknown): number => {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time += 1) {
    const started = process.cpuUsage();
    run();
    bestMs = Math.min(bestMs, process.cpuUsage(started).user / 1000);
  }
  return bestMs;
};

const smallBytes = 60_000;
for (const [name, prepare] of Object.entries(targets))
  test(`${name} grows with its input and no faster`, () => {
    for (const unit of units) {
      const text = (bytes: number): string => unit.repeat(Math.ceil(bytes / unit.length)).slice(0, bytes);
      const smallMs = bestOf(5, prepare(text(smallBytes)));
      const largeMs = bestOf(3, prepare(text(4 * smallBytes)));
      // Four times for what is linear, sixteen for what is quadratic, which would take seconds.
      assert.ok(
        largeMs < 100 || largeMs < 9 * smallMs,
        `${JSON.stringify(unit)}: ${smallMs} ms, then ${largeMs} ms`,
      );
    }
  });

test.run();
