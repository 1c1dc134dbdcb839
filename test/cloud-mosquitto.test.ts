import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBoxKey } from '../gateway/cloud/box-key.ts';
import { createCloudLink } from '../gateway/cloud/cloud-link.ts';
import { createSignatures } from '../gateway/cloud/jws.ts';
import { createMqttConnector } from '../gateway/cloud/mqtt-connector.ts';
import type { BoxStatus } from '../gateway/contract/event.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { silentLog } from '../gateway/seams/log.ts';
import type { Time } from '../gateway/seams/time.ts';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { systemTime } from '../gateway/system/time.ts';
import { layWire, startMosquitto } from './support/broker.ts';
import { senderOn, withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { ResultShelf } from './support/result-shelf.ts';

const test = suite('cloud link with mosquitto');

const boxKey = makeBoxKey(new Uint8Array(32).fill(8));
const { box } = boxKey;
const topics = topicsOf(box);
const key = { kid: 'k', secret: Buffer.from('z'.repeat(32)).toString('base64url') };
// The pauses of a second and more pass in a fiftieth.
const hurried: Time = { ...systemTime, after: (delayMs, run) => systemTime.after(delayMs / 50, run) };

needing(test, 'mosquitto')('commands and results get through a wire that breaks again and again', () =>
  withCleanup(async (later) => {
    const broker = await startMosquitto();
    later(broker.stop);
    const wire = await layWire(broker.port);
    later(wire.stop);
    const signatures = await createSignatures({ box, boxKey, commandKeys: [{ ...key, alg: 'HS256' }] });
    const shelf = new ResultShelf();
    const seen = new Set<string>();
    const link = createCloudLink({
      box,
      connector: createMqttConnector({ broker: { url: wire.url }, box, timers: systemTime, log: silentLog }),
      signatures,
      journal: shelf,
      desk: {
        receive(_kid, parsed) {
          const id = 'id' in parsed ? (parsed.id ?? '') : parsed.command.id;
          // The wire breaks before the broker can have heard that the command is on disk.
          if (seen.size % 5 === 0 && !seen.has(id)) wire.cut();
          if (seen.has(id)) return;
          seen.add(id);
          shelf.tell(id);
          link.wake();
        },
      },
      status: () => ({ online: true }) as BoxStatus,
      time: hurried,
      random: { fraction: () => 0 },
      log: silentLog,
    });

    const sender = await senderOn(broker);
    later(() => sender.endAsync(true));
    const ids = Array.from({ length: 20 }, (_, each) => `operation-${each}`);
    const answers = new Set<string>();
    const statusHeard = new Map<string, () => void>();
    const status = (text: string): Promise<void> =>
      new Promise((resolve) => {
        statusHeard.set(text, resolve);
      });
    const online = status('{"online":true}');
    const offline = status('{"online":false}');
    const all = new Promise<void>((resolve) => {
      sender.on('message', (topic, payload) => {
        if (topic === topics.status) {
          statusHeard.get(payload.toString())?.();
          return;
        }
        answers.add(Buffer.from(payload.toString().split('.')[1] ?? '', 'base64url').toString());
        if (answers.size === ids.length) resolve();
      });
    });
    await sender.subscribeAsync([topics.results, topics.status], { qos: 1 });

    link.start();
    later(() => link.stop());
    await online;
    for (const id of ids)
      await sender.publishAsync(topics.commands, signCommand({ id, box }, key), { qos: 1 });
    await all;
    // The will of a connection that was cut.
    await offline;
    assert.equal([...answers].sort(), ids.map((id) => `${shelf.resultOf(id)?.sequence}:${id}`).sort());
    assert.ok(link.counters().connections > 1);
  }),
);

test.run();
