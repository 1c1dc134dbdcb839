/** How far the setting up is, on disk before anything depends on it. Nothing in it is secret. */
import * as v from 'valibot';
import type { Level } from './finding.ts';
import { languages, type TextKey } from './texts/texts.ts';
import type { Files } from './world.ts';

const level = v.picklist(['ok', 'note', 'warning', 'fault'] satisfies Level[]);
const keptFinding = v.object({
  level,
  text: v.custom<TextKey>((key) => typeof key === 'string' && Object.hasOwn(languages.en, key)),
  with: v.record(v.string(), v.union([v.string(), v.number()])),
});
const words = v.object({
  vendor: v.nullable(v.string()),
  model: v.nullable(v.string()),
  software: v.nullable(v.string()),
  id: v.nullable(v.string()),
  merchants: v.record(v.string(), v.string()),
});

const progressSchema = v.object({
  format: v.literal(1),
  /** What was done, by step: when, and what was found. */
  steps: v.record(v.string(), v.object({ atMs: v.number(), findings: v.array(keptFinding) })),
  terminal: v.nullable(v.object({ link: v.string(), baudRate: v.number(), words })),
  panel: v.nullable(
    v.object({
      link: v.string(),
      version: v.nullable(v.string()),
      flash: v.picklist(['no', 'asked', 'needed']),
    }),
  ),
  /** The shop's merchants, by the names that the config gives them. */
  merchants: v.record(v.string(), v.string()),
  defaultMerchant: v.nullable(v.string()),
  /** Marks of the config that the gateway was started with, and of what the final test was about. */
  startedWith: v.nullable(v.string()),
  testedWith: v.nullable(v.string()),
  /** How the last test payment ended, if it was declined. */
  declined: v.optional(
    v.nullable(v.object({ outcome: v.string(), code: v.string(), reason: v.string() })),
    null,
  ),
  /** Ids are here before they are sent: asking again asks for the same payment. */
  payment: v.nullable(
    v.object({ id: v.string(), reversal: v.string(), invoice: v.nullable(v.string()), isOver: v.boolean() }),
  ),
});

/** See the module. */
export type Progress = v.InferOutput<typeof progressSchema>;

/** Nothing was done yet. */
export const nothingDone = (): Progress => ({
  format: 1,
  steps: {},
  terminal: null,
  panel: null,
  merchants: {},
  defaultMerchant: null,
  startedWith: null,
  testedWith: null,
  declined: null,
  payment: null,
});

/** Reads it. `isDamaged`: there was something that could not be read, and everything is looked at anew. */
export function readProgress(files: Files): { progress: Progress; isDamaged: boolean } {
  const text = files.read('progress');
  if (text === null) return { progress: nothingDone(), isDamaged: false };
  try {
    return { progress: v.parse(progressSchema, JSON.parse(text)), isDamaged: false };
  } catch {
    // What was paid is forgotten, too.
    return {
      progress: { ...nothingDone(), declined: { outcome: 'unknown', code: '', reason: '' } },
      isDamaged: true,
    };
  }
}

/** Writes it down, unless it stands there already. */
export function keepProgress(files: Files, progress: Progress): void {
  const text = `${JSON.stringify(progress, null, 2)}\n`;
  if (files.read('progress') !== text) files.write('progress', text);
}
