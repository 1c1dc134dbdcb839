/** Keeps the box known at the registry: asks on every boot, once a day and when it is called. */
import { createPrivateKey } from 'node:crypto';
import type { Registration as Request } from '../../contract/registration.ts';
import { isoTime, parseIsoTime } from '../../contract/time.ts';
import type { Registration } from '../../payments/outside.ts';
import { messageOf } from '../../seams/error.ts';
import type { Log } from '../../seams/log.ts';
import type { Random } from '../../seams/random.ts';
import { createRest } from '../../seams/rest.ts';
import type { Cancel, TeachableClock, Time } from '../../seams/time.ts';
import { version } from '../../version.ts';
import type { BoxKey } from '../box-key.ts';
import { createLineLimit } from '../line-limit.ts';
import type { BrokerSource } from '../mqtt-connector.ts';
import type { IssuedKeys } from '../ports.ts';
import { readNotice } from './answer.ts';
import { type Asked, askOnce, type Exchange, unanswered } from './asking.ts';
import { createBrokerAccess } from './broker-access.ts';
import { issuedKeysOf } from './issued-keys.ts';
import { type KeptFile, learned } from './kept.ts';
import { openMemory } from './memory.ts';
import { pauseMs } from './pace.ts';
import { createReport, type RegistryView } from './report.ts';
import { type FoundFacts, factsOf, signRegistration } from './request.ts';
import { standingOf } from './standing.ts';
import type { TlsKeys } from './tls-key.ts';

/** What {@link createRegistrar} needs. */
export interface RegistrarParts {
  /** As it follows from the box's key. */
  box: string;
  boxKey: Pick<BoxKey, 'privateKey' | 'publicKey'>;
  /** The config's `registry`. */
  registry: { url: string; key: string; claim?: string | undefined };
  /** Names of the config's command keys, which stand before the registry's. */
  ownKids: readonly string[];
  file: KeptFile;
  /** Null: the config names the broker, and no certificate is asked for. */
  tlsKeys: TlsKeys | null;
  exchange: Exchange;
  hardware: FoundFacts<'model' | 'serial' | 'system'>;
  time: Time;
  random: Random;
  log: Log;
}

/** What the registrar sees of the rest of the box. */
export interface BoxAround {
  clock: TeachableClock;
  terminal(): FoundFacts<'vendor' | 'model' | 'software' | 'id'>;
  /** Of the last result. */
  lastSequence(): number;
  /** There is another way to the broker than before. */
  brokerChanged(): void;
}

/** The box's side of the registry. Nothing here throws but the source of the broker's address. */
export interface Registrar {
  /** Where the box stands, for payments. */
  registration: Registration;
  /** The sale systems' keys. */
  keys: IssuedKeys;
  /** The way to the broker. */
  broker: BrokerSource;
  /** What the registry says over MQTT. */
  notice(payload: Uint8Array): void;
  start(around: BoxAround): void;
  stop(): Promise<void>;
  /** For people. */
  view(): RegistryView;
}

const hourMs = 3_600_000;
/** Boxes that have all they need come within this after a boot: power comes back to a whole region at once. */
const spreadMs = 30_000;
const noticeLinesPerMinute = 4;
const atOnceMax = 2;

/** Makes it; nothing moves before `start()`. */
export function createRegistrar(parts: RegistrarParts): Registrar {
  const { box, boxKey, registry, ownKids, tlsKeys, exchange, time, random, log } = parts;
  const privateKey = createPrivateKey({ key: boxKey.privateKey, format: 'jwk' });
  const memory = openMemory({ ...parts, pin: registry.key });
  const { kept } = memory;
  const rest = createRest(time);
  const noticeLines = createLineLimit(time, noticeLinesPerMinute);
  let around: BoxAround | null = null;
  let ended: Promise<void> = Promise.resolve();
  let asking: AbortController | null = null;
  let cancelHourly: Cancel = () => {};
  let lastTryMs = Number.NEGATIVE_INFINITY;
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let calledFor = 0;
  let failures = 0;
  let atOnce = 0;

  const trustedMs = (): number | null => (around?.clock.isTrusted() === true ? around.clock.nowMs() : null);
  const standing = () => standingOf(kept().heard, trustedMs());
  const report = createReport({ url: registry.url, kept, standing, nowMs: () => time.nowMs(), log });
  const access =
    tlsKeys &&
    createBrokerAccess({
      kept,
      tlsKeys,
      nowMs: trustedMs,
      monotonicMs: () => time.monotonicMs(),
      ask: askWay,
    });

  /** Ends the pause, unless the registry was asked just now or does not want to be asked. */
  function ask(unlessWithinMs: number): void {
    const nowMs = time.monotonicMs();
    if (asking === null && nowMs - lastTryMs >= unlessWithinMs && nowMs >= notBeforeMs) rest.wake();
  }

  /** Asks for a way to the broker: whoever is nobody's is told none, however often it asks. */
  function askWay(unlessWithinMs: number): void {
    if (!isUnclaimed()) ask(unlessWithinMs);
  }

  const isUnclaimed = (): boolean => (kept().heard?.state ?? 'unregistered') === 'unregistered';
  const sendsClaim = (): boolean => registry.claim !== undefined && isUnclaimed();

  const requestNow = ({ clock, terminal, lastSequence }: BoxAround, nonce: string): Request => ({
    box,
    key: boxKey.publicKey.x ?? '',
    nonce,
    count: kept().count,
    time: isoTime(clock.nowMs()),
    version,
    hardware: factsOf(parts.hardware),
    terminal: factsOf(terminal()),
    sequence: lastSequence(),
    revision: kept().heard?.revision ?? 0,
    trusts: kept().trusted.map(({ kid }) => kid),
    certificate: access?.certificate()?.serial ?? null,
    ...(registry.claim !== undefined && sendsClaim() ? { claim: registry.claim } : {}),
    ...(tlsKeys === null ? {} : { csr: tlsKeys.own().csr }),
  });

  /** One try. Never rejects. */
  async function tryOnce(box: BoxAround, stop: AbortController): Promise<Asked> {
    try {
      // On disk before it is sent: a count that was seen by somebody is never used again.
      if (!memory.keep({ ...kept(), count: kept().count + 1 }))
        return unanswered('not asked: the disk does not take the count');
      const nonce = Buffer.from(random.bytes(16)).toString('base64url');
      const jws = signRegistration(requestNow(box, nonce), privateKey);
      const question = { box: parts.box, nonce, kept: kept(), publicKey: tlsKeys?.own().publicKey ?? null };
      const asked = await askOnce({ exchange, time }, jws, question, stop);
      if (around === null) return asked;
      if (asked.kind === 'answered') believe(box, asked);
      if (asked.kind === 'behind') memory.keep({ ...kept(), count: asked.count });
      return asked;
    } catch (error) {
      return unanswered(messageOf(error));
    }
  }

  function believe({ clock, brokerChanged }: BoxAround, asked: Extract<Asked, { kind: 'answered' }>): void {
    const { answer, roundTripMs } = asked;
    const before = { url: access?.usableUrl() ?? null, keys: kept().commandKeys };
    const saidMs = parseIsoTime(answer.time);
    clock.learn({ atMs: saidMs, roundTripMs });
    memory.keep(learned(kept(), answer, Math.round(trustedMs() ?? saidMs)));
    report.keysChanged(before.keys, answer.commandKeys, ownKids);
    const url = access?.usableUrl() ?? null;
    if (url !== null && url !== before.url) brokerChanged();
  }

  async function live(box: BoxAround, delayMs: number): Promise<void> {
    await rest.for(delayMs);
    while (around === box) {
      const waitMs = await step(box).catch((error) => {
        // Not foreseen; payments must not end with it.
        log.error('registering has failed', { error: messageOf(error) });
        return hourMs;
      });
      if (around === box && waitMs > 0) await rest.for(waitMs);
    }
  }

  /** One try, and how long to wait until the next. */
  async function step(box: BoxAround): Promise<number> {
    const claimed = sendsClaim();
    const calledBefore = calledFor;
    lastTryMs = time.monotonicMs();
    asking = new AbortController();
    const asked = await tryOnce(box, asking).finally(() => {
      asking = null;
    });
    if (around !== box) return 0;
    failures = asked.kind === 'answered' ? 0 : failures + 1;
    // Each of these makes another question, to which there may be another answer.
    const isBehind = asked.kind === 'behind';
    const hasClaim = !claimed && asked.kind === 'answered' && sendsClaim();
    const isCalled = asked.kind === 'answered' && calledFor > Math.max(calledBefore, asked.answer.revision);
    atOnce = isBehind || hasClaim || isCalled ? atOnce + 1 : 0;
    const waitMs = atOnce > 0 && atOnce <= atOnceMax ? 0 : waitAfter(asked);
    report.tried(asked, { failures, waitMs });
    return waitMs;
  }

  function waitAfter(asked: Asked): number {
    const fraction = random.fraction();
    if (asked.kind === 'answered') {
      const { registerAfter, time: said, reason } = asked.answer;
      const afterMs = parseIsoTime(registerAfter) - parseIsoTime(said);
      const codeWaits = reason === 'claimLocked' && registry.claim !== undefined;
      return pauseMs({ kind: 'answered', afterMs, codeWaits }, 0, fraction);
    }
    const { code, retryAfterMs } = asked.kind === 'unanswered' ? asked : { code: null, retryAfterMs: null };
    const waitMs = pauseMs({ kind: 'unanswered', code, retryAfterMs }, failures, fraction);
    notBeforeMs = retryAfterMs === null ? notBeforeMs : time.monotonicMs() + waitMs;
    return waitMs;
  }

  function hourly(): void {
    cancelHourly = time.after(hourMs, hourly);
    memory.settle();
    report.look();
  }

  return {
    registration: { current: () => standing(), onChange: report.onChange },
    keys: issuedKeysOf(kept),
    broker() {
      if (access === null) throw new TypeError("the broker is the config's");
      return access.source();
    },
    notice(payload) {
      const read = readNotice(Buffer.from(payload).toString('latin1'), kept());
      if ('fault' in read) {
        if (noticeLines.admit() !== null)
          log.warn('a call of the registry is not believed', { reason: read.fault });
        return;
      }
      // The broker keeps it and brings it with every connection: it calls once.
      if (read.value <= Math.max(calledFor, kept().heard?.revision ?? 0)) return;
      calledFor = read.value;
      ask(0);
    },
    start(box) {
      around = box;
      const isInNeed =
        isUnclaimed() || trustedMs() === null || (access !== null && access.usableUrl() === null);
      ended = live(box, isInNeed ? 0 : random.fraction() * spreadMs);
      hourly();
    },
    async stop() {
      around = null;
      cancelHourly();
      asking?.abort(new Error('the box is stopping'));
      rest.wake();
      await ended;
    },
    view: report.view,
  };
}
