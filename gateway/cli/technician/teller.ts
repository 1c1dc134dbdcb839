/** Shows what happens, in lines: for a window, a pipe, systemd's journal. */
import type { Finding } from '../../../provisioning/technician/finding.ts';
import type { Teller } from '../../../provisioning/technician/runner.ts';
import { type Language, say, tell } from '../../../provisioning/technician/texts/texts.ts';
import type { ProvisionLog } from './log-file.ts';

const marks = { ok: '✓', note: '·', warning: '!', fault: '✗' } as const;

/** A finding as a technician reads it: what happened; where it is not well, what that means and what to do. */
export function findingLines(language: Language, finding: Finding): string[] {
  const { happened, means, next } = tell(language, finding.text, finding.with);
  const lines = [`  ${marks[finding.level]} ${happened}`];
  if (finding.level === 'ok' || means === null || next === null) return lines;
  lines.push(`      ${say(language, 'means')}: ${means}`, `      ${say(language, 'next')}: ${next}`);
  return lines;
}

/** What {@link lineTeller} needs. */
export interface TellerParts {
  language: Language;
  out: (line: string) => void;
  log: ProvisionLog;
}

/** Tells in lines, and writes down what was told. */
export function lineTeller({ language, out, log }: TellerParts): Teller {
  return {
    begins(step) {
      out(`▶ ${say(language, step.title)}`);
      log.event('begins', { step: step.name });
    },
    works(step) {
      log.open();
      log.event('works', { step: step.name });
    },
    finds(finding) {
      for (const line of findingLines(language, finding)) out(line);
      log.finding(finding);
    },
    says(key, values = {}) {
      out(`  › ${say(language, key, values)}`);
      // Without what varies: a pairing code is for the screen alone.
      log.event('says', { text: key });
    },
    ends(step, how, tookMs) {
      if (how === 'already') out(`  ${marks.ok} ${say(language, 'already')}`);
      const seconds = Math.round(tookMs / 100) / 10;
      if (how === 'done' && seconds >= 1) out(`  ${say(language, 'tookSeconds', { seconds })}`);
      if (how === 'failed') log.open();
      log.event('ends', { step: step.name, how, tookMs: Math.round(tookMs) });
    },
  };
}
