/** Asks a device who it is: whether a terminal, a panel, or neither. */
import type { TerminalWords, Who } from '../../../provisioning/technician/world.ts';
import { greet } from '../../panel/greeting.ts';
import { openTalk } from '../../panel/talk.ts';
import { panelBaudRate } from '../../panel/wire.ts';
import { messageOf } from '../../seams/error.ts';
import { type Log, silentLog } from '../../seams/log.ts';
import { pause, type Time } from '../../seams/time.ts';
import type { Link } from '../../terminal/links/link.ts';
import { identify, ping, readInfo, readMerchants } from '../../terminal/privat-json/handshake.ts';
import { openSession, type Session } from '../../terminal/privat-json/session.ts';
import { only, panelQuestions, terminalQuestions } from './harmless.ts';

/** What asking needs. */
export interface WhoParts {
  /** Makes a link to a device at this speed. */
  linkAt(link: string, baudRate: number): Link;
  time: Time;
  /** The bank's connection procedure has a pause between two connections. */
  sessionPauseMs?: number;
  /** How long each ping of a fresh connection is waited for. */
  pingsMs?: readonly number[];
  log?: Log;
}

/** Old firmware of terminals speaks at the second. */
const baudRates: readonly number[] = [115_200, 9_600];
/** Some terminals are mute to a fresh connection, and answer the second ping (seen on a Newland N950). */
const usualPingsMs: readonly number[] = [3_000, 4_000];
const commandGapMs = 100;

/**
 * Asks as a panel and as a terminal, the likelier first, at each speed. Never rejects.
 *
 * @param link as in a config: `serial:/dev/…` or `tcp:HOST:PORT`
 */
export async function askWho(
  parts: WhoParts,
  link: string,
  { mayBeBoard, baudRate }: { mayBeBoard: boolean; baudRate?: number | undefined },
): Promise<Who> {
  const asTerminal = (baudRate === undefined ? baudRates : [baudRate]).map(
    (rate) => () => askTerminal(parts, link, rate),
  );
  const asPanel = () => askPanel(parts, link);
  const isTcp = link.startsWith('tcp:');
  const tries = isTcp
    ? [() => askTerminal(parts, link, 0)]
    : mayBeBoard
      ? [asPanel, ...asTerminal]
      : [...asTerminal, asPanel];
  let last: Who = { kind: 'silent' };
  for (const ask of tries) {
    const who = await ask().catch((error) => closedBy(messageOf(error), isTcp));
    if (who.kind !== 'silent' && who.kind !== 'babble') return who;
    if (who.kind === 'babble' || last.kind === 'silent') last = who;
  }
  return last;
}

async function askPanel({ linkAt, time, log = silentLog }: WhoParts, link: string): Promise<Who> {
  const talk = await openTalk(only(panelQuestions, linkAt(link, panelBaudRate)), log);
  try {
    const meeting = await greet(talk, time);
    switch (meeting.kind) {
      case 'panel':
      case 'outdated': {
        const { major, minor, patch } = meeting.version?.firmware ?? { major: 0, minor: 0, patch: 0 };
        return { kind: 'panel', version: `${major}.${minor}.${patch}`, fits: meeting.kind === 'panel' };
      }
      case 'foreign':
        return meeting.name === null ? { kind: 'babble' } : { kind: 'otherFirmware', name: meeting.name };
      case 'silent':
        return { kind: 'silent' };
    }
  } finally {
    await talk.close('asked');
  }
}

/** By the bank's reference scheme (v1.0.3.1 §2): a connection for the ping, one to identify, one for the rest. */
async function askTerminal(parts: WhoParts, link: string, baudRate: number): Promise<Who> {
  const { time, sessionPauseMs = 1_000, pingsMs = usualPingsMs } = parts;
  const isAlive = (session: Session) => lifeSign(session, pingsMs);
  const guarded = only(terminalQuestions, parts.linkAt(link, baudRate));
  let epoch = 0;
  let hasHeard = false;
  const visit = async <Found>(use: (session: Session) => Promise<Found>): Promise<Found> => {
    if (epoch > 0) await pause(time, sessionPauseMs);
    epoch += 1;
    const listener = {
      heard() {
        hasHeard = true;
      },
      unasked() {},
      garbled() {},
    };
    const session = await openSession(
      { link: guarded, time, log: parts.log ?? silentLog, commandGapMs, listener },
      epoch,
    );
    try {
      return await use(session);
    } finally {
      await session.close('asked');
    }
  };
  const alive = await visit(isAlive);
  if (alive === 'busy') return { kind: 'terminalBusy' };
  if (alive === 'mute') return { kind: hasHeard ? 'babble' : 'silent' };
  const who = await visit(identify);
  const rest = await visit(async (session) => {
    if ((await isAlive(session)) !== 'alive') return null;
    const info = await readInfo(session);
    return info === null ? null : { ...info, merchants: await readMerchants(session) };
  });
  if (who === null || rest === null) return { kind: 'babble' };
  const words: TerminalWords = { ...who, ...rest };
  return { kind: 'terminal', baudRate, words };
}

async function lifeSign(session: Session, pingsMs: readonly number[]): Promise<'alive' | 'busy' | 'mute'> {
  for (const timeoutMs of pingsMs) {
    const { kind } = await ping(session, timeoutMs);
    if (kind === 'answer') return 'alive';
    if (kind === 'busy') return 'busy';
  }
  return 'mute';
}

/** What the operating system said of a port that did not open. */
function closedBy(text: string, isTcp: boolean): Who {
  const why = isTcp
    ? 'unreachable'
    : /lock|busy|in use/i.test(text)
      ? 'taken'
      : /permission|denied|EACCES/i.test(text)
        ? 'denied'
        : 'gone';
  return { kind: 'closed', why, text };
}
