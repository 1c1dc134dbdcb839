/** The broker's own certificate, where the registry's CA signs it. */
import { isIP } from 'node:net';
import { messageOf } from '../../../gateway/seams/error.ts';
import { hostNames } from '../authority/names.ts';
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import { issuing, recordCertificate } from './box-access.ts';
import type { Actor, Core } from './core.ts';
import { type Behind, behind } from './stragglers.ts';

/** Whose certificate it is, where it is written down. */
const subject = 'broker';

/** What the operator puts in its place. */
export interface BrokerCertificate {
  /** PEM. */
  certificate: string;
  serial: string;
  notAfterMs: number;
  /** Who does not trust the CA that signed it yet: nobody, unless a rotation of the CA goes on. */
  behind: Behind;
}

/**
 * Signs a certificate for the broker.
 *
 * @param names host names and IP addresses under which it is reached; among them the one that everybody is told
 * @throws Refusal `forbidden`, `malformed`
 */
export async function issueBrokerCertificate(
  core: Core,
  actor: Actor,
  { names, csr }: { names: readonly string[]; csr: string },
): Promise<BrokerCertificate> {
  if (actor.customer !== null) throw new Refusal('forbidden', 'this token is bound to one customer');
  checkNames(names);
  const told = core.broker === null ? null : hostOf(core.broker.url);
  if (told !== null && !names.some((name) => isSame(name, told)))
    throw new Refusal('malformed', `names: ${told} is missing, under which boxes are told to look for it`);
  const nowMs = core.clock.nowMs();
  const issued = await issuing(core.authority.issueBroker(names, csr, nowMs));
  const { serial, ca, notAfterMs } = issued;
  await core.store.write(async (tx) => {
    await recordCertificate(tx, subject, issued, nowMs);
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'broker.certificate.issued',
      subject,
      customer: null,
      after: { serial, ca, names, not_after_ms: notAfterMs },
    });
  });
  const notYet = await behind(core, 'ca');
  return { certificate: issued.chain, serial, notAfterMs, behind: notYet };
}

function checkNames(names: readonly string[]): void {
  try {
    hostNames(names);
  } catch (cause) {
    throw new Refusal('malformed', `names: ${messageOf(cause)}`, { cause });
  }
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();

// URLs write IPv6 addresses in their shortest form.
const isSame = (name: string, told: string): boolean =>
  name.toLowerCase() === told || (isIP(name) === 6 && hostOf(`mqtts://[${name}]`) === told);
