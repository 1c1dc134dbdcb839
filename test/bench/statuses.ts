/** Watches what the boxes say of themselves on their status topics. */
import type { Socket } from 'node:net';
import { connectAsync } from 'mqtt';
import type { BoxStatus } from '../../gateway/contract/event.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';

/** The statuses of all boxes on one broker. */
export interface Statuses {
  /** Resolves with the time (`performance.now`) of the next status of this box, past ones left out, that is so. */
  when(box: string, isSo: (status: Partial<BoxStatus>) => boolean): Promise<number>;
  close(): Promise<void>;
}

const waitMaxMs = 30_000;

/** The box is connected and says so. */
export const isOnline = ({ online }: Partial<BoxStatus>): boolean => online === true;

/** The box can take a payment. */
export const isReady = ({ online, terminal }: Partial<BoxStatus>): boolean =>
  online === true && terminal?.state === 'ready';

/** Begins to watch. */
export async function watchStatuses(url: string): Promise<Statuses> {
  const client = await connectAsync(url, { protocolVersion: 4 });
  (client.stream as Socket).setNoDelay(true);
  const watchers = new Set<(topic: string, payload: Buffer, atMs: number) => void>();
  client.on('message', (topic, payload, { retain }) => {
    const atMs = performance.now();
    if (!retain) for (const watcher of watchers) watcher(topic, payload, atMs);
  });
  await client.subscribeAsync(topicsOf('+').status, { qos: 1 });
  return {
    when: (box, isSo) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          watchers.delete(watcher);
          reject(new Error(`box ${box} did not come up within ${waitMaxMs / 1000} s`));
        }, waitMaxMs);
        const watcher = (topic: string, payload: Buffer, atMs: number): void => {
          if (topic !== topicsOf(box).status || !isSo(JSON.parse(payload.toString()))) return;
          clearTimeout(limit);
          watchers.delete(watcher);
          resolve(atMs);
        };
        watchers.add(watcher);
      }),
    close: () => client.endAsync(),
  };
}
