/** Commands in, outcomes out: what `POST /v1/operations` and `GET /v1/operations/{id}` do. */
import type { DeskProblemCode, OperationView } from '../../contract/desk-api.ts';
import { isStorageFull } from '../../seams/error.ts';
import type { Time } from '../../seams/time.ts';
import type { DeskAround } from '../ports.ts';
import { DeskRefusal } from '../refusal.ts';
import type { Waits } from '../waits.ts';

/** What is answered: the signed result, or how far it is. */
export type OperationAnswer = { jws: string } | { view: OperationView };

/** For how long, and until when. */
export interface Patience {
  waitMs: number;
  /** Only a result with a later sequence counts. */
  afterSequence: number;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

/** What this works with. */
export interface OperationParts {
  around: DeskAround;
  waits: Waits;
  time: Pick<Time, 'monotonicMs'>;
}

const refusalOfDrop: Readonly<Record<string, DeskProblemCode>> = {
  oversized: 'oversized',
  unsigned: 'unsigned',
  otherBox: 'otherBox',
};

/**
 * Hands a command to the one way in.
 *
 * @returns its id
 * @throws DeskRefusal when it gets no result; what the box has to repair is thrown as it is
 */
export async function handIn({ around }: Pick<OperationParts, 'around'>, jws: Uint8Array): Promise<string> {
  const admitted = await around.admit(jws).catch((error: unknown) => {
    throw isStorageFull(error) ? new DeskRefusal('storageFull') : error;
  });
  if ('dropped' in admitted) throw new DeskRefusal(refusalOfDrop[admitted.dropped] ?? 'malformed');
  const { kid, received } = admitted;
  if (received.as === 'duplicate') throw new DeskRefusal('duplicate');
  if (received.as === 'invalid')
    throw new DeskRefusal('malformed', 'id: allowed: 8 to 64 of A-Z a-z 0-9 _ -');
  const { id } = received;
  // Its result is signed for the key that it came with first: another one could not check it.
  if (received.as === 'known' && around.find(id)?.kid !== kid) throw new DeskRefusal('otherKey');
  return id;
}

/** The outcome of an operation, waiting for it as long as there is patience. Null: there is no such operation. */
export async function outcomeOf(
  { around, waits, time }: OperationParts,
  id: string,
  { waitMs, afterSequence, signal }: Patience,
): Promise<OperationAnswer | null> {
  const untilMs = time.monotonicMs() + waitMs;
  for (;;) {
    const stored = around.resultOf(id);
    if (stored !== null && stored.sequence > afterSequence)
      return { jws: await around.sign(stored.payload, stored.kid) };
    const known = around.find(id);
    if (known === null) return null;
    const leftMs = untilMs - time.monotonicMs();
    // Between this look and the waiting nothing happens: no word is missed.
    const end = leftMs > 0 ? await waits.next(id, leftMs, signal) : 'over';
    if (end === 'stopped') throw new DeskRefusal('stopping');
    if (end !== 'told') return { view: viewOf(id, around.find(id) ?? known) };
  }
}

const viewOf = (
  id: string,
  { state, step }: { state: OperationView['state']; step: OperationView['step'] },
) => ({
  id,
  state,
  step,
});
