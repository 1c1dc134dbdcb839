import { isIban } from '../../rules/iban.ts';

/** Whether it is the IBAN of a Ukrainian account: 29 characters, digits but for the country. */
export const isUkrainianIban = (text: string): boolean => /^UA\d{27}$/.test(text) && isIban(text);

/** An IBAN in groups of four, as it is printed (ISO 13616-1, 5.1). */
export const shownIban = (iban: string): string => iban.replace(/(.{4})(?=.)/g, '$1 ');
