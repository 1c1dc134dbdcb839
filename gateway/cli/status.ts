import { parseArgs } from 'node:util';
import type { RegistryView } from '../cloud/registration/report.ts';
import { goOnMs } from '../cloud/registration/standing.ts';
import type { ClaimReason } from '../contract/registration.ts';
import { isoTime, parseIsoTime } from '../contract/time.ts';
import { askGateway } from '../control/client.ts';
import type { StatusAnswer } from '../control/protocol.ts';
import type { CliCommand } from './command.ts';
import { socketPath } from './places.ts';

/** `swipe status`: what the box is doing. */
export const command: CliCommand = {
  name: 'status',
  summary: 'what the box is doing now',
  help: `usage: swipe status [--config FILE] [--json]

Asks the running gateway. Without --config: the installed one, else the demo's.

example: swipe status --json`,
  async run(argv, { out }) {
    const { values } = parseArgs({
      args: argv,
      options: { config: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const answer = await askGateway<StatusAnswer>(socketPath(values.config), '/status');
    if (values.json) out(JSON.stringify(answer, null, 2));
    else for (const [label, text] of linesOf(answer)) out(`${label.padEnd(13)} ${text}`);
    return 0;
  },
};

function linesOf({
  status,
  connected,
  counters,
  registry,
  desk,
}: StatusAnswer): [label: string, text: string][] {
  const { terminal, registration, operation, unresolved } = status;
  const device = [terminal.vendor, terminal.model, terminal.software, terminal.id].filter(
    (part) => part !== null,
  );
  const dropped = Object.entries(counters.dropped).filter(([, count]) => count > 0);
  const lines: [string, string][] = [
    ['box', `${status.box}, Swipe ${status.version}, since ${status.since}`],
    ['broker', connected ? 'connected' : 'not connected'],
    ['terminal', [terminal.state, ...device].join(' ')],
    ['panel', status.panel],
    ...deskLines(desk),
    ['printer', status.printer],
    [
      'registration',
      registration.until === null ? registration.state : `${registration.state} until ${registration.until}`,
    ],
    ...registryLines(registry),
    ['operation', operation === null ? 'none' : `${operation.id} ${operation.state}`],
  ];
  if (unresolved.length > 0)
    lines.push([
      'unresolved',
      `${unresolved.join(', ')}: look at the terminal's receipts, then send resolve`,
    ]);
  if (dropped.length > 0)
    lines.push(['dropped', dropped.map(([why, count]) => `${count} ${why}`).join(', ')]);
  return lines;
}

// A gateway of before the desk does not name it.
function deskLines(desk: StatusAnswer['desk'] | undefined): [label: string, text: string][] {
  if (desk === null || desk === undefined) return [];
  const { url, listening, failure } = desk;
  return [['desk', listening ? url : `${url}, does not listen${failure === null ? '' : `: ${failure}`}`]];
}

const goesOnUntil = (heardAt: string): string => isoTime(parseIsoTime(heardAt) + goOnMs);

const reasons: Record<ClaimReason, string> = {
  claimNeeded:
    'a claim code is needed: get one from the operator, put it into the config as registry.claim, restart',
  claimUnknown: 'the registry does not know this claim code: correct registry.claim, restart',
  claimExpired: 'the claim code has expired: get a new one from the operator',
  claimUsed: 'the claim code was used for another box: get a new one from the operator',
  claimLocked: 'too many wrong claim codes: this one is tried again within the hour',
  retired:
    'the operator has taken this box out of use; to use it again: get a new claim code, put it into the config as registry.claim, restart',
};

function registryLines(registry: RegistryView | null): [label: string, text: string][] {
  if (registry === null) return [];
  const { url, state, heardAt, failure, reason, endsAt, pairing } = registry;
  const lines: [string, string][] = [
    ['registry', `${url}, ${heardAt === null ? 'has not answered yet' : `answered ${heardAt}`}`],
  ];
  if (failure !== null) lines.push(['', `the last try was in vain: ${failure}`]);
  if (heardAt !== null && endsAt === null && state !== 'unregistered')
    lines.push(['', `should it stay silent, the box goes on as it is until ${goesOnUntil(heardAt)}`]);
  if (reason !== null) lines.push([reason === 'retired' ? 'retired' : 'claim', reasons[reason]]);
  if (endsAt !== null)
    lines.push(['warning', `no new payments from ${endsAt} on, until the registry answers`]);
  if (pairing !== null)
    lines.push(['pairing', `${pairing.code}, to be typed at a sale system until ${pairing.expiresAt}`]);
  return lines;
}
