/** Who sells and who buys, as schemas: the config's seller, and what an operator says of a customer. */
import * as v from 'valibot';
import { isDay } from './rules/dates.ts';
import { isIban } from './rules/iban.ts';

const line = (most: number) => {
  const allowed = `1 to ${most} characters without control characters`;
  return v.pipe(
    v.string(allowed),
    v.regex(new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u'), allowed),
  );
};

/** A calendar day. */
export const daySchema = v.pipe(v.string('a day, YYYY-MM-DD'), v.check(isDay, 'a day, YYYY-MM-DD'));

/** An account; blanks between its groups are taken out. */
export const ibanSchema = v.pipe(
  v.string('an IBAN'),
  v.transform((text) => text.replace(/\s/g, '').toUpperCase()),
  v.check(isIban, 'an IBAN whose check digits are right'),
);

/** ЄДРПОУ has 8 digits; РНОКПП, of a sole trader, 10; a passport's number, of who refused one, 9. */
export const codeSchema = v.pipe(
  v.string('8 to 10 digits'),
  v.regex(/^\d{8,10}$/, '8 digits (ЄДРПОУ), 10 (РНОКПП) or 9 (a passport)'),
);

const details = {
  name: line(256),
  /** The number of a payer of VAT: 10 digits of a sole trader, 12 otherwise. */
  vatNumber: v.optional(
    v.nullable(v.pipe(v.string('10 or 12 digits'), v.regex(/^\d{10}(\d\d)?$/, '10 or 12 digits'))),
    null,
  ),
  bank: v.optional(v.nullable(line(128)), null),
  address: v.optional(v.nullable(line(512)), null),
};

/** A customer's legal details, a {@link Party}. */
export const buyerSchema = v.strictObject({
  ...details,
  code: v.optional(v.nullable(codeSchema), null),
  iban: v.optional(v.nullable(ibanSchema), null),
  contract: v.optional(v.nullable(v.strictObject({ number: line(64), day: daySchema })), null),
});

/** The seller's, a {@link Party} without a contract, which is each customer's. */
export const sellerSchema = v.strictObject({ ...details, code: codeSchema, iban: ibanSchema });
