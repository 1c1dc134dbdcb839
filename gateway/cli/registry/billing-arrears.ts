/** Who owes what since when, and what follows from it. */
import { account, arrears, reminders } from '../../../provisioning/registry/billing/arrears.ts';
import { suspendAll } from '../../../provisioning/registry/billing/daily/dunning.ts';
import { mayWork } from '../../../provisioning/registry/billing/ledger/working.ts';
import { pauses } from '../../../provisioning/registry/billing/pauses.ts';
import { defer } from '../../../provisioning/registry/billing/standing/defer.ts';
import { SwipeError } from '../../seams/error.ts';
import { billed, countOf, dayIn, everyPage, flag, money, text } from './billing-parts.ts';
import { person } from './config-file.ts';
import { table } from './table.ts';
import { needed, show, type Task, textOf, type Work } from './work.ts';

/** In the order of the help. */
export const billingArrearWorks: readonly Work[] = [
  {
    words: ['arrears'],
    usage: [
      'arrears [--customer CUSTOMER] [--json]',
      '  arrears --suspend',
      '  arrears --defer CUSTOMER --until DAY|never --reason TEXT',
    ].join('\n'),
    summary:
      'who owes how much since when; --suspend is your word for suspensions that stopped since they are many; --defer puts one off',
    example: "arrears --defer CU-7K3M9QXA2BCD --until 2026-12-15 --reason 'the bank holds the payment'",
    options: { customer: text, suspend: flag, defer: text, until: text, reason: text },
    run: (task) =>
      task.values.suspend === true
        ? suspend(task)
        : textOf(task, 'defer') === undefined
          ? list(task)
          : putOff(task),
  },
  {
    words: ['account'],
    usage: 'account CUSTOMER [--json]',
    summary: 'where a customer stands: its state, what is open, its credit, its pauses',
    example: 'account CU-7K3M9QXA2BCD',
    arguments: ['CUSTOMER'],
    run: showAccount,
  },
  {
    words: ['reminders'],
    usage: 'reminders [--after REMINDER] [--json]',
    summary:
      'reminders to send, in the order in which they were written; --after: the last one that was sent',
    example: 'reminders --after 17 --json',
    options: { after: text },
    run: showReminders,
  },
];

function refuseOthers(task: Task, allowed: readonly string[]): void {
  const other = Object.keys(task.values).find((name) => !['config', 'json', ...allowed].includes(name));
  if (other !== undefined) throw new SwipeError('usage', `--${other} does not go with --${allowed[0]}`);
}

async function list(task: Task): Promise<void> {
  refuseOthers(task, ['customer']);
  await billed(task, async ({ core, billing }) => {
    const customer = textOf(task, 'customer');
    const rows = await everyPage(
      (after: string | undefined, limit) => arrears(core, billing, person(), { after, limit, customer }),
      ({ invoice }) => invoice,
    );
    show(task, rows, () => [
      ...table(
        ['customer', 'state', 'invoice', 'open', 'due', 'days late', 'reminded', 'deferred until'],
        rows.map((row) => [
          row.customer,
          row.state,
          row.invoice,
          money(row.open, row.currency),
          row.dueDay,
          String(row.daysLate),
          row.reminded === null ? '' : `after ${row.reminded}`,
          row.deferredUntil ?? '',
        ]),
      ),
      ...sums(rows),
    ]);
  });
}

/** What is overdue in all, by currency. */
function sums(rows: readonly { currency: string; open: number }[]): string[] {
  const byCurrency = new Map<string, number>();
  for (const { currency, open } of rows) byCurrency.set(currency, (byCurrency.get(currency) ?? 0) + open);
  return [...byCurrency].map(([currency, open]) => `in all  ${money(open, currency)}`);
}

async function suspend(task: Task): Promise<void> {
  refuseOthers(task, ['suspend']);
  await billed(task, async ({ core, billing }) => {
    const actor = person();
    mayWork(core, actor);
    const { active, pastDue, suspended } = await suspendAll(core, billing, actor.name);
    show(task, { active, pastDue, suspended }, () => [`${suspended} customers were suspended`]);
  });
}

async function putOff(task: Task): Promise<void> {
  refuseOthers(task, ['defer', 'until', 'reason']);
  const customer = needed(task, 'defer');
  const until = needed(task, 'until') === 'never' ? null : dayIn(task, 'until');
  const reason = needed(task, 'reason');
  await billed(task, async ({ core, billing }) => {
    const { state } = await defer(core, billing, person(), { customer, until, reason });
    const what = until === null ? 'is deferred no longer' : `is not suspended until ${until} is over`;
    show(task, { customer, until, state }, () => [`${customer} ${what}; it is ${state}`]);
  });
}

async function showAccount(task: Task): Promise<void> {
  const customer = task.words[0] ?? '';
  await billed(task, async ({ core, billing }) => {
    const stands = await account(core, person(), customer);
    const paused = await pauses(core, billing, person(), { customer });
    show(task, { ...stands, pauses: paused }, () => [
      `${customer} is ${stands.state}${stands.since === null ? '' : ` since ${stands.since}`}${stands.deferredUntil === null ? '' : `, deferred until ${stands.deferredUntil}`}`,
      ...stands.open.map(
        ({ invoice, currency, open, dueDay }) => `  ${invoice}  ${money(open, currency)}  due ${dueDay}`,
      ),
      ...stands.credit.map(({ currency, amount }) => `  credit  ${money(amount, currency)}`),
      ...paused.map(({ pause, billedAs, from, to }) => `  ${pause}  ${billedAs} paused ${from} to ${to}`),
    ]);
  });
}

async function showReminders(task: Task): Promise<void> {
  const typed = textOf(task, 'after');
  const first = typed === undefined ? undefined : countOf('after', typed);
  await billed(task, async ({ core }) => {
    const rows = await everyPage(
      (after: number | undefined, limit) => reminders(core, person(), { after: after ?? first, limit }),
      ({ reminder }) => reminder,
    );
    show(task, rows, () =>
      table(
        ['reminder', 'day', 'customer', 'invoice', 'open', 'days after due'],
        rows.map((row) => [
          String(row.reminder),
          row.day,
          row.customer,
          row.invoice,
          money(row.open, row.currency),
          String(row.afterDays),
        ]),
      ),
    );
  });
}
