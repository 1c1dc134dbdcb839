/** What a box believes of what comes back. Pure: an answer, or why it is none. */
import { X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { allFaults, faultLine } from '../../contract/faults.ts';
import {
  jwsTypes,
  type RegistrationAnswer,
  registrationAnswerSchema,
  registryNoticeSchema,
} from '../../contract/registration.ts';
import { messageOf } from '../../seams/error.ts';
import { readCertificate } from './certificate.ts';
import type { Kept } from './kept.ts';
import { readSigned, thumbprintOf } from './trust.ts';

/** What was asked, by whom. */
export interface Question {
  box: string;
  nonce: string;
  kept: Kept;
  /** Of the key that the certificate was asked for: DER. Null: none was. */
  publicKey: Uint8Array | null;
}

/** What became of reading it. */
export type Read<Value> = { value: Value } | { fault: string };

/** An answer that is signed by the registry, for this box, to this question, and newer than all before. */
export function readAnswer(jws: string, question: Question): Read<RegistrationAnswer> {
  try {
    const payload = readSigned(jws, jwsTypes.answer, question.kept.trusted);
    const parsed = v.safeParse(registrationAnswerSchema, payload);
    if (!parsed.success) return { fault: firstFault(registrationAnswerSchema, payload) };
    const fault = faultOf(parsed.output, question);
    return fault === null ? { value: parsed.output } : { fault };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

/** The revision that the registry calls the box for. */
export function readNotice(jws: string, { box, trusted }: Pick<Kept, 'box' | 'trusted'>): Read<number> {
  try {
    const payload = readSigned(jws, jwsTypes.notice, trusted);
    const parsed = v.safeParse(registryNoticeSchema, payload);
    if (!parsed.success) return { fault: firstFault(registryNoticeSchema, payload) };
    return parsed.output.box === box ? { value: parsed.output.revision } : { fault: 'for another box' };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

const firstFault = (schema: v.GenericSchema, payload: unknown): string =>
  allFaults(schema, payload).map(faultLine)[0] ?? 'not what it must be';

function faultOf(answer: RegistrationAnswer, { box, nonce, kept, publicKey }: Question): string | null {
  if (answer.box !== box) return 'for another box';
  if (answer.nonce !== nonce) return 'to another question';
  const { heard } = kept;
  // The same answer once more is no news, and no harm.
  const isSame = answer.revision === heard?.revision && nonce === heard.nonce;
  if (heard !== null && answer.revision <= heard.revision && !isSame)
    return `old: revision ${answer.revision}, known ${heard.revision}`;
  if (answer.registryKeys.some(({ kid, x }) => kid !== thumbprintOf(x)))
    return 'a key of the registry is not under its own name';
  const kids = answer.commandKeys.map(({ kid }) => kid);
  if (new Set(kids).size < kids.length) return 'a command key stands there twice';
  return brokerFault(answer.broker) ?? certificateFault(answer.certificate, publicKey);
}

// The port is looked at when the address is used.
const withTls = /^mqtts:\/\/(\[[0-9a-fA-F:]+\]|[^/:\s@]+)(:\d{1,5})?\/?$/;
// Without TLS only within one machine: a demo.
const local = /^mqtt:\/\/(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d{1,5})?\/?$/;

function brokerFault(broker: RegistrationAnswer['broker']): string | null {
  if (broker === null) return null;
  if (!withTls.test(broker.url) && !local.test(broker.url)) return "the broker's address is not mqtts://…";
  try {
    new X509Certificate(broker.ca);
    return null;
  } catch (error) {
    return `the broker's CA cannot be read: ${messageOf(error)}`;
  }
}

function certificateFault(pem: string | null, publicKey: Uint8Array | null): string | null {
  if (pem === null) return null;
  try {
    const isOurs = publicKey !== null && readCertificate(pem).publicKey.equals(publicKey);
    return isOurs ? null : 'the certificate is for another key';
  } catch (error) {
    return `the certificate cannot be read: ${messageOf(error)}`;
  }
}
