import { Refusal } from '../refusal.ts';
import type { Actor } from '../services/core.ts';

/** For what is of all customers. @throws Refusal `forbidden` for whoever sees one alone */
export function seesAll({ customer }: Actor): void {
  if (customer !== null) throw new Refusal('forbidden', 'this token is bound to one customer');
}
