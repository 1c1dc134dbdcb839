import { topicsOf } from '../../../gateway/contract/topics.ts';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Log } from '../../../gateway/seams/log.ts';
import { boxName, saleSystemName } from '../authority/names.ts';
import type { BrokerAccess } from '../ports.ts';
import type { ControlChannel } from './control.ts';
import { type Answer, type Change, type Command, isAsWished } from './dynamic-security.ts';
import { changesFor, type Found, type Principal } from './principals.ts';
import { reconcile } from './reconcile.ts';
import { aclKey, boxRole, type Role, saleSystemAcls, saleSystemRole } from './roles.ts';
import type { TrustFiles } from './trust-files.ts';

/** What {@link createBrokerAccess} needs. */
export interface BrokerAccessParts {
  control: ControlChannel;
  trust: TrustFiles;
  log: Log;
}

/** Access to a Mosquitto with its dynamic-security plugin. */
export function createBrokerAccess({ control, trust, log }: BrokerAccessParts): BrokerAccess {
  async function find(username: string, rolename: string): Promise<Found> {
    const [role, client] = await control.run([
      { command: 'getRole', rolename },
      { command: 'getClient', username },
    ]);
    return { role: shown(role)?.role ?? null, client: shown(client)?.client ?? null };
  }

  async function carryOut(changes: readonly Change[]): Promise<void> {
    for (const answer of await control.run(changes)) demand(answer);
  }

  async function ensure({ username, role }: Principal): Promise<void> {
    await carryOut(changesFor({ username, role }, await find(username, role.rolename)));
  }

  /** The boxes that a sale system has are kept: who else it is paired with is not known here. */
  async function addBox(saleSystem: string, box: string): Promise<void> {
    const { rolename } = saleSystemRole(saleSystemName(saleSystem), []);
    const found = await find(saleSystem, rolename);
    const own = saleSystemAcls(box);
    const ownKeys = new Set(own.map(aclKey));
    const others = (found.role?.acls ?? []).filter((acl) => acl.allow && !ownKeys.has(aclKey(acl as never)));
    const role = { rolename, acls: [...others, ...own] } as Role;
    await carryOut(changesFor({ username: saleSystem, role }, found));
  }

  /** Takes a name away, and ends the session of somebody who has it without having any rights. */
  async function expel(username: string): Promise<void> {
    const [answer] = await control.run([{ command: 'deleteClient', username }]);
    if (answer?.error === undefined) return;
    demand(answer);
    // The plugin ends sessions of its own clients only.
    await carryOut([
      { command: 'createClient', username, roles: [] },
      { command: 'deleteClient', username },
    ]);
  }

  async function remove(username: string, rolename: string): Promise<void> {
    await expel(username);
    await carryOut([{ command: 'deleteRole', rolename }]);
  }

  return {
    async syncBox({ box, saleSystems }) {
      await ensure({ username: boxName(box), role: boxRole(box) });
      for (const saleSystem of saleSystems) await addBox(saleSystem, box);
    },

    async removeBox(box) {
      await remove(boxName(box), boxRole(box).rolename);
      const { registry, status } = topicsOf(box);
      // The broker does not send the will of a client that is thrown out: who reads the status would wait for ever.
      await control.retain(status, '{"online":false}');
      await control.retain(registry, '');
    },

    async syncSaleSystem({ saleSystem, boxes }) {
      const role = saleSystemRole(saleSystemName(saleSystem), boxes.map(boxName));
      await ensure({ username: saleSystem, role });
    },

    removeSaleSystem: async (id) => await remove(saleSystemName(id), saleSystemRole(id, []).rolename),

    async disconnect(username) {
      const [answer] = await control.run([{ command: 'modifyClient', username }]);
      if (answer?.error !== undefined) await expel(username);
    },

    notice: async (box, jws) => await control.retain(topicsOf(boxName(box)).registry, jws),
    async trust(parts) {
      await trust.publish(parts);
      // Mosquitto rereads its files between two rounds of its loop, so after the second answer it has.
      const question: Command = { command: 'getDefaultACLAccess' };
      try {
        await control.run([question]);
        await control.run([question]);
      } catch (error) {
        // With an expired list it lets nobody in, the registry included, until it has read the new one.
        log.debug('the broker was told of whom to trust, and did not confirm it', {
          error: messageOf(error),
        });
      }
    },
    reconcile: async (wanted) => await reconcile(control, wanted, log),
    close: () => control.close(),
  };
}

/** What was asked for; null where there is no such thing. */
function shown(answer: Answer | undefined): Answer['data'] | null {
  if (answer?.error === undefined) return answer?.data ?? null;
  if (isAsWished(answer)) return null;
  throw refused(answer);
}

function demand(answer: Answer): void {
  if (!isAsWished(answer)) throw refused(answer);
}

const refused = ({ command, error }: Answer): SwipeError =>
  new SwipeError('brokerUnreachable', `the broker did not carry out ${command}: ${error}`);
