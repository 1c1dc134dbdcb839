/** Customers, claim codes, tokens. */
import { dayMs } from '../../../provisioning/registry/identity/times.ts';
import {
  addCustomer,
  customerLeaves,
  newClaim,
  withdrawClaim,
} from '../../../provisioning/registry/services/customers.ts';
import * as lists from '../../../provisioning/registry/services/lists.ts';
import { newToken, revokeToken, type Scope, scopes } from '../../../provisioning/registry/services/tokens.ts';
import { isoTime } from '../../contract/time.ts';
import { SwipeError } from '../../seams/error.ts';
import { person, using } from './config-file.ts';
import { shownTime, table } from './table.ts';
import { daysOf, needed, show, textOf, type Work } from './work.ts';

const everything = { limit: 10_000 };
const text = { type: 'string' } as const;

/** In the order of the help. */
export const customerWorks: readonly Work[] = [
  {
    words: ['customer', 'new'],
    usage: 'customer new NAME',
    summary: 'a new customer; prints its id',
    arguments: ['NAME'],
    run: (task) =>
      using(task.config, async ({ core }) => {
        const made = await addCustomer(core, person(), task.words[0] ?? '');
        show(task, made, () => [made.customer]);
      }),
  },
  {
    words: ['customer', 'leave'],
    usage: 'customer leave CUSTOMER',
    summary: 'a customer leaves: its boxes, sale systems, codes and tokens end',
    arguments: ['CUSTOMER'],
    run: (task) =>
      using(task.config, async ({ core }) => {
        const left = await customerLeaves(core, person(), task.words[0] ?? '');
        show(task, left, () => [`left, with ${left.boxes} boxes`]);
      }),
  },
  {
    words: ['customers'],
    usage: 'customers [--json]',
    summary: 'all customers',
    run: (task) =>
      using(task.config, async ({ core }) => {
        const rows = await lists.customers(core, person(), everything);
        show(task, rows, () =>
          table(
            ['customer', 'since', 'left', 'name'],
            rows.map((row) => [row.customer, shownTime(row.since), shownTime(row.left), row.name]),
          ),
        );
      }),
  },
  {
    words: ['claim', 'new'],
    usage: 'claim new --customer CUSTOMER [--replaces BOX] [--days 7]',
    summary: 'a claim code for a technician; with --replaces the new box takes the place of another',
    options: { customer: text, replaces: text, days: text },
    run: (task) =>
      using(task.config, async ({ core }) => {
        const made = await newClaim(core, person(), {
          customer: needed(task, 'customer'),
          replaces: textOf(task, 'replaces') ?? null,
          lifeMs: daysOf(task, 7) * dayMs,
        });
        const told = { claim: made.claim, code: made.code, expiresAt: isoTime(made.expiresAtMs) };
        show(task, told, () => [
          `${made.code}  until ${shownTime(told.expiresAt)} UTC, once  (${made.claim})`,
        ]);
      }),
  },
  {
    words: ['claim', 'withdraw'],
    usage: 'claim withdraw CLAIM',
    summary: 'ends a claim code that was not used',
    arguments: ['CLAIM'],
    run: (task) => using(task.config, ({ core }) => withdrawClaim(core, person(), task.words[0] ?? '')),
  },
  {
    words: ['claims'],
    usage: 'claims [--json]',
    summary: 'all claim codes, without the codes',
    run: (task) =>
      using(task.config, async ({ core }) => {
        const rows = await lists.claims(core, person(), everything);
        show(task, rows, () =>
          table(
            ['claim', 'customer', 'until', 'used by', 'replaces'],
            rows.map((row) => [
              row.claim,
              row.customer,
              shownTime(row.expiresAt),
              row.usedBy ?? '',
              row.replaces ?? '',
            ]),
          ),
        );
      }),
  },
  {
    words: ['token', 'new'],
    usage: 'token new --name NAME --scopes SCOPE,SCOPE [--customer CUSTOMER] [--days 365]',
    summary: `a token for the HTTP API, printed this once; scopes: ${scopes.join(' ')}`,
    options: { name: text, scopes: text, customer: text, days: text },
    run: (task) =>
      using(task.config, async ({ core }) => {
        const made = await newToken(core, person(), {
          name: needed(task, 'name'),
          scopes: scopesIn(needed(task, 'scopes')),
          customer: textOf(task, 'customer') ?? null,
          lifeMs: daysOf(task, 365) * dayMs,
        });
        const told = { id: made.id, token: made.token, expiresAt: isoTime(made.expiresAtMs) };
        show(task, told, () => [`${made.token}  until ${shownTime(told.expiresAt)} UTC  (${made.id})`]);
      }),
  },
  {
    words: ['token', 'revoke'],
    usage: 'token revoke TOKEN-ID',
    summary: 'ends a token at once',
    arguments: ['TOKEN-ID'],
    run: (task) => using(task.config, ({ core }) => revokeToken(core, person(), task.words[0] ?? '')),
  },
  {
    words: ['tokens'],
    usage: 'tokens [--json]',
    summary: 'all tokens, without the tokens',
    run: (task) =>
      using(task.config, async ({ core }) => {
        const rows = await lists.tokens(core, person(), everything);
        show(task, rows, () =>
          table(
            ['id', 'until', 'revoked', 'customer', 'name', 'scopes'],
            rows.map((row) => [
              row.id,
              shownTime(row.expiresAt),
              shownTime(row.revokedAt),
              row.customer ?? '',
              row.name,
              row.scopes.join(' '),
            ]),
          ),
        );
      }),
  },
];

function scopesIn(words: string): Scope[] {
  return words.split(',').map((word) => {
    const scope = scopes.find((one) => one === word.trim());
    if (scope !== undefined) return scope;
    throw new SwipeError('usage', `--scopes: found ${word}, allowed: ${scopes.join(', ')}`);
  });
}
