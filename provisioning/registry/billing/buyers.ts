/** A customer's legal details, as they stand on its next documents. */
import * as v from 'valibot';
import { Refusal } from '../refusal.ts';
import type { Actor, Core } from '../services/core.ts';
import { mine } from '../services/customers.ts';
import { audit } from '../store/audit.ts';
import { mayWork } from './ledger/working.ts';
import { buyerSchema } from './party.ts';
import { nameOnly } from './run/issue.ts';
import type { Party } from './shapes.ts';

/** The details, or the name alone where nothing else is known. @throws Refusal `notFound` */
export async function buyer({ store }: Core, actor: Actor, customer: string): Promise<Party> {
  const row = await store.reader
    .selectFrom('customers')
    .leftJoin('billing_buyers', 'billing_buyers.customer', 'customers.id')
    .select(['customers.id', 'customers.name', 'billing_buyers.details'])
    .where('customers.id', '=', customer)
    .executeTakeFirst();
  const { name, details } = mine(actor, row && { ...row, customer: row.id }, 'customer');
  return details === null ? nameOnly(name) : (JSON.parse(details) as Party);
}

/**
 * Sets the details. Documents that were issued keep those that they have.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`
 */
export async function setBuyer(
  core: Core,
  actor: Actor,
  customer: string,
  wanted: v.InferInput<typeof buyerSchema>,
): Promise<Party> {
  mayWork(core, actor);
  const parsed = v.safeParse(buyerSchema, wanted);
  if (!parsed.success) throw new Refusal('malformed', parsed.issues.map(({ message }) => message).join('; '));
  const { name, code, vatNumber, iban, bank, address, contract } = parsed.output;
  const party: Party = { name, code, vatNumber, iban, bank, address, contract };
  const before = await buyer(core, actor, customer);
  const nowMs = core.clock.nowMs();
  const details = JSON.stringify(party);
  await core.store.write(async (tx) => {
    await tx
      .insertInto('billing_buyers')
      .values({ customer, details, changed_at_ms: nowMs })
      .onConflict((conflict) => conflict.column('customer').doUpdateSet({ details, changed_at_ms: nowMs }))
      .execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.buyer',
      subject: customer,
      customer,
      before,
      after: party,
    });
  });
  return party;
}
