/** Credit that is paid back to the customer. The bank pays it; here stands that it did. */
import { newId } from '../../identity/codes.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Billing } from '../billing.ts';
import { isIban } from '../rules/iban.ts';
import type { Day } from '../shapes.ts';
import { creditIn, setCredit, write } from './settle.ts';
import { checkDay, checkMoney, checkText, mayWork, openAccount } from './working.ts';

/** Money that was paid back. */
export interface NewMoneyBack {
  customer: string;
  currency: string;
  amount: number;
  day: Day;
  /** To which account. */
  iban: string;
  /** The bank's reference: the same one is the same repayment. */
  reference: string;
  note?: string | null;
}

/**
 * Writes down that credit was paid back.
 *
 * @returns its id, and the credit that is left
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`; `conflict` when there is less credit, or the
 *   reference was used
 */
export async function moneyBack(
  core: Core,
  billing: Billing,
  actor: Actor,
  { customer, currency, amount, day, iban, reference, note = null }: NewMoneyBack,
): Promise<{ moneyBack: string; credit: number }> {
  mayWork(core, actor);
  const nowMs = core.clock.nowMs();
  checkMoney(amount, currency);
  checkDay(billing, day, nowMs);
  checkText('reference', reference);
  if (note !== null) checkText('note', note, 1000);
  if (!isIban(iban)) throw new Refusal('malformed', 'iban: allowed: an IBAN whose check digits are right');
  const id = newId('MB', core.random.bytes);
  return core.store.write(async (tx) => {
    const { purse } = await openAccount(tx, core, billing, customer, currency);
    const credit = (await creditIn(purse)) - amount;
    if (credit < 0) throw new Refusal('conflict', `the credit is ${credit + amount}`);
    const decided = { decided_by: actor.name, at_ms: nowMs };
    const put = await tx
      .insertInto('billing_money_back')
      .values({ id, customer, currency, amount, day, iban, reference, note, ...decided })
      .onConflict((conflict) => conflict.column('reference').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (put === undefined) throw new Refusal('conflict', 'the reference is that of another repayment');
    await write(purse, [{ invoice: null, source: id, amount: -amount }]);
    await setCredit(purse, credit);
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.moneyBack',
      subject: id,
      customer,
      after: { amount, currency, day, iban, reference, credit },
    });
    return { moneyBack: id, credit };
  });
}
