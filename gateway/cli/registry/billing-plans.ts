/** What boxes cost: plans, their prices, who has which. */
import { assignments } from '../../../provisioning/registry/billing/assignments.ts';
import { assignPlan, createPlan, plans, setPrice } from '../../../provisioning/registry/billing/plans.ts';
import { inForce, type Plan } from '../../../provisioning/registry/billing/rules/plans.ts';
import type { Core } from '../../../provisioning/registry/services/core.ts';
import { SwipeError } from '../../seams/error.ts';
import { amountOf, billed, countOf, currencyIn, money, monthIn, text } from './billing-parts.ts';
import { billedAsOf } from './billing-pauses.ts';
import { person } from './config-file.ts';
import { table } from './table.ts';
import { needed, show, type Task, textOf, type Work } from './work.ts';

/** In the order of the help. */
export const billingPlanWorks: readonly Work[] = [
  {
    words: ['plan', 'new'],
    usage: 'plan new PLAN --name NAME --price AMOUNT --currency UAH --from YYYY-MM [--trial DAYS]',
    summary: 'a plan: what a box costs in a whole month, from a month on',
    example: "plan new basic --name 'Basic' --price 249.90 --currency UAH --from 2026-10 --trial 14",
    arguments: ['PLAN'],
    options: { name: text, price: text, currency: text, from: text, trial: text },
    run: create,
  },
  {
    words: ['plan', 'price'],
    usage: 'plan price PLAN --price AMOUNT --from YYYY-MM [--trial DAYS]',
    summary: 'what a plan costs from a month on that has not begun; its trial stays unless it is named',
    example: 'plan price basic --price 269.90 --from 2027-01',
    arguments: ['PLAN'],
    options: { price: text, from: text, trial: text },
    run: price,
  },
  {
    words: ['plan', 'assign'],
    usage: 'plan assign PLAN --customer CUSTOMER [--box BOX] --from YYYY-MM',
    summary:
      "gives a customer, or one of its boxes, a plan from a month on that has not begun (a customer's first plan: any month)",
    example: 'plan assign basic --customer CU-7K3M9QXA2BCD --from 2026-12',
    arguments: ['PLAN'],
    options: { customer: text, box: text, from: text },
    run: (task) => assign(task, task.words[0] ?? ''),
  },
  {
    words: ['plan', 'unassign'],
    usage: 'plan unassign --customer CUSTOMER [--box BOX] --from YYYY-MM',
    summary: "a box has its customer's plan again, a customer the default of the config",
    example: 'plan unassign --customer CU-7K3M9QXA2BCD --box SW-7K3M9QXA2BCD --from 2026-12',
    options: { customer: text, box: text, from: text },
    run: (task) => assign(task, null),
  },
  {
    words: ['plan', 'list'],
    usage: 'plan list [--customer CUSTOMER] [--json]',
    summary: 'all plans with their prices, or what was said of a customer',
    example: 'plan list',
    options: { customer: text },
    run: list,
  },
];

const fromOf = (task: Task): string => monthIn(task, 'from') ?? needed(task, 'from');

const trialOf = (task: Task): number | undefined => {
  const typed = textOf(task, 'trial');
  return typed === undefined ? undefined : countOf('trial', typed);
};

async function create(task: Task): Promise<void> {
  const plan = task.words[0] ?? '';
  const currency = currencyIn(task);
  const wanted = {
    plan,
    name: needed(task, 'name'),
    currency,
    price: amountOf('price', needed(task, 'price'), currency),
    trialDays: trialOf(task) ?? 0,
    fromMonth: fromOf(task),
  };
  await billed(task, async ({ core }) => {
    await createPlan(core, person(), wanted);
    show(task, wanted, () => [
      `${plan}  ${money(wanted.price, currency)} a month from ${wanted.fromMonth} on`,
    ]);
  });
}

async function price(task: Task): Promise<void> {
  const fromMonth = fromOf(task);
  await billed(task, async ({ core, billing }) => {
    const known = await planOf(core, task.words[0] ?? '');
    const wanted = {
      plan: known.id,
      price: amountOf('price', needed(task, 'price'), known.currency),
      trialDays: trialOf(task) ?? inForce(known.prices, fromMonth)?.trialDays ?? 0,
      fromMonth,
    };
    await setPrice(core, billing, person(), wanted);
    show(task, wanted, () => [
      `${known.id}  ${money(wanted.price, known.currency)} a month, trial of ${wanted.trialDays} days, from ${fromMonth} on`,
    ]);
  });
}

async function planOf(core: Core, id: string): Promise<Plan> {
  const known = (await plans(core)).find((plan) => plan.id === id);
  if (known === undefined) throw new SwipeError('usage', `there is no plan ${id}`);
  return known;
}

async function assign(task: Task, plan: string | null): Promise<void> {
  const customer = needed(task, 'customer');
  const fromMonth = fromOf(task);
  const box = textOf(task, 'box');
  await billed(task, async ({ core, billing }) => {
    const billedAs = box === undefined ? null : await billedAsOf(core, box);
    const wanted = { customer, billedAs, plan, fromMonth };
    await assignPlan(core, billing, person(), wanted);
    const what = plan ?? (box === undefined ? "the config's default plan" : "its customer's plan");
    show(task, wanted, () => [`${box ?? customer} has ${what} from ${fromMonth} on`]);
  });
}

async function list(task: Task): Promise<void> {
  const customer = textOf(task, 'customer');
  await billed(task, async ({ core }) => {
    if (customer !== undefined) {
      const rows = await assignments(core, person(), customer);
      show(task, rows, () =>
        table(
          ['from', 'plan', 'box', ''],
          rows.map((row) => [
            row.fromMonth,
            row.plan ?? (row.billedAs === null ? '(default)' : "(the customer's)"),
            row.billedAs ?? '(all)',
            row.replaced ? 'replaced' : '',
          ]),
        ),
      );
      return;
    }
    const all = await plans(core);
    show(task, all, () =>
      table(
        ['plan', 'from', 'price', 'trial days', 'name'],
        all.flatMap(({ id, name, currency, prices }) =>
          prices.map((one) => [id, one.fromMonth, money(one.price, currency), String(one.trialDays), name]),
        ),
      ),
    );
  });
}
