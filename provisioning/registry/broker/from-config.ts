/** The registry's ways to the broker, as the config names them. */
import { readFileSync } from 'node:fs';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Log } from '../../../gateway/seams/log.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import type { Authority } from '../authority/authority.ts';
import type { BrokerConfig } from '../config.ts';
import type { BrokerAccess } from '../ports.ts';
import type { BrokerFacts } from '../services/core.ts';
import { createBrokerAccess } from './access.ts';
import { createControlChannel } from './control.ts';
import { ownCredentials } from './own-credentials.ts';
import { lookAtServer } from './server-certificate.ts';
import { createTrustFiles, reloadByPidFile } from './trust-files.ts';

/** What both need. */
export interface BrokerParts {
  authority: Authority;
  time: Time;
  random: Random;
  log: Log;
}

/** What boxes are told of the broker, and how it shows itself. */
export function brokerFacts(config: BrokerConfig, parts: BrokerParts): BrokerFacts {
  const { authority, time } = parts;
  const credentials = identityOf(config, parts);
  const ca = serverCaOf(config, authority);
  return {
    url: config.url,
    ca,
    async certificate(when) {
      if (!config.url.startsWith('mqtts:')) return null;
      const [newest = ''] = await authority.trustedCas();
      const own = when === 'afterRotation' && config.serverCa === undefined;
      return lookAtServer(config.url, { credentials, ca: own ? newest : await ca(), timers: time });
    },
  };
}

/** Who may do what at the broker, and the files by which it learns whom to trust. */
export function brokerAccess(config: BrokerConfig, parts: BrokerParts): BrokerAccess {
  const { authority, time, log } = parts;
  const { control, crlFile, caFile, pidFile } = config;
  const identity = identityOf(config, parts);
  const ca =
    control.ca === undefined ? serverCaOf(config, authority) : async () => read(control.ca as string);
  const { url, username, passwordFile } = control;
  return createBrokerAccess({
    control: createControlChannel({
      url,
      credentials: async () => ({
        ...(url.startsWith('mqtts:') ? { ...(await identity()), ca: await ca() } : {}),
        ...(username === undefined ? {} : { username }),
        ...(passwordFile === undefined ? {} : { password: read(passwordFile).trim() }),
      }),
      time,
      log,
    }),
    trust: createTrustFiles({
      crlFile,
      caFile,
      reload: pidFile === null ? async () => {} : reloadByPidFile(pidFile),
      clock: time,
    }),
    log,
  });
}

/** The certificate that the config names, the registry's own otherwise. */
function identityOf({ control: { cert, key } }: BrokerConfig, { authority, time, random }: BrokerParts) {
  if (cert !== undefined && key !== undefined) return async () => ({ cert: read(cert), key: read(key) });
  return ownCredentials(authority, { clock: time, random });
}

const serverCaOf =
  ({ serverCa }: BrokerConfig, authority: Authority) =>
  async (): Promise<string> =>
    serverCa === undefined ? (await authority.trustedCas()).join('') : read(serverCa);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SwipeError('configInvalid', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
