import { parseArgs } from 'node:util';
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

function linesOf({ status, connected, counters }: StatusAnswer): [label: string, text: string][] {
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
    [
      'registration',
      registration.until === null ? registration.state : `${registration.state} until ${registration.until}`,
    ],
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
