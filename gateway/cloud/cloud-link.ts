import type { BoxEvent, BoxStatus } from '../contract/event.ts';
import { topicsOf } from '../contract/topics.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Random } from '../seams/random.ts';
import type { Cancel, Time } from '../seams/time.ts';
import type { DropReason } from './admission.ts';
import { atMost } from './at-most.ts';
import { backoffMs, worthALine } from './backoff.ts';
import { createEvents } from './events.ts';
import { createIntake, type IntakeParts } from './intake.ts';
import { createOutbox, type OutboxParts } from './outbox.ts';
import type { BrokerConnection, BrokerConnector, CommandDesk, Signatures } from './ports.ts';
import { createStatusTopic, offlineStatus } from './status.ts';

/** What {@link createCloudLink} puts together. */
export interface CloudLinkParts {
  box: string;
  connector: BrokerConnector;
  signatures: Signatures;
  journal: OutboxParts['journal'];
  desk: CommandDesk;
  /** The status as it is now. */
  status: () => BoxStatus;
  /** See the intake. */
  ready?: () => Promise<void>;
  /** Hears what the registry says on its topic. */
  registry?: IntakeParts['registry'];
  /** The box came online, or is no longer. */
  connectionChanged?: () => void;
  time: Time;
  random: Pick<Random, 'fraction'>;
  log: Log;
}

/** Numbers since the start, for the status of the process and for its log. */
export interface CloudCounters {
  connections: number;
  /** Commands that got no result. */
  dropped: Readonly<Record<DropReason, number>>;
  eventsDropped: number;
  resultsDelivered: number;
}

/** The box's side of MQTT. */
export interface CloudLink {
  /** Connects, and reconnects for ever. */
  start(): void;
  /** Says goodbye, waiting at most a few seconds for a broker that does not answer. */
  stop(): Promise<void>;
  emit(event: BoxEvent): void;
  /** A new result was told. */
  wake(): void;
  /** The sender asked again for the result of this operation. */
  resend(id: string): void;
  statusChanged(): void;
  /** There is another way to the broker than before: says goodbye where it is, and takes that one at once. */
  renew(): void;
  /** Whether commands are being heard now. */
  connected(): boolean;
  counters(): CloudCounters;
}

/** A connection that lived this long was a good one: the pauses start over. */
const stableMs = 60_000;
const farewellMs = 2000;

/** Connects the box to its broker: commands in, results, events and status out. */
export function createCloudLink(parts: CloudLinkParts): CloudLink {
  const { box, connector, time, random, log } = parts;
  const topics = topicsOf(box);
  const intake = createIntake({ ...parts, clock: time });
  const outbox = createOutbox({ ...parts, topic: topics.results, timers: time });
  const events = createEvents({ topic: topics.events });
  const status = createStatusTopic({ ...parts, topic: topics.status, timers: time });
  const will = { topic: topics.status, payload: offlineStatus };

  let running = false;
  let online: BrokerConnection | null = null;
  let trying: Promise<void> | null = null;
  let cancelRetry: Cancel = () => {};
  let failures = 0;
  let connections = 0;

  /** One connection from its first byte to its end. Never rejects. */
  async function connect(): Promise<void> {
    let open: BrokerConnection | null = null;
    let lost: string | null = null;
    let onlineSinceMs = 0;

    const closed = (reason: string): void => {
      if (lost !== null) return;
      lost = reason;
      if (open === null || online !== open) return;
      offline();
      if (time.monotonicMs() - onlineSinceMs >= stableMs) failures = 0;
      retry(reason, 'lost');
    };

    try {
      open = await connector.connect(will, { message, closed });
      if (running && lost === null) await open.subscribe([topics.commands, topics.registry]);
      if (lost !== null) throw new Error(lost);
    } catch (error) {
      // Known to be of no use, whether or not it is still open.
      lost ??= messageOf(error);
      events.disconnected();
      await open?.close().catch(() => {});
      return retry(lost, 'failed');
    }
    if (!running) return open.close().catch(() => {});
    onlineSinceMs = time.monotonicMs();
    goOnline(open);
  }

  async function message(received: Parameters<typeof intake.message>[0]): Promise<void> {
    // What comes during the farewell stays with the broker for the next start.
    if (!running) throw new Error('the box is stopping');
    if (online === null) events.opening();
    await intake.message(received);
  }

  function goOnline(connection: BrokerConnection): void {
    online = connection;
    connections += 1;
    log.info('connected to the broker', { box, count: connections });
    status.connected(connection);
    events.connected(connection);
    outbox.connected(connection);
    parts.connectionChanged?.();
  }

  function offline(): void {
    online = null;
    outbox.disconnected();
    events.disconnected();
    status.disconnected();
    parts.connectionChanged?.();
  }

  /** `lost`: the box was online until now, which is worth a line each time. */
  function retry(reason: string, what: 'lost' | 'failed'): void {
    if (!running) return;
    failures += 1;
    const delayMs = backoffMs(failures, random.fraction());
    if (what === 'lost' || worthALine(failures))
      log.warn('no connection to the broker', { state: what, reason, count: failures, delayMs });
    cancelRetry = time.after(delayMs, attempt);
  }

  function attempt(): void {
    trying = connect().finally(() => {
      trying = null;
    });
  }

  async function goodbye(connection: BrokerConnection): Promise<void> {
    await atMost(time, farewellMs, status.farewell());
    if (online === connection) await connection.close();
  }

  /** Never rejects. */
  async function renew(): Promise<void> {
    // What is being tried may be the old way.
    await trying;
    if (!running || trying !== null) return;
    failures = 0;
    const connection = online;
    // The next try is set off when the connection is gone.
    if (connection !== null) return goodbye(connection).catch(() => {});
    cancelRetry();
    attempt();
  }

  return {
    start() {
      if (running) return;
      running = true;
      attempt();
    },
    async stop() {
      if (!running) return;
      running = false;
      cancelRetry();
      const connection = online;
      const leave = async (): Promise<void> => {
        await trying;
        if (connection === null) return;
        await atMost(time, farewellMs, status.farewell());
        offline();
        await connection.close();
      };
      await atMost(time, 2 * farewellMs, leave());
      log.info('disconnected from the broker', { box });
    },
    emit: events.emit,
    wake: outbox.wake,
    resend: outbox.resend,
    statusChanged: status.changed,
    renew: () => void renew(),
    connected: () => online !== null,
    counters: () => ({
      connections,
      dropped: intake.dropped(),
      eventsDropped: events.dropped(),
      resultsDelivered: outbox.delivered(),
    }),
  };
}
