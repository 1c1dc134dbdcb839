import * as v from 'valibot';
import { flag, oneOf, operationId, textOrNull, timestamp } from './primitives.ts';

/** What the customer or the terminal is doing while an operation runs. */
export const progressSteps = [
  'waitingForCard',
  'cardRead',
  'chip',
  'chooseApplication',
  'pin',
  'authorising',
  'waitingForCashier',
  'correction',
  'printing',
  'removeCard',
  'inProgress',
] as const;

/** One of {@link progressSteps}. */
export type ProgressStep = (typeof progressSteps)[number];

/** The terminal's readiness. */
export const terminalStates = ['ready', 'busy', 'absent'] as const;

/** One of {@link terminalStates}. */
export type TerminalState = (typeof terminalStates)[number];

const progress = v.strictObject({ type: v.literal('progress'), id: operationId, step: oneOf(progressSteps) });
/** What became of a press: done, not possible now, tried in vain. */
export const pressOutcomes = ['done', 'refused', 'failed'] as const;

const button = v.strictObject({
  type: v.literal('button'),
  button: v.string(),
  action: v.string(),
  outcome: v.optional(oneOf(pressOutcomes)),
});
const terminal = v.strictObject({ type: v.literal('terminal'), state: oneOf(terminalStates) });
const terminalChanged = v.strictObject({
  type: v.literal('terminalChanged'),
  terminal: textOrNull,
  merchants: v.record(v.string(), v.string()),
});
/** A signed command that gets no result: a known id with other content, or no usable id at all. */
const rejected = v.strictObject({
  type: v.literal('rejected'),
  id: v.nullable(operationId),
  reason: oneOf(['duplicate', 'invalid']),
  text: v.string(),
});
/** Late evidence against a final result. For people: nothing is changed. */
const conflict = v.strictObject({
  type: v.literal('conflict'),
  id: operationId,
  text: v.string(),
  seen: v.strictObject({
    code: v.string(),
    invoice: textOrNull,
    rrn: textOrNull,
    amount: v.nullable(v.number()),
  }),
  at: timestamp,
});

/**
 * The receipt printer: `none` is configured; `absent`: it cannot be reached, or says nothing; `fault`: it says that
 * something in it is broken or jammed.
 */
export const printerStates = ['none', 'ready', 'absent', 'paperOut', 'coverOpen', 'fault'] as const;

/** One of {@link printerStates}. */
export type PrinterState = (typeof printerStates)[number];

const printer = v.strictObject({ type: v.literal('printer'), state: oneOf(printerStates) });
/** What became of a paper that no command of its own asked for: it went with a payment. */
const print = v.strictObject({
  type: v.literal('print'),
  id: operationId,
  what: oneOf(['slip', 'document']),
  outcome: oneOf(['done', 'failed', 'unknown']),
  reason: v.strictObject({ code: v.string(), text: v.string() }),
});

/** What the box says on `events`: JSON, QoS 1, for information only. */
export const eventSchema = v.variant('type', [
  progress,
  button,
  terminal,
  terminalChanged,
  rejected,
  conflict,
  printer,
  print,
]);

/** One event. */
export type BoxEvent = v.InferOutput<typeof eventSchema>;

/** The will and the farewell on `status`. */
export const offlineStatusSchema = v.strictObject({ online: v.literal(false) });

/** How the box stands with the registry. */
export const registrationStates = ['active', 'trial', 'pastDue', 'suspended', 'unregistered'] as const;

/** One of {@link registrationStates}. */
export type RegistrationState = (typeof registrationStates)[number];

/**
 * The panel: `none` is configured; `absent`: nothing answers; `outdated`: its firmware does not fit this gateway;
 * `foreign`: another device, or other firmware, is at its port.
 */
export const panelStates = ['none', 'absent', 'ready', 'outdated', 'foreign'] as const;

/** What the box says on `status`, retained. */
export const statusSchema = v.strictObject({
  online: flag,
  box: v.string(),
  version: v.string(),
  terminal: v.strictObject({
    state: oneOf(terminalStates),
    vendor: textOrNull,
    model: textOrNull,
    software: textOrNull,
    id: textOrNull,
  }),
  panel: oneOf(panelStates),
  printer: oneOf(printerStates),
  registration: v.strictObject({ state: oneOf(registrationStates), until: v.nullable(timestamp) }),
  operation: v.nullable(v.strictObject({ id: operationId, state: v.string() })),
  unresolved: v.array(operationId),
  supports: v.array(v.string()),
  since: timestamp,
});

/** The retained status of a box that is online. */
export type BoxStatus = v.InferOutput<typeof statusSchema>;
