/**
 * The commands of Mosquitto's dynamic-security plugin that the registry uses, as Mosquitto 2.0 has them
 * (https://mosquitto.org/documentation/dynamic-security/, and its plugins/dynamic-security).
 *
 * What it costs, measured with Debian's 2.0.11: every command that changes something writes the whole file, about
 * 15 ms for each 1000 boxes, and nothing else moves meanwhile. What it does besides: modifyClient, addClientRole,
 * removeClientRole and deleteClient end the client's session, without its will. So do addRoleACL, removeRoleACL and
 * deleteRole, but only where the broker has read the role from its file; createRole and modifyRole never do.
 */
import * as v from 'valibot';
import type { Acl } from './roles.ts';

/** An ACL as the plugin is told it. */
export type WrittenAcl = Acl & { allow: true };

/** A command that changes something. */
export type Change =
  | { command: 'createRole' | 'modifyRole'; rolename: string; acls: readonly WrittenAcl[] }
  | ({ command: 'addRoleACL'; rolename: string } & WrittenAcl)
  | ({ command: 'removeRoleACL'; rolename: string } & Pick<Acl, 'acltype' | 'topic'>)
  | { command: 'deleteRole'; rolename: string }
  | { command: 'createClient'; username: string; roles: readonly ClientRole[] }
  | { command: 'modifyClient'; username: string; roles?: readonly ClientRole[]; groups?: readonly never[] }
  | { command: 'deleteClient' | 'enableClient'; username: string }
  | { command: 'deleteGroup'; groupname: string }
  | { command: 'setDefaultACLAccess'; acls: readonly { acltype: string; allow: boolean }[] };

/** A command that only asks. */
export type Question =
  | { command: 'getRole'; rolename: string }
  | { command: 'getClient'; username: string }
  | { command: 'listRoles' | 'listClients'; verbose: true; count: number; offset: number }
  | { command: 'listGroups'; verbose: false; count: number; offset: number }
  | { command: 'getDefaultACLAccess' };

/** Any of them. */
export type Command = Change | Question;

/** A role that a client has. */
export interface ClientRole {
  rolename: string;
}

const role = v.object({
  rolename: v.string(),
  acls: v.optional(
    v.array(v.object({ acltype: v.string(), topic: v.string(), allow: v.optional(v.boolean(), true) })),
    [],
  ),
});

const client = v.object({
  username: v.string(),
  disabled: v.optional(v.boolean(), false),
  roles: v.optional(v.array(v.object({ rolename: v.string() })), []),
  groups: v.optional(v.array(v.object({ groupname: v.string() })), []),
});

/** A role as the plugin shows it. */
export type ShownRole = v.InferOutput<typeof role>;

/** A client as the plugin shows it. */
export type ShownClient = v.InferOutput<typeof client>;

const data = v.object({
  role: v.optional(role),
  roles: v.optional(v.array(role)),
  client: v.optional(client),
  clients: v.optional(v.array(client)),
  groups: v.optional(v.array(v.string())),
  acls: v.optional(v.array(v.object({ acltype: v.string(), allow: v.boolean() }))),
  totalCount: v.optional(v.number()),
});

const answer = v.object({
  command: v.string(),
  correlationData: v.optional(v.string()),
  error: v.optional(v.string()),
  data: v.optional(data),
});

/** What the plugin says to one command: `error` when it did not do it. */
export type Answer = v.InferOutput<typeof answer>;

const answers = v.object({ responses: v.array(answer) });

/** Reads what came on the response topic; null when it is no answer. */
export function readAnswers(payload: Uint8Array): Answer[] | null {
  try {
    return v.parse(answers, JSON.parse(Buffer.from(payload).toString('utf8'))).responses;
  } catch {
    return null;
  }
}

/** What it says when something is there already, or is not there: as wished, then. */
export const isAsWished = ({ error }: Answer): boolean =>
  error === undefined || /^(Client|Role|Group|ACL)\b.*(already exists|not found)$/.test(error);

/** An ACL as a command carries it. */
export const written = ({ acltype, topic }: Acl): WrittenAcl => ({ acltype, topic, allow: true });
