/** Answers boxes of which nothing is new, many in one transaction: after a blackout that is nearly all of them. */
import type { RegistrationAnswer } from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import { decide } from '../identity/decide.ts';
import type { BillingState } from '../ports.ts';
import { type Counted, countAll, lockKnown } from '../store/known-boxes.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow } from '../store/tables.ts';
import { brokerOf, commandKeysOf, isCertificateDue, waitingCodes } from './box-access.ts';
import type { Core } from './core.ts';
import { changedFacts } from './enrolment.ts';
import { plainAnswer, type Question, trustedKid } from './plain-answer.ts';

interface Known {
  question: Question;
  box: BoxRow;
}

/**
 * Answers those of whom nothing has to be decided or written but that they were answered. No two may be of one box.
 *
 * @returns in the order of the questions; null: to be looked at by itself
 */
export async function answerKnown(
  core: Core,
  tx: Tx,
  questions: readonly Question[],
): Promise<(RegistrationAnswer | null)[]> {
  const rows = await lockKnown(
    tx,
    questions.map(({ request }) => request.box),
  );
  const { ca } = await core.authority.state();
  const known = questions.flatMap((question): Known[] => {
    const box = rows.get(question.request.box);
    return box !== undefined && isAsBefore(core, question, box, ca) ? [{ question, box }] : [];
  });
  if (known.length === 0) return questions.map(() => null);
  const answers = await answersTo(core, tx, known);
  await countAll(
    tx,
    core.store.dialect,
    known.map(({ question }): Counted => {
      const { box, count, nonce, sequence } = question.request;
      const revision = answers.get(box)?.revision ?? 0;
      return { id: box, count, nonce, sequence, revision, counted_at_ms: question.nowMs };
    }),
  );
  return questions.map(({ request }) => answers.get(request.box) ?? null);
}

/** Whether it is the box it was, tells what it told, and needs nothing but an answer. */
function isAsBefore(core: Core, { request, nowMs }: Question, box: BoxRow, ca: string): boolean {
  const verdict = decide(request, box, { state: 'none' }, nowMs);
  return (
    verdict.kind === 'known' &&
    verdict.alarms.length === 0 &&
    trustedKid(core, request) === box.registry_kid &&
    changedFacts(request, box).length === 0 &&
    !isCertificateDue(request, box, ca, nowMs)
  );
}

async function answersTo(
  core: Core,
  tx: Tx,
  known: readonly Known[],
): Promise<Map<string, RegistrationAnswer>> {
  const nowMs = Math.max(...known.map(({ question }) => question.nowMs));
  const ids = known.map(({ box }) => box.id);
  const broker = await brokerOf(core);
  const keys = await commandKeysOf(core, tx, ids, nowMs);
  const codes = await waitingCodes(core, tx, ids, nowMs);
  const states = await statesOf(core, tx, known, nowMs);
  return new Map(
    known.map(({ question, box }, at) => {
      const { state, untilMs } = states[at] as BillingState;
      return [
        box.id,
        {
          ...plainAnswer(core, question, box),
          state,
          until: untilMs === null ? null : isoTime(untilMs),
          broker,
          commandKeys: keys.get(box.id) ?? [],
          pairing: codes.get(box.id) ?? null,
        },
      ];
    }),
  );
}

async function statesOf(
  { billing }: Core,
  tx: Tx,
  known: readonly Known[],
  nowMs: number,
): Promise<readonly BillingState[]> {
  const billed = known.map(({ box: { id, billed_as, customer, claimed_at_ms } }) => ({
    box: id,
    billedAs: billed_as,
    customer,
    claimedAtMs: claimed_at_ms,
  }));
  if (billing.statesOf !== undefined) return billing.statesOf(tx, billed, nowMs);
  const states: BillingState[] = [];
  for (const box of billed) states.push(await billing.stateOf(tx, box, nowMs));
  return states;
}
