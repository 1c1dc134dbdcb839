/** The demo's registry: the real one, which knows one customer, and soon the customer's box and sale system. */
import { createWriteStream, writeFileSync } from 'node:fs';
import { registryConfigOf } from '../../../provisioning/registry/config.ts';
import { type RunningRegistry, startRegistry } from '../../../provisioning/registry/main.ts';
import type { BrokerAccess } from '../../../provisioning/registry/ports.ts';
import { addCustomer, newClaim } from '../../../provisioning/registry/services/customers.ts';
import { newPairingCode } from '../../../provisioning/registry/services/pairing.ts';
import { createLog } from '../../system/log.ts';
import type { demoPlaces } from '../places.ts';
import { person } from '../registry/config-file.ts';
import { type PairedShop, pairShop } from './shop.ts';

/** A registry that can be away for a while. */
export interface DemoRegistry {
  url: string;
  /** The customer whose claim the box brings. */
  customer: string;
  /** For the box's config. */
  forBox: { url: string; key: string; claim: string };
  /** Pairs a sale system with this box, which the registry then calls. */
  pair(box: string): Promise<PairedShop>;
  /** Stops the registry, or starts it again. True: it runs. */
  toggle(): Promise<boolean>;
  stop(): Promise<void>;
}

/** What {@link startDemoRegistry} needs. */
export interface DemoRegistryParts {
  host: string;
  /** 0: any free one. */
  port: number;
  places: ReturnType<typeof demoPlaces>['registry'];
  access: BrokerAccess;
}

/**
 * Starts it on an empty directory, makes the customer and a claim code, and leaves its config where `swipe registry …`
 * looks.
 *
 * @throws SwipeError `portTaken`
 */
export async function startDemoRegistry({
  host,
  port,
  places,
  access,
}: DemoRegistryParts): Promise<DemoRegistry> {
  const logFile = createWriteStream(places.log, { mode: 0o600 });
  const log = createLog({ level: 'debug', destination: logFile });
  const inputWith = (listenPort: number) => ({
    listen: { host, port: listenPort },
    database: { kind: 'sqlite', path: places.database },
    masterKeyFile: places.masterKey,
    authorityDir: places.authority,
  });
  const start = (listenPort: number): Promise<RunningRegistry> =>
    startRegistry(registryConfigOf(inputWith(listenPort), places.config), { log, access });

  let running: RunningRegistry | null = null;
  let ended = false;
  // One after the other, however fast somebody types.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };
  async function halt(): Promise<void> {
    const ending = running;
    running = null;
    await ending?.stop();
  }
  async function stop(): Promise<void> {
    ended = true;
    await inTurn(halt);
    await new Promise<void>((resolve) => logFile.end(resolve));
  }

  try {
    running = await start(port);
    const { url, key, core } = running;
    const bound = Number(new URL(url).port);
    writeFileSync(places.config, `${JSON.stringify(inputWith(bound), null, 2)}\n`, { mode: 0o600 });
    const { customer } = await addCustomer(core, person(), 'Demo shop');
    const { code: claim } = await newClaim(core, person(), { customer });
    return {
      url,
      customer,
      forBox: { url, key, claim },
      async pair(box) {
        const { code } = await newPairingCode(core, person(), box);
        return pairShop(url, code);
      },
      toggle: () =>
        inTurn(async () => {
          if (running !== null) await halt();
          else if (!ended) running = await start(bound);
          return running !== null;
        }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
