/**
 * The bare loop: mqtt.js, serialport, the two exchanges of a payment, mqtt.js. No journal, no checks, no signatures.
 *
 * bare-loop LINK BROKER-URL COMMANDS-TOPIC RESULTS-TOPIC
 */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connectAsync } from 'mqtt';
import { SerialPort } from 'serialport';

const [link = '', url = '', commands = '', results = ''] = process.argv.slice(2);

async function openTerminal(): Promise<Duplex> {
  const serial = /^serial:(.+)$/.exec(link)?.[1];
  if (serial !== undefined) {
    const port = new SerialPort({ path: serial, baudRate: 115_200 });
    await once(port, 'open');
    return port;
  }
  const [, host = '', port] = /^tcp:(.+):(\d+)$/.exec(link) ?? [];
  const socket = connectTcp({ host, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

const terminal = await openTerminal();
let unread = Buffer.alloc(0);
let heard = (_frame: Buffer): void => {};
terminal.on('data', (bytes: Buffer) => {
  unread = Buffer.concat([unread, bytes]);
  for (let end = unread.indexOf(0); end !== -1; end = unread.indexOf(0)) {
    const frame = unread.subarray(0, end);
    unread = unread.subarray(end + 1);
    if (frame.length > 0) heard(frame);
  }
});
const exchange = (method: string, params: Record<string, string>): Promise<Buffer> =>
  new Promise((resolve) => {
    heard = resolve;
    terminal.write(`${JSON.stringify({ method, step: 0, params })}\0`);
  });

const client = await connectAsync(url, { protocolVersion: 4 });
(client.stream as Socket).setNoDelay(true);
client.on('message', async (_topic, payload) => {
  // The same signed command as the gateway's; only its middle part is looked at.
  const middle = payload.toString('latin1').split('.')[1] ?? '';
  const { amount } = JSON.parse(Buffer.from(middle, 'base64url').toString()) as { amount: number };
  await exchange('GetReceiptInfo', { invoiceNumber: '0' });
  const text = (amount / 100).toFixed(2);
  const answer = await exchange('Purchase', {
    amount: text,
    discount: '',
    merchantId: '1',
    facepay: 'false',
  });
  client.publish(results, answer, { qos: 1 });
});
await client.subscribeAsync(commands, { qos: 1 });
process.send?.({ ready: true });
process.once('SIGTERM', () => process.exit(0));
