/** PrivatBank's terminals behind the payments' seam: puts connection, attempts and look-ups together. */
import type {
  AttemptObserver,
  Baseline,
  EvidenceReading,
  NoReading,
  ReceiptReading,
  Terminal,
  TerminalListener,
  TerminalRequest,
} from '../../payments/terminal-port.ts';
import type { Log } from '../../seams/log.ts';
import type { Random } from '../../seams/random.ts';
import type { Time } from '../../seams/time.ts';
import type { Link } from '../links/link.ts';
import { demandHundredths } from './amounts.ts';
import { answerOf } from './answers.ts';
import { type OpenAttempt, openAttempt } from './attempt.ts';
import { createCapabilities } from './capabilities.ts';
import { createKeeper, type Keeper } from './connection.ts';
import { gather } from './evidence.ts';
import { createLocalTime } from './local-time.ts';
import { type LookUps, lookUpsOn } from './lookups.ts';
import type { Message } from './message.ts';
import { receiptAnswerOf } from './receipts.ts';
import { typeOfMethod } from './requests.ts';

/** What the driver is made of. */
export interface PrivatTerminalOptions {
  link: Link;
  time: Time;
  random: Random;
  log: Log;
  /** ISO 4217; one whose minor unit is a hundredth. */
  currency: string;
  /** The least time between two messages to the terminal. */
  commandGapMs: number;
  /** Where the terminal's clock stands; IANA name. */
  timeZone?: string;
  /** The pause between two connections of the handshake; a second was seen to be enough on real terminals. */
  sessionPauseMs?: number;
}

/**
 * A card terminal that speaks PrivatBank's "ECR protocol (JSON based)", v1.0.3.1 and older. Does nothing before
 * `start`. Throws a SwipeError `configInvalid` for a currency without hundredths or an unknown time zone.
 */
export function createPrivatTerminal(options: PrivatTerminalOptions): Terminal {
  const { time, log, commandGapMs, timeZone = 'Europe/Kyiv', sessionPauseMs = 1_000 } = options;
  demandHundredths(options.currency);
  const localTime = createLocalTime(timeZone);
  const capabilities = createCapabilities();
  let listener: TerminalListener = { changed() {}, identified() {}, stray() {} };
  let current: OpenAttempt | null = null;
  let isReached = false;

  const read = (message: Message, request: TerminalRequest) =>
    request.type === 'receipt' && message.method === 'GetReceiptInfo'
      ? receiptAnswerOf(message, request.invoice, localTime)
      : answerOf(message, request.type, request);

  /** An answer that no question waits for: late for the open attempt, or nobody's. */
  const unasked = (message: Message): void => {
    if (current?.offer(message) === true) return;
    const type = typeOfMethod(message.method);
    // A look-up that came too late tells nothing that is not asked again.
    if (type === null || type === 'receipt') return;
    log.warn('an answer of the terminal belongs to no operation', { method: message.method });
    listener.stray(type, answerOf(message, type, null));
  };

  const keeper: Keeper = createKeeper({
    link: options.link,
    time,
    log,
    commandGapMs,
    sessionPauseMs,
    random: options.random,
    isEngaged: () => current?.isEngaged() === true,
    listener: {
      heard: () => current?.heard(),
      garbled: () => current?.garbled(),
      unasked,
    },
    keeperListener: {
      changed: () => listener.changed(),
      identified(identity, merchants) {
        isReached = true;
        capabilities.reached();
        listener.identified(identity, merchants);
      },
    },
  });
  const keyNow = (): string => {
    const { vendor, model, id } = keeper.identity();
    return isReached ? [vendor, model, id].map((part) => part ?? '').join('|') : '';
  };
  const parts = {
    time,
    localTime,
    commandGapMs,
    read,
    has: capabilities.has,
    lacks(method: string) {
      log.info('the terminal says that it does not have a method', { method });
      capabilities.lacks(method);
    },
    shows: capabilities.shows,
    session: keeper.session,
    isBusy: () => keeper.state() === 'busy',
    suspect: keeper.suspect,
  };
  /** Look-ups on the kept connection, or why there can be none now. */
  const lookUps = (): LookUps | NoReading => {
    const session = keeper.session();
    if (session === null || keeper.state() === 'absent') return { kind: 'noAnswer' };
    const isBusy = keeper.state() === 'busy' || current?.isEngaged() === true;
    return isBusy ? { kind: 'busy' } : lookUpsOn(session, parts);
  };

  return {
    state: keeper.state,
    identity: keeper.identity,
    key: keyNow,
    supports: capabilities.supports,
    listen(next) {
      listener = next;
    },
    start: keeper.start,
    stop: keeper.stop,
    async readBaseline(): Promise<Baseline | NoReading> {
      const now = lookUps();
      if ('kind' in now) return now;
      const last = await now.last();
      return last.kind === 'gone' ? { kind: 'noAnswer' } : last;
    },
    async readReceipt(invoice): Promise<ReceiptReading> {
      const now = lookUps();
      if ('kind' in now) return now;
      const reading = await now.receipt(invoice);
      return reading.kind === 'gone' ? { kind: 'noAnswer' } : reading;
    },
    open(request: TerminalRequest, observer: AttemptObserver) {
      if (current !== null && !current.isClosed())
        throw new Error('an attempt is open already: close it first');
      current = openAttempt(parts, request, observer);
      return current.attempt;
    },
    async gatherEvidence(since, original): Promise<EvidenceReading> {
      const now = lookUps();
      return 'kind' in now ? { kind: 'notReady' } : gather(now, keyNow(), since, original);
    },
  };
}
