/** What becomes of a registration. Pure: all that is known is handed in, all that is to be done is told. */
import type { ClaimReason, ProblemCode, Registration } from '../../../gateway/contract/registration.ts';
import type { BoxRow, ClaimRow } from '../store/tables.ts';

/** What a person should hear of. */
export const alarmKinds = {
  countBehind:
    'a count that was used before: a replayed request, a restored disk, or two machines with one key',
  keyMismatch: 'a known box id with another key',
  hardwareChanged: 'a known box on another machine: its disk was copied or moved',
  retiredSeen: 'a box that was lost or stolen registers',
  sequenceBack: "a box's results count from a lower number than before: its journal was lost or restored",
  revisionAhead: 'a box has heard more of the registry than the registry knows: the database was restored',
  codesGuessed:
    'so many wrong codes came in a minute that none is looked at until it is over: somebody guesses',
  claimReused: 'a claim code that was used is tried by another box',
  crlAge: 'the revocation list is about to end',
  brokerAccess: 'the broker does not take what it must',
  brokerCertificate: "the broker's own certificate is about to end, or boxes do not take it",
  caEnds: 'the CA is about to end',
  tlsCertificate: 'the certificate of the HTTPS address is broken or about to end',
  restored: 'the database was restored from a backup',
} as const;

/** One of {@link alarmKinds}. */
export type AlarmKind = keyof typeof alarmKinds;

/** What is known of the claim code that came with a registration. */
export type ClaimFound =
  | { state: 'none' }
  /** Not looked at: too many wrong ones before. */
  | { state: 'locked' }
  /** Not a code at all: mistyped. */
  | { state: 'mistyped' }
  | { state: 'unknown' }
  | { state: 'found'; claim: ClaimRow };

/** What is to be done. */
export type Verdict =
  /** Nothing is told, nothing is changed but the alarm. */
  | { kind: 'refused'; problem: ProblemCode; count?: number; alarm: AlarmKind | null }
  /** Nobody's, or nobody's any more, and why. `wrongCode`: it counts as a try. */
  | { kind: 'stranger'; reason: ClaimReason; wrongCode: boolean; alarm: AlarmKind | null }
  /** The box becomes the customer's. */
  | { kind: 'enrol'; claim: ClaimRow }
  /** Known. `again`: the same question twice. */
  | { kind: 'known'; again: boolean; alarms: AlarmKind[] };

/** For so long the same request may come again: an answer was lost, or two copies took two ways. */
export const repeatMs = 120_000;

/**
 * @param request a registration whose signature was checked by the key in it, from which its box id follows
 * @param box what is known of that id; null: nothing
 * @param claim what is known of the code, looked up where {@link needsClaim} says so
 */
export function decide(request: Registration, box: BoxRow | null, claim: ClaimFound, nowMs: number): Verdict {
  if (box === null) return ofStranger(request, claim, nowMs);
  if (box.public_key !== request.key) return refused('keyMismatch', 'keyMismatch');
  // One that is out of use may have been moved to another machine meanwhile: it is told nothing but that.
  if (box.status === 'claimed' && isOther(box.hardware_serial, request.hardware.serial))
    return refused('hardwareChanged', 'hardwareChanged');
  const again = isAgain(request, box, nowMs);
  if (!again && !isNew(request, box)) {
    const alarm = isMissing(box) ? 'retiredSeen' : box.count_raised === 1 ? null : 'countBehind';
    return { kind: 'refused', problem: 'countBehind', count: box.count, alarm };
  }
  if (box.status !== 'claimed') return ofEnded(request, box, claim, nowMs);
  const alarms: AlarmKind[] = [];
  if (request.sequence < box.sequence) alarms.push('sequenceBack');
  // Once after a restore it is as it must be.
  if (request.revision > box.revision && box.count_raised === 0) alarms.push('revisionAhead');
  return { kind: 'known', again, alarms };
}

/** Whether the claim code matters: of a box that has its place already, it was read the last time. */
export const needsClaim = (request: Registration, box: BoxRow | null): boolean =>
  request.claim !== undefined && (box === null || box.status === 'retired');

/** Out of use: it is told so, or what is wrong with the claim that would bring it back. */
function ofEnded(request: Registration, box: BoxRow, found: ClaimFound, nowMs: number): Verdict {
  const alarm = isMissing(box) ? 'retiredSeen' : null;
  const ended: Verdict = { kind: 'stranger', reason: 'retired', wrongCode: false, alarm };
  // The code by which it once came in still stands in its config: no news, and nobody's guess.
  const isSpent = found.state === 'found' && found.claim.used_by === box.id;
  // Back from the shelf, for a new customer. One that was lost or stolen stays out until an operator finds it.
  const mayComeBack = box.status === 'retired' && found.state !== 'none' && !isSpent;
  return mayComeBack ? ofStranger(request, found, nowMs) : ended;
}

/** A person looks for it: where it is seen matters. */
const isMissing = ({ status }: BoxRow): boolean => status === 'lost' || status === 'stolen';

function ofStranger({ box }: Registration, found: ClaimFound, nowMs: number): Verdict {
  const stranger = (reason: ClaimReason, wrongCode: boolean, alarm: AlarmKind | null = null): Verdict => ({
    kind: 'stranger',
    reason,
    wrongCode,
    alarm,
  });
  if (found.state === 'none') return stranger('claimNeeded', false);
  if (found.state === 'locked') return stranger('claimLocked', false);
  if (found.state !== 'found') return stranger('claimUnknown', found.state === 'unknown');
  const { claim } = found;
  if (claim.used_by !== null)
    return stranger('claimUsed', true, claim.used_by === box ? null : 'claimReused');
  if (nowMs >= claim.expires_at_ms) return stranger('claimExpired', true);
  return { kind: 'enrol', claim };
}

const refused = (problem: ProblemCode, alarm: AlarmKind): Verdict => ({ kind: 'refused', problem, alarm });

const isNew = (request: Registration, box: BoxRow): boolean => request.count > box.count;

const isAgain = ({ count, nonce }: Registration, box: BoxRow, nowMs: number): boolean =>
  count === box.count && nonce === box.nonce && nowMs - box.counted_at_ms <= repeatMs;

/** Two machines; a serial number that cannot be read is no proof of either. */
const isOther = (known: string | null, told: string | null): boolean =>
  known !== null && told !== null && known !== told;
