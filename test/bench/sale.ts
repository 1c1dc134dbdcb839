/** The bench's sale system: pays, and takes the time from its command's first byte to the result's last. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { readResult, signCommand } from '../../gateway/simulators/sale-system.ts';
import { key } from './world.ts';

/** One payment as the sale system saw it, in nanoseconds of the machine's monotonic clock. */
export interface Paid {
  sentNs: bigint;
  arrivedNs: bigint;
}

/** Pays through one box, one payment after the other. */
export interface Sale {
  pay(): Promise<Paid>;
  close(): Promise<void>;
}

const answerMaxMs = 10_000;
const commandLivesMs = 60_000;

/** How long a payment took, in milliseconds. */
export const roundTripMs = ({ sentNs, arrivedNs }: Paid): number => Number(arrivedNs - sentNs) / 1e6;

/** Whoever answers: `gateway` answers with signed results, `bare` with what the terminal said. */
export type Answerer = 'gateway' | 'bare';

/** Connects a sale system to a box. */
export async function openSale(url: string, box: string, answerer: Answerer): Promise<Sale> {
  const topics = topicsOf(box);
  const client: MqttClient = await connectAsync(url, { protocolVersion: 4 });
  (client.stream as Socket).setNoDelay(true);
  let arrived = (_payload: Buffer, _atNs: bigint): void => {};
  client.on('message', (_topic, payload) => arrived(payload, process.hrtime.bigint()));
  await client.subscribeAsync(topics.results, { qos: 1 });
  let count = 0;

  return {
    async pay() {
      count += 1;
      const nowMs = Date.now();
      const amount = 100 + (count % 10_000);
      const id = randomUUID();
      const command = {
        id,
        box,
        type: 'payment',
        issuedAt: new Date(nowMs).toISOString(),
        expiresAt: new Date(nowMs + commandLivesMs).toISOString(),
        amount,
        currency: 'UAH',
      };
      // Signed before the clock starts: that is the sale system's work, not the box's.
      const jws = signCommand(command, key);
      const answer = new Promise<{ payload: Buffer; arrivedNs: bigint }>((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`payment ${count}: no result within ${answerMaxMs / 1000} s`)),
          answerMaxMs,
        );
        arrived = (payload, arrivedNs) => {
          clearTimeout(limit);
          resolve({ payload, arrivedNs });
        };
      });
      const sentNs = process.hrtime.bigint();
      client.publish(topics.commands, jws, { qos: 1 });
      const { payload, arrivedNs } = await answer;
      check(payload, answerer, id, amount);
      return { sentNs, arrivedNs };
    },
    close: () => client.endAsync(),
  };
}

/** A fast wrong answer must not count. */
function check(payload: Buffer, answerer: Answerer, id: string, amount: number): void {
  const text = payload.toString();
  if (answerer === 'bare') {
    const { method, params } = JSON.parse(text) as { method?: string; params?: Record<string, string> };
    if (method === 'Purchase' && params?.responseCode === '0000') return;
  } else {
    const result = readResult(text, key);
    if (result?.id === id && result.outcome === 'approved' && result.approvedAmount === amount) return;
  }
  throw new Error(`a payment of ${amount} was not approved: ${text.slice(0, 200)}`);
}
