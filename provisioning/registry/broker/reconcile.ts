import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Log } from '../../../gateway/seams/log.ts';
import { boxName, instanceNames, saleSystemName } from '../authority/names.ts';
import type { WantedAccess } from '../ports.ts';
import type { ControlChannel } from './control.ts';
import {
  type Answer,
  type Change,
  isAsWished,
  type Question,
  type ShownClient,
  type ShownRole,
} from './dynamic-security.ts';
import { changesFor, type Principal, roleChanges } from './principals.ts';
import { boxRole, registryRole, saleSystemRole } from './roles.ts';

/** What a reconciliation had to do: users that were missing, too many, or not as they should be. */
export interface Repairs {
  added: number;
  removed: number;
  changed: number;
}

const pageSize = 500;
// No broker holds more: one that answers for ever must not fill the memory.
const pagesMax = 10_000;

/** Nobody may anything that no role grants. */
const defaults = [
  { acltype: 'publishClientSend', allow: false },
  { acltype: 'publishClientReceive', allow: false },
  { acltype: 'subscribe', allow: false },
  { acltype: 'unsubscribe', allow: true },
];

/**
 * Makes the broker what it should be: reads all that it has, then goes through all that is wanted and repairs what
 * differs. What nobody wants is removed; only the registry's own users stay. What it has is read first: whoever is
 * added meanwhile is not in it, and so is never taken for surplus.
 *
 * @throws SwipeError `brokerUnreachable` (rejects); what was repaired so far stays
 */
export async function reconcile(control: ControlChannel, wanted: WantedAccess, log: Log): Promise<Repairs> {
  const roles = await listAll(control, 'listRoles', ({ roles }) => roles);
  const clients = await listAll(control, 'listClients', ({ clients }) => clients);
  const rolesLeft = new Map<string, ShownRole>(roles.map((role) => [role.rolename, role]));
  const clientsLeft = new Map<string, ShownClient>(clients.map((client) => [client.username, client]));
  const repairs: Repairs = { added: 0, removed: 0, changed: 0 };

  await repairBase(control, rolesLeft, clientsLeft, repairs);

  async function repair({ username, role }: Principal): Promise<void> {
    const found = {
      role: rolesLeft.get(role.rolename) ?? null,
      client: clientsLeft.get(username) ?? null,
    };
    rolesLeft.delete(role.rolename);
    clientsLeft.delete(username);
    const changes = changesFor({ username, role }, found);
    if (changes.length === 0) return;
    if (found.client === null) repairs.added += 1;
    else repairs.changed += 1;
    await carryOut(control, changes);
  }
  for await (const { box } of wanted.boxes()) await repair({ username: boxName(box), role: boxRole(box) });
  for await (const { saleSystem, boxes } of wanted.saleSystems())
    await repair({
      username: saleSystemName(saleSystem),
      role: saleSystemRole(saleSystem, boxes.map(boxName)),
    });

  repairs.removed += new Set([...clientsLeft.keys(), ...[...rolesLeft.keys()].map(ownerOf)]).size;
  await carryOut(control, [
    ...[...clientsLeft.keys()].map((username): Change => ({ command: 'deleteClient', username })),
    ...[...rolesLeft.keys()].map((rolename): Change => ({ command: 'deleteRole', rolename })),
  ]);
  const count = repairs.added + repairs.removed + repairs.changed;
  if (count > 0) log.warn('the broker was not as it should be and was repaired', { count });
  return repairs;
}

/** The user whose role it is, by its name. */
const ownerOf = (rolename: string): string => rolename.slice(rolename.indexOf(':') + 1);

/** Defaults, groups and the registry's own role and users, which then count as wanted. */
async function repairBase(
  control: ControlChannel,
  roles: Map<string, ShownRole>,
  clients: Map<string, ShownClient>,
  repairs: Repairs,
): Promise<void> {
  const [access] = await control.run([{ command: 'getDefaultACLAccess' }]);
  const groups = await listAll(control, 'listGroups', ({ groups }) => groups);
  const changes: Change[] = groups.map((groupname) => ({ command: 'deleteGroup', groupname }));
  const isDefault = defaults.every(({ acltype, allow }) =>
    access?.data?.acls?.some((acl) => acl.acltype === acltype && acl.allow === allow),
  );
  if (!isDefault) changes.push({ command: 'setDefaultACLAccess', acls: defaults });
  changes.push(...roleChanges(registryRole, roles.get(registryRole.rolename) ?? null));
  repairs.changed += changes.length;
  await carryOut(control, changes);

  const missing = instanceNames.filter((username) => !clients.has(username));
  repairs.added += missing.length;
  const own = [{ rolename: registryRole.rolename }];
  await carryOut(
    control,
    missing.map((username) => ({ command: 'createClient', username, roles: own })),
  );
  roles.delete(registryRole.rolename);
  for (const username of instanceNames) clients.delete(username);
}

async function carryOut(control: ControlChannel, changes: readonly Change[]): Promise<void> {
  const wrong = (await control.run(changes)).find((answer) => !isAsWished(answer));
  if (wrong !== undefined)
    throw new SwipeError(
      'brokerUnreachable',
      `the broker did not carry out ${wrong.command}: ${wrong.error}`,
    );
}

async function listAll<Item>(
  control: ControlChannel,
  command: 'listRoles' | 'listClients' | 'listGroups',
  itemsOf: (data: NonNullable<Answer['data']>) => Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let page = 0; page < pagesMax; page += 1) {
    const verbose = command !== 'listGroups';
    const question = { command, verbose, count: pageSize, offset: page * pageSize } as Question;
    const [answer] = await control.run([question]);
    const items = answer?.data === undefined ? undefined : itemsOf(answer.data);
    if (answer?.error !== undefined || items === undefined)
      throw new SwipeError('brokerUnreachable', `the broker did not answer ${command}: ${answer?.error}`);
    all.push(...items);
    if (items.length < pageSize) return all;
  }
  throw new SwipeError('brokerUnreachable', `the broker's ${command} has no end`);
}
