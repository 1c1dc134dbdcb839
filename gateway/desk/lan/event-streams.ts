/** Events and status as server-sent events (WHATWG HTML §9.2), for a bounded number of clients. */
import type { BoxEvent, BoxStatus } from '../../contract/event.ts';
import type { Cancel, Timers } from '../../seams/time.ts';

/** Keeps the streams. */
export interface EventStreams {
  /** A stream that ends after so long, or when the client is too slow. @param ended called once, however it ends */
  open(lifeMs: number, ended: () => void): ReadableStream<Uint8Array>;
  event(event: BoxEvent): void;
  statusChanged(): void;
  stop(): void;
}

/** So many pieces may wait for a client; one more, and it has to come again. */
const queueMax = 64;
const heartbeatMs = 15_000;
/** Changes come in bunches. */
const settleMs = 100;

interface Client {
  send(text: string): void;
  end(): void;
}

const utf8 = new TextEncoder();

/** Makes it. */
export function createEventStreams(status: () => BoxStatus, timers: Timers): EventStreams {
  const clients = new Set<Client>();
  let cancelDue: Cancel | null = null;

  const toAll = (text: string): void => {
    for (const client of [...clients]) client.send(text);
  };
  const statusLine = (): string => `event: status\ndata: ${JSON.stringify(status())}\n\n`;

  function connect(
    controller: ReadableStreamDefaultController<Uint8Array>,
    lifeMs: number,
    ended: () => void,
  ) {
    let cancelBeat: Cancel = () => {};
    const client: Client = {
      send(text) {
        if ((controller.desiredSize ?? 0) <= 0) return client.end();
        controller.enqueue(utf8.encode(text));
      },
      end() {
        if (!gone()) return;
        controller.close();
      },
    };
    /** False: it was gone already. */
    const gone = (): boolean => {
      if (!clients.delete(client)) return false;
      cancelBeat();
      cancelLife();
      ended();
      return true;
    };
    const beat = (): void => {
      cancelBeat = timers.after(heartbeatMs, () => {
        client.send(': the box is there\n\n');
        if (clients.has(client)) beat();
      });
    };
    clients.add(client);
    const cancelLife = timers.after(lifeMs, () => client.end());
    beat();
    client.send(statusLine());
    return gone;
  }

  return {
    open(lifeMs, ended) {
      let gone = (): boolean => true;
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            gone = connect(controller, lifeMs, ended);
          },
          cancel: () => void gone(),
        },
        { highWaterMark: queueMax },
      );
    },
    event: (event) => {
      if (clients.size > 0) toAll(`data: ${JSON.stringify(event)}\n\n`);
    },
    statusChanged() {
      if (clients.size === 0) return;
      cancelDue ??= timers.after(settleMs, () => {
        cancelDue = null;
        toAll(statusLine());
      });
    },
    stop() {
      cancelDue?.();
      for (const client of [...clients]) client.end();
    },
  };
}
