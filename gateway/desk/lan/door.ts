/** Who may come in at all: by which name the box is called, and on whose page the browser is. */
import type { DeskConfig } from '../../contract/desk-config.ts';
import { DeskRefusal } from '../refusal.ts';

/** What a request says of itself. */
export interface Caller {
  host: string | undefined;
  origin: string | undefined;
  /** The box's own address on this connection. */
  localAddress: string;
}

/** What is known of a request that was let in. */
export interface LetIn {
  /** The desk's own origin, as the browser sees it. */
  own: string;
  /** A foreign origin that the config names; null: none, or the desk's own. */
  foreign: string | null;
}

const hostForm = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/;

/**
 * Makes the check. A name that the config does not have is refused: a foreign page whose own name was made to point at
 * the box (DNS rebinding) would be of the same origin otherwise. An address cannot be made to point elsewhere.
 *
 * @throws DeskRefusal `misdirected`, `foreignOrigin`
 */
export function createDoor({ hosts, origins }: Pick<DeskConfig, 'hosts' | 'origins'>) {
  return ({ host = '', origin, localAddress }: Caller): LetIn => {
    const name = hostForm.exec(host.toLowerCase())?.[1];
    if (name === undefined || !(hosts.includes(name) || sameAddress(name, localAddress)))
      throw new DeskRefusal('misdirected');
    const own = originOf(host.toLowerCase());
    if (origin === undefined || origin === own) return { own, foreign: null };
    if (!origins.includes(origin)) throw new DeskRefusal('foreignOrigin');
    return { own, foreign: origin };
  };
}

/** As a browser writes it: without the usual port. */
const originOf = (host: string): string =>
  URL.canParse(`http://${host}`) ? new URL(`http://${host}`).origin : '';

function sameAddress(name: string, address: string): boolean {
  const [bare = ''] = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%');
  if (!name.startsWith('[')) return name === bare;
  // Each has more than one spelling; a URL has one.
  const spelt = (host: string): string =>
    URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  return bare.includes(':') && spelt(name) === spelt(`[${bare}]`);
}
