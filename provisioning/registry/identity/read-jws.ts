/** Reads what is signed and comes over HTTP: registrations of boxes, requests of sale systems. */
import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type * as v from 'valibot';
import { safeParse } from 'valibot';
import { boxIdOf } from '../../../gateway/cloud/box-key.ts';
import { type JwsForm, parseJson, readJws } from '../../../gateway/cloud/jws-form.ts';
import { faultsOf } from '../../../gateway/contract/faults.ts';
import { jwsTypes, type Registration, registrationSchema } from '../../../gateway/contract/registration.ts';
import { Refusal } from '../refusal.ts';

/** An Ed25519 public key out of its 32 bytes (RFC 8037 §2). @throws Refusal `malformed` */
export function publicKeyOf(x: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch (cause) {
    throw new Refusal('malformed', 'not an Ed25519 public key', { cause });
  }
}

/** A JWS taken apart, its header's `typ` looked at; its signature is not checked yet. @throws Refusal */
export function formOf(jws: string, typ: string): JwsForm {
  const form = tolerantForm(jws);
  const header = parseJson(Buffer.from(form.signingInput.split('.', 1)[0] ?? '', 'base64url'));
  if ((header as { typ?: unknown }).typ !== typ)
    throw new Refusal('malformed', `the header's typ must be ${typ}`);
  return form;
}

function tolerantForm(jws: string): JwsForm {
  try {
    return readJws(jws);
  } catch (cause) {
    throw new Refusal('malformed', 'not a JWS in compact serialisation, HS256 or EdDSA, with a kid', {
      cause,
    });
  }
}

/** The payload as its schema has it. @throws Refusal `malformed` with every fault */
export function payloadOf<const Schema extends v.GenericSchema>(
  form: JwsForm,
  schema: Schema,
): v.InferOutput<Schema> {
  return parsedBy(schema, parseJson(form.payload));
}

/** The value as its schema has it. @throws Refusal `malformed` with every fault */
export function parsedBy<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new Refusal('malformed', 'the request does not say what it must', {
    faults: faultsOf(parsed.issues),
  });
}

/** @throws Refusal `signatureInvalid` unless this key signed it */
export function checkEdDsa({ alg, signingInput, signature }: JwsForm, key: KeyObject): void {
  if (alg !== 'EdDSA' || !verify(null, Buffer.from(signingInput), key, signature))
    throw new Refusal('signatureInvalid');
}

/** @throws Refusal `signatureInvalid` unless it was signed with this secret */
export function checkHs256({ alg, signingInput, signature }: JwsForm, secret: Uint8Array): void {
  const wanted = createHmac('sha256', secret).update(signingInput).digest();
  if (alg !== 'HS256' || signature.length !== wanted.length || !timingSafeEqual(signature, wanted))
    throw new Refusal('signatureInvalid');
}

/** A registration, signed by the key in it. */
export interface SignedRegistration {
  request: Registration;
  /** Whether the box's id follows from the key. Else it may be somebody's who wants to be another box. */
  follows: boolean;
}

/**
 * Reads a registration and checks its signature by the key in it.
 *
 * @throws Refusal `malformed`, `signatureInvalid`
 */
export function readRegistration(jws: string): SignedRegistration {
  const form = formOf(jws, jwsTypes.registration);
  const request = payloadOf(form, registrationSchema);
  checkEdDsa(form, publicKeyOf(request.key));
  if (form.kid !== request.box) throw new Refusal('malformed', 'the kid must be the box');
  return { request, follows: boxIdOf(Buffer.from(request.key, 'base64url')) === request.box };
}
