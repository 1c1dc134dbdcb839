/** Boxes of the bench: their keys, and their signed requests, made before anything is measured. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { boxIdOf } from '../../../gateway/cloud/box-key.ts';
import { makeCsr } from '../../../gateway/cloud/registration/csr.ts';
import { signRegistration } from '../../../gateway/cloud/registration/request.ts';
import type { Registration } from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import { requestBytes } from './client.ts';

/** A box that comes back. */
export interface BenchBox {
  id: string;
  /** Its public key (RFC 8037 §2). */
  x: string;
  serial: string;
  certificate: string | null;
  /** Its next registrations, in order, as they go over the wire. */
  requests: Buffer[];
}

/** What the boxes have in common. */
export interface BoxFacts {
  /** The key of the registry that they trust. */
  registryKid: string;
  nowMs: number;
  /** The count of the last request that the registry knows of them. */
  count: number;
}

/** What a box says of itself that is the same for all. */
export const told = {
  version: '0.1.0',
  model: 'Raspberry Pi 4 Model B Rev 1.4',
  system: 'Debian GNU/Linux 12',
  vendor: 'Ingenico',
  terminal: 'Desk/3200',
  software: 'PB 7.32',
} as const;

// The registry reads of a signing request the key and the signature, and it reads no two alike: a few do for all.
const csrs = Array.from({ length: 64 }, () =>
  makeCsr('box', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
);

/** An address in 10.0.0.0/8 for the box of this number. */
const addressOf = (at: number): string => `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;

/**
 * Makes a box with so many requests.
 *
 * @param claim the code that it brings, where it is new
 */
export function makeBox(at: number, requests: number, facts: BoxFacts, claim?: string): BenchBox {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const box = boxIdOf(Buffer.from(x, 'base64url'));
  const serial = randomBytes(8).toString('hex');
  const certificate = claim === undefined ? randomBytes(10).toString('hex') : null;
  const signed = (number: number): Buffer => {
    const request: Registration = {
      box,
      key: x,
      nonce: randomBytes(16).toString('base64url'),
      count: facts.count + number,
      time: isoTime(facts.nowMs),
      version: told.version,
      hardware: { model: told.model, serial, system: told.system },
      terminal: { vendor: told.vendor, model: told.terminal, software: told.software, id: 'S1260S6Y' },
      sequence: 1000,
      revision: claim === undefined ? facts.count : 0,
      trusts: [facts.registryKid],
      certificate,
      ...(claim === undefined ? {} : { claim }),
      csr: csrs[at % csrs.length] ?? '',
    };
    return requestBytes(signRegistration(request, privateKey), addressOf(at));
  };
  return {
    id: box,
    x,
    serial,
    certificate,
    requests: Array.from({ length: requests }, (_, number) => signed(number + 1)),
  };
}
