import { boxName, instanceNames, saleSystemName } from '../authority/names.ts';
import type { WantedAccess } from '../ports.ts';
import { written } from './dynamic-security.ts';
import { boxRole, type Role, registryRole, saleSystemRole } from './roles.ts';

const roleText = ({ rolename, acls }: Role): string => JSON.stringify({ rolename, acls: acls.map(written) });
const clientText = (username: string, { rolename }: Role): string =>
  JSON.stringify({ username, roles: [{ rolename }] });

/**
 * The plugin's whole file, piece by piece, as the broker would have it after a reconciliation: for a broker that is
 * to start with a fleet at once. (Told one by one, 10,000 boxes take it half an hour.) With nobody wanted, it is the
 * file that a new broker starts with: only the registry, no secret.
 */
export async function* dynamicSecurityFile(wanted: WantedAccess): AsyncIterable<string> {
  yield '{"defaultACLAccess":{"publishClientSend":false,"publishClientReceive":false,"subscribe":false,"unsubscribe":true},\n';
  yield `"roles":[\n${roleText(registryRole)}`;
  for await (const { box } of wanted.boxes()) yield `,\n${roleText(boxRole(boxName(box)))}`;
  for await (const { saleSystem, boxes } of wanted.saleSystems())
    yield `,\n${roleText(saleSystemRole(saleSystemName(saleSystem), boxes.map(boxName)))}`;
  yield '],\n"groups":[],\n"clients":[\n';
  yield instanceNames.map((username) => clientText(username, registryRole)).join(',\n');
  for await (const { box } of wanted.boxes()) yield `,\n${clientText(box, boxRole(box))}`;
  for await (const { saleSystem } of wanted.saleSystems())
    yield `,\n${clientText(saleSystem, saleSystemRole(saleSystem, []))}`;
  yield ']}\n';
}
