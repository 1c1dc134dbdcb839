/** The desk of the real process: a sale over HTTP, a stop in the middle of one, a restart, a port that is taken. */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isoTime } from '../gateway/contract/time.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { startEmbeddedBroker } from '../gateway/simulators/broker.ts';
import { newOperationId } from '../gateway/simulators/operation-id.ts';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { serveTcp } from '../gateway/simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { type Child, swipe } from './support/child.ts';
import { deskKeys, refusalIn, resultIn, until } from './support/desk-box.ts';
import { freePort } from './support/ports.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('desk: the real process');
const endings: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const tempDir = tempDirs(test);
const { shop } = deskKeys;
const box = 'SW-DESK';

async function lay(stepMs: number) {
  const directory = tempDir();
  const broker = await startEmbeddedBroker(0);
  endings.push(() => broker.close());
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script: { options: { stepMs, lookUpMs: 1 } },
  });
  const served = await serveTcp(terminal, { host: '127.0.0.1', port: 0 });
  endings.push(() => served.close());
  const port = await freePort();
  const file = join(directory, 'gateway.json');
  const config = {
    stateDir: join(directory, 'state'),
    box,
    broker: { url: broker.url },
    terminal: {
      protocol: 'privat-json',
      link: served.link,
      commandGapMs: 0,
      merchants: { shop: '1' },
      defaultMerchant: 'shop',
    },
    desk: { listen: `127.0.0.1:${port}` },
    commandKeys: [{ ...shop, alg: 'HS256' }],
  };
  writeFileSync(file, JSON.stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const start = (): Child => {
    const gateway = swipe(['gateway', '--config', file]);
    endings.push(() => gateway.end('SIGKILL'));
    return gateway;
  };
  const payment = (): { id: string } & Record<string, unknown> => {
    const nowMs = Date.now();
    return {
      id: newOperationId(nowMs, systemRandom),
      box,
      type: 'payment',
      issuedAt: isoTime(nowMs),
      expiresAt: isoTime(nowMs + 120_000),
      amount: 10050,
      currency: 'UAH',
    };
  };
  const post = (jws: string, query: string): Promise<Response> =>
    fetch(`${url}/v1/operations${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/jose' },
      body: jws,
    });
  const heard = (gateway: Child, text: string): Promise<string> =>
    gateway.out.find((line) => line.includes(text), text);
  return { url, port, file, terminal, start, payment, post, heard };
}

test('a stop answers those that wait; after the restart the same command gets its one result', async () => {
  const { terminal, start, payment, post, heard, file } = await lay(700);
  const gateway = start();
  await heard(gateway, 'the desk listens');
  const jws = signCommand(payment(), shop);
  const waiting = post(jws, '?wait=60').then(refusalIn);
  await heard(gateway, 'operation started');
  const { code } = await gateway.end('SIGTERM');
  assert.is(code, 0, gateway.said().toString());
  assert.is(await waiting, '503 stopping');

  const again = start();
  await heard(again, 'the desk listens');
  const result = await resultIn(await post(jws, '?wait=60'));
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(
    terminal.ledger().map(({ kind, amount }) => `${kind} ${amount}`),
    ['sale 10050'],
  );
  const status = swipe(['status', '--config', file]);
  assert.is((await status.exit).code, 0);
  assert.match(status.said().toString(), /desk +http:\/\/127\.0\.0\.1:\d+/);
});

test('a port that is taken stops no payment, and is taken when it is free', async () => {
  const { port, start, heard, url } = await lay(5);
  const other = createServer().listen(port, '127.0.0.1');
  endings.push(() => other.close());
  const gateway = start();
  await heard(gateway, 'the desk cannot listen');
  await heard(gateway, 'connected to the broker');
  other.close();
  await heard(gateway, 'the desk listens');
  await until(() => gateway.isRunning);
  assert.is((await fetch(`${url}/health`)).status, 200);
});

test.run();
