import type { Random } from '../../../gateway/seams/random.ts';
import type { Clock } from '../../../gateway/seams/time.ts';
import type { Authority, OwnCertificate } from '../authority/authority.ts';
import { instanceNames } from '../authority/names.ts';

/**
 * The registry as a client of the broker: for each connection a certificate of its own for a day, with a key that
 * never leaves this process. There is no file to renew, to guard or to lose.
 *
 * Each connection takes one of the registry's names at random: a name is one session at the broker, and several
 * instances know nothing of each other. Of two that took the same one the older is ended, and comes back under
 * another when it has something to say.
 */
export function ownCredentials(
  authority: Pick<Authority, 'issueInstance'>,
  { clock, random }: { clock: Clock; random: Random },
): () => Promise<OwnCertificate> {
  return async () => {
    const name = instanceNames[Math.floor(random.fraction() * instanceNames.length)] ?? 'registry-1';
    return await authority.issueInstance(name, clock.nowMs());
  };
}
