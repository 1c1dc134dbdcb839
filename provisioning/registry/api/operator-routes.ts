/** What operators call, with a token. */
import * as v from 'valibot';
import { isoTime } from '../../../gateway/contract/time.ts';
import { dayMs } from '../identity/times.ts';
import { Refusal } from '../refusal.ts';
import { moveBox, retireBox, retireSaleSystem, revokeKey, unpair } from '../services/boxes.ts';
import { addCustomer, customerLeaves, newClaim, withdrawClaim } from '../services/customers.ts';
import * as lists from '../services/lists.ts';
import { newPairingCode } from '../services/pairing.ts';
import { newToken, revokeToken } from '../services/tokens.ts';
import type { BoxStatus } from '../store/tables.ts';
import { authorityRoutes } from './authority-routes.ts';
import {
  type Call,
  json,
  jsonBody,
  nothing,
  numberedPageOf,
  pageOf,
  pageQuery,
  type Route,
  operatorRoot as root,
} from './route.ts';
import * as shapes from './shapes.ts';

const statuses: readonly string[] = ['claimed', 'retired', 'lost', 'stolen'] satisfies BoxStatus[];

const id = ({ params }: Call): string => params.id ?? '';

const customers: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/customers`,
    summary: 'Customers.',
    scope: 'boxes:read',
    query: pageQuery,
    answer: { [json]: v.array(shapes.customer) },
    handle: async (call) => ({ json: await lists.customers(call.core, call.operator, pageOf(call)) }),
  },
  {
    method: 'post',
    path: `${root}/customers`,
    summary: 'A new customer.',
    scope: 'customers:write',
    body: { [json]: shapes.newCustomer },
    answer: { [json]: v.strictObject({ customer: v.string() }) },
    handle: async (call) => {
      const { name } = jsonBody(call, shapes.newCustomer);
      return { json: await addCustomer(call.core, call.operator, name) };
    },
  },
  {
    method: 'post',
    path: `${root}/customers/:id/leave`,
    summary: 'A customer leaves: its boxes, sale systems, codes and tokens end.',
    scope: 'customers:write',
    answer: { [json]: v.strictObject({ boxes: v.number() }) },
    problems: ['conflict'],
    handle: async (call) => ({ json: await customerLeaves(call.core, call.operator, id(call)) }),
  },
  {
    method: 'get',
    path: `${root}/claims`,
    summary: 'Claim codes, without the codes.',
    scope: 'boxes:read',
    query: pageQuery,
    answer: { [json]: v.array(shapes.claim) },
    handle: async (call) => ({ json: await lists.claims(call.core, call.operator, pageOf(call)) }),
  },
  {
    method: 'post',
    path: `${root}/claims`,
    summary: 'A new claim code for a box of a customer; with `replaces`, in the place of another.',
    scope: 'claims:write',
    body: { [json]: shapes.newClaim },
    answer: { [json]: shapes.claimTold },
    problems: ['conflict'],
    handle: async (call) => {
      const { customer, replaces = null, days } = jsonBody(call, shapes.newClaim);
      const made = await newClaim(call.core, call.operator, { customer, replaces, lifeMs: days * dayMs });
      return { json: { claim: made.claim, code: made.code, expiresAt: isoTime(made.expiresAtMs) } };
    },
  },
  {
    method: 'delete',
    path: `${root}/claims/:id`,
    summary: 'Ends a claim code that was not used.',
    scope: 'claims:write',
    problems: ['conflict'],
    handle: nothing((call) => withdrawClaim(call.core, call.operator, id(call))),
  },
];

const boxes: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/boxes`,
    summary: 'Boxes that were claimed.',
    scope: 'boxes:read',
    query: { ...pageQuery, customer: 'only of this customer', status: 'claimed, retired, lost or stolen' },
    answer: { [json]: v.array(shapes.box) },
    async handle(call) {
      const { customer: of, status } = call.query;
      if (status !== undefined && !statuses.includes(status))
        throw new Refusal('malformed', `status: allowed: ${statuses.join(', ')}`);
      const filter = { of, status: status as BoxStatus | undefined };
      return { json: await lists.boxes(call.core, call.operator, { ...pageOf(call), ...filter }) };
    },
  },
  {
    method: 'get',
    path: `${root}/boxes/:id`,
    summary: 'One box with its sale systems, their keys, and its certificates.',
    scope: 'boxes:read',
    answer: { [json]: shapes.boxWhole },
    handle: async (call) => ({ json: await lists.box(call.core, call.operator, id(call)) }),
  },
  {
    method: 'post',
    path: `${root}/boxes/:id/retire`,
    summary: 'Ends a box: its session, certificates, pairings and billing.',
    scope: 'boxes:write',
    body: { [json]: shapes.ending },
    handle: nothing((call) =>
      retireBox(call.core, call.operator, id(call), jsonBody(call, shapes.ending).as),
    ),
  },
  {
    method: 'post',
    path: `${root}/boxes/:id/move`,
    summary: 'Gives a box to another customer; its pairings end.',
    scope: 'boxes:write',
    body: { [json]: shapes.move },
    problems: ['conflict'],
    handle: nothing((call) =>
      moveBox(call.core, call.operator, id(call), jsonBody(call, shapes.move).customer),
    ),
  },
  {
    method: 'post',
    path: `${root}/boxes/:id/pairing-codes`,
    summary: 'A code by which a sale system gets at this box; the box shows it too.',
    scope: 'boxes:write',
    answer: { [json]: shapes.codeTold },
    problems: ['conflict'],
    async handle(call) {
      const { code, expiresAtMs } = await newPairingCode(call.core, call.operator, id(call));
      return { json: { code, expiresAt: isoTime(expiresAtMs) } };
    },
  },
  {
    method: 'delete',
    path: `${root}/pairings/:id`,
    summary: 'Ends the pairing of a sale system with a box.',
    scope: 'boxes:write',
    handle: nothing((call) => unpair(call.core, call.operator, id(call))),
  },
  {
    method: 'delete',
    path: `${root}/sale-systems/:id`,
    summary: 'Ends a sale system: its pairings, its certificates, its session.',
    scope: 'boxes:write',
    handle: nothing((call) => retireSaleSystem(call.core, call.operator, id(call))),
  },
  {
    method: 'delete',
    path: `${root}/keys/:id`,
    summary: 'Ends one command key at once.',
    scope: 'boxes:write',
    handle: nothing((call) => revokeKey(call.core, call.operator, id(call))),
  },
];

const oversight: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/audit`,
    summary: 'Who changed what, newest first.',
    scope: 'audit:read',
    query: { ...pageQuery, subject: 'only of this box, customer, claim, …' },
    answer: { [json]: v.array(shapes.auditLine) },
    handle: async (call) => ({
      json: await lists.auditLog(call.core, call.operator, {
        ...numberedPageOf(call),
        subject: call.query.subject,
      }),
    }),
  },
  {
    method: 'get',
    path: `${root}/alarms`,
    summary: 'What a person should look at, newest first; with all=true also what was seen to.',
    scope: 'boxes:read',
    query: { ...pageQuery, all: 'true: also those that were acknowledged' },
    answer: { [json]: v.array(shapes.alarm) },
    handle: async (call) => ({
      json: await lists.alarms(call.core, call.operator, {
        ...numberedPageOf(call),
        all: call.query.all === 'true',
      }),
    }),
  },
  {
    method: 'post',
    path: `${root}/alarms/:id/acknowledge`,
    summary: 'Somebody has seen to an alarm.',
    scope: 'boxes:write',
    handle: nothing((call) => {
      if (!/^\d{1,15}$/.test(id(call))) throw new Refusal('notFound', 'there is no such alarm');
      return lists.acknowledge(call.core, call.operator, Number(id(call)));
    }),
  },
  {
    method: 'get',
    path: `${root}/tokens`,
    summary: 'Tokens, without the tokens.',
    scope: 'tokens:write',
    query: pageQuery,
    answer: { [json]: v.array(shapes.token) },
    handle: async (call) => ({ json: await lists.tokens(call.core, call.operator, pageOf(call)) }),
  },
  {
    method: 'post',
    path: `${root}/tokens`,
    summary: 'A new token, told this once. Nobody gives more than he has.',
    scope: 'tokens:write',
    body: { [json]: shapes.newToken },
    answer: { [json]: shapes.tokenTold },
    async handle(call) {
      const { days, customer, ...wish } = jsonBody(call, shapes.newToken);
      const bound = customer ?? call.operator.customer;
      const made = await newToken(call.core, call.operator, {
        ...wish,
        customer: bound,
        lifeMs: days * dayMs,
      });
      return { json: { id: made.id, token: made.token, expiresAt: isoTime(made.expiresAtMs) } };
    },
  },
  {
    method: 'delete',
    path: `${root}/tokens/:id`,
    summary: 'Ends a token at once.',
    scope: 'tokens:write',
    handle: nothing((call) => revokeToken(call.core, call.operator, id(call))),
  },
];

/** All calls that need a token. */
export const operatorRoutes: readonly Route[] = [...customers, ...boxes, ...oversight, ...authorityRoutes];
