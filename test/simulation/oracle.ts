/** Holds a finished run against docs/invariants.md, from outside: the bank, the results as verified, the disk's and the log's text. */
import type { Result } from '../../gateway/contract/result.ts';
import { type Asked, movesMoney } from './book.ts';
import type { Judged } from './judged.ts';
import { judgeMoney } from './oracle-money.ts';
import { judgeSecrets } from './oracle-secrets.ts';
import { kidOf } from './signed-results.ts';
import type { Tally } from './tally.ts';

/** What a judged run is summed up in. */
export interface Sums {
  outcomes: Tally;
  reasons: Tally;
  /** Outcomes that no cash register could have told. */
  untellable: Tally;
}

/** Reports every violation. */
export function judge(simulation: Judged, { outcomes, reasons, untellable }: Sums): void {
  const { world, book, violations } = simulation;
  const byId = new Map<string, Result[]>();
  for (const result of world.results) {
    const list = byId.get(result.id);
    if (list === undefined) byId.set(result.id, [result]);
    else list.push(result);
  }
  judgeRepeats(simulation);
  judgeSequences(simulation);
  judgeStatus(simulation);
  judgeSecrets(simulation);

  const finals = new Map<string, Result>();
  for (const asked of book.all()) {
    const told = bySequence(byId.get(asked.id) ?? []);
    judgeOutcomes(asked, told, simulation);
    const final = told.at(-1);
    if (final === undefined) continue;
    finals.set(asked.id, final);
    outcomes.add(`${asked.type} ${final.outcome}`);
    if (told.length > 1) outcomes.add(`${asked.type} unknown, then ${final.outcome}`);
    if (final.resolved !== null) outcomes.add(`${asked.type} decided by a person`);
    if (final.recovered) outcomes.add(`${asked.type} ${final.outcome}, recovered`);
    if (final.reason.source === 'box' && final.reason.code !== '')
      reasons.add(`${final.outcome} ${final.reason.code}`);
    else if (final.reason.source !== 'box')
      reasons.add(`${final.outcome} ${final.reason.source} ${final.reason.code}`);
  }
  for (const [id] of byId)
    if (book.find(id) === null)
      violations.report('3.3', id, 'a result of an operation that nobody asked for');
  judgeTargets(simulation, finals);
  judgeMoney(simulation, finals, untellable);
}

/** One of each sequence, in order. */
function bySequence(results: readonly Result[]): Result[] {
  const once = new Map(results.map((result) => [result.sequence, result]));
  return [...once.values()].sort((one, other) => one.sequence - other.sequence);
}

function judgeOutcomes(asked: Asked, told: readonly Result[], { violations, witness }: Judged): void {
  const { id, type, expectation } = asked;
  const [first, second] = told;
  if (expectation === 'nothing') {
    if (first !== undefined) violations.report('3.2', id, `a result, ${first.outcome}, where none may be`);
    return;
  }
  // That there is none is told by the wait for it.
  if (first === undefined) return;
  const isRight =
    told.length === 1 ||
    (told.length === 2 && first.outcome === 'unknown' && second?.outcome !== 'unknown' && movesMoney(type));
  if (!isRight) violations.report('2', id, `outcomes: ${told.map(({ outcome }) => outcome).join(', ')}`);
  if (expectation === 'refused' && first.outcome !== 'refused')
    violations.report('3.2', id, `${first.outcome}, where only a refusal may be`);
  if (movesMoney(type) && first.outcome === 'done') violations.report('3', id, 'done, though it moves money');
  if (first.outcome === 'refused' && witness.sent(id) !== null)
    violations.report('3', id, `refused (${first.reason.code}), though its request was sent`);
  // A terminal that is busy with something else says so to the ping that goes before a request.
  const isWord = first.reason.source !== 'box' && first.reason.code !== 'deviceBusy';
  if (movesMoney(type) && isWord && !first.recovered && witness.sent(id) === null)
    violations.report(
      '5',
      id,
      `${first.outcome} ${first.reason.code} as the terminal's word, which was never asked`,
    );
  if (witness.neverStarted.has(id) && first.reason.code !== 'restarted')
    violations.report('9', id, `accepted before a restart, then ${first.outcome} ${first.reason.code}`);
  const last = told.at(-1) ?? first;
  if (last.outcome === 'unknown' && movesMoney(type)) violations.report('2', id, 'unknown for ever');
  if (last.type !== type) violations.report('3', id, `a result of type ${last.type}`);
  if (last.resolved === null && asked.content.order !== undefined && last.order !== asked.content.order)
    violations.report('3.4', id, `order ${last.order}`);
}

/** The same result is the same to the last byte. */
function judgeRepeats({ world, violations }: Judged): void {
  const bytes = new Map<string, string>();
  const texts = world.broker.published.filter(({ topic }) => topic.endsWith('/results'));
  for (const [index, { payload }] of texts.entries()) {
    const result = world.results[index];
    if (result === undefined) return violations.report('3.3', '', 'a result that nobody can verify');
    // Once in its sender's name, and in the box's own where that key is lost with the registry's file.
    const told = `${result.sequence} ${kidOf(payload)}`;
    const before = bytes.get(told);
    if (before !== undefined && before !== payload)
      violations.report('2', result.id, `sequence ${result.sequence} was told in two ways`);
    bytes.set(told, payload);
  }
}

function judgeSequences({ world, violations }: Judged): void {
  const highest = Math.max(0, ...world.results.map(({ sequence }) => sequence));
  const seen = new Set(world.results.map(({ sequence }) => sequence));
  for (let sequence = 1; sequence <= highest; sequence += 1)
    if (!seen.has(sequence)) violations.report('2', '', `sequence ${sequence} never came`);
  if (world.journal.undelivered(0, 1).length > 0)
    violations.report('2', '', 'a result waits to be delivered for ever');
}

/** The retained status is true in the end. */
function judgeStatus({ world, violations }: Judged): void {
  const last = world.broker.published.findLast(({ topic }) => topic.endsWith('/status'));
  const status = JSON.parse(last?.payload ?? '{}') as {
    online?: boolean;
    operation?: unknown;
    unresolved?: unknown[];
    registration?: { state: string };
  };
  if (status.online === true && status.registration?.state !== 'active')
    violations.report('3.5', '', `the retained status says ${status.registration?.state}`);
  if (status.online !== true) violations.report('3.5', '', 'the retained status says offline');
  else if (status.operation !== null || status.unresolved?.length !== 0)
    violations.report('3.5', '', `the retained status says ${last?.payload}`);
}

/** What `status` and `abort` said of another operation. */
function judgeTargets({ world, violations }: Judged, finals: ReadonlyMap<string, Result>): void {
  for (const { id, type, target } of world.results) {
    if (target === undefined) continue;
    const final = finals.get(target.id);
    const told = target.result;
    if (
      told !== null &&
      !world.results.some(
        (one) => one.id === target.id && one.sequence === told.sequence && one.outcome === told.outcome,
      )
    )
      violations.report('3.4', id, `told a result of ${target.id} that was never told`);
    if (target.state === 'finished' && told === null)
      violations.report('3.4', id, `${target.id} is finished without a result`);
    if (told !== null && told.outcome !== 'unknown' && final !== undefined && final.outcome !== told.outcome)
      violations.report('2', target.id, `${told.outcome} at first, then ${final.outcome}`);
    if (type === 'abort' && target.state === 'notFound' && final !== undefined && final.outcome !== 'refused')
      violations.report('3.2', target.id, `${final.outcome}, though it was aborted before it came`);
  }
}
