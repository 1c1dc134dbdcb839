import type { TextEncodingName } from '../decoding.ts';

/** What a column holds. */
export type Column =
  | 'account'
  | 'currency'
  | 'day'
  /** Below zero for a debit. */
  | 'amount'
  | 'credit'
  | 'debit'
  | 'payerName'
  | 'payerIban'
  | 'payerCode'
  | 'purpose'
  /** What the bank identifies the movement by. */
  | 'reference'
  /** The payer's own number of it, which is not unique. */
  | 'document';

/** How a bank writes its CSV files. The first line names the columns. */
export interface CsvProfile {
  name: string;
  encoding: TextEncodingName;
  delimiter: ',' | ';' | '\t' | '|';
  /** What parts whole units from decimals; `either` where the bank writes both. Thousands are parted by blanks alone. */
  decimal: '.' | ',' | 'either';
  /** The names that a column may have, whatever their case, also with letters of the wrong alphabet. */
  columns: Readonly<Partial<Record<Column, readonly string[]>>>;
  /** Where there is no column for it. */
  account: string | null;
  currency: string | null;
}

/**
 * The CSV of Приват24 для бізнесу, as public programs that read it have it: Windows-1251, semicolons also at the end of lines, days as
 * 05.11.2026, debits below zero. It has no unique reference, so that of an entry is a hash of its content.
 */
export const privatBank: CsvProfile = {
  name: 'privatbank',
  encoding: 'windows-1251',
  delimiter: ';',
  decimal: 'either',
  columns: {
    account: ['Рахунок'],
    currency: ['Валюта'],
    document: ['Номер документу', 'Номер документа'],
    day: ['Дата операції'],
    payerIban: ['Рахунок кореспондента'],
    payerCode: ['ЄДРПОУ кореспондента'],
    payerName: ['Кореспондент'],
    amount: ['Сума'],
    purpose: ['Призначення платежу'],
  },
  account: null,
  currency: null,
};

/** A plain one: UTF-8, commas, columns in English. Other banks' files are brought to it, or get a profile of their own. */
export const generalCsv: CsvProfile = {
  name: 'general',
  encoding: 'utf-8',
  delimiter: ',',
  decimal: '.',
  columns: {
    account: ['account', 'iban'],
    currency: ['currency'],
    day: ['date', 'booking date', 'day'],
    amount: ['amount'],
    credit: ['credit'],
    debit: ['debit'],
    payerName: ['payer', 'counterparty', 'name'],
    payerIban: ['payer iban', 'counterparty iban'],
    payerCode: ['payer code', 'counterparty code', 'edrpou'],
    purpose: ['purpose', 'details', 'description'],
    reference: ['reference', 'bank reference', 'id'],
    document: ['document', 'document number'],
  },
  account: null,
  currency: null,
};

/** The profiles by their names. */
export const csvProfiles: Readonly<Record<string, CsvProfile>> = {
  [privatBank.name]: privatBank,
  [generalCsv.name]: generalCsv,
};
