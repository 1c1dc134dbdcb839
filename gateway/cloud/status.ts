import type { BoxStatus } from '../contract/event.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Cancel, Timers } from '../seams/time.ts';
import type { BrokerConnection } from './ports.ts';

/** The last will and the farewell: what `status` says of a box that is not there. */
export const offlineStatus = JSON.stringify({ online: false });

/** What {@link createStatusTopic} needs. */
export interface StatusParts {
  topic: string;
  /** The status as it is now. */
  status: () => BoxStatus;
  timers: Timers;
  log: Log;
}

/** Keeps the retained status true. Nothing here throws. */
export interface StatusTopic {
  connected(connection: Pick<BrokerConnection, 'publish'>): void;
  disconnected(): void;
  /** Something in the status changed. */
  changed(): void;
  /** Says that the box goes away; resolves when the broker has it. Rejects when it could not be told. */
  farewell(): Promise<void>;
}

/** Changes come in bunches, at the very moment when a result is on its way: they are told together, after it. */
const settleMs = 25;
const repeatMs = 10 * 60_000;
const retryMs = 30_000;

/**
 * The retained status: told on each connection, on each change (one at a time, the latest wins), and every 10
 * minutes, because the will of an older connection may be sent late and stand there instead.
 */
export function createStatusTopic({ topic, status, timers, log }: StatusParts): StatusTopic {
  let connection: Pick<BrokerConnection, 'publish'> | null = null;
  let inFlight = false;
  let stale = false;
  let cancelRepeat: Cancel = () => {};
  let cancelDue: Cancel | null = null;

  async function tell(): Promise<void> {
    const now = connection;
    if (now === null) return;
    stale = inFlight;
    if (inFlight) return;
    inFlight = true;
    cancelRepeat();
    let delayMs = repeatMs;
    try {
      await now.publish(topic, JSON.stringify(status()), { retain: true });
    } catch (error) {
      delayMs = retryMs;
      if (connection === now) log.warn('the status could not be told', { error: messageOf(error), delayMs });
    }
    if (connection !== now) return;
    inFlight = false;
    cancelRepeat = timers.after(delayMs, () => void tell());
    if (stale && delayMs === repeatMs) void tell();
  }

  return {
    connected(now) {
      connection = now;
      inFlight = false;
      stale = false;
      void tell();
    },
    disconnected() {
      connection = null;
      cancelRepeat();
      cancelDue?.();
      cancelDue = null;
    },
    changed() {
      if (connection === null) return;
      cancelDue ??= timers.after(settleMs, () => {
        cancelDue = null;
        void tell();
      });
    },
    async farewell() {
      const now = connection;
      connection = null;
      cancelRepeat();
      cancelDue?.();
      cancelDue = null;
      await now?.publish(topic, offlineStatus, { retain: true });
    },
  };
}
