/** What a box says of itself to the registry. Pure. */
import { type KeyObject, sign } from 'node:crypto';
import { jwsTypes, type Registration } from '../../contract/registration.ts';

/** Facts about the machine and the terminal as they are found: any text, or null. */
export type FoundFacts<Name extends string> = Readonly<Record<Name, string | null>>;

/**
 * A text as the registry takes it: one line of printable characters, at most 128 of them; null when nothing is left.
 * Terminals pad what they say of themselves with whatever they like.
 */
export function factOf(text: string | null): string | null {
  const printable = (text ?? '').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ').trim();
  const [...characters] = printable;
  return characters.length === 0 ? null : characters.slice(0, 128).join('').trim();
}

/** The same for each of several. */
export const factsOf = <Name extends string>(found: FoundFacts<Name>): Record<Name, string | null> =>
  Object.fromEntries(
    Object.entries<string | null>(found).map(([name, text]) => [name, factOf(text)]),
  ) as Record<Name, string | null>;

/** A registration as it goes over the wire: a JWS in compact form, EdDSA by the box's own key. */
export function signRegistration(request: Registration, privateKey: KeyObject): string {
  const header = { alg: 'EdDSA', typ: jwsTypes.registration, kid: request.box };
  const input = [header, request]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}
