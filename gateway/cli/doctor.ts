import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { examine } from '../../provisioning/technician/doctor.ts';
import type { Finding } from '../../provisioning/technician/finding.ts';
import { type Language, languageOf, say, tell } from '../../provisioning/technician/texts/texts.ts';
import type { BrokerWay } from '../../provisioning/technician/world.ts';
import { type Config, parseConfig } from '../contract/config.ts';
import { isoTime } from '../contract/time.ts';
import { controlSocketOf } from '../control/protocol.ts';
import { systemTime } from '../system/time.ts';
import { version } from '../version.ts';
import type { CliCommand } from './command.ts';
import { configPath } from './places.ts';
import { languageIn } from './provision.ts';
import { doorAt } from './technician/door.ts';
import { placesIn } from './technician/files.ts';
import { findingLines } from './technician/teller.ts';
import { realWorld } from './technician/world.ts';

/** `swipe doctor`: how this box is, and what to do about it. */
export const command: CliCommand = {
  name: 'doctor',
  summary: 'how this box is, and what to do about what is not well',
  help: `usage: swipe doctor [--config FILE] [--json] [--offline] [--language uk|en] [--root DIR]

Only asks: harmless while payments run. Exits 0 when nothing stops payments, 1 when something does.

  --config FILE  the gateway's config; without it the installed one, or the demo's
  --json         for programs and for support: every finding with its key, values and texts
  --offline      leaves the network alone
  --root DIR     another system's files: everything is below DIR instead of /

example: swipe doctor --json > doctor.json`,
  async run(argv, { out }) {
    const { values } = parseArgs({
      args: argv,
      options: {
        config: { type: 'string' },
        json: { type: 'boolean', default: false },
        offline: { type: 'boolean', default: false },
        language: { type: 'string' },
        root: { type: 'string' },
      },
    });
    const language = languageIn(values.language) ?? languageOf(process.env.LC_ALL || process.env.LANG);
    const places = placesIn(values.root ?? '/');
    const path = values.root === undefined ? configPath(values.config) : (values.config ?? places.config);
    const config = configIn(path);
    const stateDir = config?.stateDir ?? places.state;
    const world = realWorld({ ...places, state: stateDir, config: path });
    const findings = await examine(
      { ...world, stateDir, gateway: doorAt(() => controlSocketOf(stateDir)) },
      {
        registry: config?.registry ?? null,
        broker: brokerOf(config, () => world.enrolment.registered()?.broker ?? null),
        isOnline: !values.offline,
      },
    );
    if (values.json) out(JSON.stringify(report(language, findings), null, 2));
    else for (const line of shown(language, findings)) out(line);
    return findings.some(({ level }) => level === 'fault') ? 1 : 0;
  },
};

/** Null: it is not there, may not be read, or has faults; the gateway then says so itself, where it runs. */
function configIn(path: string): Config | null {
  try {
    const read = parseConfig(JSON.parse(readFileSync(path, 'utf8')));
    return 'config' in read ? read.config : null;
  } catch {
    return null;
  }
}

function brokerOf(config: Config | null, told: () => BrokerWay | null): BrokerWay | null {
  if (config?.broker != null) return config.broker;
  try {
    return told();
  } catch {
    return null;
  }
}

/** The report for programs. @param findings as they were found */
export function report(language: Language, findings: readonly Finding[]) {
  return {
    at: isoTime(systemTime.nowMs()),
    version,
    findings: findings.map(({ level, text, with: values }) => ({
      level,
      text,
      with: values,
      ...tell(language, text, values),
    })),
  };
}

function shown(language: Language, findings: readonly Finding[]): string[] {
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  return [
    say(language, 'doctorTitle'),
    ...findings.flatMap((finding) => findingLines(language, finding)),
    '',
    faults + warnings === 0
      ? say(language, 'doctorFine')
      : say(language, 'doctorFaults', { faults, warnings }),
  ];
}
