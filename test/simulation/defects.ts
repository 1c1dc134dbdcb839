/** Deliberate defects of the gateway, one line each. A simulation that does not find them proves nothing. */

import { registryDefects } from './registry/registry-defects.ts';

/** One defect: in `file`, `find` stands exactly once and is replaced. */
export interface Defect {
  name: string;
  file: string;
  find: string;
  replace: string;
  /** A seed by which it is caught, where the first ones do not: a hunt in a hurry begins there. */
  near?: number;
}

/** Every defect. Each was once a sensible-looking line of somebody's payment software. */
export const defects: readonly Defect[] = [
  {
    name: 'PUBACK before the journal',
    file: 'gateway/cloud/intake.ts',
    find: 'if (message.topic === topics.commands) await commandOrAgain(message);',
    replace:
      'if (message.topic === topics.commands) setTimeout(() => commandOrAgain(message).catch(() => {}), 0);',
  },
  {
    name: 'an accepted command is not synced',
    file: 'gateway/simulators/journal.ts',
    find: 'this.#marks.clear();',
    replace:
      "this.#marks.clear(); if (new Error().stack?.includes('kill')) for (const [id, { record }] of this.#operations) if (record.stage === 'accepted') this.#operations.delete(id);",
  },
  {
    name: 'a start is not synced',
    file: 'gateway/simulators/journal.ts',
    find: 'this.#waitingTrustedMs = 0;\n  }\n\n  close',
    replace:
      "this.#waitingTrustedMs = 0;\n    if (new Error().stack?.includes('kill')) for (const [, { record }] of this.#operations) if (record.stage === 'running') this.#put({ ...record, stage: 'accepted', start: null });\n  }\n\n  close",
  },
  {
    name: 'dedupe by id only: other content gets the stored result',
    file: 'gateway/payments/reception.ts',
    find: 'if (known.contentHash !== contentHash)',
    replace: 'if (known.id !== id)',
  },
  {
    name: 'dedupe in memory only',
    file: 'gateway/payments/reception.ts',
    find: 'const known = this.#cashier.find(id)?.record ?? this.#parts.journal.find(id);',
    replace: 'const known = this.#cashier.find(id)?.record ?? null;',
  },
  {
    name: 'the first byte before the journal',
    file: 'gateway/payments/live-operation.ts',
    find: 'if (!this.#keeper.start({ start, lastContactMs: start.atMs })) {',
    replace:
      'const opened = this.#open(start.request); opened.send(); if (!this.#keeper.start({ start, lastContactMs: start.atMs }) || opened !== null) { return;',
  },
  {
    name: 'no baseline',
    file: 'gateway/payments/live-operation.ts',
    find: 'baseline: prepared.baseline,',
    replace: "baseline: { kind: 'none' },",
  },
  {
    name: 'of several receipts that could be ours the last one is',
    file: 'gateway/payments/evidence.ts',
    find: 'const [receipt] = ours;\n  if (candidates > 1 || receipt === undefined)',
    replace: 'const receipt = ours.at(-1);\n  if (receipt === undefined)',
    near: 151,
  },
  {
    name: 'a request is sent again after a time-out',
    file: 'gateway/terminal/privat-json/attempt.ts',
    find: "return broke('timeout');",
    replace: 'return sendCall(call);',
  },
  {
    name: 'the last receipt is taken as ours',
    file: 'gateway/payments/evidence.ts',
    find: "if (request.type === 'reversal') return decideReversal(request, record, evidence);",
    replace:
      "if (request.type === 'reversal') return decideReversal(request, record, evidence); if (evidence.since.length > 0) return { kind: 'ours', receipt: evidence.since[evidence.since.length - 1] as ReceiptFacts };",
  },
  {
    name: 'an abort is taken as proof',
    file: 'gateway/payments/transitions.ts',
    find: "abortAsked: (state) => go(state, { name: 'interrupt' }),",
    replace: "abortAsked: () => finish(refusal('aborted', 'aborted')),",
  },
  {
    name: 'the terminal\'s "cancelled" is believed without its receipts',
    file: 'gateway/payments/transitions.ts',
    find: "if (judged.kind === 'nothingMoved' && facts.kind === 'money' && facts.hasLookUp)",
    replace: "if (judged.kind === 'nothingMoved' && facts.kind === 'batch')",
  },
  {
    name: '`failed` instead of `unknown` when patience ends',
    file: 'gateway/payments/transitions.ts',
    find: "patienceEnded: (state) => tellUnknown(state, false, 'the terminal has not shown what happened yet'),",
    replace: 'patienceEnded: () => finish(notPerformed()),',
  },
  {
    name: 'what cannot be decided is `failed`',
    file: 'gateway/payments/evidence.ts',
    find: "const undecidable = (why: string): EvidenceVerdict => ({ kind: 'undecidable', why });",
    replace: "const undecidable = (_why: string): EvidenceVerdict => ({ kind: 'notPerformed' });",
  },
  {
    name: 'the gate is gone',
    file: 'gateway/payments/gate.ts',
    find: "if (state.unresolved !== null && command.type !== 'receipt')",
    replace: 'if (state.unresolved === command.type)',
  },
  {
    name: 'the deadline is checked on arrival only',
    file: 'gateway/payments/preparing.ts',
    find: 'if (isExpired(command, clock.nowMs()))',
    replace: 'if (isExpired(command, 0))',
  },
  {
    name: 'an untrusted clock is trusted',
    file: 'gateway/system/clock-trust.ts',
    find: 'const trusted = (known || signed !== null) && !isBehind(nowMs);',
    replace: 'const trusted = true;',
    near: 14,
  },
  {
    name: 'the latest trusted time is not kept',
    file: 'gateway/system/clock-trust.ts',
    find: 'const isBehind = (nowMs: number): boolean => nowMs < latestMs - toleranceMs;',
    replace: 'const isBehind = (nowMs: number): boolean => nowMs < 0;',
    near: 116,
  },
  {
    name: 'card numbers pass through receipts',
    file: 'gateway/contract/card-data.ts',
    find: 'if (!found) return run;',
    replace: 'return run;',
  },
  {
    name: 'a result is not sent again after the connection broke',
    file: 'gateway/cloud/outbox.ts',
    find: 'now.inFlight.add(sequence);',
    replace: 'now.inFlight.add(sequence); journal.delivered(sequence);',
    near: 37,
  },
  {
    name: 'a sender that asks again gets no answer',
    file: 'gateway/payments/reception.ts',
    find: 'if (known.result !== null) return this.#parts.resend(id);',
    replace: 'if (known.result !== null) return;',
  },
  {
    name: 'accepted operations start after a restart',
    file: 'gateway/payments/transitions.ts',
    find: "restarted: () => finish(refusal('restarted', 'the box restarted before the operation started')),",
    replace: "restarted: () => go({ name: 'preparing' }, { name: 'prepare' }),",
  },
  {
    name: 'an answer of another amount is believed',
    file: 'gateway/payments/judge.ts',
    find: 'return details.amount === expected\n',
    replace: 'return details.amount !== -1\n',
  },
  {
    name: 'the health check is a purchase of nothing',
    file: 'gateway/terminal/privat-json/handshake.ts',
    find: "  const reply = await ask(session, 'GetTerminalInfo', undefined, questionMs);",
    replace:
      "  const reply = await ask(session, 'GetTerminalInfo', undefined, questionMs); void ask(session, 'Purchase', { amount: '0.01', discount: '', merchantId: '0', facepay: 'false' }, questionMs);",
  },
  {
    name: 'nobody can decide an unknown outcome',
    file: 'gateway/payments/transitions.ts',
    find: 'resolved: (state, { command, kid }) => (state.exhausted ? finish(resolution(command, kid)) : go(state)),',
    replace: 'refused: (state) => go(state),',
  },
  {
    name: 'an abort before the command is forgotten',
    file: 'gateway/payments/targets.ts',
    find: 'if (parts.journal.find(target) !== null) return;',
    replace: 'if (target !== null) return;',
  },
  {
    name: 'the terminal is given up after a break',
    file: 'gateway/terminal/privat-json/connection.ts',
    find: 'if (!isStopping) await rest.for(pauseAfter(failures, random));',
    replace: 'if (!isStopping) await rest.for(failures > 2 ? 1e12 : pauseAfter(failures, random));',
  },
  {
    name: 'a late answer is given to the next operation',
    file: 'gateway/terminal/privat-json/attempt.ts',
    find: "if (state !== 'broken' && state !== 'fresh') return false;",
    replace: "if (state === 'answered' || state === 'closed') return false;",
    near: 64,
  },
  {
    name: 'the epoch is ignored: an answer is counted on beyond its connection',
    file: 'gateway/terminal/privat-json/attempt.ts',
    find: "case 'gone':\n        return broke('linkLost');",
    replace: "case 'gone':\n        return;",
  },
  {
    name: 'a method is believed missing when it is denied once',
    file: 'gateway/terminal/privat-json/capabilities.ts',
    find: 'const denialsMax = 2;',
    replace: 'const denialsMax = 1;',
    near: 289,
  },
  {
    name: 'a terminal at work after a long silence is at work on something else',
    file: 'gateway/payments/evidence.ts',
    find: 'doubtfulToMs: lateContactMs +',
    replace: 'doubtfulToMs: lateContactMs * 0 + lastContactMs +',
    near: 150,
  },
  ...registryDefects,
];
