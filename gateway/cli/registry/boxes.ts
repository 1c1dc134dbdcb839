/** Boxes, and who may send them commands. */
import {
  moveBox,
  retireBox,
  retireSaleSystem,
  revokeKey,
  unpair,
} from '../../../provisioning/registry/services/boxes.ts';
import * as lists from '../../../provisioning/registry/services/lists.ts';
import { newPairingCode } from '../../../provisioning/registry/services/pairing.ts';
import type { BoxStatus } from '../../../provisioning/registry/store/tables.ts';
import { isoTime } from '../../contract/time.ts';
import { SwipeError } from '../../seams/error.ts';
import { person, using } from './config-file.ts';
import { shownTime, table } from './table.ts';
import { needed, show, type Task, textOf, type Work } from './work.ts';

const text = { type: 'string' } as const;
const statuses = ['claimed', 'retired', 'lost', 'stolen'] as const satisfies readonly BoxStatus[];

/** In the order of the help. */
export const boxWorks: readonly Work[] = [
  {
    words: ['boxes'],
    usage: `boxes [--customer CUSTOMER] [--status ${statuses.join('|')}] [--json]`,
    summary: 'boxes that were claimed, and when they last registered',
    options: { customer: text, status: text },
    run: (task) =>
      using(task.config, async ({ core }) => {
        const status = statusOf(task, statuses);
        const filter = { of: textOf(task, 'customer'), status, limit: 100_000 };
        const rows = await lists.boxes(core, person(), filter);
        show(task, rows, () =>
          table(
            ['box', 'customer', 'status', 'registered', 'version', 'terminal', 'replaced by'],
            rows.map((row) => [
              row.box,
              row.customer,
              row.status,
              shownTime(row.registeredAt),
              row.version,
              row.terminal.id ?? '',
              row.replacedBy ?? '',
            ]),
          ),
        );
      }),
  },
  {
    words: ['box'],
    usage: 'box BOX',
    summary: 'one box with its sale systems, their keys, and its certificates, as JSON',
    arguments: ['BOX'],
    run: (task) =>
      using(task.config, async ({ core }) => {
        const whole = await lists.box(core, person(), task.words[0] ?? '');
        task.io.out(JSON.stringify(whole, null, 2));
      }),
  },
  {
    words: ['pair'],
    usage: 'pair BOX',
    summary:
      'a code by which a sale system gets at this box, for 2 hours; swipe status on the box shows it too',
    arguments: ['BOX'],
    run: (task) =>
      using(task.config, async ({ core }) => {
        const { code, expiresAtMs } = await newPairingCode(core, person(), task.words[0] ?? '');
        const told = { code, expiresAt: isoTime(expiresAtMs) };
        show(task, told, () => [`${code}  until ${shownTime(told.expiresAt)} UTC, once`]);
      }),
  },
  {
    words: ['unpair'],
    usage: 'unpair PAIRING',
    summary: 'ends the pairing of a sale system with a box (its id: see box)',
    arguments: ['PAIRING'],
    run: (task) => using(task.config, ({ core }) => unpair(core, person(), task.words[0] ?? '')),
  },
  {
    words: ['revoke'],
    usage: 'revoke KID|SALE-SYSTEM',
    summary: 'ends one command key, or a sale system with all its pairings',
    arguments: ['KID'],
    run: (task) =>
      using(task.config, ({ core }) => {
        const what = task.words[0] ?? '';
        return what.startsWith('SS-')
          ? retireSaleSystem(core, person(), what)
          : revokeKey(core, person(), what);
      }),
  },
  {
    words: ['retire'],
    usage: 'retire BOX [--as lost|stolen]',
    summary: 'ends a box: its session, certificates, pairings and billing',
    arguments: ['BOX'],
    options: { as: text },
    run: (task) =>
      using(task.config, async ({ core }) => {
        const as = ['retired', 'lost', 'stolen'].find((one) => one === (textOf(task, 'as') ?? 'retired'));
        if (as === undefined) throw new SwipeError('usage', '--as: allowed: retired, lost, stolen');
        await retireBox(core, person(), task.words[0] ?? '', as as Exclude<BoxStatus, 'claimed'>);
      }),
  },
  {
    words: ['move'],
    usage: 'move BOX --customer CUSTOMER',
    summary: 'gives a box to another customer; its pairings end',
    arguments: ['BOX'],
    options: { customer: text },
    run: (task) =>
      using(task.config, ({ core }) =>
        moveBox(core, person(), task.words[0] ?? '', needed(task, 'customer')),
      ),
  },
];

function statusOf<const Words extends readonly string[]>(
  task: Task,
  allowed: Words,
): Words[number] | undefined {
  const status = textOf(task, 'status');
  if (status === undefined || allowed.includes(status)) return status;
  throw new SwipeError('usage', `--status: found ${status}, allowed: ${allowed.join(', ')}`);
}
