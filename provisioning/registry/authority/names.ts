import { isIP } from 'node:net';
import * as v from 'valibot';
import { registeredBox } from '../../../gateway/contract/registration.ts';
import { SwipeError } from '../../../gateway/seams/error.ts';

/**
 * The instances of the registry by their names at the broker, where each name is one session. As many as the
 * dynamic-security file in provisioning/mosquitto knows.
 */
export const instanceNames: readonly string[] = Array.from({ length: 8 }, (_, at) => `registry-${at + 1}`);

// X.520's upper bound for a common name is 64 characters; + # / would mean something in a topic.
const saleSystemForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * A box's id that may stand in a certificate and at the broker.
 *
 * @throws SwipeError `keyInvalid`
 */
export function boxName(box: string): string {
  if (v.is(registeredBox, box)) return box;
  throw new SwipeError('keyInvalid', `${JSON.stringify(box).slice(0, 80)} is not the id of a box`);
}

/**
 * A sale system's id that may stand there: it can be taken neither for a box nor for the registry.
 *
 * @throws SwipeError `keyInvalid`
 */
export function saleSystemName(id: string): string {
  if (saleSystemForm.test(id) && !/^(sw-|registry)/i.test(id)) return id;
  throw new SwipeError('keyInvalid', `${JSON.stringify(id).slice(0, 80)} is not an id for a sale system`);
}

// Labels as RFC 1123 §2.1 has them. A last one of digits alone would be an address that is none; wildcards have no place
// on a certificate for one machine.
const label = '(?!-)[A-Za-z0-9-]{1,63}(?<!-)';
const hostForm = new RegExp(`^(?:${label}\\.)*(?!\\d+$)${label}$`);

/**
 * The names under which a broker is reached.
 *
 * @throws SwipeError `keyInvalid`
 */
export function hostNames(hosts: readonly string[]): readonly string[] {
  const fit = hosts.every((host) => isIP(host) !== 0 || (host.length < 254 && hostForm.test(host)));
  if (hosts.length > 0 && hosts.length <= 16 && fit) return hosts;
  throw new SwipeError('keyInvalid', 'a broker needs 1 to 16 names: host names or IP addresses');
}
