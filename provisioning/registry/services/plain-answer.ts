import type { Registration, RegistrationAnswer } from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import { nextRegistrationMs } from '../identity/times.ts';
import type { BoxRow } from '../store/tables.ts';
import type { Core } from './core.ts';

/** A registration whose signature holds, by the key in it. */
export interface Question {
  request: Registration;
  /** Whether the box's id follows from that key. */
  follows: boolean;
  /** Where it came from. */
  address: string;
  nowMs: number;
}

/**
 * The answer to a box that is nobody's, or nobody's any more: it holds no secret. What is told to one that is
 * somebody's is put in its place.
 */
export function plainAnswer(
  { keys }: Pick<Core, 'keys'>,
  { request, nowMs }: Question,
  known: BoxRow | null,
): RegistrationAnswer {
  return {
    box: request.box,
    nonce: request.nonce,
    time: isoTime(nowMs),
    // Above what the box has heard, even of a registry that has forgotten it.
    revision: Math.max(known?.revision ?? 0, request.revision) + 1,
    state: 'unregistered',
    until: null,
    reason: null,
    broker: null,
    certificate: null,
    commandKeys: [],
    pairing: null,
    registryKeys: [...keys.trusted()],
    registerAfter: isoTime(nextRegistrationMs(request.box, nowMs)),
  };
}

/** The newest of the registry's keys that the box trusts; null: none of them. */
export const trustedKid = ({ keys }: Pick<Core, 'keys'>, { trusts }: Registration): string | null =>
  keys.trusted().find(({ kid }) => trusts.includes(kid))?.kid ?? null;
