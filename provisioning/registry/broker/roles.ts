/** Who may do what at the broker: the whole table. Pure. docs/broker-access.md shows it as a real Mosquitto enforces it. */
import { topicsOf } from '../../../gateway/contract/topics.ts';

/** Kinds of access that Mosquitto's dynamic-security plugin tells apart. What is not granted is denied. */
export type AclType = 'publishClientSend' | 'publishClientReceive' | 'subscribeLiteral';

/** One line of a role. */
export interface Acl {
  acltype: AclType;
  topic: string;
}

/** What a user of the broker may do. Each user has one role of its own. */
export interface Role {
  rolename: string;
  acls: readonly Acl[];
}

/** The role that every instance of the registry has. */
export const registryRoleName = 'registry';

/** Where the dynamic-security plugin takes its commands. */
export const controlTopic = '$CONTROL/dynamic-security/v1';

/** Where it answers, to whoever asked. */
export const controlResponseTopic = `${controlTopic}/response`;

const send = (topic: string): Acl => ({ acltype: 'publishClientSend', topic });

// Both halves are needed: a subscription that was made while it was allowed lives on in a persistent session, and
// nothing may come through it afterwards.
const read = (topic: string): Acl[] => [
  { acltype: 'subscribeLiteral', topic },
  { acltype: 'publishClientReceive', topic },
];

/** A box: reads its commands and the registry's notices, writes the rest. */
export function boxRole(box: string): Role {
  const { commands, registry, results, events, status } = topicsOf(box);
  const acls = [...read(commands), ...read(registry), send(results), send(events), send(status)];
  return { rolename: `box:${box}`, acls };
}

/** What a sale system may do with one box: the reverse. */
export function saleSystemAcls(box: string): Acl[] {
  const { commands, results, events, status } = topicsOf(box);
  return [send(commands), ...read(results), ...read(events), ...read(status)];
}

/** A sale system with the boxes that it is paired with. */
export const saleSystemRole = (saleSystem: string, boxes: readonly string[]): Role => ({
  rolename: `saleSystem:${saleSystem}`,
  acls: boxes.flatMap(saleSystemAcls),
});

/**
 * The registry: who may do what, its notices, and the last word on a box that it has thrown out, whose will the
 * broker does not send.
 */
export const registryRole: Role = {
  rolename: registryRoleName,
  acls: [
    send(controlTopic),
    ...read(controlResponseTopic),
    send('swipe/v1/+/registry'),
    send('swipe/v1/+/status'),
  ],
};

/** One text per line of a role, to compare by. */
export const aclKey = ({ acltype, topic }: Acl): string => `${acltype} ${topic}`;
