/** Registers the box before its gateway runs: the gateway's own registrar, in the gateway's own state directory. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Enrolment, Registered } from '../../../provisioning/technician/world.ts';
import { type BoxKey, loadOrMakeBoxKey } from '../../cloud/box-key.ts';
import { readCertificate } from '../../cloud/registration/certificate.ts';
import { createExchange } from '../../cloud/registration/exchange.ts';
import type { Kept } from '../../cloud/registration/kept.ts';
import { readKept } from '../../cloud/registration/kept.ts';
import { keptFileAt } from '../../cloud/registration/kept-file.ts';
import { createRegistrar } from '../../cloud/registration/registrar.ts';
import { createTlsKeys } from '../../cloud/registration/tls-key.ts';
import { openJournal } from '../../journal/journal.ts';
import type { Log } from '../../seams/log.ts';
import { pause, type Time } from '../../seams/time.ts';
import { hardwareFacts } from '../../system/hardware.ts';
import { machineSerial } from '../../system/machine.ts';
import { systemRandom } from '../../system/random.ts';

/** The registrar waits ten seconds for an answer. */
const answerWithinMs = 15_000;
const lookEveryMs = 50;

/** What {@link enrolmentIn} needs. */
export interface EnrolmentParts {
  stateDir: string;
  time: Time;
  log: Log;
}

/** Makes it. Files are made and read as the owner of the state directory: what is the gateway's own stays its own. */
export function enrolmentIn({ stateDir, time, log }: EnrolmentParts): Enrolment {
  const inState = (name: string): string => join(stateDir, name);
  const file = keptFileAt(inState('registration.json'));
  const own = {
    read: () => asOwnerOf(stateDir, file.read),
    write: (text: string) => asOwnerOf(stateDir, () => file.write(text)),
  };
  const boxKey = (): BoxKey => {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    return asOwnerOf(stateDir, () => loadOrMakeBoxKey(inState('box-key.json'), systemRandom));
  };

  return {
    box: () => boxKey().box,
    registered() {
      const text = own.read();
      // Only now: asking must not make a key.
      if (text === null || !existsSync(inState('box-key.json'))) return null;
      const kept = readKept(text, boxKey().box);
      if (kept === null || kept.heard === null) return null;
      return registeredOf(
        kept,
        kept.heard,
        asOwnerOf(stateDir, () => textIn(inState('tls-key.pem'))),
      );
    },
    async enrol({ registry, claim, terminal, ownBroker }) {
      const { vendor, model, software, id } = terminal;
      const key = boxKey();
      const tlsKeys = createTlsKeys(inState('tls-key.pem'), key.box, systemRandom);
      const registrar = createRegistrar({
        box: key.box,
        boxKey: key,
        registry: { ...registry, ...(claim === undefined ? {} : { claim }) },
        ownKids: [],
        file: own,
        tlsKeys: ownBroker ? null : { own: () => asOwnerOf(stateDir, () => tlsKeys.own()) },
        exchange: createExchange(registry),
        hardware: hardwareFacts(),
        time,
        // Boxes spread themselves, so that a region does not ask at once. Here somebody stands and waits.
        random: { ...systemRandom, fraction: () => 0 },
        log,
      });
      const sequence = asOwnerOf(stateDir, () => lastSequenceIn(stateDir, key.box, { time, log }));
      const before = registrar.view().heardAt;
      registrar.start({
        clock: { nowMs: () => time.nowMs(), isTrusted: () => true, learn() {} },
        terminal: () => ({ vendor, model, software, id }),
        lastSequence: () => sequence,
        brokerChanged() {},
      });
      try {
        for (const endMs = time.monotonicMs() + answerWithinMs; time.monotonicMs() < endMs; ) {
          const { heardAt, failure, state, reason } = registrar.view();
          if (heardAt !== before) return { kind: 'answered', state, reason };
          if (failure !== null) return { kind: 'unanswered', why: failure };
          await pause(time, lookEveryMs);
        }
        return { kind: 'unanswered', why: `no answer in ${answerWithinMs / 1000} s` };
      } finally {
        await registrar.stop();
      }
    },
  };
}

/** Of the last result that an earlier gateway told here: a lower one would be an alarm at the registry. */
function lastSequenceIn(
  stateDir: string,
  box: string,
  { time, log }: Pick<EnrolmentParts, 'time' | 'log'>,
): number {
  if (!existsSync(join(stateDir, 'journal.db'))) return 0;
  try {
    const nowMs = time.nowMs();
    const journal = openJournal({ directory: stateDir, box, machine: machineSerial(), nowMs, log });
    try {
      return journal.lastSequence();
    } finally {
      journal.close();
    }
  } catch {
    // Then the alarm is right, and the gateway's start says what is wrong with its journal.
    return 0;
  }
}

function registeredOf(
  kept: Kept,
  { state, pairing }: NonNullable<Kept['heard']>,
  key: string | null,
): Registered {
  const { broker, certificate } = kept;
  const identity = certificate === null || key === null ? {} : { cert: certificate, key };
  return {
    box: kept.box,
    state,
    keys: kept.trusted.map(({ x }) => x),
    broker: broker === null ? null : { ...broker, ...identity },
    certificateEndsAt: certificate === null ? null : endOf(certificate),
    pairing,
  };
}

function textIn(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function endOf(pem: string): number | null {
  try {
    return readCertificate(pem).notAfterMs;
  } catch {
    return null;
  }
}

/**
 * Does it with the rights of whoever owns the directory, so that a link that its owner has put there leads root nowhere;
 * as it is where this is not root, or there is no such directory yet.
 */
function asOwnerOf<Value>(directory: string, work: () => Value): Value {
  const { uid, gid } = statSync(directory, { throwIfNoEntry: false }) ?? { uid: 0, gid: 0 };
  if (process.geteuid?.() !== 0 || uid === 0) return work();
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
