import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { silentLog } from '../gateway/seams/log.ts';
import { createControlChannel } from '../provisioning/registry/broker/control.ts';
import { controlResponseTopic, controlTopic } from '../provisioning/registry/broker/roles.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { createErrands } from '../provisioning/registry/upkeep/errands.ts';
import { FakeBroker } from './registry/fakes.ts';
import { onBoth } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { root, World } from './registry/world.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('registry errands: a broker that says nothing');
const both = onBoth(test);

/** Takes every call, and answers none; whoever waits for its calls is told of each. */
class SilentBroker extends FakeBroker {
  onCall: (box: string) => void = () => {};

  override notice(box: string): Promise<void> {
    this.onCall(box);
    return new Promise(() => {});
  }

  override async removeBox(box: string): Promise<void> {
    await super.removeBox(box);
    this.onCall(`removed ${box}`);
  }

  next(): Promise<string> {
    return new Promise((resolve) => {
      this.onCall = resolve;
    });
  }
}

both('a revoked box loses its access, also where its call is never acknowledged', async (database) => {
  const world = new World(await database.open());
  const { id: box } = await world.claimedBox(await world.customer());
  await workOff(world, new FakeBroker());
  await retireBox(world.core, root, box, 'stolen');
  const broker = new SilentBroker();
  const time = new VirtualTime();
  const errands = createErrands(world.core, { broker, timers: time });
  const called = broker.next();
  errands.start();
  assert.is(await called, box, 'it is called first');
  assert.not.ok(broker.calls.includes(`removeBox ${box}`));
  const removed = broker.next();
  await time.advance(3000);
  assert.is(await removed, `removed ${box}`);
  await errands.stop();
  assert.is(time.pending, 0);
});

/** A packet of MQTT 5 with less than 128 bytes. */
const packet = (type: number, ...parts: (number | string)[]): Buffer => {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
  );
  return Buffer.concat([Buffer.from([type, body.length]), body]);
};

/** The first packet of what has come, without its fixed header; null: it has not come whole. */
function firstOf(bytes: Buffer): { type: number; body: Buffer; rest: Buffer } | null {
  let length = 0;
  let at = 1;
  for (; ; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    length += (byte & 127) * 128 ** (at - 1);
    if (byte < 128) break;
  }
  const end = at + 1 + length;
  if (bytes.length < end) return null;
  return { type: (bytes[0] ?? 0) >> 4, body: bytes.subarray(at + 1, end), rest: bytes.subarray(end) };
}

/** A broker that keeps every connection and acknowledges nothing that is published. The plugin's commands it answers. */
async function startSilent() {
  let heard: (topic: string) => void = () => {};
  let connections = 0;
  const answer = (socket: Socket, type: number, body: Buffer): void => {
    const id = [body[0] ?? 0, body[1] ?? 0] as const;
    if (type === 1) connections += 1;
    if (type === 1) socket.write(packet(0x20, 0, 0, 0));
    if (type === 8) socket.write(packet(0x90, ...id, 0, 1));
    if (type === 12) socket.write(packet(0xd0));
    if (type !== 3) return;
    const payloadAt = 2 + body.readUInt16BE() + 3;
    const topic = body.toString('utf8', 2, payloadAt - 3);
    if (topic === controlTopic) {
      const { commands } = JSON.parse(body.toString('utf8', payloadAt)) as { commands: object[] };
      const told = JSON.stringify({ responses: commands });
      socket.write(packet(0x30, 0, controlResponseTopic.length, controlResponseTopic, 0, told));
    }
    heard(topic);
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      for (let first = firstOf(bytes); first !== null; first = firstOf(bytes)) {
        bytes = Buffer.from(first.rest);
        answer(socket, first.type, first.body);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    heard: () =>
      new Promise<string>((resolve) => {
        heard = resolve;
      }),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('what is never acknowledged keeps nobody waiting, and ends the connection', async () => {
  const broker = await startSilent();
  const time = new VirtualTime();
  const channel = createControlChannel({
    url: broker.url,
    credentials: async () => ({}) as never,
    time,
    log: silentLog,
  });
  try {
    const heard = broker.heard();
    const failed = channel.retain('boxes/1', 'called').catch((error: Error) => error.message);
    const answered = channel.run([{ command: 'getDefaultACLAccess' }]);
    assert.is(await heard, 'boxes/1');
    await time.advance(3000);
    assert.match(String(await failed), /said nothing for 3000 ms/);
    assert.is((await answered).length, 1);
    assert.is(broker.connections(), 2);
  } finally {
    await channel.close();
    await broker.stop();
  }
});

test('an answer of the plugin counts, also where the command is never acknowledged', async () => {
  const broker = await startSilent();
  const channel = createControlChannel({
    url: broker.url,
    credentials: async () => ({}) as never,
    time: new VirtualTime(),
    log: silentLog,
  });
  try {
    assert.is((await channel.run([{ command: 'getDefaultACLAccess' }])).length, 1);
  } finally {
    await channel.close();
    await broker.stop();
  }
});

test.run();
