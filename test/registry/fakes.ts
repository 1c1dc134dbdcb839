/** Stand-ins for the rooms beside the registry's core, scriptable. */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { SwipeError } from '../../gateway/seams/error.ts';
import type {
  BrokerAccess,
  CertificateAuthority,
  RegistryKey,
  RegistryKeys,
  RevokedCertificate,
} from '../../provisioning/registry/ports.ts';
import { Refusal } from '../../provisioning/registry/refusal.ts';

const dayMs = 86_400_000;

/** A certificate authority that signs nothing, and remembers what it was asked. */
export class FakeAuthority implements CertificateAuthority {
  ca = 'ca-1';
  previousCa: string | null = null;
  issued: string[] = [];
  lists: { revoked: readonly RevokedCertificate[]; number: number }[] = [];

  async issueBox(box: string, csrPem: string, nowMs: number) {
    if (csrPem.includes('BROKEN')) throw new SwipeError('keyInvalid', 'not a request');
    const serial = randomBytes(10).toString('hex');
    this.issued.push(box);
    return {
      chain: `-----BEGIN CERTIFICATE-----\n${box} ${serial}\n-----END CERTIFICATE-----\n`,
      serial,
      notBeforeMs: nowMs,
      notAfterMs: nowMs + 90 * dayMs,
      ca: this.ca,
    };
  }

  issueSaleSystem(saleSystem: string, csrPem: string, nowMs: number) {
    return this.issueBox(saleSystem, csrPem, nowMs);
  }

  issueBroker(hosts: readonly string[], csrPem: string, nowMs: number) {
    return this.issueBox(hosts.join(), csrPem, nowMs);
  }

  async crl(revoked: readonly RevokedCertificate[], number: number) {
    this.lists.push({ revoked, number });
    return `-----BEGIN X509 CRL-----\n${number}\n-----END X509 CRL-----\n`;
  }

  async trustedCas() {
    return [this.ca, ...(this.previousCa === null ? [] : [this.previousCa])].map(
      (name) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`,
    );
  }

  async state() {
    return { ca: this.ca, previousCa: this.previousCa, caNotAfterMs: 4e12 };
  }

  async beginRotation() {
    if (this.previousCa !== null) throw new Refusal('conflict');
    this.previousCa = this.ca;
    this.ca = `${this.ca}+`;
    return this.state();
  }

  async finishRotation() {
    if (this.previousCa === null) throw new Refusal('conflict');
    this.previousCa = null;
    return this.state();
  }
}

interface Pair {
  key: KeyObject;
  told: RegistryKey;
}

function makePair(): Pair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const x = privateKey.export({ format: 'jwk' }).x ?? '';
  const thumbprint = createHash('sha256')
    .update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)
    .digest('base64url');
  return {
    key: createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    told: { kid: thumbprint, x },
  };
}

/** The registry's keys, in memory. */
export class FakeKeys implements RegistryKeys {
  pairs: Pair[] = [makePair()];

  trusted(): RegistryKey[] {
    return this.pairs.map(({ told }) => told);
  }

  sign(payload: unknown, typ: string, known: readonly string[]): string {
    const pair = this.pairs.find(({ told }) => known.includes(told.kid)) ?? this.pairs[0];
    if (pair === undefined) throw new Error('no key');
    return signedJws(payload, { alg: 'EdDSA', typ, kid: pair.told.kid }, pair.key);
  }

  async reload(): Promise<void> {}

  async beginRotation(): Promise<void> {
    this.pairs.unshift(makePair());
  }

  async finishRotation(): Promise<void> {
    this.pairs.splice(1);
  }
}

/** A JWS in compact form, EdDSA. */
export function signedJws(payload: unknown, header: object, key: KeyObject): string {
  const encoded = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const input = encoded.join('.');
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

/** A broker that notes who has what. */
export class FakeBroker implements BrokerAccess {
  boxes = new Map<string, readonly string[]>();
  saleSystems = new Map<string, readonly string[]>();
  notices: { box: string; jws: string }[] = [];
  calls: string[] = [];
  trusted = 0;
  /** While set, every call fails with it. */
  failing: Error | null = null;

  async syncBox({ box, saleSystems }: { box: string; saleSystems: readonly string[] }) {
    this.#called(`syncBox ${box}`);
    this.boxes.set(box, saleSystems);
  }
  async removeBox(box: string) {
    this.#called(`removeBox ${box}`);
    this.boxes.delete(box);
  }
  async syncSaleSystem({ saleSystem, boxes }: { saleSystem: string; boxes: readonly string[] }) {
    this.#called(`syncSaleSystem ${saleSystem}`);
    this.saleSystems.set(saleSystem, boxes);
  }
  async removeSaleSystem(saleSystem: string) {
    this.#called(`removeSaleSystem ${saleSystem}`);
    this.saleSystems.delete(saleSystem);
  }
  async disconnect(id: string) {
    this.#called(`disconnect ${id}`);
  }
  async notice(box: string, jws: string) {
    this.#called(`notice ${box}`);
    this.notices.push({ box, jws });
  }
  async trust() {
    this.#called('trust');
    this.trusted += 1;
  }
  async reconcile() {
    this.#called('reconcile');
    return { added: 0, removed: 0, changed: 0 };
  }
  async close() {}

  #called(what: string): void {
    if (this.failing !== null) throw this.failing;
    this.calls.push(what);
  }
}
