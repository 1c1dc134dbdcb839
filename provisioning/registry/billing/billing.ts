import type { BillingConfig } from './config.ts';
import { type Calendar, createCalendar } from './rules/calendar.ts';
import type { DocumentKind, Party, VatRule } from './shapes.ts';

/** What every service of billing works with besides the registry's {@link Core}. */
export interface Billing {
  config: BillingConfig;
  calendar: Calendar;
  /** As it stands on documents. */
  seller: Party;
  vat: VatRule;
  prefixOf(kind: DocumentKind): string;
}

/** Billing by the config. @throws SwipeError `configInvalid` */
export function createBilling(config: BillingConfig): Billing {
  const { name, code, vatNumber, iban, bank, address } = config.seller;
  return {
    config,
    calendar: createCalendar(config.timeZone),
    seller: { name, code, vatNumber, iban, bank, address, contract: null },
    vat: config.vat,
    prefixOf: (kind) => config.prefixes[kind],
  };
}
