/** The box as its desk sees it. */
import type { Config } from '../contract/config.ts';
import type { Cashier } from '../payments/cashier.ts';
import type { Journal } from '../payments/journal-port.ts';
import type { DeskAround } from './ports.ts';

/** What it is made of: what the other links use, too. */
export interface AroundParts extends Pick<DeskAround, 'box' | 'admit' | 'status' | 'clock'> {
  config: { terminal: Pick<Config['terminal'], 'currency'> };
  signatures: Pick<DeskAround, 'verify' | 'sign'>;
  journal: Pick<Journal, 'find' | 'resultOf'>;
  cashier: Pick<Cashier, 'find' | 'stateOf'>;
}

/** Makes it. */
export function deskAround({ config, signatures, journal, cashier, ...rest }: AroundParts): DeskAround {
  return {
    ...rest,
    currency: config.terminal.currency,
    verify: signatures.verify,
    sign: signatures.sign,
    find(id) {
      const live = cashier.find(id);
      const record = live?.record ?? journal.find(id);
      if (record === null) return null;
      const { kid, contentHash, result } = record;
      return { kid, contentHash, result, state: cashier.stateOf(id, record), step: live?.progress ?? null };
    },
    resultOf: (id) => journal.resultOf(id),
  };
}
