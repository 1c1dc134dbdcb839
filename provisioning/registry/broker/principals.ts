/** How a user of the broker should be, how it is, and what makes the one the other. Pure. */
import { type Change, type ShownClient, type ShownRole, written } from './dynamic-security.ts';
import { type Acl, aclKey, type Role } from './roles.ts';

/** A user with the role of its own. */
export interface Principal {
  username: string;
  role: Role;
}

/** How it is at the broker; null: not there. */
export interface Found {
  role: ShownRole | null;
  client: ShownClient | null;
}

// A larger role, of a sale system with some 200 boxes, is changed line by line: it would not fit into one message.
const wholeRoleMaxBytes = 128 * 1024;

/** What has to be done; nothing when all is as it should be. Roles come first, so that no session starts without. */
export function changesFor({ username, role }: Principal, found: Found): Change[] {
  return [...roleChanges(role, found.role), ...clientChanges(username, role.rolename, found.client)];
}

/** Makes a role what it should be. Ends no session, as long as it is not so large that it must go line by line. */
export function roleChanges({ rolename, acls }: Role, found: ShownRole | null): Change[] {
  const whole = acls.map(written);
  const isSmall = JSON.stringify(whole).length <= wholeRoleMaxBytes;
  const add = (acl: Acl): Change => ({ command: 'addRoleACL', rolename, ...written(acl) });
  if (found === null) {
    if (isSmall) return [{ command: 'createRole', rolename, acls: whole }];
    return [{ command: 'createRole', rolename, acls: [] }, ...acls.map(add)];
  }
  // A denial is nothing that the registry writes: it is replaced as anything else that is too much.
  const there = new Map(found.acls.map((acl) => [aclKey(acl as Acl), acl]));
  const wanted = new Set(acls.map(aclKey));
  const missing = acls.filter((acl) => there.get(aclKey(acl))?.allow !== true);
  const surplus = found.acls.filter((acl) => !wanted.has(aclKey(acl as Acl)) || !acl.allow);
  if (missing.length === 0 && surplus.length === 0) return [];
  // One command writes the broker's file once; line by line, it is written for each line.
  if (isSmall) return [{ command: 'modifyRole', rolename, acls: whole }];
  const remove = ({ acltype, topic }: { acltype: string; topic: string }): Change => ({
    command: 'removeRoleACL',
    rolename,
    acltype: acltype as Acl['acltype'],
    topic,
  });
  return [...surplus.map(remove), ...missing.map(add)];
}

function clientChanges(username: string, rolename: string, found: ShownClient | null): Change[] {
  const roles = [{ rolename }];
  if (found === null) return [{ command: 'createClient', username, roles }];
  const isOwn = found.roles.length === 1 && found.roles[0]?.rolename === rolename;
  const changes: Change[] = [];
  // This ends its session, so only where something is wrong.
  if (!isOwn || found.groups.length > 0)
    changes.push({ command: 'modifyClient', username, roles, groups: [] });
  if (found.disabled) changes.push({ command: 'enableClient', username });
  return changes;
}
