/** The log of setting a box up: JSON lines that can be sent, without anything secret. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Finding } from '../../../provisioning/technician/finding.ts';
import type { Log } from '../../seams/log.ts';
import type { Clock } from '../../seams/time.ts';
import { createLog } from '../../system/log.ts';

/** See the module. Nothing is written before `open`: a run that changes nothing changes no log either. */
export interface ProvisionLog {
  open(): void;
  event(name: string, more: object): void;
  finding(finding: Finding): void;
  /** For the parts of the gateway that are used. */
  log: Log;
}

const waitingMax = 1_000;
/** A first boot that waits for its terminal tries again each minute, for as long as it takes. */
const fileMaxBytes = 512 * 1024;
/** As codes are written: `Y7Q3-4SN-ATY0`, and without hyphens. */
const codes = /\b[0-9A-HJKMNP-TV-Z]{4}[- ]?[0-9A-HJKMNP-TV-Z]{3}[- ]?[0-9A-HJKMNP-TV-Z]{4}\b/gi;
const mask = '•••';

/** @param secrets what must not be in it, whatever else is: passwords, codes, keys */
export function provisionLog(
  path: string,
  clock: Pick<Clock, 'nowMs'>,
  secrets: () => readonly string[],
): ProvisionLog {
  let waiting: string[] | null = [];

  const clean = (line: string): string => {
    let text = line;
    for (const secret of secrets())
      for (const spelled of [secret, JSON.stringify(secret).slice(1, -1)])
        if (spelled !== '') text = text.replaceAll(spelled, mask);
    return text.replace(codes, (code) => (/\d/.test(code) && !/^\d+$/.test(code) ? mask : code));
  };
  const write = (line: string): void => {
    const text = clean(line);
    if (waiting !== null) {
      if (waiting.length < waitingMax) waiting.push(text);
      return;
    }
    try {
      appendFileSync(path, text, { mode: 0o644 });
    } catch {
      // A full card is told where it matters.
    }
  };
  const event = (name: string, more: object): void =>
    write(`${JSON.stringify({ time: new Date(clock.nowMs()).toISOString(), event: name, ...more })}\n`);

  return {
    open() {
      const lines = waiting ?? [];
      waiting = null;
      if (lines.length === 0) return;
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      try {
        if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > fileMaxBytes)
          renameSync(path, `${path}.1`);
        appendFileSync(path, lines.join(''), { mode: 0o644 });
      } catch {
        // See above.
      }
    },
    event,
    finding: ({ level, text, with: values }) => event('finding', { level, text, ...values }),
    log: createLog({ level: 'info', destination: { write } }),
  };
}
