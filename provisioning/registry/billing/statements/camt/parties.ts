import { isIban } from '../../rules/iban.ts';
import type { Counterparty, Direction } from '../shapes.ts';
import { tidy } from '../tidy.ts';
import { allAt, type Element, firstAt, textAt } from './tree.ts';

/** Nobody is told. */
export const nobody: Counterparty = { name: null, iban: null, code: null };

/** Who is on the other side of a movement, by `RltdPties`: the debtor of a credit, the creditor of a debit. */
export function counterpartyOf(details: Element, direction: Direction): Counterparty {
  const parties = firstAt(details, 'RltdPties');
  if (parties === undefined) return nobody;
  const role = direction === 'credit' ? 'Dbtr' : 'Cdtr';
  const told = firstAt(parties, role);
  // From version 8 on it stands one level deeper.
  const party = told === undefined ? undefined : (firstAt(told, 'Pty') ?? told);
  const iban = textAt(parties, `${role}Acct`, 'Id', 'IBAN')?.replaceAll(' ', '').toUpperCase() ?? null;
  return {
    name: party === undefined ? null : tidy(textAt(party, 'Nm') ?? '') || null,
    iban: iban !== null && isIban(iban) ? iban : null,
    code: party === undefined ? null : codeOf(party),
  };
}

const codeOf = (party: Element): string | null =>
  [...allAt(party, 'Id', 'OrgId', 'Othr', 'Id'), ...allAt(party, 'Id', 'PrvtId', 'Othr', 'Id')]
    .map(({ text }) => text.trim())
    .find((text) => /^\d{8,10}$/.test(text)) ?? null;
