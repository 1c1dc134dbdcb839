import type { Random } from '../../../gateway/seams/random.ts';
import type { Clock } from '../../../gateway/seams/time.ts';
import type { Authority } from '../authority/authority.ts';
import { instanceNames } from '../authority/names.ts';
import type { Credentials } from './control.ts';

/**
 * The registry as a client of the broker: for each connection a certificate of its own for a day, with a key that
 * never leaves this process. There is no file to renew, to guard or to lose.
 *
 * Each connection takes one of the registry's names at random: a name is one session at the broker, and several
 * instances know nothing of each other. Of two that took the same one the older is ended, and comes back under
 * another when it has something to say.
 *
 * @param serverCa the CAs of the broker's own certificate (PEM); absent: those that this machine trusts
 */
export function ownCredentials(
  authority: Pick<Authority, 'issueInstance'>,
  { clock, random, serverCa }: { clock: Clock; random: Random; serverCa: () => Promise<string | undefined> },
): Credentials {
  return async () => {
    const name = instanceNames[Math.floor(random.fraction() * instanceNames.length)] ?? 'registry-1';
    const ca = await serverCa();
    return { ...(await authority.issueInstance(name, clock.nowMs())), ...(ca === undefined ? {} : { ca }) };
  };
}
