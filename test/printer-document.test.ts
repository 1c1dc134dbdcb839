import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { documentLimits } from '../gateway/contract/print-document.ts';
import { commandMaxBytes } from '../gateway/contract/topics.ts';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { example, parse } from './support/commands.ts';

const test = suite('printer document');

const print = (...document: unknown[]) => example('print', { document });
const text = { kind: 'text', text: 'a' };
const faultsOf = (payload: unknown): string[] => {
  const parsed = parse(payload);
  return 'faults' in parsed ? parsed.faults.map(({ path }) => path) : [];
};
const valid = (payload: unknown): void => assert.equal(faultsOf(payload), []);
const faulty = (payload: unknown, path: string, why?: string): void =>
  assert.equal([...new Set(faultsOf(payload))], [path], why ?? path);
const pan = `4${'0'.repeat(14)}2`;

test('defaults are filled in', () => {
  const parsed = parse(print(text, { kind: 'feed' }, { kind: 'rule' }));
  assert.equal('command' in parsed && parsed.command.type === 'print' ? parsed.command.document : null, [
    { kind: 'text', text: 'a', align: 'left', bold: false, size: 1 },
    { kind: 'feed', lines: 1 },
    { kind: 'rule', double: false },
  ]);
});

test('new money may bring a document, nothing else may', () => {
  const document = [text];
  for (const type of ['payment', 'cashback', 'preauthorization', 'instalment'] as const)
    valid(example(type, { document }));
  for (const type of ['refund', 'reversal', 'totals', 'receipt', 'status', 'abort'] as const)
    faulty(example(type, { document }), 'document', type);
});

test('each fault is told by its place', () => {
  faulty(print(), 'document');
  faulty(example('print', { document: 'text' }), 'document');
  faulty(print(...Array(documentLimits.elements + 1).fill(text)), 'document');
  faulty(print({ kind: 'barcode' }), 'document.0.kind');
  faulty(print(text, { kind: 'text', text: 'x'.repeat(501) }), 'document.1.text');
  faulty(print({ ...text, colour: 'red' }), 'document.0.colour');
  faulty(print({ ...text, size: 3 }), 'document.0.size');
  faulty(print({ kind: 'item', name: 'a' }), 'document.0.sum');
  faulty(print({ kind: 'item', name: 'a', sum: 1.5 }), 'document.0.sum');
  faulty(print({ kind: 'item', name: 'a', sum: 1, quantity: '1.2345' }), 'document.0.quantity');
  faulty(print({ kind: 'feed', lines: 11 }), 'document.0.lines');
  faulty(print({ kind: 'qr', text: '' }), 'document.0.text');
  faulty(print({ kind: 'qr', text: 'ї'.repeat(251) }), 'document.0.text');
});

test('no text can hold a command of the printer, or a line of its own', () => {
  for (const character of [
    '\n',
    '\r',
    '\t',
    '\u001b',
    '\u001d',
    '\u0000',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ud800',
  ])
    for (const element of [
      { ...text, text: `a${character}b` },
      { kind: 'item', name: `a${character}b`, sum: 1 },
      { kind: 'total', label: `a${character}b`, sum: 1 },
      { kind: 'qr', text: `a${character}b` },
    ])
      faulty(
        print(element),
        `document.0.${'text' in element ? 'text' : 'name' in element ? 'name' : 'label'}`,
      );
});

test('paper and work are bounded', () => {
  faulty(print(...Array(7).fill({ kind: 'feed', lines: 10 })), 'document');
  faulty(print(...Array(5).fill({ kind: 'qr', text: 'a' })), 'document');
  faulty(print(...Array(9).fill({ kind: 'cut' })), 'document');
  valid(print(...Array(6).fill({ kind: 'feed', lines: 10 }), ...Array(4).fill({ kind: 'qr', text: 'a' })));
});

test('a logo is as many bytes as its size says', () => {
  const logo = (width: number, height: number, bytes: number) => ({
    kind: 'logo',
    logo: { width, height, bits: Buffer.alloc(bytes).toString('base64') },
  });
  valid(print(logo(16, 3, 6)));
  valid(print(logo(512, 128, 8_192)));
  faulty(print(logo(16, 3, 5)), 'document.0.logo');
  faulty(print(logo(16, 3, 7)), 'document.0.logo');
  faulty(print(logo(12, 2, 3)), 'document.0.logo.width');
  faulty(print(logo(520, 1, 65)), 'document.0.logo.width');
  faulty(print(logo(8, 257, 257)), 'document.0.logo.height');
  faulty(print(logo(512, 256, 16_384)), 'document.0.logo');
  faulty(print({ kind: 'logo', logo: { width: 8, height: 1, bits: '%A==' } }), 'document.0.logo.bits');
});

test('the largest logo fits a command', () => {
  const { logoPixels } = documentLimits;
  const bits = Buffer.alloc(logoPixels / 8).toString('base64');
  const command = print({ kind: 'logo', logo: { width: 512, height: logoPixels / 512, bits } }, text);
  valid(command);
  const secret = Buffer.alloc(32).toString('base64url');
  assert.ok(signCommand(command, { kid: 'x'.repeat(64), secret }).length < commandMaxBytes);
});

test('a card number is masked in every text, and refused in a QR code, where a mask would be another code', () => {
  const parsed = parse(
    print({ ...text, text: pan }, { kind: 'item', name: pan, sum: 1 }, { kind: 'total', label: pan, sum: 1 }),
  );
  assert.ok('command' in parsed);
  assert.not.match(JSON.stringify('command' in parsed && parsed.command), new RegExp(pan));
  faulty(print({ kind: 'qr', text: `pay ${pan}` }), 'document.0.text');
  const iban = `UA${'2'.repeat(27)}`;
  valid(print({ kind: 'qr', text: `https://bank.gov.ua/qr/${iban}` }));
});

test('the content is what was sent: the same document written otherwise is another one', () => {
  const contentOf = (payload: unknown): string => parse(payload).content;
  assert.is.not(contentOf(print(text)), contentOf(print({ ...text, bold: false })));
  assert.is.not(contentOf(print({ ...text, text: pan })), contentOf(print({ ...text, text: `${pan} ` })));
  assert.is(contentOf(print({ text: 'a', kind: 'text' })), contentOf(print(text)));
});

test.run();
