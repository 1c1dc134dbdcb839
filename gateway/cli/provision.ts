import { parseArgs } from 'node:util';
import { type Answers, parseAnswers, secretsIn } from '../../provisioning/technician/answers.ts';
import { fault } from '../../provisioning/technician/finding.ts';
import { type Ending, run } from '../../provisioning/technician/runner.ts';
import { allSteps } from '../../provisioning/technician/steps/all.ts';
import { tellPairing } from '../../provisioning/technician/steps/register.ts';
import { type Language, languageOf, say } from '../../provisioning/technician/texts/texts.ts';
import { SwipeError } from '../seams/error.ts';
import { systemTime } from '../system/time.ts';
import type { CliCommand, CliIo } from './command.ts';
import { type BootAnswers, readAnswersFile, takeBootAnswers } from './technician/answers-file.ts';
import { filesAt, type Places, placesIn } from './technician/files.ts';
import { provisionLog } from './technician/log-file.ts';
import { personHere } from './technician/person.ts';
import { findingLines, lineTeller } from './technician/teller.ts';
import { realWorld } from './technician/world.ts';

/** `swipe provision`: from an empty box to the hand-over. */
export const command: CliCommand = {
  name: 'provision',
  summary: 'sets this box up: finds the devices, registers it, starts the gateway, tests it',
  help: `usage: swipe provision [--answers FILE [--ask] | --first-boot] [--dry-run] [--language uk|en] [--root DIR]

Asks what it needs to know, and may be stopped and started again at any point: what is done stays done. Needs root.

  --answers FILE  asks nobody: the answers are in this file (docs/field-guide.md); with --ask it asks for the rest
  --first-boot    the answers are in swipe-answers.json on the boot partition; they are erased there at once
  --dry-run       looks at everything and changes nothing
  --language      uk or en; without it by the locale
  --root DIR      another system's files: everything is below DIR instead of /

Exits 0 when the box is ready, 1 when it is not, 2 when trying again is of no use before somebody changes something.

example: swipe provision --answers /root/shop-12.json --dry-run`,
  async run(argv, io) {
    const { values } = parseArgs({
      args: argv,
      options: {
        answers: { type: 'string' },
        ask: { type: 'boolean', default: false },
        'first-boot': { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        language: { type: 'string' },
        root: { type: 'string', default: '/' },
      },
    });
    const places = placesIn(values.root);
    const language = languageIn(values.language);
    if (!values['first-boot'])
      return provision({ io, places, language, isDryRun: values['dry-run'], ...source(values) });
    const boot = takeBootAnswers(places);
    if (boot === null) return 0;
    if (boot.refusal !== null) {
      const lines = findingLines(language ?? ofLocale(), boot.refusal);
      for (const line of lines) io.out(line);
      boot.leaveNote(`${lines.join('\n')}\n`, null);
      return 0;
    }
    return firstBoot(boot, { io, places, language });
  },
};

function source({ answers, ask }: { answers?: string | undefined; ask: boolean }) {
  return { path: answers ?? null, mayAsk: answers === undefined || ask };
}

/** The one that was named, or that of the locale. */
export function languageIn(named: string | undefined): Language | null {
  if (named === undefined) return null;
  if (named === 'uk' || named === 'en') return named;
  throw new SwipeError('usage', `--language: found ${named}, allowed: uk, en`);
}

const ofLocale = (): Language =>
  languageOf(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG);

/** Trying again by itself is of no use: swipe-firstboot.service knows it. */
const needsPersonCode = 2;

interface Wanted {
  io: CliIo;
  places: Places;
  /** Null: the answers', or the locale's. */
  language: Language | null;
  /** Null: nothing is written down, everything is asked. */
  path: string | null;
  mayAsk: boolean;
  isDryRun: boolean;
  /** A boot does it with answers of an earlier one. */
  isByItself?: boolean;
  /** What is told is kept: in systemd's journal, on a card that any laptop reads. */
  isKept?: boolean;
}

async function provision(wanted: Wanted): Promise<number> {
  const { io, path } = wanted;
  const read = path === null ? parseAnswers({}) : readAnswersFile(path);
  const language = wanted.language ?? ('answers' in read ? read.answers.language : null) ?? ofLocale();
  if (!('answers' in read)) {
    const finding = 'finding' in read ? read.finding : fault('answersInvalid', { path: '', faults: '' });
    for (const line of findingLines(language, finding)) io.error(line);
    return needsPersonCode;
  }
  return withAnswers(wanted, { ...read.answers, language }, language);
}

async function withAnswers(
  { io, places, mayAsk, isDryRun, isByItself = false, isKept = false }: Wanted,
  answers: Answers,
  language: Language,
): Promise<number> {
  const { paths } = filesAt(places);
  const log = provisionLog(paths.log, systemTime, () => secretsIn(answers));
  const world = realWorld(places, log.log);
  const teller = lineTeller({ language, out: io.out, log });
  io.out(say(language, 'title'));
  // A dry run's log would be a change, too.
  const quiet = { ...log, open() {} };
  const ending = await run(allSteps, {
    world,
    answers,
    person: mayAsk ? personHere(language) : null,
    isDryRun,
    isByItself,
    isCancelled: () => io.signal.aborted,
    teller: isDryRun ? lineTeller({ language, out: io.out, log: quiet }) : teller,
  });
  if (!isKept && (ending.how === 'done' || ending.how === 'nothingToDo'))
    tellPairing({ tell: teller.says }, world.enrolment.registered());
  io.out('');
  io.out(
    ending.how === 'failed' && isDryRun
      ? say(language, 'stoppedDry', { step: stepName(language, ending) })
      : lastLine(language, ending, paths),
  );
  return ending.how !== 'failed' ? 0 : ending.needsPerson ? needsPersonCode : 1;
}

const stepName = (language: Language, { failed }: Ending): string =>
  failed === null ? '?' : say(language, failed.title);

function lastLine(language: Language, ending: Ending, paths: { sheet: string; log: string }): string {
  switch (ending.how) {
    case 'done':
      return say(language, 'allDone', { path: paths.sheet });
    case 'nothingToDo':
      return say(language, 'allSame', { path: paths.sheet });
    case 'dryRun':
      return say(language, 'dryDone');
    case 'failed':
      return say(language, 'stopped', { step: stepName(language, ending), path: paths.log });
  }
}

/** What a technician without a screen reads on the boot partition afterwards is what a screen would have shown. */
async function firstBoot(
  boot: BootAnswers,
  { io, places, language }: Omit<Wanted, 'path' | 'mayAsk' | 'isDryRun'>,
) {
  const lines: string[] = [];
  const heard: CliIo = {
    ...io,
    out(line) {
      lines.push(line);
      io.out(line);
    },
    error(line) {
      lines.push(line);
      io.error(line);
    },
  };
  const code = await provision({
    io: heard,
    places,
    language,
    path: boot.path,
    mayAsk: false,
    isDryRun: false,
    isByItself: !boot.areNew,
    isKept: true,
  });
  const sheet = code === 0 ? filesAt(places).read('sheet') : null;
  boot.leaveNote(`${lines.join('\n')}\n`, sheet);
  if (code === 0) boot.done();
  return code;
}
