/** Answers registrations: reads, decides, writes down what follows, signs the answer. */
import {
  jwsTypes,
  type Registration,
  type RegistrationAnswer,
} from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import { countedAddress } from '../identity/attempts.ts';
import { readCode } from '../identity/codes.ts';
import { type AlarmKind, type ClaimFound, decide, needsClaim, type Verdict } from '../identity/decide.ts';
import { readRegistration } from '../identity/read-jws.ts';
import { nextRegistrationMs } from '../identity/times.ts';
import { Refusal } from '../refusal.ts';
import { type Gate, gateFor } from '../store/attempts.ts';
import { raiseAlarm } from '../store/audit.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow } from '../store/tables.ts';
import { brokerOf, certificateFor, commandKeysOf, recordCertificate, waitingCode } from './box-access.ts';
import { type Core, purposes } from './core.ts';
import { enrol, refresh } from './enrolment.ts';

/** Answers registrations of boxes. */
export interface Registrar {
  /**
   * @param jws the request's body
   * @param address where it came from
   * @returns the answer, a JWS
   * @throws Refusal
   */
  register(jws: string, address: string): Promise<string>;
}

type Outcome = { answer: RegistrationAnswer } | { refusal: Refusal };

/** How long a box waits while the registry is being looked at after a restore. */
const restoredPauseMs = 3_600_000;

/** Makes the one who answers registrations. */
export function createRegistrar(core: Core): Registrar {
  return {
    async register(jws, address) {
      const { request, follows } = readRegistration(jws);
      const nowMs = core.clock.nowMs();
      const outcome = await core.store.write((tx) =>
        core.isRestored()
          ? keepEvidence(tx, request, nowMs)
          : answerIn(core, tx, { request, follows, address, nowMs }),
      );
      if ('refusal' in outcome) throw outcome.refusal;
      core.errandsWait();
      return core.keys.sign(outcome.answer, jwsTypes.answer, request.trusts);
    },
  };
}

interface Question {
  request: Registration;
  follows: boolean;
  address: string;
  nowMs: number;
}

async function answerIn(core: Core, tx: Tx, question: Question): Promise<Outcome> {
  const { request, follows, address, nowMs } = question;
  const { claim, gate } = await claimIn(core, tx, question);
  // Only now: whoever came first with the same code has made the box known meanwhile.
  const known = await lockBox(tx, request.box);
  if (!follows && known === null)
    return { refusal: new Refusal('malformed', "the box's id does not follow from its key") };
  const verdict = decide(request, known, claim, nowMs);
  const alarm = (kind: AlarmKind, subject = request.box): Promise<void> =>
    raiseAlarm(tx, nowMs, {
      kind,
      subject,
      customer: known?.customer ?? null,
      detail: detailOf(request, address),
    });
  switch (verdict.kind) {
    case 'refused': {
      if (verdict.alarm !== null) await alarm(verdict.alarm);
      const { problem, count } = verdict;
      return { refusal: new Refusal(problem, undefined, count === undefined ? {} : { count }) };
    }
    case 'stranger':
      if (verdict.wrongCode) await gate?.wrong();
      if (verdict.alarm !== null && claim.state === 'found') await alarm(verdict.alarm, claim.claim.id);
      return { answer: { ...(await plainAnswer(core, request, known, nowMs)), reason: verdict.reason } };
    default:
      for (const kind of verdict.kind === 'known' ? verdict.alarms : []) await alarm(kind);
      await gate?.right();
      return { answer: await answerKnown(core, tx, question, known, verdict) };
  }
}

async function answerKnown(
  core: Core,
  tx: Tx,
  { request, nowMs }: Question,
  known: BoxRow | null,
  verdict: Exclude<Verdict, { kind: 'refused' | 'stranger' }>,
): Promise<RegistrationAnswer> {
  const plain = await plainAnswer(core, request, known, nowMs);
  const issued = await certificateFor(core, tx, { request, known }, nowMs);
  if (issued !== null) await recordCertificate(tx, request.box, issued, nowMs);
  const registryKid = core.keys.trusted().find(({ kid }) => request.trusts.includes(kid))?.kid ?? null;
  const news = { revision: plain.revision, certificate: issued?.serial ?? null, registryKid, nowMs };
  const box =
    verdict.kind === 'enrol' || known === null
      ? await enrol(tx, request, (verdict as { claim: Parameters<typeof enrol>[2] }).claim, {
          ...news,
          known,
        })
      : await refresh(tx, request, known, news);
  const billing = await core.billing.stateOf(
    tx,
    { box: box.id, billedAs: box.billed_as, customer: box.customer, claimedAtMs: box.claimed_at_ms },
    nowMs,
  );
  return {
    ...plain,
    state: billing.state,
    until: billing.untilMs === null ? null : isoTime(billing.untilMs),
    broker: await brokerOf(core),
    certificate: issued?.chain ?? null,
    commandKeys: await commandKeysOf(core, tx, box.id, nowMs),
    pairing: await waitingCode(core, tx, box.id, nowMs),
  };
}

/** The answer to a box that is nobody's. Nothing of it is kept: a new key costs nothing, and room does. */
async function plainAnswer(
  core: Core,
  request: Registration,
  known: BoxRow | null,
  nowMs: number,
): Promise<RegistrationAnswer> {
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
    registryKeys: [...core.keys.trusted()],
    registerAfter: isoTime(nextRegistrationMs(request.box, nowMs)),
  };
}

/** The code that came with the request, if it matters; locked, as the tries of whoever sent it are. */
async function claimIn(
  { masterKey }: Core,
  tx: Tx,
  { request, address, nowMs }: Question,
): Promise<{ claim: ClaimFound; gate: Gate | null }> {
  if (request.claim === undefined) return { claim: { state: 'none' }, gate: null };
  const box = await tx.selectFrom('boxes').selectAll().where('id', '=', request.box).executeTakeFirst();
  if (!needsClaim(request, box ?? null)) return { claim: { state: 'none' }, gate: null };
  const code = readCode(request.claim);
  if (code === null) return { claim: { state: 'mistyped' }, gate: null };
  const gate = await gateFor(tx, [`address:${countedAddress(address)}`, `box:${request.box}`], nowMs);
  if (gate.blockedUntilMs > 0) return { claim: { state: 'locked' }, gate };
  const claim = await tx
    .selectFrom('claims')
    .selectAll()
    .where('mac', '=', masterKey.mac(code, purposes.claimCode))
    .forUpdate()
    .executeTakeFirst();
  return { claim: claim === undefined ? { state: 'unknown' } : { state: 'found', claim }, gate };
}

const lockBox = async (tx: Tx, id: string): Promise<BoxRow | null> =>
  (await tx.selectFrom('boxes').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null;

const detailOf = ({ count, hardware, revision, sequence, version }: Registration, address: string): string =>
  `from ${address}: count ${count}, sequence ${sequence}, revision ${revision}, machine ${hardware.serial ?? 'unknown'}, version ${version}`;

// Whoever makes keys could make alarms without end.
const evidenceMax = 10_000;

/** A restored registry answers nobody; but what boxes tell shows what happened since the backup. */
async function keepEvidence(tx: Tx, request: Registration, nowMs: number): Promise<Outcome> {
  const known = await lockBox(tx, request.box);
  const sinceThen = known === null ? request.revision > 0 : request.revision > known.revision;
  const { count } = await tx
    .selectFrom('alarms')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('kind', '=', 'revisionAhead')
    .where('acknowledged_at_ms', 'is', null)
    .executeTakeFirstOrThrow();
  if (sinceThen && Number(count) < evidenceMax)
    await raiseAlarm(tx, nowMs, {
      kind: 'revisionAhead',
      subject: request.box,
      customer: known?.customer ?? null,
      detail: `revision ${request.revision}; ${known === null ? 'not known here at all' : `known: ${known.revision}`}`,
    });
  return { refusal: new Refusal('restored', undefined, { retryAfterMs: restoredPauseMs }) };
}
