/** One connection to whatever is at the panel's port: whole messages instead of bytes, and no error beyond it. */
import { deferred } from '../seams/deferred.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import { MessageCutter } from './wire.ts';

/** As much of a link as a panel needs; the gateway's serial links fit. */
export interface PanelPort {
  readonly name: string;
  /** Rejects when there is nothing to open. `closed` is told once. */
  open(handlers: {
    data(bytes: Uint8Array): void;
    closed(reason: string): void;
  }): Promise<{ write(bytes: Uint8Array): void; close(): Promise<void> }>;
}

/** A connection to a panel, or to what is taken for one. */
export interface Talk {
  write(bytes: Uint8Array): void;
  /** Who hears the messages from now on. What it throws costs this connection, and nothing else. */
  listen(hear: (message: Uint8Array) => void): void;
  /** Runs something that may throw, as a hearer may. */
  contain(run: () => void): void;
  /** Whether anything came at all. */
  hasHeard(): boolean;
  isOpen(): boolean;
  /** Resolves, with the reason, when the connection is gone. */
  readonly over: Promise<string>;
  close(reason: string): Promise<void>;
}

/** Opens the port. Rejects as the port does. */
export async function openTalk(port: PanelPort, log: Log): Promise<Talk> {
  const cutter = new MessageCutter();
  const { promise: over, resolve } = deferred<string>();
  let hear = (_message: Uint8Array): void => {};
  let hasHeard = false;
  let isOpen = true;
  const end = (reason: string): void => {
    isOpen = false;
    hear = () => {};
    resolve(reason);
  };
  const contain = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      log.warn('the panel is not understood', { link: port.name, error: messageOf(error) });
      void close('it is not understood');
    }
  };
  const close = async (reason: string): Promise<void> => {
    end(reason);
    await connection.close();
  };
  const connection = await port.open({
    data(bytes) {
      hasHeard = true;
      for (const message of cutter.cut(bytes)) contain(() => hear(message));
    },
    closed: end,
  });
  return {
    write(bytes) {
      if (isOpen) connection.write(bytes);
    },
    listen(next) {
      if (isOpen) hear = next;
    },
    contain,
    hasHeard: () => hasHeard,
    isOpen: () => isOpen,
    over,
    close,
  };
}
