import { readFileSync } from 'node:fs';
import type { MqttClient } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { topicsOf } from '../gateway/contract/topics.ts';
import { systemTime } from '../gateway/system/time.ts';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { startSwipeBroker, wanting } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry broker: who may do what');
const tempDir = tempDirs(test);

const box = 'SW-7K3M9QXA2BCD';
const otherBox = 'SW-111111111111';
const shop = 'SS-7K3M9QXA2BCD';
const otherShop = 'SS-111111111111';

const own = topicsOf(box);
const topics = [
  own.commands,
  own.results,
  own.events,
  own.status,
  own.registry,
  '$CONTROL/dynamic-security/v1',
  `swipe/v1/${box}/anything`,
  'anything',
];
const filters = [
  `swipe/v1/${box}/#`,
  'swipe/v1/+/commands',
  'swipe/v1/+/results',
  'swipe/#',
  '#',
  `$share/group/${own.commands}`,
  `$share/group/${own.results}`,
  '$SYS/#',
  '$CONTROL/dynamic-security/v1/response',
];

/** Who may what: `w` writes, `r` reads, `rw` both; what is not named is denied. */
const intended: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the box': {
    [own.commands]: 'r',
    [own.registry]: 'r',
    [own.results]: 'w',
    [own.events]: 'w',
    [own.status]: 'w',
  },
  'another box': {},
  'a sale system paired with it': {
    [own.commands]: 'w',
    [own.results]: 'r',
    [own.events]: 'r',
    [own.status]: 'r',
  },
  'a sale system paired with another box': {},
  'a certificate without access': {},
  'the registry': {
    [own.registry]: 'w',
    [own.status]: 'w',
    '$CONTROL/dynamic-security/v1': 'w',
    '$CONTROL/dynamic-security/v1/response': 'r',
  },
};

// MQTT 5 §3.4.2.1 and §3.9.3: not authorized.
const denied = 0x87;

async function mayWrite(client: MqttClient, topic: string): Promise<boolean> {
  try {
    await client.publishAsync(topic, '{}', { qos: 1 });
    return true;
  } catch (error) {
    assert.is((error as { code?: number }).code, denied);
    return false;
  }
}

async function mayRead(client: MqttClient, filter: string): Promise<boolean> {
  try {
    await client.subscribeAsync(filter, { qos: 1 });
    await client.unsubscribeAsync(filter);
    return true;
  } catch (error) {
    assert.equal((error as { packet?: { granted: number[] } }).packet?.granted, [denied]);
    return false;
  }
}

needing(test, 'mosquitto')('the whole table, as a real Mosquitto enforces it', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box, otherBox], { [shop]: [box], [otherShop]: [otherBox] }));
    const people: Record<string, MqttClient> = {
      'the box': await broker.enter(await broker.identity(box)),
      'another box': await broker.enter(await broker.identity(otherBox)),
      'a sale system paired with it': await broker.enter(await broker.identity(shop)),
      'a sale system paired with another box': await broker.enter(await broker.identity(otherShop)),
      'a certificate without access': await broker.enter(await broker.identity('SS-ZZZZZZZZZZZZ')),
      'the registry': await broker.enter(await broker.authority.issueInstance('registry-8', Date.now())),
    };
    const rows: string[] = [];
    for (const topic of [...topics, ...filters]) {
      const cells = [];
      for (const [who, client] of Object.entries(people)) {
        const write = !/[#+]|^\$share/.test(topic) && (await mayWrite(client, topic));
        const found = `${(await mayRead(client, topic)) ? 'r' : ''}${write ? 'w' : ''}`;
        assert.is(found, intended[who]?.[topic] ?? '', `${who}: ${topic}`);
        cells.push({ '': '–', r: 'reads', w: 'writes' }[found] ?? found);
      }
      rows.push(`| \`${topic.replace(box, '{box}')}\` | ${cells.join(' | ')} |`);
    }
    const names = Object.keys(people);
    const table = [`| topic | ${names.join(' | ')} |`, `|---${'|---'.repeat(names.length)}|`, ...rows].join(
      '\n',
    );
    console.log(`\n${table}`);
    const page = readFileSync(new URL('../docs/broker-access.md', import.meta.url), 'utf8');
    assert.ok(page.includes(table), 'docs/broker-access.md shows another table');
  }),
);

needing(test, 'mosquitto')('what is written gets through to whoever may read it, and to nobody else', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box, otherBox], { [shop]: [box], [otherShop]: [otherBox] }));
    const heard: string[] = [];
    const listener = async (name: string, ...wanted: string[]): Promise<MqttClient> => {
      const client = await broker.enter(await broker.identity(name));
      client.on('message', (topic, payload) => heard.push(`${name} ${topic} ${payload}`));
      for (const topic of wanted) await client.subscribeAsync(topic, { qos: 1 }).catch(() => {});
      return client;
    };
    const all = Object.values(own);
    const till = await listener(box, ...all);
    await listener(otherBox, ...all);
    const sender = await listener(shop, ...all);
    await listener(otherShop, ...all);
    await sender.publishAsync(own.commands, 'pay', { qos: 1 });
    await till.publishAsync(own.results, 'paid', { qos: 1 });
    await till.publishAsync(own.status, 'ready', { qos: 1, retain: true });
    await broker.access.notice(box, 'notice');
    // A round trip to each: what it was sent before has arrived.
    while (heard.length < 4) await new Promise<void>((resolve) => systemTime.after(5, resolve));
    await till.subscribeAsync(own.commands, { qos: 1 });
    assert.equal(
      heard.sort(),
      [
        `${shop} ${own.results} paid`,
        `${shop} ${own.status} ready`,
        `${box} ${own.commands} pay`,
        `${box} ${own.registry} notice`,
      ].sort(),
    );
  }),
);

test.run();
