/** What the box keeps of the registry across restarts: its form on disk, and how it changes. Pure. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type CommandKey, configSchema } from '../../contract/config.ts';
import {
  claimReasons,
  counterMax,
  type RegistrationAnswer,
  registrationStates,
} from '../../contract/registration.ts';
import { parseIsoTime } from '../../contract/time.ts';
import { type RegistryKey, registryKeyOf } from './trust.ts';

// A form of its own, not that of the answer: what an older version has kept must be read by every later one, or an
// update would take the box out of service wherever the registry cannot be reached.
const time = v.number();
const number = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(counterMax));
const commandKeys = configSchema.entries.commandKeys;

const keptSchema = v.object({
  format: v.literal(1),
  /** Whose it is. */
  box: v.string(),
  /** The registry's key out of the config when this was written. */
  pin: v.string(),
  /** The highest count that may have been sent. */
  count: number,
  /** The registry's keys that are believed. */
  trusted: v.pipe(v.array(v.object({ kid: v.string(), x: v.string() })), v.minLength(1), v.maxLength(8)),
  /** The last answer; null: there was none yet. */
  heard: v.nullable(
    v.object({
      /** When it came, by the box's trusted clock. */
      atMs: time,
      revision: number,
      nonce: v.string(),
      state: v.picklist(registrationStates),
      untilMs: v.nullable(time),
      reason: v.nullable(v.picklist(claimReasons)),
      pairing: v.nullable(v.object({ code: v.string(), expiresAtMs: time })),
    }),
  ),
  commandKeys,
  /** Keys that may ask for nothing any more. What was begun for them is still told in their name. */
  retired: v.array(v.object({ key: commandKeys.item, atMs: time })),
  broker: v.nullable(v.object({ url: v.string(), ca: v.string() })),
  /** The newest certificate, PEM. */
  certificate: v.nullable(v.string()),
});

/** What is kept. */
export type Kept = v.InferOutput<typeof keptSchema>;

/** Where it is kept. */
export interface KeptFile {
  /** Null: nothing was written yet. May throw. */
  read(): string | null;
  /** When it returns, this text is there after a power cut, whole. Throws when it could not be written. */
  write(text: string): void;
}

/** A box that has never heard of the registry but its key. */
export const nothingKept = (box: string, pin: string): Kept => ({
  format: 1,
  box,
  pin,
  count: 0,
  trusted: [registryKeyOf(pin)],
  heard: null,
  commandKeys: [],
  retired: [],
  broker: null,
  certificate: null,
});

const checksumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** As it stands on disk: a checksum, so that no flipped bit becomes a state, a time or a key; then JSON. */
export function writeKept(kept: Kept): string {
  const text = JSON.stringify(kept);
  return `${checksumOf(text)}\n${text}\n`;
}

/** The same back; null when it is damaged, or not this box's. */
export function readKept(text: string, box: string): Kept | null {
  const [checksum, json = ''] = text.split('\n');
  if (checksum !== checksumOf(json)) return null;
  const parsed = v.safeParse(keptSchema, JSON.parse(json));
  return parsed.success && parsed.output.box === box ? parsed.output : null;
}

/**
 * What is kept under the key that the config names now. A key that is believed already changes nothing: the registry
 * has moved on to it. Any other one is another registry's, which is asked anew; what was begun is still told.
 */
export function underPin(kept: Kept, pin: string): Kept {
  if (kept.pin === pin || kept.trusted.some(({ x }) => x === pin)) return { ...kept, pin };
  const { box, count } = kept;
  const retired = retiredWith(kept, [], kept.heard?.atMs ?? 0);
  return { ...nothingKept(box, pin), count, retired };
}

/** What is kept after this answer. `atMs`: when it came, by the box's trusted clock. */
export function learned(kept: Kept, answer: RegistrationAnswer, atMs: number): Kept {
  const { nonce, pairing, reason, revision, state, until } = answer;
  return {
    ...kept,
    trusted: answer.registryKeys.map(({ kid, x }): RegistryKey => ({ kid, x })),
    heard: {
      atMs,
      revision,
      nonce,
      state,
      untilMs: until === null ? null : parseIsoTime(until),
      reason,
      pairing: pairing === null ? null : { code: pairing.code, expiresAtMs: parseIsoTime(pairing.expiresAt) },
    },
    commandKeys: answer.commandKeys,
    retired: retiredWith(kept, answer.commandKeys, atMs),
    // Whoever is nobody's any more is told no broker. What it has still to tell goes the old way, while that is open.
    broker: answer.broker ?? kept.broker,
    certificate: answer.certificate ?? kept.certificate,
  };
}

const retiredMax = 64;
const retiredLifeMs = 90 * 86_400_000;

function retiredWith(kept: Kept, present: readonly CommandKey[], atMs: number): Kept['retired'] {
  const isPresent = ({ kid }: CommandKey): boolean => present.some((key) => key.kid === kid);
  const before = kept.retired.filter(({ key, atMs: sinceMs }) => {
    const isOld = atMs - sinceMs > retiredLifeMs;
    return !isOld && !isPresent(key);
  });
  const now = kept.commandKeys.filter((key) => !isPresent(key)).map((key) => ({ key, atMs }));
  return [...before, ...now].slice(-retiredMax);
}
