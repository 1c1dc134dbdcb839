/** Finds out what is at the other end of the panel's cable. */
import type { Timers } from '../seams/time.ts';
import type { Talk } from './talk.ts';
import { askFirmware, askVersion, type PanelVersion, readMessage } from './wire.ts';

/** What the panel's firmware calls itself. */
export const panelName = 'swipe-panel';

/** The version of our own messages that this gateway needs: this major number, at least this minor one. */
export const neededProtocol = { major: 1, minor: 0 };

/** How often something is asked what it is, and how many times: an Arduino starts in 1 to 2 s when its port is opened. */
const askAgainMs = 300;
const asksMax = 13;

/** What was met. */
export type Meeting =
  | { kind: 'panel'; version: PanelVersion }
  /** A panel whose firmware does not fit this gateway; null: too old to say its version. */
  | { kind: 'outdated'; version: PanelVersion | null }
  /** Something else: an Arduino with other firmware (its name), or another device. */
  | { kind: 'foreign'; name: string | null }
  /** Nothing was heard, or the connection was lost meanwhile. */
  | { kind: 'silent' };

/** Asks what is there until it is known. */
export function greet(talk: Talk, timers: Timers): Promise<Meeting> {
  return new Promise((resolve) => {
    let name: string | null = null;
    let version: PanelVersion | null = null;
    let asks = 0;
    let cancel = (): void => {};
    const judge = (): Meeting | null => {
      if (!talk.isOpen()) return { kind: 'silent' };
      if (name !== null && name !== panelName) return { kind: 'foreign', name };
      if (name !== null && version !== null)
        return fits(version) ? { kind: 'panel', version } : { kind: 'outdated', version };
      if (asks < asksMax) return null;
      if (name !== null) return { kind: 'outdated', version };
      return talk.hasHeard() ? { kind: 'foreign', name } : { kind: 'silent' };
    };
    const decide = (): boolean => {
      const meeting = judge();
      if (meeting === null) return false;
      cancel();
      talk.listen(() => {});
      resolve(meeting);
      return true;
    };
    const ask = (): void => {
      if (decide()) return;
      asks += 1;
      // Only a panel is asked for more than any Firmata knows.
      talk.write(name === null ? askFirmware : askVersion);
      cancel = timers.after(askAgainMs, ask);
    };
    talk.listen((bytes) => {
      const message = readMessage(bytes);
      const isFirst = name === null;
      if (message.kind === 'name') name = message.name;
      if (message.kind === 'version') version = message.version;
      if (!decide() && isFirst && name !== null) talk.write(askVersion);
    });
    void talk.over.then(decide);
    ask();
  });
}

const fits = ({ protocol: { major, minor } }: PanelVersion): boolean =>
  major === neededProtocol.major && minor >= neededProtocol.minor;
