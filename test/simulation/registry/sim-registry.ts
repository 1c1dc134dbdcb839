/** A registry that knows one box: what it was told, what it tells, and with which keys it signs. */
import type { CommandKey } from '../../../gateway/contract/config.ts';
import {
  jwsTypes,
  type ProblemCode,
  problems,
  type Registration,
  type RegistrationAnswer,
  type RegistrationState,
} from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import type { Clock } from '../../../gateway/seams/time.ts';
import { checked, ok, type Pair, registryPair, signedBy } from '../../support/fake-registry.ts';
import { brokerCa } from './broker-ca.ts';
import type { Said } from './said.ts';

/** The same question may come again for so long (docs/registry.md). */
const repeatMs = 120_000;
const pairingLifeMs = 7_200_000;

/** What is shown on the box, to be typed at a sale system. */
export const pairingCode = 'K7PQ-4XW-9M2T';

/** How it is made. */
export interface SimRegistryOptions {
  clock: Pick<Clock, 'nowMs'>;
  /** The box is unregistered until it brings this code; null: it is known from the start. */
  claim: string | null;
  /** When the box is to ask again. */
  everyMs: number;
  /** Where the broker is; null: the box's config says it. */
  brokerUrl: () => string | null;
}

/** See the module. */
export class SimRegistry {
  /** Those that are to be trusted, the newest first. */
  pairs: Pair[] = [registryPair(1)];
  state: RegistrationState;
  readonly commandKeys = new Map<string, CommandKey>();
  /** A code waits to be typed at a sale system. */
  isPairing = false;
  /** How far its clock is ahead of the true time. */
  aheadMs = 0;
  /** It refuses every question with this. */
  refusal: ProblemCode | null = null;
  revision = 0;
  /** What it has counted of the box. */
  count = 0;
  /** How often it found a count that was used before. */
  alarms = 0;
  readonly #options: SimRegistryOptions;
  #nonce = '';
  #countedAtMs = 0;
  /** The keys that the box trusted when it asked last. */
  #trusts: readonly string[] = [];
  #made = 1;
  #isClaimed: boolean;

  constructor(options: SimRegistryOptions) {
    this.#options = options;
    this.#isClaimed = options.claim === null;
    this.state = this.#isClaimed ? 'active' : 'unregistered';
  }

  /** Whether the box is somebody's. */
  get isClaimed(): boolean {
    return this.#isClaimed;
  }

  /** Takes a question in, as docs/registry.md has it. Throws an Error when it is not one that a box may send. */
  hear(jws: string): Said {
    const request = checked(jws);
    if (this.refusal !== null) return refused(this.refusal);
    const nowMs = this.#options.clock.nowMs();
    const isAgain =
      request.count === this.count && request.nonce === this.#nonce && nowMs - this.#countedAtMs <= repeatMs;
    if (!isAgain && request.count <= this.count) {
      this.alarms += 1;
      return refused('countBehind', { count: this.count });
    }
    this.count = request.count;
    this.#nonce = request.nonce;
    this.#countedAtMs = nowMs;
    this.#trusts = request.trusts;
    if (!this.#isClaimed && request.claim !== undefined && request.claim === this.#options.claim) {
      this.#isClaimed = true;
      this.state = 'active';
    }
    return this.signed(request, this.answerTo(request));
  }

  /** What it answers to this question; members given replace its own. */
  answerTo(request: Registration, changes: Partial<RegistrationAnswer> = {}): RegistrationAnswer {
    this.revision = Math.max(this.revision, request.revision) + 1;
    const nowMs = this.#options.clock.nowMs() + this.aheadMs;
    const isOurs = this.state !== 'unregistered';
    const url = isOurs ? this.#options.brokerUrl() : null;
    return {
      box: request.box,
      nonce: request.nonce,
      time: isoTime(nowMs),
      revision: this.revision,
      state: this.state,
      until: this.state === 'trial' ? isoTime(nowMs + 30 * 86_400_000) : null,
      reason: this.#reasonFor(request),
      broker: url === null ? null : { url, ca: brokerCa },
      certificate: null,
      commandKeys: isOurs ? [...this.commandKeys.values()] : [],
      pairing: this.isPairing ? { code: pairingCode, expiresAt: isoTime(nowMs + pairingLifeMs) } : null,
      registryKeys: this.pairs.map(({ kid, x }) => ({ kid, x })),
      registerAfter: isoTime(nowMs + this.#options.everyMs),
      ...changes,
    };
  }

  /** What was somebody's and is not is out of use, whatever code it brings. */
  #reasonFor({ claim }: Registration): RegistrationAnswer['reason'] {
    if (this.state !== 'unregistered') return null;
    if (this.#isClaimed) return 'retired';
    return claim === undefined ? 'claimNeeded' : 'claimUsed';
  }

  /** Signed by the newest key that the box trusts. */
  signed({ trusts }: Pick<Registration, 'trusts'>, answer: RegistrationAnswer): Said {
    const pair = this.#pairFor(trusts);
    return { reply: ok(signedBy(pair, jwsTypes.answer, answer)), answer, signer: pair.kid };
  }

  get newest(): Pair {
    return this.pairs[0] as Pair;
  }

  /** From now on there are two keys, and the new one signs for whom it can. */
  beginRotation(): void {
    if (this.pairs.length > 1) return;
    this.#made += 1;
    this.pairs = [registryPair(this.#made), this.newest];
  }

  /** The old key ends. */
  endRotation(): void {
    this.pairs = [this.newest];
  }

  /** Something has changed: a call for the box, and the key that has signed it. */
  call(box: string): { text: string; kid: string } {
    this.revision += 1;
    const pair = this.#pairFor(this.#trusts);
    return { text: signedBy(pair, jwsTypes.notice, { box, revision: this.revision }), kid: pair.kid };
  }

  #pairFor(trusts: readonly string[]): Pair {
    return this.pairs.find(({ kid }) => trusts.includes(kid)) ?? this.newest;
  }
}

/** A refusal as it goes over the wire. */
export function refused(
  code: ProblemCode,
  { count, retryAfterMs = null }: { count?: number; retryAfterMs?: number | null } = {},
): Said {
  const [status, title] = problems[code];
  const more = count === undefined ? {} : { count };
  const text = JSON.stringify({ type: `urn:swipe:problem:${code}`, title, status, code, ...more });
  return { reply: { status, retryAfterMs, text }, answer: null, signer: null, problem: { code, count } };
}
