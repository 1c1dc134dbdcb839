/** What operators call about what boxes cost, and who pays: plans, pauses, legal details. */
import * as v from 'valibot';
import { assignments, plansSeenBy } from '../billing/assignments.ts';
import { buyer, setBuyer } from '../billing/buyers.ts';
import { endPause, pauseBox, pauses } from '../billing/pauses.ts';
import { assignPlan, createPlan, setPrice } from '../billing/plans.ts';
import { billingOf, named, billingRoot as root } from './billing-call.ts';
import * as shapes from './billing-shapes.ts';
import { json, jsonBody, nothing, type Route } from './route.ts';

const plan: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/plans`,
    summary: 'Plans with all their prices; to a token of one customer those that it has or had.',
    scope: 'billing:read',
    answer: { [json]: v.array(shapes.plan) },
    async handle(call) {
      const told = (await plansSeenBy(call.core, billingOf(call), call.operator)).map(
        ({ id, name, currency, prices }) => ({
          plan: id,
          name,
          currency,
          prices: prices.map(({ fromMonth, price, trialDays }) => ({ fromMonth, price, trialDays })),
        }),
      );
      return { json: told };
    },
  },
  {
    method: 'post',
    path: `${root}/plans`,
    summary: 'A new plan with its first price, which may hold from any month on.',
    scope: 'billing:write',
    body: { [json]: shapes.newPlan },
    problems: ['conflict', 'restored'],
    handle: nothing((call) => {
      billingOf(call);
      return createPlan(call.core, call.operator, jsonBody(call, shapes.newPlan));
    }),
  },
  {
    method: 'post',
    path: `${root}/plans/:id/prices`,
    summary: 'What a plan costs from a month on that has not begun.',
    scope: 'billing:write',
    body: { [json]: shapes.newPrice },
    problems: ['conflict', 'restored'],
    handle: nothing((call) => {
      const wanted = { plan: named(call), ...jsonBody(call, shapes.newPrice) };
      return setPrice(call.core, billingOf(call), call.operator, wanted);
    }),
  },
  {
    method: 'get',
    path: `${root}/assignments/:id`,
    summary: "What was said of a customer's plans.",
    scope: 'billing:read',
    answer: { [json]: v.array(shapes.assignment) },
    async handle(call) {
      billingOf(call);
      return { json: await assignments(call.core, call.operator, named(call)) };
    },
  },
  {
    method: 'post',
    path: `${root}/assignments`,
    summary:
      'Which plan a customer, or one of its boxes, has from a month on that has not begun; a customer that has none from any month on that is not billed.',
    scope: 'billing:write',
    body: { [json]: shapes.newAssignment },
    problems: ['conflict', 'restored'],
    handle: nothing((call) =>
      assignPlan(call.core, billingOf(call), call.operator, jsonBody(call, shapes.newAssignment)),
    ),
  },
];

const pause: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/pauses/:id`,
    summary: "A customer's pauses that are not over.",
    scope: 'billing:read',
    answer: { [json]: v.array(shapes.pause) },
    handle: async (call) => ({
      json: await pauses(call.core, billingOf(call), call.operator, { customer: named(call) }),
    }),
  },
  {
    method: 'post',
    path: `${root}/pauses`,
    summary: 'Days to come on which a box is not billed. It goes on working as it is.',
    scope: 'billing:write',
    body: { [json]: shapes.newPause },
    answer: { [json]: shapes.pause },
    problems: ['restored'],
    handle: async (call) => ({
      json: await pauseBox(call.core, billingOf(call), call.operator, jsonBody(call, shapes.newPause)),
    }),
  },
  {
    method: 'delete',
    path: `${root}/pauses/:id`,
    summary: 'Ends a pause: today is its last day, and one that has not begun is gone.',
    scope: 'billing:write',
    problems: ['conflict', 'restored'],
    handle: nothing((call) => endPause(call.core, billingOf(call), call.operator, named(call))),
  },
];

const buyers: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/buyers/:id`,
    summary: 'The legal details of a customer, as they will stand on its next papers.',
    scope: 'billing:read',
    answer: { [json]: shapes.party },
    async handle(call) {
      billingOf(call);
      return { json: await buyer(call.core, call.operator, named(call)) };
    },
  },
  {
    method: 'post',
    path: `${root}/buyers/:id`,
    summary: 'Sets them, all of them. Papers that were issued keep theirs.',
    scope: 'billing:write',
    body: { [json]: shapes.newBuyer },
    answer: { [json]: shapes.party },
    problems: ['restored'],
    async handle(call) {
      billingOf(call);
      const details = jsonBody(call, shapes.newBuyer);
      return { json: await setBuyer(call.core, call.operator, named(call), details) };
    },
  },
];

/** All of them. */
export const billingPlanRoutes: readonly Route[] = [...plan, ...pause, ...buyers];
