/** The answers, from their file; and those on the boot partition, which do not stay there. */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Answers, parseAnswers } from '../../../provisioning/technician/answers.ts';
import { type Finding, fault, warning } from '../../../provisioning/technician/finding.ts';
import { faultLine } from '../../contract/faults.ts';
import { messageOf } from '../../seams/error.ts';
import { type Places, writeWhole } from './files.ts';

const name = 'swipe-answers.json';
const resultName = 'swipe-result.txt';
const sheetName = 'swipe-sheet.html';

/** Reads a file of answers: them, or what is wrong. */
export function readAnswersFile(path: string): { answers: Answers } | { finding: Finding } {
  const invalid = (faults: string) => ({ finding: fault('answersInvalid', { path, faults }) });
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // V8 quotes the text around the fault, which may be a secret: only the place is told.
    const place = /position \d+( \(line \d+ column \d+\))?/.exec(messageOf(error))?.[0];
    return invalid(error instanceof SyntaxError ? `no JSON (${place ?? 'its end'})` : messageOf(error));
  }
  const read = parseAnswers(input);
  return 'answers' in read ? read : invalid(read.faults.map(faultLine).join('; '));
}

/** The answers for the first boot, and how to be done with them. */
export interface BootAnswers {
  /** Where they are now: not on the boot partition any more, whose cards any laptop reads. */
  path: string;
  /** They were put on the boot partition since the last start: a person wants what they say. */
  areNew: boolean;
  /** Why they must not be used; null: they may be. */
  refusal: Finding | null;
  /** Everything was done: they are erased. */
  done(): void;
  /** Leaves a note on the boot partition for somebody with a card reader and no screen. */
  leaveNote(text: string, sheet: string | null): void;
}

/**
 * Takes the answers from the boot partition, once they can be used: a copy that only root reads, on disk before what is on
 * the boot partition is overwritten and deleted. Null: there are none, or they were used.
 *
 * A box that has a config is set up, and whoever reaches its card cannot make it another shop's. Only a setting up of
 * this kind that is not finished, whose answers are still here, goes on or is corrected.
 */
export function takeBootAnswers({ boot, own, config }: Places): BootAnswers | null {
  const copy = join(own, 'answers.json');
  for (const path of [copy, ...boot.map((folder) => join(folder, name))]) if (isWiped(path)) erase(path);
  const source = boot.map((folder) => join(folder, name)).find((path) => existsSync(path));
  const partition =
    source === undefined ? (boot.find((folder) => existsSync(folder)) ?? null) : dirname(source);
  if (source === undefined && !existsSync(copy)) return null;
  const leave = (file: string, text: string): void => {
    if (partition === null || textIn(join(partition, file)) === text) return;
    // FAT has no journal: what is not on the card yet may be an empty file after a power cut.
    const noLink = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const note = openSync(join(partition, file), noLink, 0o644);
    try {
      writeFileSync(note, text, { flush: true });
    } finally {
      closeSync(note);
    }
  };
  const answers = (path: string, refusal: Finding | null = null): BootAnswers => ({
    path,
    areNew: source !== undefined,
    refusal,
    done: () => erase(copy),
    leaveNote(text, sheet) {
      try {
        if (sheet !== null) leave(sheetName, sheet);
        leave(resultName, text);
      } catch {
        // The partition may be read-only, as it should be with an overlay.
      }
    },
  });
  if (source === undefined) return answers(copy);
  if (existsSync(config) && !existsSync(copy))
    return answers(source, warning('setUpAlready', { path: source }));
  // With faults it stays where the technician can correct it.
  if ('finding' in readAnswersFile(source)) return answers(source);
  writeWhole(copy, readFileSync(source, 'utf8'), 0o600, null);
  erase(source);
  return answers(copy);
}

function textIn(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Overwritten, and the power was cut before it was deleted. */
function isWiped(path: string): boolean {
  if (!existsSync(path)) return false;
  const bytes = readFileSync(path);
  return bytes.length > 0 && bytes.every((byte) => byte === 0);
}

/**
 * Overwrites a file where it stands, makes sure of it, deletes it. On a card that is all that can be done and no
 * promise: its controller may keep the old block elsewhere (docs/field-guide.md).
 */
export function erase(path: string): void {
  if (!existsSync(path)) return;
  // Not where a link leads.
  const file = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const zeros = Buffer.alloc(fstatSync(file).size);
    writeSync(file, zeros, 0, zeros.length, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  unlinkSync(path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
