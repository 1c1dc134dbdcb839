/** A customer's legal details. */
import { readFileSync } from 'node:fs';
import { buyer, setBuyer } from '../../../provisioning/registry/billing/buyers.ts';
import type { Party } from '../../../provisioning/registry/billing/shapes.ts';
import { messageOf, SwipeError } from '../../seams/error.ts';
import { billed, dayIn, text } from './billing-parts.ts';
import { person } from './config-file.ts';
import { table } from './table.ts';
import { show, type Task, textOf, type Work } from './work.ts';

// Options and the members that they set.
const members = {
  name: 'name',
  code: 'code',
  'vat-number': 'vatNumber',
  iban: 'iban',
  bank: 'bank',
  address: 'address',
} as const satisfies Record<string, keyof Party>;
const ofContract = ['contract', 'contract-day'];

/** In the order of the help. */
export const billingBuyerWorks: readonly Work[] = [
  {
    words: ['buyer'],
    usage:
      'buyer CUSTOMER [--set FILE] [--name NAME] [--code ЄДРПОУ] [--vat-number NUMBER] [--iban IBAN] [--bank NAME] [--address TEXT] [--contract NUMBER --contract-day DAY] [--json]',
    summary:
      "shows a customer's legal details, or sets them: all of them from a JSON file, or single ones (empty: there is none); papers that were issued keep theirs",
    example:
      "buyer CU-7K3M9QXA2BCD --name 'ТОВ «Крамниця»' --code 00654321 --contract 17/2026 --contract-day 2026-03-01",
    arguments: ['CUSTOMER'],
    options: Object.fromEntries(['set', ...Object.keys(members), ...ofContract].map((name) => [name, text])),
    run,
  },
];

async function run(task: Task): Promise<void> {
  const customer = task.words[0] ?? '';
  const file = textOf(task, 'set');
  const changes = changesIn(task);
  await billed(task, async ({ core }) => {
    const known = await buyer(core, person(), customer);
    if (file === undefined && Object.keys(changes).length === 0) return tell(task, known);
    const whole = file === undefined ? known : readDetails(file);
    tell(task, await setBuyer(core, person(), customer, { ...whole, ...changes } as Party));
  });
}

function changesIn(task: Task): Partial<Party> {
  const changes: Record<string, unknown> = {};
  for (const [option, member] of Object.entries(members)) {
    const value = textOf(task, option);
    if (value !== undefined) changes[member] = value === '' ? null : value;
  }
  const number = textOf(task, 'contract');
  if (number === '') changes.contract = null;
  else if (number !== undefined) changes.contract = { number, day: dayIn(task, 'contract-day') };
  else if (textOf(task, 'contract-day') !== undefined)
    throw new SwipeError('usage', '--contract-day goes with --contract');
  return changes;
}

/** What stands in the file is looked at by whoever takes it. */
function readDetails(path: string): object {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SwipeError('usage', `--set: ${path} cannot be read as JSON: ${messageOf(error)}`);
  }
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read;
  throw new SwipeError('usage', `--set: ${path} is no JSON object`);
}

function tell(task: Task, { contract, ...details }: Party): void {
  show(task, { ...details, contract }, () =>
    table(
      ['', ''],
      [
        ...Object.entries(details).map(([name, value]) => [name, value ?? '']),
        ['contract', contract === null ? '' : `${contract.number} of ${contract.day}`],
      ],
    ).slice(1),
  );
}
