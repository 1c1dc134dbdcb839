/** The desk of a box: one HTTP server on the local network, for sale systems and for the seller's browser. */
import { type DeskConfig, listenOf } from '../contract/desk-config.ts';
import type { Log } from '../seams/log.ts';
import type { Random } from '../seams/random.ts';
import type { Time } from '../seams/time.ts';
import { createDeskApp } from './lan/app.ts';
import { createEventStreams, type EventStreams } from './lan/event-streams.ts';
import { createGate, type DeskLimits, usualLimits } from './lan/limits.ts';
import { type DeskServer, type ServerTimes, serveDesk, usualTimes } from './lan/server.ts';
import type { Desk } from './ports.ts';
import { createWaits, statusWord } from './waits.ts';

/** What {@link createDesk} needs. */
export interface DeskParts {
  config: DeskConfig;
  time: Time;
  random: Random;
  log: Log;
  /** Instead of the config's port; 0: any free one. */
  port?: number;
  limits?: Partial<DeskLimits>;
  times?: Partial<ServerTimes>;
}

/** Makes a desk. It listens from its start on. */
export function createDesk({ config, time, random, log, ...more }: DeskParts): Desk {
  // No config without one gets past its schema.
  const listen = listenOf(config.listen) ?? { host: '127.0.0.1', port: 0 };
  const { host } = listen;
  const configured = more.port ?? listen.port;
  const gate = createGate({ ...usualLimits, ...more.limits }, time);
  const waits = createWaits(time);
  let isStopping = false;
  let streams: EventStreams | null = null;
  let server: DeskServer | null = null;

  return {
    start(around) {
      streams = createEventStreams(around.status, time);
      const parts = { around, config, waits, streams, gate, time, random, log, isStopping: () => isStopping };
      const app = createDeskApp(parts);
      const times = { ...usualTimes, ...more.times };
      server = serveDesk({ app, gate, host, port: configured, times, time, random, log });
    },
    told: waits.tell,
    event(event) {
      if (event.type === 'progress') waits.tell(event.id);
      streams?.event(event);
    },
    statusChanged() {
      waits.tell(statusWord);
      streams?.statusChanged();
    },
    view() {
      const port = server?.port() ?? null;
      return {
        url: `http://${host.includes(':') ? `[${host}]` : host}:${port ?? configured}`,
        listening: port !== null,
        failure: server?.failure() ?? null,
        clients: gate.connections,
        waiting: waits.count,
      };
    },
    async stop() {
      isStopping = true;
      waits.stop();
      streams?.stop();
      await server?.close();
    },
  };
}
