/** Reads what the config names, puts the real parts together, starts and stops them; nothing else. */
import { readFileSync } from 'node:fs';
import { messageOf, SwipeError } from '../../gateway/seams/error.ts';
import type { Log } from '../../gateway/seams/log.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { systemSchedule } from '../../gateway/system/schedule.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { createApi } from './api/app.ts';
import { createLimits } from './api/limits.ts';
import { createMetrics } from './api/metrics.ts';
import { listen } from './api/server.ts';
import { type Authority, openAuthority } from './authority/authority.ts';
import { createBrokerAccess } from './broker/access.ts';
import { createControlChannel } from './broker/control.ts';
import { ownCredentials } from './broker/own-credentials.ts';
import { createTrustFiles, reloadByPidFile } from './broker/trust-files.ts';
import type { BrokerConfig, RegistryConfig } from './config.ts';
import type { BrokerAccess } from './ports.ts';
import { loadMasterKey } from './secrets/master-key.ts';
import { openRegistryKeys } from './secrets/registry-keys.ts';
import { type Core, nobodyIsBilled } from './services/core.ts';
import { createRegistrar } from './services/registrar.ts';
import { isFresh, openStore } from './store/open.ts';
import { dailyWork } from './upkeep/daily.ts';
import { createErrands } from './upkeep/errands.ts';

/** The registry's parts without its server: what commands work with, beside a registry that may be running. */
export interface OpenRegistry {
  core: Core;
  authority: Authority;
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

    const core: Core = {
      store,
      masterKey,
      authority,
      keys,
      billing: nobodyIsBilled,
      broker:
        config.broker === null ? null : { url: config.broker.url, ca: serverCaOf(config.broker, authority) },
      clock: systemTime,
      random: systemRandom,
      log,
      errandsWait() {},
      isRestored: () => restored,
    };
    return {
      core,
      authority,
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
 * @throws SwipeError: each says what was wrong and what to do; nothing is left open
 */
export async function startRegistry(config: RegistryConfig, { log }: { log: Log }): Promise<RunningRegistry> {
  const opened: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const registry = await openRegistry(config, { log });
    opened.push(() => registry.close());
    const { core, authority } = registry;
    const broker = config.broker === null ? null : brokerOf(config.broker, authority, log);
    if (broker !== null) opened.push(() => broker.close());
    const errands = createErrands(core, { broker, timers: systemTime });
    core.errandsWait = () => errands.wake();
    const limits = createLimits({ ...config.limits, clock: systemTime, random: systemRandom });
    const { proxies } = config.listen;
    const parts = { core, registrar: createRegistrar(core), limits, metrics: createMetrics(), proxies };
    const server = await listen(createApi(parts), config.listen, systemTime);
    opened.push(() => server.close());
    errands.start();
    opened.push(() => errands.stop());
    const daily = (): void => {
      dailyWork(core).catch((error) => log.error('the daily work failed', { error: messageOf(error) }));
    };
    // A day that was missed is made up for; a day twice is no harm.
    daily();
    opened.push(systemSchedule.daily(config.dailyHour, daily));
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

function brokerOf(config: BrokerConfig, authority: Authority, log: Log): BrokerAccess {
  const { control, crlFile, caFile, pidFile } = config;
  const own = ownCredentials(authority, {
    clock: systemTime,
    random: systemRandom,
    serverCa: controlCaOf(config, authority),
  });
  return createBrokerAccess({
    control: createControlChannel({
      url: control.url,
      credentials: credentialsOf(control, own),
      time: systemTime,
      log,
    }),
    trust: createTrustFiles({
      crlFile,
      caFile,
      reload: pidFile === null ? async () => {} : reloadByPidFile(pidFile),
      clock: systemTime,
    }),
    log,
  });
}

type Own = ReturnType<typeof ownCredentials>;

/** A name and a password where the config has them, the registry's own certificate otherwise. */
function credentialsOf({ url, username, passwordFile, cert, key }: BrokerConfig['control'], own: Own): Own {
  return async () => {
    const { ca, ...certificate } = await own();
    const shown =
      cert === undefined || key === undefined ? certificate : { cert: read(cert), key: read(key) };
    return {
      ...(url.startsWith('mqtts:') ? { ...(ca === undefined ? {} : { ca }), ...shown } : {}),
      ...(username === undefined ? {} : { username }),
      ...(passwordFile === undefined ? {} : { password: read(passwordFile).trim() }),
    };
  };
}

const serverCaOf =
  ({ serverCa }: BrokerConfig, authority: Authority) =>
  async (): Promise<string> =>
    serverCa === undefined ? (await authority.trustedCas()).join('') : read(serverCa);

const controlCaOf = (config: BrokerConfig, authority: Authority) => async (): Promise<string> =>
  config.control.ca === undefined ? serverCaOf(config, authority)() : read(config.control.ca);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SwipeError('configInvalid', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
