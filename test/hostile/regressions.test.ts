/**
 * What hostile input once broke, each with the input that did. All came up with SWIPE_SEED=20261121, unless something
 * else is said.
 */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { OperationType } from '../../gateway/contract/command.ts';
import { parseConfig } from '../../gateway/contract/config.ts';
import { type Fault, faultLine } from '../../gateway/contract/faults.ts';
import { parseIsoTime } from '../../gateway/contract/time.ts';
import { askGateway } from '../../gateway/control/client.ts';
import { serveControl } from '../../gateway/control/server.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import {
  checksumOf,
  decodeNote,
  decodeResult,
  encodeNote,
  encodeResult,
} from '../../gateway/journal/codec.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { readJws, signText } from '../../gateway/simulators/sale-system.ts';
import { frameMaxBytes } from '../../gateway/terminal/privat-json/frame.ts';
import { readMessage } from '../../gateway/terminal/privat-json/message.ts';
import { tempDirs } from '../support/temp.ts';
import { approved, makePan } from '../support/terminal-answers.ts';
import { readable } from './cards.ts';
import { shopKey } from './signed.ts';
import { check, framed, operate, type Went } from './till.ts';

const test = suite('hostile: regressions');
const tempDir = tempDirs(test);

const pan = makePan();

/** One operation whose answer and receipts have these params. */
function answered(type: OperationType, method: string, params: Record<string, string>): Promise<Went> {
  const frame = (name: string, invoiceNumber: string): Uint8Array =>
    framed(
      JSON.stringify({
        method: name,
        step: 0,
        params: approved({ invoiceNumber, ...params }),
        error: false,
        errorDescription: '',
      }),
    );
  return operate(
    type,
    {},
    { answer: [frame(method, '11')], receipts: [frame('GetReceiptInfo', '10')], breaks: false, late: [] },
  );
}

const only = ({ results, failures }: Went) => {
  assert.equal(failures, []);
  assert.is(results.length, 1);
  for (const result of results) check(result);
  return results[0];
};

test('a balance, a sum or cash that no result can hold made a result that no sale system could read', async () => {
  assert.is(only(await answered('balance', 'GetBalance', { balance: '9'.repeat(12) }))?.balance, null);
  const cashback = await answered('cashback', 'Cashback', { amountCash: `-${'9'.repeat(11)}` });
  assert.is(only(cashback)?.cashApproved, 5000);
  for (const amount of ['-100.50', '9'.repeat(12)])
    assert.is(only(await answered('receipt', 'GetReceiptInfo', { amount }))?.transaction?.amount, null);
});

test('a receipt of type "constructor" was told with the type of all objects', async () => {
  for (const txnType of ['constructor', '__proto__', 'toString'])
    assert.is(only(await answered('receipt', 'GetReceiptInfo', { txnType }))?.transaction?.type, 'undefined');
});

test('totals that were "approved in part" were told as money', async () => {
  const result = only(await answered('totals', 'Audit', { responseCode: '0010', code: '0010' }));
  assert.equal([result?.outcome, result?.approvedAmount], ['done', null]);
  const batch = only(await answered('reconciliation', 'Verify', { responseCode: '0010' }));
  assert.equal([batch?.outcome, batch?.approvedAmount], ['unknown', null]);
});

test("the last day of the calendar on a receipt ended the process, its next day being in no one's year", async () => {
  const went = await answered('payment', 'Purchase', { date: '31.12.9999' });
  assert.is(only(went)?.outcome, 'approved');
  assert.is(only(await answered('receipt', 'GetReceiptInfo', { date: '31.12.9999' }))?.outcome, 'done');
});

test("a holder's name of thousands of words ended the process: no pattern can be that long", async () => {
  const went = await answered('payment', 'Purchase', {
    cardHolderName: 'abc '.repeat(30_000),
    receipt: 'abc',
  });
  assert.is(only(went)?.outcome, 'approved');
});

test('card numbers in the date of a receipt, a code, a reference or around a track were kept', async () => {
  const spoilt: Record<string, string>[] = [
    { date: pan },
    { time: pan },
    { responseCode: pan },
    { responseCode: `code ${pan}` },
    { pan: `${pan.slice(0, 4)}XXXXXXXX${pan.slice(-4)}`, rrn: pan },
    { pan: `%B${pan}^SHEVCHENKO/TARAS^2709`, rrn: pan, invoiceNumber: pan },
    { pan: `;${pan}=2709201`, agreementNum: pan },
  ];
  for (const params of spoilt) {
    const { everything } = await answered('payment', 'Purchase', params);
    assert.is(readable(pan, everything), '', JSON.stringify(params));
  }
});

test('a frame full of braces or line breaks was read 64 times over, for seconds', () => {
  const filler = (length: number): string => '\n'.repeat(Math.max(0, frameMaxBytes - length));
  const nested = `${'{"a":'.repeat(63)}"${filler(400)}"${'}'.repeat(63)}`;
  const broken = `${'{'.repeat(60)}{"a":"${filler(70)}"`;
  const { parse } = JSON;
  let charactersRead = 0;
  try {
    JSON.parse = (text: string) => {
      charactersRead += text.length;
      return parse(text);
    };
    for (const frame of [nested, broken]) assert.is(readMessage(Buffer.from(frame)).message, null);
  } finally {
    JSON.parse = parse;
  }
  assert.ok(charactersRead > 0 && charactersRead < 20 * frameMaxBytes, `${charactersRead} characters`);
});

const faultsOf = (config: unknown): Fault[] => {
  const parsed = parseConfig(config);
  return 'faults' in parsed ? parsed.faults : [];
};
const config = {
  broker: { url: 'mqtt://127.0.0.1' },
  terminal: { protocol: 'privat-json', link: 'serial:/dev/ttyUSB0' },
  commandKeys: [],
};

test('of several unknown members of the config only the first was told', () => {
  const faults = faultsOf({ ...config, one: 1, two: 2, broker: { ...config.broker, three: 3, four: 4 } });
  assert.equal(faults.map(({ path }) => path).sort(), ['broker.four', 'broker.three', 'one', 'two']);
});

test('a merchant called "constructor" was left out without a word', () => {
  const terminal = JSON.parse('{"merchants":{"constructor":"1","__proto__":"2","shop":"3"}}');
  const paths = faultsOf({ ...config, terminal: { ...config.terminal, ...terminal } }).map(
    ({ path }) => path,
  );
  assert.equal(paths.sort(), ['terminal.merchants.__proto__', 'terminal.merchants.constructor']);
});

test('a password in an address that is not written as one should be was shown', () => {
  for (const url of [
    'mqtt://box:@hidden@@broker:1',
    'mqtt://box:hid den@broker',
    'mqtt:box:hidden@broker',
    'box:"hidden"@x',
  ])
    assert.not.match(
      faultsOf({ ...config, broker: { url } })
        .map(faultLine)
        .join(),
      /hid|den/,
      url,
    );
});

test('31 February was taken for 3 March, 24 o’clock for the next day', () => {
  for (const text of [
    '2026-02-31T00:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-00-10T00:00:00Z',
  ])
    assert.ok(Number.isNaN(parseIsoTime(text)), text);
  assert.is(parseIsoTime('2028-02-29T23:59:59.5+02:00'), Date.UTC(2028, 1, 29, 21, 59, 59, 500));
});

test('a damaged row was quoted whole in the log', () => {
  const note = encodeNote('name', 'text', 1).map((cell) =>
    typeof cell === 'string' ? Buffer.from(cell) : cell,
  );
  const result = encodeResult({ sequence: 7, id: 'id', kid: 'kid', payload: '{}' }, 3, 9).map((cell) =>
    typeof cell === 'string' ? Buffer.from(cell) : cell,
  );
  const megabyte = Buffer.alloc(1_000_000, 'x');
  for (const read of [
    () => decodeNote(note.with(0, megabyte)),
    () => decodeResult(result.with(-1, megabyte)),
  ])
    assert.throws(read, (error: Error) => error.message.length < 200);
});

test('an infinite number was taken for nothing: both are null in the text that the checksum is over', () => {
  const cells = encodeNote('name', 'text', 1);
  const row = [...cells.slice(0, 2), null];
  const note = [...row, checksumOf('notes', row)].map((cell) =>
    typeof cell === 'string' ? Buffer.from(cell) : cell,
  );
  assert.is(decodeNote(note), 'text');
  // SWIPE_SEED=204425132
  for (const value of [Number.POSITIVE_INFINITY, Number.NaN])
    assert.throws(() => decodeNote(note.with(2, value)), /checksum/);
});

test('swipe log on a damaged journal ended the gateway, whatever was under way', async () => {
  const broken = (): never => {
    throw new SwipeError('journalDamaged', 'row 5 is damaged');
  };
  const gateway = { status: broken, latest: broken, isConnected: () => true } as unknown as Gateway;
  const control = await serveControl(join(tempDir(), 'control.sock'), gateway);
  try {
    for (const path of ['/status', '/log']) {
      const told = await askGateway(control.path, path).catch((error: unknown) => error);
      assert.match(String(told), /row 5 is damaged/);
    }
  } finally {
    await control.close();
  }
});

test('the sale system believed a signature in any of its many spellings, and a header that it did not understand', () => {
  const jws = signText('{"a":1}', shopKey);
  assert.equal(readJws(jws, shopKey), { a: 1 });
  for (const other of [
    `${jws}=`,
    `${jws}.x`,
    `${jws} `,
    jws.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
  ])
    assert.is(readJws(other, shopKey), null);
});

test.run();
