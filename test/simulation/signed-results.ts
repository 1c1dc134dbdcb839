/** Results as their senders check them. */
import { createPublicKey, verify } from 'node:crypto';
import * as v from 'valibot';
import { type Result, resultSchema } from '../../gateway/contract/result.ts';
import { type HmacKey, readResult } from '../../gateway/simulators/sale-system.ts';
import { box, boxKey } from './names.ts';

/** The `kid` in a JWS's header; empty when there is none. */
export function kidOf(jws: string): string {
  const { kid } = JSON.parse(Buffer.from(jws.split('.', 1)[0] ?? '', 'base64url').toString()) as {
    kid?: string;
  };
  return kid ?? '';
}

const publicKey = createPublicKey({ key: boxKey.publicKey as Record<string, string>, format: 'jwk' });

/** A result that is signed by one of these keys, or by the box's own; null: it is not. */
export function readSignedResult(jws: string, keys: readonly HmacKey[]): Result | null {
  const kid = kidOf(jws);
  if (kid === box) return readOwn(jws);
  const key = keys.find((one) => one.kid === kid);
  return key === undefined ? null : readResult(jws, key);
}

function readOwn(jws: string): Result | null {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const input = Buffer.from(`${header}.${payload}`);
  if (!verify(null, input, publicKey, Buffer.from(signature, 'base64url'))) return null;
  const parsed = v.safeParse(resultSchema, JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return parsed.success ? parsed.output : null;
}
