/** What a technician may find out at the control socket, and what may be tried out there. Harmless while payments run. */
import { readFileSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readCertificate } from '../cloud/registration/certificate.ts';
import { readKept } from '../cloud/registration/kept.ts';
import type { Config } from '../contract/config.ts';
import { isoTime } from '../contract/time.ts';
import { topicsOf } from '../contract/topics.ts';
import type { Gateway } from '../gateway.ts';
import type { Journal } from '../payments/journal-port.ts';
import { SwipeError } from '../seams/error.ts';
import type { Clock } from '../seams/time.ts';
import type { BrokerWatch } from './broker-watch.ts';
import type { BrokerTried, HealthAnswer, LampsAnswer, OperationAnswer } from './protocol.ts';
import { askTestPayment, operationAnswer } from './test-payment.ts';

/** What probes look at. */
export interface ProbeParts {
  box: string;
  config: Pick<Config, 'stateDir' | 'clock' | 'broker' | 'terminal' | 'panel'>;
  gateway: Gateway;
  journal: Pick<Journal, 'latestTrustedMs' | 'undelivered'>;
  /** Below so many free bytes nothing new is accepted. */
  reserveBytes: number;
  broker: BrokerWatch;
  clock: Clock;
  /** Whether the system's clock was set from a source that knows the time. */
  synchronised: () => boolean;
}

/** The probes. */
export interface Probes {
  health(): HealthAnswer;
  /** Sends a message to the broker and waits for its word that it has it. @throws SwipeError `brokerUnreachable` */
  tryBroker(): Promise<BrokerTried>;
  testLamps(): LampsAnswer;
  /** See `test-payment.ts`. */
  testPayment(asked: unknown): OperationAnswer;
  operation(id: string): OperationAnswer;
}

/** So many results that wait are counted; each is read for it. */
const waitingMax = 100;

/** Makes them. */
export function createProbes(parts: ProbeParts): Probes {
  const { box, config, gateway, journal, clock } = parts;
  const { currency } = config.terminal;
  const desk = gateway.technician;
  const inState = (name: string): string => join(config.stateDir, name);

  return {
    health() {
      const { bavail, bsize } = statfsSync(config.stateDir);
      const latestMs = journal.latestTrustedMs();
      const waiting = journal.undelivered(0, waitingMax).length;
      const told = keptIn(inState('registration.json'), box);
      return {
        clock: {
          mode: config.clock,
          trusted: desk.clock.isTrusted(),
          synchronised: parts.synchronised(),
          now: isoTime(clock.nowMs()),
          latestTrusted: latestMs === 0 ? null : isoTime(latestMs),
        },
        storage: {
          freeBytes: bavail * bsize,
          reserveBytes: parts.reserveBytes,
          journalBytes: bytesOf(inState('journal.db')) + bytesOf(inState('journal.db-wal')),
        },
        outbox: { waiting, isMore: waiting === waitingMax },
        broker: config.broker?.url ?? told?.broker?.url ?? null,
        certificateEndsAt: told?.certificate ? endOf(told.certificate) : null,
        links: { terminal: config.terminal.link, panel: config.panel?.link ?? null },
        presses: desk.presses(),
      };
    },
    async tryBroker() {
      if (!gateway.isConnected())
        throw new SwipeError('brokerUnreachable', 'the box is not connected to the broker');
      const sinceMs = clock.monotonicMs();
      // Not kept by the broker: what it keeps is the status topic's own to say.
      await parts.broker.publish(topicsOf(box).status, JSON.stringify(gateway.status()), { retain: false });
      return { roundTripMs: Math.round(clock.monotonicMs() - sinceMs) };
    },
    testLamps: () => ({ shown: desk.lampTest() }),
    testPayment: (asked) => askTestPayment({ desk, box, currency }, asked),
    operation: (id) => operationAnswer(desk, id),
  };
}

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function keptIn(path: string, box: string) {
  try {
    return readKept(readFileSync(path, 'utf8'), box);
  } catch {
    return null;
  }
}

function endOf(pem: string): string | null {
  try {
    return isoTime(readCertificate(pem).notAfterMs);
  } catch {
    return null;
  }
}
