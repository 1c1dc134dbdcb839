/** The monthly run by hand. */
import { missedMonths } from '../../../provisioning/registry/billing/daily/day.ts';
import { billMonth, type RunDone, settlingMs } from '../../../provisioning/registry/billing/run/month.ts';
import { SwipeError } from '../../seams/error.ts';
import { systemTime } from '../../system/time.ts';
import { paced } from './billing-output.ts';
import { billed, monthIn, text } from './billing-parts.ts';
import { person } from './config-file.ts';
import { show, type Task, type Work } from './work.ts';

/** In the order of the help. */
export const billingRunWorks: readonly Work[] = [
  {
    words: ['bill'],
    usage: 'bill [--period YYYY-MM] [--json]',
    summary:
      'bills a month that is over, by default the last one; a month that was billed stays as it is, interrupted it goes on',
    example: 'bill --period 2026-10',
    options: { period: text },
    run: bill,
  },
];

async function bill(task: Task): Promise<void> {
  const asked = monthIn(task, 'period');
  await billed(task, async ({ core, billing }) => {
    const period = asked ?? billing.calendar.lastOver(core.clock.nowMs() - settlingMs);
    if (asked === undefined && period < billing.config.firstMonth)
      throw new SwipeError(
        'usage',
        `no month is over since ${billing.config.firstMonth} (billing.firstMonth)`,
      );
    const say = paced((line) => task.io.out(line), systemTime.monotonicMs);
    const done = await billMonth(core, billing, period, {
      actor: person().name,
      goesOn: () => !task.io.signal.aborted,
      onProgress({ month, boxes, boxesTotal, invoices }) {
        if (task.values.json !== true)
          say(`${month}: ${boxes} of about ${boxesTotal} boxes, ${invoices} invoices`);
      },
    });
    const missed = await missedMonths(core.store.reader, billing, core.clock.nowMs());
    show(task, { ...done, missed }, () => [...linesOf(done), ...missedLine(missed)]);
  });
}

function linesOf({ month, invoices, lines, issued, withoutPlan }: RunDone): string[] {
  const whole = `${invoices} invoices over ${lines} boxes`;
  const first =
    issued === 0 && invoices > 0
      ? `${month} was billed before: the same ${whole}, nothing was changed`
      : issued === invoices
        ? `${month} is billed: ${whole}`
        : `${month} is billed: ${whole}, ${issued} of them now`;
  if (withoutPlan === 0) return [first];
  return [
    first,
    `${withoutPlan} boxes were not billed: a box of each of their customers has no plan (alarm withoutPlan). Give it one (plan assign), then bill again`,
  ];
}

const missedLine = (missed: readonly string[]): string[] =>
  missed.length === 0 ? [] : [`not billed yet: ${missed.join(', ')}`];
