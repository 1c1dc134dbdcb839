/** What the desk adds to the contract: `callback`, the config's `desk`, the read token, and who counts as one. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { operationTypes } from '../gateway/contract/command.ts';
import { parseConfig } from '../gateway/contract/config.ts';
import { deskCalls, deskProblems } from '../gateway/contract/desk-api.ts';
import { listenOf } from '../gateway/contract/desk-config.ts';
import { schemaFiles } from '../gateway/contract/schemas/json-schemas.ts';
import { createEventStreams } from '../gateway/desk/lan/event-streams.ts';
import { networkOf } from '../gateway/desk/lan/limits.ts';
import { createWaits } from '../gateway/desk/waits.ts';
import { example, own, parse } from './support/commands.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('desk: contract');

test('every command may say where the browser goes afterwards', () => {
  for (const type of operationTypes.filter((one) => Object.hasOwn(own, one)))
    assert.ok('command' in parse(example(type, { callback: 'https://shop.example/orders/17?x=1' })), type);
  const one = parse(example('payment', { callback: 'https://shop.example/a' }));
  const other = parse(example('payment', { callback: 'https://shop.example/b' }));
  assert.is.not(one.content, other.content, 'it is part of the content');
});

test('a callback is a plain address of the web, or the command is invalid', () => {
  const good = [
    'http://localhost:3000',
    'https://shop.example',
    'https://[::1]:8443/a',
    'https://a/x@y',
    `https://a/${'x'.repeat(990)}`,
  ];
  const bad = [
    '',
    '/back',
    '//shop.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'kassa-api://payNow?order=x',
    'HTTPS://a/',
    'https://',
    'https:///a',
    'https:\\\\a',
    'https://a\\b',
    'https://u@a/',
    'https://u:p@a/',
    'https://@a/',
    'https://a/#',
    'https://a/#x',
    'https://a b/',
    'https://a/\n',
    'https://a/"',
    'https://a/<',
    'https://магазин.укр/',
    'https://a:99999/',
    `https://a/${'x'.repeat(991)}`,
    5,
    null,
  ];
  for (const callback of good) assert.ok('command' in parse(example('payment', { callback })), callback);
  for (const callback of bad) {
    const parsed = parse(example('payment', { callback }));
    assert.ok('faults' in parsed && parsed.faults.every(({ path }) => path === 'callback'), String(callback));
  }
});

const rest = {
  broker: { url: 'mqtt://x' },
  terminal: { protocol: 'privat-json', link: 'tcp:x:1' },
  commandKeys: [],
};
const deskOf = (desk?: unknown) => parseConfig({ ...rest, ...(desk === undefined ? {} : { desk }) });

test('without a desk in the config there is none; one that is there has defaults', () => {
  const none = deskOf();
  assert.is('config' in none && none.config.desk, null);
  const some = deskOf({ listen: '192.168.1.10:8480' });
  assert.equal('config' in some && some.config.desk, {
    listen: '192.168.1.10:8480',
    hosts: [],
    callbacks: [],
    origins: [],
  });
  assert.equal(listenOf('[fd00::10]:8480'), { host: 'fd00::10', port: 8480 });
});

test('each fault of the desk’s config is told by its path', () => {
  const faults = (desk: unknown): string[] => {
    const read = deskOf(desk);
    return 'faults' in read ? read.faults.map(({ path }) => path) : [];
  };
  for (const listen of [
    '8480',
    ':8480',
    'kassa.local:8480',
    'localhost:1',
    '1.2.3.4',
    '1.2.3.4:0',
    '1.2.3.4:65536',
    '1.2.3:1',
    '256.1.1.1:1',
    '010.1.1.1:1',
    '[::1:1',
    '[:::]:1',
    '*:1',
    5,
  ])
    assert.equal(faults({ listen }), ['desk.listen'], String(listen));
  assert.equal(faults({}), ['desk.listen']);
  const listen = '1.2.3.4:1';
  for (const origin of [
    'shop.example',
    'https://shop.example/',
    'https://shop.example/x',
    'https://Shop.example',
    'https://shop.example:443',
    'null',
    '*',
    'ftp://a',
    'https://*.example',
  ])
    assert.equal(
      faults({ listen, origins: [origin], callbacks: [origin] }),
      ['desk.callbacks.0', 'desk.origins.0'],
      origin,
    );
  for (const host of ['Kassa.local', 'kassa.local:80', '-a', 'a..b', 'a b', '*', ''])
    assert.equal(faults({ listen, hosts: [host] }), ['desk.hosts.0'], host);
  assert.equal(faults({ listen, port: 1 }), ['desk.port']);
});

test('the description of the API has every call and every refusal', () => {
  const { paths } = JSON.parse(schemaFiles()['desk.openapi.json'] ?? '') as {
    paths: Record<string, Record<string, object>>;
  };
  assert.equal(
    Object.entries(paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
      .sort(),
    deskCalls.map(({ method, path }) => `${method} ${path}`).sort(),
  );
  const text = JSON.stringify(paths);
  for (const [code, [status]] of Object.entries(deskProblems)) {
    if (code !== 'methodNotAllowed') assert.match(text, `${code}: `);
    assert.ok(status >= 400);
  }
});

test('an IPv6 network counts as one address, and an IPv4 address however it is written', () => {
  assert.is(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::1'));
  assert.is(networkOf('2001:0DB8:0001:0002::1'), networkOf('2001:db8:1:2::9'));
  assert.is.not(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
  assert.is(networkOf('fe80::1%eth0'), networkOf('fe80::2'));
  assert.is(networkOf('::ffff:192.168.1.5'), '192.168.1.5');
  assert.is(networkOf('::1'), networkOf('::2'));
});

test('who does not read events is ended after so many, and costs nothing more', async () => {
  const time = new VirtualTime();
  const streams = createEventStreams(() => ({}) as never, time);
  let ended = 0;
  const stream = streams.open(600_000, () => (ended += 1));
  for (let each = 0; each < 200; each += 1) streams.event({ type: 'terminal', state: 'ready' });
  assert.is(ended, 1);
  let pieces = 0;
  for await (const _ of stream as unknown as AsyncIterable<Uint8Array>) pieces += 1;
  assert.ok(pieces > 0 && pieces <= 64, `${pieces}`);
  const reader = streams.open(600_000, () => (ended += 1)).getReader();
  await reader.read();
  await time.advance(15_000);
  assert.match(Buffer.from((await reader.read()).value ?? []).toString(), /^: /);
  await reader.cancel();
  assert.is(ended, 2);
  streams.stop();
  await time.advance(60_000);
  assert.is(ended, 2);
});

test('waiting ends once: by word, by time, by the client’s leaving, by the stop', async () => {
  const time = new VirtualTime();
  const waits = createWaits(time);
  const never = new AbortController().signal;
  const leaving = new AbortController();
  const told = waits.next('a', 1000, never);
  const over = waits.next('b', 1000, never);
  const gone = waits.next('a2', 1000, leaving.signal);
  const stopped = waits.next('c', 100_000, never);
  assert.is(waits.count, 4);
  waits.tell('a');
  waits.tell('nobody');
  leaving.abort();
  await time.advance(1000);
  waits.stop();
  assert.equal(await Promise.all([told, over, gone, stopped]), ['told', 'over', 'gone', 'stopped']);
  assert.is(waits.count, 0);
  assert.is(await waits.next('d', 1000, never), 'stopped');
  assert.is(await waits.next('d', 1000, leaving.signal), 'stopped');
});

test.run();
