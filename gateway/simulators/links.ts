import { SwipeError } from '../seams/error.ts';
import type { Timers } from '../seams/time.ts';
import type { Link, LinkConnection, LinkHandlers } from '../terminal/links/link.ts';
import type { Attachment, TerminalChannel } from './terminal/sessions.ts';

/** A link within the process. */
export interface InProcessLink extends Link {
  /**
   * Breaks the connections that are open now; new ones can be opened at once. `noticed`: both ends hear of it, what
   * was under way is lost. `silent`: bytes vanish in both directions and the client is told nothing.
   */
  cut(how: 'noticed' | 'silent'): void;
}

/** What a simulated device offers to a link. */
export interface Attachable {
  attach(channel: TerminalChannel): Attachment | null;
}

interface OpenConnection extends LinkConnection {
  cut(how: 'noticed' | 'silent'): void;
}

/**
 * A link to a simulated terminal in this process. Nothing is delivered within the call that sends it: bytes and
 * closings arrive in order, `latencyMs` later, by the handed-in timers.
 * @param options.latencyMs one way, default 0
 */
export function inProcessLink(
  terminal: Attachable,
  timers: Timers,
  options: { name?: string; latencyMs?: number } = {},
): InProcessLink {
  const { name = 'simulated:terminal', latencyMs = 0 } = options;
  const open = new Set<OpenConnection>();

  function connect(handlers: LinkHandlers): OpenConnection | null {
    let isCut = false;
    let isClosed = false;
    const later = (run: () => void) => {
      timers.after(latencyMs, () => {
        if (!isCut) run();
      });
    };
    const closed = (reason: string) => {
      if (isClosed) return;
      isClosed = true;
      open.delete(connection);
      handlers.closed(reason);
    };
    const attachment = terminal.attach({
      write: (bytes) => {
        const copy = Uint8Array.from(bytes);
        later(() => {
          if (!isClosed) handlers.data(copy);
        });
      },
      close: () => later(() => closed('the terminal hung up')),
    });
    const connection: OpenConnection = {
      write: (bytes) => {
        const copy = Uint8Array.from(bytes);
        if (!isClosed) later(() => attachment?.receive(copy));
      },
      close: () =>
        new Promise((resolve) => {
          later(() => attachment?.detach('closed'));
          timers.after(latencyMs, () => {
            closed('closed');
            resolve();
          });
        }),
      cut: (how) => {
        if (isCut) return;
        isCut = true;
        if (how === 'noticed') timers.after(latencyMs, () => closed('the link was cut'));
        attachment?.detach(how === 'noticed' ? 'closed' : 'lost');
      },
    };
    return attachment === null ? null : connection;
  }

  return {
    name,
    open: (handlers) =>
      new Promise((resolve, reject) => {
        timers.after(latencyMs, () => {
          const connection = connect(handlers);
          if (connection === null) {
            reject(new SwipeError('linkFailed', `${name}: the simulated terminal cannot be reached`));
            return;
          }
          open.add(connection);
          resolve(connection);
        });
      }),
    cut: (how) => {
      for (const connection of [...open]) connection.cut(how);
    },
  };
}
