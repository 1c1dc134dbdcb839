import type { Link } from '../../gateway/terminal/links/link.ts';
import type { Trace } from './trace.ts';

/** Sees what passes between the box and its terminal, and each step of an operation. */
export interface Watch {
  toTerminal?(bytes: Uint8Array): void;
  fromTerminal?(bytes: Uint8Array): void;
  lineClosed?(): void;
  stepped?(id: string, from: string, by: string, to: string): void;
}

/** A line that is watched, and leaves its trace. */
export const tappedLine = (line: Link, trace: Trace, watch: Watch = {}): Link => ({
  name: line.name,
  open: async (handlers) => {
    const connection = await line.open({
      data: (bytes) => {
        trace.addBytes('uart <', bytes);
        watch.fromTerminal?.(bytes);
        handlers.data(bytes);
      },
      closed: (reason) => {
        trace.add('uart', `closed: ${reason}`);
        watch.lineClosed?.();
        handlers.closed(reason);
      },
    });
    return {
      write: (bytes) => {
        trace.addBytes('uart >', bytes);
        watch.toTerminal?.(bytes);
        connection.write(bytes);
      },
      close: () => connection.close(),
    };
  },
});
