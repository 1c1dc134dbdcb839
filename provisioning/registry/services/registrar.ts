/** Answers registrations: reads, decides, writes down what follows, signs the answer. */
import {
  type ClaimReason,
  jwsTypes,
  type Registration,
  type RegistrationAnswer,
} from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import { messageOf } from '../../../gateway/seams/error.ts';
import { countedAddress } from '../identity/attempts.ts';
import { readCode } from '../identity/codes.ts';
import { type AlarmKind, type ClaimFound, decide, needsClaim, type Verdict } from '../identity/decide.ts';
import { readRegistration } from '../identity/read-jws.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import { type Gate, gateFor } from '../store/attempts.ts';
import { raiseAlarm } from '../store/audit.ts';
import { countAll } from '../store/known-boxes.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow } from '../store/tables.ts';
import { createBatches } from './batches.ts';
import { brokerOf, certificateFor, commandKeysOf, recordCertificate, waitingCodes } from './box-access.ts';
import { type Core, purposes } from './core.ts';
import { endBox } from './endings.ts';
import { enrol, refresh } from './enrolment.ts';
import { answerKnown } from './known-boxes.ts';
import { plainAnswer, type Question, trustedKid } from './plain-answer.ts';

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

type Outcome = { answer: RegistrationAnswer; errands: boolean } | { refusal: Refusal };

/** How long a box waits while the registry is being looked at after a restore. */
const restoredPauseMs = 3_600_000;

// Together they pay for one transaction, and wait for each other's work: some 30 ms of it.
const togetherMost = 100;
// PostgreSQL takes the next ones while the last are made durable; SQLite has one writer.
const batchesAtOnce = { sqlite: 1, postgres: 2 } as const;

/** Makes the one who answers registrations. */
export function createRegistrar(core: Core): Registrar {
  const together = createBatches<Question, RegistrationAnswer | null>(
    (questions) => core.store.write((tx) => answerKnown(core, tx, questions)),
    { most: togetherMost, atOnce: batchesAtOnce[core.store.dialect], keyOf: ({ request }) => request.box },
  );

  /** The answer of those of whom nothing is new; null: it has to be looked at by itself. */
  async function togetherWithOthers(question: Question): Promise<RegistrationAnswer | null> {
    // Who brings a claim is new, or was a moment ago.
    if (core.isRestored() || !question.follows || question.request.claim !== undefined) return null;
    try {
      return await together(question);
    } catch (error) {
      if (isRefusal(error)) throw error;
      // One of them may have been the cause: then it is the only one that fails by itself, too.
      core.log.warn('registrations could not be answered together', { error: messageOf(error) });
      return null;
    }
  }

  async function byItself(question: Question): Promise<RegistrationAnswer> {
    const outcome = await core.store.write((tx) =>
      core.isRestored() ? keepEvidence(tx, question) : answerIn(core, tx, question),
    );
    if ('refusal' in outcome) throw outcome.refusal;
    if (outcome.errands) core.errandsWait();
    return outcome.answer;
  }

  return {
    async register(jws, address) {
      const { request, follows } = readRegistration(jws);
      const question = { request, follows, address, nowMs: core.clock.nowMs() };
      const answer = (await togetherWithOthers(question)) ?? (await byItself(question));
      return core.keys.sign(answer, jwsTypes.answer, request.trusts);
    },
  };
}

async function answerIn(core: Core, tx: Tx, question: Question): Promise<Outcome> {
  const { request, follows, address, nowMs } = question;
  const { claim, gate } = await claimIn(core, tx, question);
  // Only now: whoever came first with the same code has made the box known meanwhile.
  const known = await lockBox(tx, request.box, nowMs);
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
      if (verdict.alarm !== null)
        await alarm(
          verdict.alarm,
          verdict.alarm === 'claimReused' && claim.state === 'found' ? claim.claim.id : request.box,
        );
      return { answer: await answerNobodys(core, tx, question, known, verdict.reason), errands: false };
    default:
      for (const kind of verdict.kind === 'known' ? verdict.alarms : []) await alarm(kind);
      await gate?.right();
      return {
        answer: await answerOwned(core, tx, question, known, verdict),
        errands: verdict.kind === 'enrol',
      };
  }
}

/** Of one that was somebody's the count and the revision go on as before: no question and no answer of it is good twice. */
async function answerNobodys(
  core: Core,
  tx: Tx,
  question: Question,
  known: BoxRow | null,
  reason: ClaimReason,
): Promise<RegistrationAnswer> {
  const answer = { ...plainAnswer(core, question, known), reason };
  const { box: id, count, nonce, sequence } = question.request;
  const { revision } = answer;
  if (known !== null)
    await countAll(tx, core.store.dialect, [
      { id, count, nonce, sequence, revision, counted_at_ms: question.nowMs },
    ]);
  return answer;
}

async function answerOwned(
  core: Core,
  tx: Tx,
  question: Question,
  known: BoxRow | null,
  verdict: Exclude<Verdict, { kind: 'refused' | 'stranger' }>,
): Promise<RegistrationAnswer> {
  const { request, nowMs } = question;
  const plain = plainAnswer(core, question, known);
  const issued = await certificateFor(core, tx, { request, known }, nowMs);
  if (issued !== null) await recordCertificate(tx, request.box, issued, nowMs);
  const news = { revision: plain.revision, issued, registryKid: trustedKid(core, request), nowMs };
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
  const answer = {
    ...plain,
    state: billing.state,
    until: billing.untilMs === null ? null : isoTime(billing.untilMs),
    broker: await brokerOf(core),
    certificate: issued?.chain ?? null,
  };
  // Nobody can be paired with a box that was not there a moment ago.
  if (known === null && box.replaces === null) return answer;
  return {
    ...answer,
    commandKeys: (await commandKeysOf(core, tx, [box.id], nowMs)).get(box.id) ?? [],
    pairing: (await waitingCodes(core, tx, [box.id], nowMs)).get(box.id) ?? null,
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

/** The box, locked. One whose customer has left ends now, if its turn has not come yet. */
async function lockBox(tx: Tx, id: string, nowMs: number): Promise<BoxRow | null> {
  const found = await tx
    .selectFrom('boxes')
    .innerJoin('customers', 'customers.id', 'boxes.customer')
    .selectAll('boxes')
    .select('left_at_ms')
    .where('boxes.id', '=', id)
    .forUpdate('boxes')
    .executeTakeFirst();
  if (found === undefined) return null;
  const { left_at_ms: sinceMs, ...box } = found;
  if (sinceMs === null || box.status !== 'claimed') return box;
  await endBox(tx, { box, status: 'retired', actor: 'registry', nowMs, sinceMs });
  return { ...box, status: 'retired', ended_at_ms: sinceMs };
}

const detailOf = ({ count, hardware, revision, sequence, version }: Registration, address: string): string =>
  `from ${address}: count ${count}, sequence ${sequence}, revision ${revision}, machine ${hardware.serial ?? 'unknown'}, version ${version}`;

// Whoever makes keys could make alarms without end.
const evidenceMax = 10_000;

/** A restored registry answers nobody and changes nobody; but what boxes tell shows what happened since the backup. */
async function keepEvidence(tx: Tx, { request, nowMs }: Question): Promise<Outcome> {
  const known = await tx
    .selectFrom('boxes')
    .select(['customer', 'revision'])
    .where('id', '=', request.box)
    .executeTakeFirst();
  const sinceThen = request.revision > (known?.revision ?? 0);
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
      detail: `revision ${request.revision}; ${known === undefined ? 'not known here at all' : `known: ${known.revision}`}`,
    });
  return { refusal: new Refusal('restored', undefined, { retryAfterMs: restoredPauseMs }) };
}
