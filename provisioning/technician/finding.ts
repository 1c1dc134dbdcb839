/** What was found, in a form that programs and people read: a key of the texts, and what varies in it. */
import type { TextKey } from './texts/texts.ts';

/** `ok`, worth knowing, will hurt one day, or stops something now. */
export type Level = 'ok' | 'note' | 'warning' | 'fault';

/** One thing that was found. Nothing in `with` may be a secret: it is shown, logged and kept. */
export interface Finding {
  level: Level;
  text: TextKey;
  with: Readonly<Record<string, string | number>>;
}

const finding =
  (level: Level) =>
  (text: TextKey, values: Finding['with'] = {}): Finding => ({ level, text, with: values });

/** All is well. */
export const ok = finding('ok');
/** Worth knowing. */
export const note = finding('note');
/** It works, and something should be done about it. */
export const warning = finding('warning');
/** It does not work. */
export const fault = finding('fault');

/** The first fault, if there is one. */
export const firstFault = (findings: readonly Finding[]): Finding | null =>
  findings.find(({ level }) => level === 'fault') ?? null;

/**
 * What trying again by itself cannot better, or must not: a wrong code would lock others out of the registry, a payment
 * that was declined is not made again unasked.
 */
const forPersons: readonly TextKey[] = [
  'answerMissing',
  'answersInvalid',
  'claimNeeded',
  'claimUnknown',
  'claimExpired',
  'claimUsed',
  'claimLocked',
  'boxRetired',
  'registryStrange',
  'keyUnusable',
  'configFaults',
  'configUnreadable',
  'terminalOther',
  'terminalTwo',
  'merchantMissing',
  'portsSwapped',
  'paymentNot',
  'reversalNot',
];

/** Whether only a person can do something about one of these. */
export const needPerson = (findings: readonly Finding[]): boolean =>
  findings.some(({ level, text }) => level === 'fault' && forPersons.includes(text));

/** A step that cannot go on; what the technician reads is the finding. */
export class StepFailure extends Error {
  readonly findings: readonly Finding[];

  constructor(...findings: Finding[]) {
    super(findings.map(({ text }) => text).join(', '));
    this.name = 'StepFailure';
    this.findings = findings;
  }
}

/** Throws where one of these is a fault; else gives them back. */
export function demandFaultless(findings: Finding[]): Finding[] {
  if (firstFault(findings) !== null) throw new StepFailure(...findings);
  return findings;
}
