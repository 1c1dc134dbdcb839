/** Reads what the config names, puts the real parts together, starts and stops them; nothing else. */
import { messageOf } from '../../gateway/seams/error.ts';
import type { Log } from '../../gateway/seams/log.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { systemSchedule } from '../../gateway/system/schedule.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { createApi } from './api/app.ts';
import { createLimits } from './api/limits.ts';
import { createMetrics } from './api/metrics.ts';
import { listen } from './api/server.ts';
import { type Authority, openAuthority } from './authority/authority.ts';
import { type Billing, createBilling } from './billing/billing.ts';
import { billingDay } from './billing/daily/day.ts';
import { createBillingStates } from './billing/standing/states.ts';
import { brokerAccess, brokerFacts } from './broker/from-config.ts';
import type { RegistryConfig } from './config.ts';
import type { BrokerAccess } from './ports.ts';
import { loadMasterKey } from './secrets/master-key.ts';
import { openRegistryKeys } from './secrets/registry-keys.ts';
import { type Core, nobodyIsBilled } from './services/core.ts';
import { createRegistrar } from './services/registrar.ts';
import { isFresh, openStore } from './store/open.ts';
import { dailyWork } from './upkeep/daily.ts';
import { createErrands } from './upkeep/errands.ts';
import { tlsNews } from './upkeep/tls.ts';

/** The registry's parts without its server: what commands work with, beside a registry that may be running. */
export interface OpenRegistry {
  core: Core;
  authority: Authority;
  /** null: nobody is billed. */
  billing: Billing | null;
  close(): Promise<void>;
}

/** A registry that answers. */
export interface RunningRegistry extends OpenRegistry {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  url: string;
  /** The registry's public key that boxes pin: base64url of its 32 bytes. */
  key: string;
  stop(): Promise<void>;
}

/** How often is looked at what other instances and commands changed. */
const lookEveryMs = 1000;

/**
 * Opens database, keys and authority as the config says; makes them on the first start.
 *
 * @throws SwipeError: each says what was wrong and what to do; nothing is left open
 */
export async function openRegistry(config: RegistryConfig, { log }: { log: Log }): Promise<OpenRegistry> {
  const store = await openStore(config.database, { time: systemTime, random: systemRandom, log });
  try {
    const mayMake = await isFresh(store.reader);
    const masterKey = loadMasterKey(config.masterKeyFile, { random: systemRandom, mayMake });
    const directory = { directory: config.authorityDir, masterKey, random: systemRandom, mayMake };
    const authority = await openAuthority({ ...directory, nowMs: systemTime.nowMs() });
    const keys = await openRegistryKeys(directory);
    let restored = await readRestored();
    let stopped = false;
    let cancel = systemTime.after(lookEveryMs, look);

    async function readRestored(): Promise<boolean> {
      const { mode } = await store.reader.selectFrom('meta').select('mode').executeTakeFirstOrThrow();
      return mode === 'restored';
    }
    async function look(): Promise<void> {
      try {
        restored = await readRestored();
        await keys.reload();
      } catch (error) {
        log.warn('the state of the registry cannot be read', { error: messageOf(error) });
      }
      if (!stopped) cancel = systemTime.after(lookEveryMs, look);
    }

    const billing = config.billing === null ? null : createBilling(config.billing);
    const core: Core = {
      store,
      masterKey,
      authority,
      keys,
      billing: billing === null ? nobodyIsBilled : createBillingStates(billing),
      broker:
        config.broker === null
          ? null
          : brokerFacts(config.broker, { authority, time: systemTime, random: systemRandom, log }),
      clock: systemTime,
      random: systemRandom,
      log,
      errandsWait() {},
      isRestored: () => restored,
    };
    return {
      core,
      authority,
      billing,
      async close() {
        stopped = true;
        cancel();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Starts the registry.
 *
 * @param access to a broker that the config cannot name, such as one in this process; closed when the registry stops
 * @throws SwipeError: each says what was wrong and what to do; nothing is left open
 */
export async function startRegistry(
  config: RegistryConfig,
  { log, access = null }: { log: Log; access?: BrokerAccess | null },
): Promise<RunningRegistry> {
  const opened: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const registry = await openRegistry(config, { log });
    opened.push(() => registry.close());
    const { core, authority, billing } = registry;
    const broker =
      config.broker === null
        ? access
        : brokerAccess(config.broker, { authority, time: systemTime, random: systemRandom, log });
    if (broker !== null) opened.push(() => broker.close());
    const errands = createErrands(core, { broker, timers: systemTime });
    core.errandsWait = () => errands.wake();
    const limits = createLimits({ ...config.limits, clock: systemTime, random: systemRandom });
    const { proxies } = config.listen;
    const metrics = createMetrics();
    const parts = { core, billing, registrar: createRegistrar(core), limits, metrics, proxies };
    const news = tlsNews(core, metrics);
    const server = await listen(createApi(parts), config.listen, { time: systemTime, news });
    opened.push(() => server.close());
    errands.start();
    opened.push(() => errands.stop());
    const daily = (): void => {
      dailyWork(core).catch((error) => log.error('the daily work failed', { error: messageOf(error) }));
    };
    // A day that was missed is made up for; a day twice is no harm.
    daily();
    opened.push(systemSchedule.daily(config.dailyHour, daily));
    if (billing !== null) opened.push(keepBilling(core, billing, config.dailyHour));
    const key = core.keys.trusted()[0]?.x ?? '';
    log.info('the registry listens', { url: server.url });
    if (core.isRestored())
      log.warn('the registry was restored and waits for its operator: nobody is answered');
    return { ...registry, url: server.url, key, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Bills and reminds every day, and now what was missed. Undone, it waits for the page that is being written. */
function keepBilling(core: Core, billing: Billing, dailyHour: number): () => Promise<void> {
  let stopped = false;
  let working: Promise<void> = Promise.resolve();
  const work = (): void => {
    working = working
      .then(() => billingDay(core, billing, { goesOn: () => !stopped }))
      .catch((error) => core.log.error('the daily billing failed', { error: messageOf(error) }));
  };
  work();
  const cancel = systemSchedule.daily(billing.config.hour ?? dailyHour, work, billing.config.timeZone);
  return async () => {
    stopped = true;
    cancel();
    await working;
  };
}
