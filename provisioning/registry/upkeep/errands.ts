/** Does what was written down to be done at the broker, until the broker has confirmed it. */
import { jwsTypes } from '../../../gateway/contract/registration.ts';
import { messageOf } from '../../../gateway/seams/error.ts';
import { createRest } from '../../../gateway/seams/rest.ts';
import type { Timers } from '../../../gateway/seams/time.ts';
import { within } from '../broker/within.ts';
import type { BrokerAccess } from '../ports.ts';
import type { Core } from '../services/core.ts';
import { endNext } from '../services/leaving.ts';
import { raiseAlarm } from '../store/audit.ts';
import { done, type Errand, postpone, takeDue } from '../store/errands.ts';
import { issueCrl } from './crl.ts';
import { checkEnds } from './ends.ts';
import { boxesOf, saleSystemsOf, wantedAccess } from './wanted.ts';

/** The worker that does errands, one after the other. */
export interface Errands {
  start(): void;
  /** Something may be due: look now. */
  wake(): void;
  /** Resolves when the one that is being done is done. */
  stop(): Promise<void>;
}

/** How often an idle worker looks for what other instances and commands wrote down. A revoked box has ten seconds. */
const lookEveryMs = 1000;
const portion = 20;
const pauseMaxMs = 300_000;
/** After so many tries in vain a person should know: a few minutes. */
const triesToAlarm = 8;
/** Errands are done one after the other: a call that a broker does not acknowledge must not hold up a revocation. */
const calledWithinMs = 3000;

/**
 * Makes the worker.
 *
 * @param broker null: there is none, and nothing to be done at it
 */
export function createErrands(
  core: Omit<Core, 'errandsWait'>,
  { broker, timers }: { broker: BrokerAccess | null; timers: Timers },
): Errands {
  const { store, clock, random, log } = core;
  const rest = createRest(timers);
  let running = false;
  let woken = false;
  let ended: Promise<void> = Promise.resolve();

  async function doOne(errand: Errand): Promise<void> {
    const { kind, subject, tries } = errand;
    try {
      if (kind === 'ending') await endNext(core, subject);
      else if (broker !== null) await carryOut({ core, broker, timers }, errand);
      else if (kind === 'trust') await issueCrl(core);
      await store.write((tx) => done(tx, errand));
    } catch (error) {
      const pauseMs =
        Math.min(pauseMaxMs, 1000 * 2 ** Math.min(tries - 1, 16)) * (0.5 + random.fraction() / 2);
      log.warn('an errand could not be done', {
        type: kind,
        id: subject,
        count: tries,
        error: messageOf(error),
      });
      const nowMs = clock.nowMs();
      await store.write(async (tx) => {
        await postpone(tx, errand, nowMs + Math.round(pauseMs));
        if (tries !== triesToAlarm) return;
        await raiseAlarm(tx, nowMs, {
          kind: 'brokerAccess',
          subject: kind,
          customer: null,
          detail: messageOf(error),
        });
      });
    }
  }

  async function work(): Promise<void> {
    while (running) {
      woken = false;
      try {
        const due = core.isRestored() ? [] : await takeDue(store, clock.nowMs(), portion);
        for (const errand of due) {
          if (!running) return;
          await doOne(errand);
        }
        if (due.length > 0) continue;
      } catch (error) {
        log.error('the errands cannot be read', { error: messageOf(error) });
        woken = false;
      }
      if (running && !woken) await rest.for(lookEveryMs);
    }
  }

  return {
    start() {
      running = true;
      ended = work();
    },
    wake() {
      woken = true;
      rest.wake();
    },
    async stop() {
      running = false;
      rest.wake();
      await ended;
    },
  };
}

interface Means {
  core: Omit<Core, 'errandsWait'>;
  broker: BrokerAccess;
  timers: Timers;
}

/** Every errand says only whom it is about; what is right for them is read now. */
async function carryOut(means: Means, { kind, subject }: Errand): Promise<void> {
  const { core, broker } = means;
  const { reader } = core.store;
  switch (kind) {
    case 'box': {
      const box = await reader
        .selectFrom('boxes')
        .select('status')
        .where('id', '=', subject)
        .executeTakeFirst();
      if (box?.status !== 'claimed') return remove(means, subject);
      return broker.syncBox({ box: subject, saleSystems: await saleSystemsOf(reader, subject) });
    }
    case 'saleSystem': {
      const system = await reader
        .selectFrom('sale_systems')
        .select('ended_at_ms')
        .where('id', '=', subject)
        .executeTakeFirst();
      if (system?.ended_at_ms !== null) return broker.removeSaleSystem(subject);
      return broker.syncSaleSystem({ saleSystem: subject, boxes: await boxesOf(reader, subject) });
    }
    case 'notice':
      return notice(means, subject, 'inUse');
    case 'keyEnds': {
      const key = await reader
        .selectFrom('command_keys')
        .innerJoin('pairings', 'pairings.id', 'command_keys.pairing')
        .select('box')
        .where('kid', '=', subject)
        .executeTakeFirst();
      return key === undefined ? undefined : notice(means, key.box, 'inUse');
    }
    case 'trust': {
      const crl = await issueCrl(core);
      return broker.trust({ cas: await core.authority.trustedCas(), crl });
    }
    case 'reconcile': {
      const { added, removed, changed } = await broker.reconcile(wantedAccess(reader));
      if (added + removed + changed > 0)
        core.log.warn('the broker had forgotten or kept what it should not', {
          count: added + removed + changed,
        });
      return checkEnds(core);
    }
  }
}

/** Ends a box's access. It is called first, while it still hears: then it asks, and is told that it is out of use. */
async function remove(means: Means, id: string): Promise<void> {
  const { core, broker } = means;
  try {
    await notice(means, id, 'ended');
  } catch (error) {
    // Nothing holds up the removal. The box asks by itself when it finds no way in, or the next day.
    core.log.warn('a box that is out of use could not be called', { id, error: messageOf(error) });
  }
  await broker.removeBox(id);
}

/** Tells the box to register now. The revision grows with every call, so that it is above all that the box has heard. */
async function notice(
  { core: { store, keys }, broker, timers }: Means,
  id: string,
  who: 'inUse' | 'ended',
): Promise<void> {
  const box = await store.write((tx) =>
    tx
      .updateTable('boxes')
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('status', who === 'inUse' ? '=' : '!=', 'claimed')
      .returning(['revision', 'registry_kid'])
      .executeTakeFirst(),
  );
  if (box === undefined) return;
  const known = box.registry_kid === null ? [] : [box.registry_kid];
  const jws = keys.sign({ box: id, revision: box.revision }, jwsTypes.notice, known);
  await within(timers, calledWithinMs, broker.notice(id, jws));
}
