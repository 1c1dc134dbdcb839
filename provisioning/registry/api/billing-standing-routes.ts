/** What operators call about who owes what, and what follows from it. */
import * as v from 'valibot';
import { account, arrears, reminders } from '../billing/arrears.ts';
import { suspendAll } from '../billing/daily/dunning.ts';
import { mayWork } from '../billing/ledger/working.ts';
import { runs } from '../billing/runs.ts';
import { defer } from '../billing/standing/defer.ts';
import { billingOf, named, numberPageOf, billingRoot as root } from './billing-call.ts';
import * as shapes from './billing-shapes.ts';
import { json, jsonBody, pageOf, pageQuery, type Route } from './route.ts';

/** All of them. */
export const billingStandingRoutes: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/arrears`,
    summary: 'Invoices that are overdue. `after`: the last invoice of the page before.',
    scope: 'billing:read',
    query: { ...pageQuery, customer: 'only of this customer' },
    answer: { [json]: v.array(shapes.arrear) },
    async handle(call) {
      const { core, operator, query } = call;
      const page = { ...pageOf(call), customer: query.customer };
      return { json: await arrears(core, billingOf(call), operator, page) };
    },
  },
  {
    method: 'get',
    path: `${root}/accounts/:id`,
    summary: 'Where a customer stands: its state, what is open, its credit.',
    scope: 'billing:read',
    answer: { [json]: shapes.account },
    async handle(call) {
      billingOf(call);
      return { json: await account(call.core, call.operator, named(call)) };
    },
  },
  {
    method: 'post',
    path: `${root}/accounts/:id/defer`,
    summary: "Puts a customer's suspension off until a day is over; null: no longer.",
    scope: 'billing:write',
    body: { [json]: shapes.deferral },
    answer: { [json]: v.strictObject({ state: shapes.account.entries.state }) },
    problems: ['restored'],
    async handle(call) {
      const wanted = { customer: named(call), ...jsonBody(call, shapes.deferral) };
      return { json: await defer(call.core, billingOf(call), call.operator, wanted) };
    },
  },
  {
    method: 'post',
    path: `${root}/suspensions`,
    summary:
      "The operator's word for suspensions that stopped since they are many: whoever is due is suspended.",
    scope: 'billing:write',
    answer: { [json]: shapes.suspensions },
    problems: ['restored'],
    async handle(call) {
      mayWork(call.core, call.operator);
      const { active, pastDue, suspended } = await suspendAll(call.core, billingOf(call), call.operator.name);
      return { json: { active, pastDue, suspended } };
    },
  },
  {
    method: 'get',
    path: `${root}/reminders`,
    summary:
      'Reminders to send, in the order in which they were written. `after`: the last one that was sent.',
    scope: 'billing:read',
    query: pageQuery,
    answer: { [json]: v.array(shapes.reminder) },
    async handle(call) {
      billingOf(call);
      return { json: await reminders(call.core, call.operator, numberPageOf(call)) };
    },
  },
  {
    method: 'get',
    path: `${root}/runs`,
    summary: 'The monthly runs, newest first, and how far they are.',
    scope: 'billing:read',
    answer: { [json]: v.array(shapes.run) },
    async handle(call) {
      billingOf(call);
      return { json: await runs(call.core, call.operator) };
    },
  },
];
