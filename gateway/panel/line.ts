/**
 * Keeps one panel on its cable, for ever: finds it, and finds it again when it was unplugged or fell silent. Nobody
 * waits for it, and no error of it leaves this file.
 */
import type { BoxStatus } from '../contract/event.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Random } from '../seams/random.ts';
import { createRest, pauseAfter } from '../seams/rest.ts';
import type { Time } from '../seams/time.ts';
import type { ButtonName } from './buttons.ts';
import { greet, type Meeting } from './greeting.ts';
import type { Johnny } from './johnny.ts';
import type { Colour } from './patterns.ts';
import { openSession, type Session } from './session.ts';
import { openTalk, type PanelPort, type Talk } from './talk.ts';
import type { PanelVersion } from './wire.ts';

/** What a line is made of. */
export interface LineParts {
  port: PanelPort;
  time: Time;
  random: Random;
  log: Log;
  /** Loads the board, at the start: later it would be in the way of a payment. */
  loadJohnny(moved: (button: ButtonName, isDown: boolean) => void): Promise<Johnny>;
  /** The panel's state is another one now. */
  changed(): void;
  moved(button: ButtonName, isDown: boolean): void;
  /** Whatever was down is no press: the panel went away, or has restarted. */
  handsOff(): void;
}

/** A line to the panel. */
export interface Line {
  state(): BoxStatus['panel'];
  /** Of the panel that was met last; null before. */
  version(): PanelVersion | null;
  /** Shows a colour on whichever panel there is, or comes: only the newest counts. */
  colour(colour: Colour): void;
  /** Sounds a tone, unless there is nobody to sound it. */
  tone(frequencyHz: number, durationMs: number): void;
  start(): void;
  stop(): Promise<void>;
}

/** A panel that was there for so long is looked for again soon; one that comes and goes, less and less often. */
const lastingMs = 10_000;

/** Makes a line; it does nothing before `start`. */
export function createLine(parts: LineParts): Line {
  const { port, time, random, log } = parts;
  const rest = createRest(time);
  let state: BoxStatus['panel'] = 'absent';
  let version: PanelVersion | null = null;
  let newest: Colour = [0, 0, 0];
  let talk: Talk | null = null;
  let session: Session | null = null;
  let isStopping = false;
  let running: Promise<void> | null = null;

  const enter = (next: BoxStatus['panel']): void => {
    if (state === next) return;
    state = next;
    log.info('the state of the panel changed', { state, link: port.name });
    parts.changed();
  };

  /** One connection, up to its end. Whether there was a panel for some time. */
  const visit = async (johnny: Johnny): Promise<boolean> => {
    const open = await openTalk(port, log).catch((error) => {
      enter('absent');
      throw error;
    });
    talk = open;
    try {
      if (isStopping) return false;
      const meeting = await greet(open, time);
      if (meeting.kind !== 'panel') {
        enter(stateOf(meeting));
        throw new Error(whatOf(meeting));
      }
      version = meeting.version;
      const { major, minor, patch } = version.firmware;
      log.info('a panel was met', { link: port.name, version: `${major}.${minor}.${patch}` });
      session = openSession({
        talk: open,
        johnny,
        time,
        log,
        newest: () => newest,
        handsOff: parts.handsOff,
      });
      const metMs = time.monotonicMs();
      enter('ready');
      const reason = await open.over;
      log.info('the panel is gone', { link: port.name, reason });
      enter('absent');
      return time.monotonicMs() - metMs >= lastingMs;
    } finally {
      session?.end();
      session = null;
      talk = null;
      parts.handsOff();
      await open.close('closed');
    }
  };

  const run = async (): Promise<void> => {
    const johnny = await parts.loadJohnny((button, isDown) => {
      if (session?.counts(button, isDown)) parts.moved(button, isDown);
    });
    let said = '';
    for (let failures = 0; !isStopping; ) {
      let hasLasted = false;
      try {
        hasLasted = await visit(johnny);
        said = '';
      } catch (error) {
        const why = messageOf(error);
        if (why !== said) log.warn('there is no panel to be used', { link: port.name, error: why });
        said = why;
      }
      failures = hasLasted ? 0 : failures + 1;
      if (!isStopping) await rest.for(pauseAfter(failures, random));
    }
  };

  return {
    state: () => state,
    version: () => version,
    colour(colour) {
      newest = colour;
      session?.show();
    },
    tone: (frequencyHz, durationMs) => session?.tone(frequencyHz, durationMs),
    start() {
      running ??= run().catch((error) =>
        log.error('the panel cannot be used', { link: port.name, error: messageOf(error) }),
      );
    },
    async stop() {
      isStopping = true;
      rest.wake();
      await talk?.close('stopping');
      await running;
    },
  };
}

const stateOf = ({ kind }: Meeting): BoxStatus['panel'] =>
  kind === 'outdated' || kind === 'foreign' ? kind : 'absent';

/** What was met, for the log. */
function whatOf(meeting: Exclude<Meeting, { kind: 'panel' }>): string {
  switch (meeting.kind) {
    case 'outdated': {
      const { major, minor } = meeting.version?.protocol ?? { major: 0, minor: 0 };
      return `the panel speaks version ${major}.${minor}, which this gateway does not: flash its firmware`;
    }
    case 'foreign':
      return meeting.name === null
        ? 'another device is at its port'
        : `an Arduino with other firmware is at its port: ${meeting.name}`;
    case 'silent':
      return 'its port is there, but nothing answers';
  }
}
