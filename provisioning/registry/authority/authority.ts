import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { AuthorityState, CertificateAuthority, IssuedCertificate, MasterKey } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { type Ca, loadCa, makeCa } from './ca.ts';
import { createCaFiles } from './ca-files.ts';
import { makeCrl } from './crl.ts';
import { issueCertificate } from './issue.ts';
import { boxName, hostNames, saleSystemName } from './names.ts';
import { readRequest } from './request.ts';
import {
  backdatedMs,
  clientLifeMs,
  crlLifeMs,
  instanceLifeMs,
  serverLifeMs,
  wholeSeconds,
} from './validity.ts';
import { algorithm, webcrypto } from './x509.ts';

/** What {@link openAuthority} needs. */
export interface AuthorityParts {
  directory: string;
  masterKey: MasterKey;
  random: Pick<Random, 'bytes'>;
  nowMs: number;
  /**
   * Whether a CA may be made where there is none: on the registry's first start. Later, a directory without one
   * is a disk that is not mounted, and a new CA would shut every box out.
   */
  mayMake: boolean;
}

/** A certificate and its private key, for a connection that the registry makes itself. */
export interface OwnCertificate {
  /** PEM. */
  cert: string;
  /** PEM, PKCS #8; only ever in memory. */
  key: string;
}

/** The authority, with what only the registry itself and its operator ask of it. */
export interface Authority extends CertificateAuthority {
  /** A certificate of one day under one of the registry's own names at the broker, for a key that is made with it. */
  issueInstance(name: string, nowMs: number): Promise<OwnCertificate>;
}

/**
 * The certificate authority in its directory.
 *
 * @throws SwipeError `registryUnfit` (rejects) when there is no CA and none may be made, or one is damaged;
 *   `keyInvalid` when the master key is another one
 */
export async function openAuthority(parts: AuthorityParts): Promise<Authority> {
  const { directory, masterKey, random, mayMake } = parts;
  const files = createCaFiles(directory, masterKey, random);
  if (files.generations().length === 0) {
    if (!mayMake)
      throw new SwipeError('registryUnfit', `there is no CA in ${directory}: restore the directory`);
    files.create(await makeCa(1, parts));
  }
  // A generation's file never changes, so neither does what was read from it.
  const loaded = new Map<number, Promise<Ca>>();
  let lastListMs = 0;

  /** All that are trusted, newest first. */
  async function trusted(): Promise<[Ca, ...Ca[]]> {
    const generations = files.generations();
    for (const known of loaded.keys()) if (!generations.includes(known)) loaded.delete(known);
    const [first, ...others] = await Promise.all(generations.map(load));
    if (first === undefined)
      throw new SwipeError('registryUnfit', `there is no CA in ${directory}: restore the directory`);
    return [first, ...others];
  }

  function load(generation: number): Promise<Ca> {
    const known = loaded.get(generation);
    if (known !== undefined) return known;
    const ca = loadCa(files.read(generation)).catch((cause: unknown) => {
      loaded.delete(generation);
      throw new SwipeError('registryUnfit', `CA ${generation} in ${directory} is damaged`, { cause });
    });
    loaded.set(generation, ca);
    return ca;
  }

  async function state(): Promise<AuthorityState> {
    const [ca, previous] = await trusted();
    return { ca: ca.fingerprint, previousCa: previous?.fingerprint ?? null, caNotAfterMs: ca.notAfterMs };
  }

  async function issueClient(subject: string, csrPem: string, nowMs: number): Promise<IssuedCertificate> {
    const key = readRequest(csrPem);
    const [ca] = await trusted();
    const wish = { subject, key, lifeMs: clientLifeMs, usage: { kind: 'client' } } as const;
    return issueCertificate(ca, wish, { nowMs, random });
  }

  /** Times of two lists differ, so that a reader that has both knows the newer one. */
  function listTimeMs(nowMs: number): number {
    lastListMs = Math.max(wholeSeconds(nowMs - backdatedMs), lastListMs + 1000);
    return lastListMs;
  }

  await trusted();
  return {
    state,
    issueBox: async (box, csrPem, nowMs) => await issueClient(boxName(box), csrPem, nowMs),
    issueSaleSystem: async (id, csrPem, nowMs) => await issueClient(saleSystemName(id), csrPem, nowMs),

    async issueInstance(subject, nowMs) {
      const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const [ca] = await trusted();
      const wish = {
        subject,
        key: new Uint8Array(await webcrypto.subtle.exportKey('spki', keys.publicKey)),
        lifeMs: instanceLifeMs,
        usage: { kind: 'client' },
      } as const;
      const { chain } = issueCertificate(ca, wish, { nowMs, random });
      const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
      const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
      return { cert: chain, key };
    },

    async issueBroker(hosts, csrPem, nowMs) {
      const usage = { kind: 'server', hosts: hostNames(hosts) } as const;
      const key = readRequest(csrPem);
      const [ca] = await trusted();
      // Who checks a server reads its alternative names; the subject is for people.
      const wish = { subject: 'broker', key, lifeMs: serverLifeMs, usage };
      return issueCertificate(ca, wish, { nowMs, random });
    },

    async crl(revoked, number, nowMs) {
      const thisUpdateMs = listTimeMs(nowMs);
      const nextUpdateMs = wholeSeconds(nowMs + crlLifeMs);
      const lists = (await trusted()).map((ca) =>
        makeCrl(
          { name: ca.name, keyId: ca.keyId, key: ca.key },
          {
            revoked: revoked.filter((entry) => entry.ca === ca.fingerprint),
            number,
            thisUpdateMs,
            nextUpdateMs,
          },
        ),
      );
      return lists.join('');
    },

    trustedCas: async () => (await trusted()).map((ca) => ca.pem),

    async beginRotation(nowMs) {
      const [ca, previous] = await trusted();
      if (previous !== undefined) throw new Refusal('conflict', 'a rotation of the CA goes on already');
      if (!files.create(await makeCa(ca.generation + 1, { nowMs, random })))
        throw new Refusal('conflict', 'a rotation of the CA goes on already');
      return await state();
    },

    async finishRotation() {
      const [, previous] = await trusted();
      if (previous === undefined) throw new Refusal('conflict', 'no rotation of the CA goes on');
      files.end(previous.generation);
      return await state();
    },
  };
}
