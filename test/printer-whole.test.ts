/** The gateway as its config makes it, with a printer: over TCP, through a broker, with a terminal and a sale system. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../gateway/contract/config.ts';
import type { BoxEvent } from '../gateway/contract/event.ts';
import type { Result } from '../gateway/contract/result.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { startGateway } from '../gateway/main.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { startEmbeddedBroker } from '../gateway/simulators/broker.ts';
import { SimulatedPrinter, type SimulatedPrinterOptions } from '../gateway/simulators/printer/printer.ts';
import { servePrinterTcp } from '../gateway/simulators/printer/tcp.ts';
import { connectSaleSystem } from '../gateway/simulators/sale-system.ts';
import { serveTcp } from '../gateway/simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { tempDirs } from './support/temp.ts';
import { Trail } from './support/trail.ts';

const test = suite('printer whole');
const tempDir = tempDirs(test);
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const box = 'SW-7K3M9QXA2BCD';
const key = { kid: 'shop', secret: Buffer.from('a shop secret of thirty-two bytes!').toString('base64url') };

async function wholeBox(options: SimulatedPrinterOptions = {}) {
  const device = new SimulatedPrinter(systemTime, options);
  const printer = await servePrinterTcp(device, { host: '127.0.0.1', port: 0 });
  ends.push(() => printer.close());
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script: { options: { stepMs: 5 } },
  });
  ends.push(() => terminal.stop());
  const served = await serveTcp(terminal, { host: '127.0.0.1', port: 0 });
  ends.push(() => served.close());
  const broker = await startEmbeddedBroker(0);
  ends.push(() => broker.close());
  const parsed = parseConfig({
    stateDir: tempDir(),
    box,
    broker: { url: broker.url },
    terminal: { protocol: 'privat-json', link: served.link, commandGapMs: 0 },
    printer: { link: printer.link, columns: 42, encoding: 'cp1125', slips: 2 },
    commandKeys: [{ ...key, alg: 'HS256' }],
  });
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const start = async () => {
    const running = await startGateway(parsed.config, { log: silentLog, sessionPauseMs: 20 });
    ends.push(() => running.stop());
    return running;
  };
  const running = await start();
  const results = new Trail<Result>('results');
  const events = new Trail<BoxEvent>('events');
  const sale = await connectSaleSystem(
    { url: broker.url, box, key },
    { result: (result) => results.add(result), event: (event) => events.add(event) },
  );
  ends.push(() => sale.close());
  let made = 0;
  const send = async (type: string, members: object): Promise<string> => {
    made += 1;
    const id = `operation-${made}`;
    const nowMs = systemTime.nowMs();
    const times = { issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + 60_000) };
    await sale.send({ id, box, type, ...times, ...members });
    return id;
  };
  const resultOf = (id: string): Promise<Result> =>
    results.find((result) => result.id === id, `the result of ${id}`);
  const ask = async (type: string, members: object): Promise<Result> => resultOf(await send(type, members));
  const printed = (id: string, what: string): Promise<BoxEvent> =>
    events.find((event) => event.type === 'print' && event.id === id && event.what === what, what);
  return { device, running, start, send, resultOf, ask, printed };
}

const document = [
  { kind: 'text', text: 'КАВ’ЯРНЯ «ҐАНОК»', align: 'center', bold: true, size: 2 },
  { kind: 'rule' },
  {
    kind: 'item',
    name: 'Кава з вершками та корицею, велика, з собою',
    quantity: '2',
    price: 5_025,
    sum: 10_050,
  },
  { kind: 'total', label: 'СУМА', sum: 10_050, bold: true },
  { kind: 'qr', text: 'https://shop.example/чек/1' },
];

test('a payment brings its slips and the shop’s document, a print its paper, and the status knows the printer', async () => {
  const { device, running, ask, printed } = await wholeBox();
  const payment = await ask('payment', { amount: 10_050, currency: 'UAH', document });
  assert.is(payment.outcome, 'approved');
  await printed(payment.id, 'document');
  const own = await ask('print', { document: [{ kind: 'text', text: 'окремо: ґ і ї є' }] });
  assert.is(own.outcome, 'done');
  assert.match(own.reason.text, /printed/);
  const papers = device.receipts.map((receipt) => receipt.toText());
  assert.is(papers.length, 4);
  assert.match(papers[0] ?? '', /СУМА 100\.50 ГРН[\s\S]*ПРИМІРНИК ТОРГІВЦЯ/);
  assert.match(papers[1] ?? '', /ПРИМІРНИК КЛІЄНТА/);
  assert.match(papers[2] ?? '', /КАВ'ЯРНЯ "ҐАНОК"[\s\S]* {2}2 x 50\.25 +100\.50\nСУМА +100\.50\n/);
  assert.is(papers[3]?.trim(), 'окремо: ґ і ї є');
  const { printer, supports } = running.gateway.status();
  assert.equal([printer, supports.includes('print')], ['ready', true]);
});

test('stopped in the middle of a paper and started again, on one disk: unknown, and never printed again', async () => {
  const { device, running, start, send, resultOf, ask } = await wholeBox({ lineMs: 50 });
  const lines = Array.from({ length: 40 }, (_, at) => ({ kind: 'text', text: `рядок ${at + 1}` }));
  const id = await send('print', { document: lines });
  while (device.paper.isEmpty) await sleep(10);
  await running.stop();
  await start();
  const { outcome, reason } = await resultOf(id);
  assert.equal([outcome, reason.code], ['unknown', 'restarted']);
  assert.is((await ask('print', { document: [{ kind: 'text', text: 'новий' }] })).outcome, 'done');
  const papers = device.receipts.map((receipt) => receipt.toText().trim());
  assert.is(papers.length, 2);
  assert.match(papers[0] ?? '', /^рядок 1(\n|$)/);
  assert.is(papers[1], 'новий');
});

test.run();
