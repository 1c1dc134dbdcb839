/** A wire between the box and its broker with an ear on it: every MQTT packet is read before it goes on. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A packet that carries a message, or acknowledges one. */
export interface Packet {
  from: 'box' | 'broker';
  kind: 'publish' | 'puback';
  /** Of both kinds; 0 at QoS 0. */
  packetId: number;
  /** Empty for a PUBACK. */
  topic: string;
  payload: Buffer;
}

/** The wire. */
export interface MqttTap {
  /** `mqtt://127.0.0.1:PORT` */
  readonly url: string;
  /** Breaks every connection; what was read but not passed on is lost, as with a power cut. */
  cut(): void;
  close(): Promise<void>;
}

/** Lays the wire to a port of 127.0.0.1. `heard` is called before the packet goes on. */
export async function tapBroker(toPort: number, heard: (packet: Packet) => void): Promise<MqttTap> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(toPort, '127.0.0.1');
    const version = { level: 4 };
    for (const [from, socket, other] of [
      ['box', near, far],
      ['broker', far, near],
    ] as const) {
      const read = reader(from, version, heard);
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        read(bytes);
        if (!other.destroyed) other.write(bytes);
      });
      // What a dead process has said still arrives: the system sends it on.
      socket.on('end', () => other.end());
      socket.on('close', () => {
        sockets.delete(socket);
        other.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Reads one direction of one connection (MQTT 3.1.1 §2, MQTT 5 §2). */
function reader(from: Packet['from'], version: { level: number }, heard: (packet: Packet) => void) {
  let rest = Buffer.alloc(0);
  return (bytes: Buffer): void => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const length = rest.length < 2 ? null : varint(rest, 1);
      if (length === null || rest.length < length.end + length.value) return;
      const first = rest[0] ?? 0;
      const body = rest.subarray(length.end, length.end + length.value);
      rest = rest.subarray(length.end + length.value);
      // CONNECT: the protocol's name, then its level.
      if (first >> 4 === 1) version.level = body[2 + body.readUInt16BE(0)] ?? 4;
      if (first >> 4 === 3) heard({ from, kind: 'publish', ...publishIn(first, body, version.level) });
      if (first >> 4 === 4)
        heard({ from, kind: 'puback', packetId: body.readUInt16BE(0), topic: '', payload: Buffer.alloc(0) });
    }
  };
}

function publishIn(first: number, body: Buffer, level: number) {
  let at = 2 + body.readUInt16BE(0);
  const topic = body.toString('utf8', 2, at);
  const hasId = (first & 0b110) !== 0;
  const packetId = hasId ? body.readUInt16BE(at) : 0;
  if (hasId) at += 2;
  const properties = level >= 5 ? varint(body, at) : null;
  if (properties !== null) at = properties.end + properties.value;
  return { packetId, topic, payload: Buffer.from(body.subarray(at)) };
}

/** A variable byte integer; null when it is not all there. */
function varint(bytes: Buffer, at: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return null;
}
