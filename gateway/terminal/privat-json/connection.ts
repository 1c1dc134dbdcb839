/**
 * Keeps one connection to the terminal, for ever, by the bank's reference scheme (ECR protocol JSON based
 * v1.0.3.1 §2): connect, ping, disconnect; connect, identify, disconnect; connect, ping and keep. The bank tests
 * no other. The terminal is ready when it has answered a ping on the kept connection: an open port proves nothing.
 */
import type { TerminalState } from '../../contract/event.ts';
import type { TerminalIdentity } from '../../payments/terminal-port.ts';
import { messageOf } from '../../seams/error.ts';
import type { Random } from '../../seams/random.ts';
import { createRest, pauseAfter } from '../../seams/rest.ts';
import { greet, identify, ping, readInfo, readMerchants } from './handshake.ts';
import { openSession, type Session, type SessionParts } from './session.ts';

/** An idle terminal is pinged when it was silent for so long. */
const probeAfterMs = 15_000;
const probeMs = 3_000;
/** Pings without an answer that make a break. */
const unansweredMax = 2;
/** How often a busy terminal is asked whether it is free. */
const busyPollMs = 2_000;

/** Hears of the terminal as a whole. */
export interface KeeperListener {
  /** State or identity changed. */
  changed(): void;
  identified(identity: TerminalIdentity, merchants: Readonly<Record<string, string>>): void;
}

/** What a keeper is made of. */
export interface KeeperParts extends SessionParts {
  random: Random;
  /** The pause between two connections of the scheme. */
  sessionPauseMs: number;
  /** Whether an operation waits for its answer: then nothing is probed. */
  isEngaged(): boolean;
  keeperListener: KeeperListener;
}

/** Keeps the connection. */
export interface Keeper {
  state(): TerminalState;
  identity(): TerminalIdentity;
  /** The kept connection; null while there is none. */
  session(): Session | null;
  /** Something was not answered as it should have been: pings until the terminal is idle, or the link proves broken. */
  suspect(state?: 'busy'): void;
  start(): void;
  stop(): Promise<void>;
}

/** Makes a keeper; it does nothing before `start`. */
export function createKeeper(parts: KeeperParts): Keeper {
  const { link, time, log, random, keeperListener: listener } = parts;
  const rest = createRest(time);
  let state: TerminalState = 'absent';
  let identity: TerminalIdentity = { vendor: null, model: null, software: null, id: null };
  let epoch = 0;
  let open: Session | null = null;
  let kept: Session | null = null;
  let isStopping = false;
  let isSuspected = false;
  let heardMs = time.monotonicMs();
  let running: Promise<void> | null = null;

  const enter = (next: TerminalState): void => {
    if (state === next) return;
    state = next;
    log.info('the state of the terminal changed', { state, link: link.name, epoch });
    listener.changed();
  };
  const connect = async (): Promise<Session> => {
    epoch += 1;
    const heard = (): void => {
      heardMs = time.monotonicMs();
      parts.listener.heard();
    };
    open = await openSession({ ...parts, listener: { ...parts.listener, heard } }, epoch);
    if (isStopping) await open.close('stopping');
    return open;
  };
  /** One connection of the scheme: what `use` makes of it; closed afterwards. */
  const visit = async <Found>(use: (session: Session) => Promise<Found>): Promise<Found> => {
    const session = await connect();
    try {
      return await use(session);
    } finally {
      await session.close('as the connection procedure wants');
    }
  };
  const hello = (session: Session): Promise<boolean> =>
    greet(
      session,
      () => enter('busy'),
      () => rest.for(busyPollMs),
    );

  /** Pings whenever the terminal has been silent, or is not known to be idle. Ends with the connection. */
  const watch = async (session: Session): Promise<void> => {
    void session.over.then(rest.wake);
    for (let unanswered = 0; session.isOpen(); ) {
      const isCalm = state === 'ready' && !isSuspected && unanswered === 0;
      const quietMs = time.monotonicMs() - heardMs;
      if (isCalm && quietMs < probeAfterMs) await rest.for(probeAfterMs - quietMs);
      else if (parts.isEngaged()) await rest.for(busyPollMs);
      else {
        isSuspected = false;
        const { kind } = await ping(session, probeMs);
        unanswered = kind === 'answer' || kind === 'busy' ? 0 : unanswered + 1;
        if (!session.isOpen()) return;
        if (kind === 'answer') enter('ready');
        if (kind === 'busy') {
          enter('busy');
          await rest.for(busyPollMs);
        }
        if (unanswered >= unansweredMax) await session.close('pings were not answered');
      }
    }
  };

  /** The whole scheme, up to the break. Whether the terminal was reached. */
  const round = async (): Promise<boolean> => {
    if (!(await visit(hello))) return false;
    await rest.for(parts.sessionPauseMs);
    if (isStopping) return false;
    const who = await visit(identify);
    if (who === null) return false;
    await rest.for(parts.sessionPauseMs);
    if (isStopping) return false;
    return visit(async (session) => {
      if (!(await hello(session))) return false;
      const info = await readInfo(session);
      if (info === null) return false;
      const merchants = await readMerchants(session);
      if (!session.isOpen()) return false;
      identity = { ...who, ...info };
      log.info('the terminal has said who it is', {
        vendor: who.vendor ?? '',
        model: who.model ?? '',
        version: info.software ?? '',
      });
      kept = session;
      isSuspected = false;
      listener.identified(identity, merchants);
      enter('ready');
      try {
        await watch(session);
      } finally {
        // At once: closing the link may take a moment.
        kept = null;
        enter('absent');
      }
      return true;
    });
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !isStopping; ) {
      let reached = false;
      try {
        reached = await round();
      } catch (error) {
        const fields = { link: link.name, error: messageOf(error), count: failures + 1 };
        if (failures === 0) log.warn('the terminal cannot be reached', fields);
        else log.debug('the terminal still cannot be reached', fields);
      }
      kept = null;
      open = null;
      enter('absent');
      failures = reached ? 0 : failures + 1;
      if (!isStopping) await rest.for(pauseAfter(failures, random));
    }
  };

  return {
    state: () => state,
    identity: () => identity,
    session: () => (kept?.isOpen() === true ? kept : null),
    suspect(next) {
      if (kept === null) return;
      isSuspected = true;
      if (next !== undefined) enter(next);
      rest.wake();
    },
    start() {
      running ??= run();
    },
    async stop() {
      isStopping = true;
      rest.wake();
      await open?.close('stopping');
      await running;
    },
  };
}
