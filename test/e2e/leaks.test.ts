/** A terminal that sends whole cards: nothing of them may be kept, logged or published (invariant 7). */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { silentLog } from '../../gateway/seams/log.ts';
import { type Card, track1Of, track2Of } from '../../gateway/simulators/terminal/cards.ts';
import { serveSerial } from '../../gateway/simulators/terminal/serial.ts';
import {
  createSimulatedTerminal,
  type SimulatedTerminal,
} from '../../gateway/simulators/terminal/terminal.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { seededRandom } from '../simulation/random.ts';
import { sharedBox, type TestBox } from '../support/box.ts';
import { needing } from '../support/needs.ts';
import { tempDirs } from '../support/temp.ts';

const test = suite('e2e leaks');
const tempDir = tempDirs(test);
const withParts = needing(test, 'mosquitto', 'socat');

let terminal: SimulatedTerminal;

const sharedOne = sharedBox(test, {
  gatewayArgs: ['--log-level', 'debug'],
  async terminal(path) {
    terminal = createSimulatedTerminal({
      time: systemTime,
      random: seededRandom(7),
      script: { options: { leaky: true, declinedListed: true, stepMs: 10, lookUpMs: 5 } },
      log: silentLog,
    });
    const served = await serveSerial(terminal, { path });
    return {
      async close() {
        await served.close();
        terminal.stop();
      },
    };
  },
});

/** What must not be found, and what it is. */
interface Secret {
  what: string;
  bytes: Buffer;
}
const secret = (what: string, text: string): Secret => ({ what, bytes: Buffer.from(text) });

/** Everything of a card that only its holder and the bank may know. */
const secretsOf = (card: Card): Secret[] => [
  secret('card number', card.pan),
  secret('track 1', track1Of(card)),
  secret('track 2', track2Of(card)),
  secret('tail of a track', `${card.expiry}201000000000`),
  secret('holder', card.holder),
  ...card.holder.split('/').map((name) => secret("holder's name", name)),
  secret('expiry', `ДІЄ ДО ${card.expiry}`),
  secret('expiry', `"${card.expiry}"`),
];

const found = (secrets: readonly Secret[], where: Buffer): Secret[] =>
  secrets.filter(({ bytes }) => where.includes(bytes));
const inWords = (secrets: readonly Secret[]): string[] =>
  secrets.map(({ what, bytes }) => `${what}: ${bytes}`);

/** Every file of the state, as its bytes; and every row of the journal, since a value may lie across two pages. */
function stateOf(box: TestBox, copyTo: string): [name: string, bytes: Buffer][] {
  const names = readdirSync(box.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const files = names.map((name): [string, Buffer] => [name, readFileSync(name)]);
  cpSync(box.stateDir, copyTo, { recursive: true, filter: (source) => !source.endsWith('.sock') });
  return [...files, ['the rows of the journal', Buffer.from(rowsOf(join(copyTo, 'journal.db')))]];
}

function rowsOf(path: string): string {
  const db = new Database(path);
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as {
      name: string;
    }[];
    return tables
      .map(({ name }) => JSON.stringify(db.prepare(`SELECT * FROM "${name}"`).all(), null, 1))
      .join('\n');
  } finally {
    db.close();
  }
}

/** All that was published, and what is inside of each JWS. */
function publishedBy({ sale }: TestBox): Buffer {
  return Buffer.concat(
    sale.published.items.flatMap(({ payload }) => [
      payload,
      ...payload
        .toString()
        .split('.')
        .map((part) => Buffer.from(part, 'base64url')),
    ]),
  );
}

withParts('many operations with a leaky terminal, one of them broken and recovered', async () => {
  const { sale, cable, ...box } = await sharedOne();
  const pay = (amount: number) => ({ type: 'payment', amount, currency: 'UAH' }) as const;
  const [card] = terminal.cards;
  assert.ok(card);
  terminal.addRule({
    match: { amount: '9.99' },
    do: 'decline',
    text: `Картка ${card.pan} ${track2Of(card)} заблокована`,
  });
  terminal.addRule({ match: { amount: '66.00' }, do: 'slow', delayMs: 1500 });

  const outcomes: string[] = [];
  const ask = async (draft: Parameters<typeof sale.ask>[0]) => {
    const result = await sale.ask(draft);
    outcomes.push(result.outcome);
    return result;
  };
  const paid = await ask(pay(10050));
  for (let amount = 1000; amount < 1012; amount += 1) await ask(pay(amount));
  assert.equal([...new Set(outcomes)], ['approved']);
  assert.is((await ask(pay(999))).outcome, 'declined');
  await ask({ type: 'refund', amount: 500, currency: 'UAH', rrn: paid.rrn });
  await ask({ type: 'cashback', amount: 2000, cash: 500 });
  await ask({ type: 'preauthorization', amount: 3000 });
  await ask({ type: 'instalment', amount: 4000, plan: 'parts', parts: 3 });
  await ask({ type: 'reversal', operation: paid.id });
  assert.is((await ask({ type: 'receipt' })).outcome, 'done');
  assert.is((await ask({ type: 'receipt', invoice: paid.invoice })).outcome, 'done');
  await ask({ type: 'totals' });

  const broken = sale.command(pay(6600));
  await sale.send(broken);
  const isOurs = ({ from, params }: { from: string; params: Record<string, string> }): boolean =>
    from === 'box' && params.amount === '66.00';
  await cable.messages.find(isOurs, 'the request');
  await box.endGateway('SIGKILL');
  await waitFor(() => !terminal.isBusy());
  await box.startGateway();
  const recovered = await sale.resultOf(broken.id);
  assert.is(recovered.outcome, 'approved');
  assert.is(recovered.recovered, true);
});

withParts('the search finds every kind of secret on the wire, and none anywhere else', async () => {
  const box = await sharedOne();
  // Killed, so that the journal's WAL is there to be searched, too.
  await box.endGateway('SIGKILL');
  const secrets = terminal.cards.flatMap(secretsOf);
  const wire = box.cable.bytes();
  const onWire = found(secrets, wire);
  assert.equal(
    [...new Set(onWire.map(({ what }) => what))].sort(),
    [...new Set(secrets.map(({ what }) => what))].sort(),
    'the terminal has sent every kind of it, and the search finds it',
  );
  assert.ok(onWire.filter(({ what }) => what === 'card number').length >= 4, 'of several cards');

  const state = stateOf(box, tempDir());
  assert.ok(state.some(([name]) => name.endsWith('journal.db-wal')));
  const rows = state.at(-1)?.[1].toString() ?? '';
  assert.match(rows, /\*{6}/, 'the rows are there, with masked numbers');
  const places: [name: string, bytes: Buffer][] = [
    ...state,
    ["the gateway's output", box.said()],
    ['what was published', publishedBy(box)],
  ];
  const leaks = places.flatMap(([name, bytes]) =>
    inWords(found(secrets, bytes)).map((words) => `${name}: ${words}`),
  );
  assert.equal(leaks, []);

  // Four digits alone are anywhere; in a text about a card they are its expiry.
  const texts = box.sale.results.items.map(({ result }) => `${result.reason.text}\n${result.receipt ?? ''}`);
  assert.ok(texts.some((text) => text.includes('ДІЄ ДО')));
  for (const { expiry } of terminal.cards)
    for (const text of texts) assert.not.match(text, new RegExp(`(?<!\\d)${expiry}(?!\\d)`));
});

withParts('the keys are nowhere but in their own files', async () => {
  const box = await sharedOne();
  const { shop, chief } = box.keys;
  const ofSenders = [shop, chief].flatMap(({ kid, secret: text }) => [
    secret(`${kid}'s secret`, text),
    { what: `${kid}'s secret, decoded`, bytes: Buffer.from(text, 'base64url') },
  ]);
  const config = readFileSync(box.configFile);
  assert.is(found(ofSenders, config).length, 2, 'the search finds them where they are');
  const said: [string, Buffer][] = [
    ["the gateway's output", box.said()],
    ['what was published', publishedBy(box)],
  ];
  for (const [name, bytes] of [...stateOf(box, tempDir()), ...said])
    assert.equal(inWords(found(ofSenders, bytes)), [], name);

  const own = JSON.parse(readFileSync(join(box.stateDir, 'box-key.json'), 'utf8')) as { d: string };
  const ofBox = [
    secret("the box's private key", own.d),
    { what: "the box's private key, raw", bytes: Buffer.from(own.d, 'base64url') },
  ];
  const places = stateOf(box, tempDir()).filter(([name]) => !name.endsWith('box-key.json'));
  for (const [name, bytes] of [...places, ...said]) assert.equal(inWords(found(ofBox, bytes)), [], name);
});

async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => systemTime.after(10, resolve));
}

test.run();
