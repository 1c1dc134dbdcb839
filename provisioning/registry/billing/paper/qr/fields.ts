/** Which edition of the format (Board Resolution No. 97 of 19.08.2025, Annexes 3 and 4). */
export type QrFormat = '002' | '003';

/** What a payment QR code of the National Bank of Ukraine says; the fields of Annex 4, table 2, by their numbers. */
export interface PaymentQr {
  /** 2 */
  format: QrFormat;
  /** 3: how 6, 9, 12 and 13 are encoded. */
  encoding: 'utf-8' | 'windows-1251';
  /** 4: a credit transfer, an instant one, or what the payer likes. 002 knows UCT alone. */
  function: 'UCT' | 'ICT' | 'XCT';
  /** 6, at most 140 characters. */
  recipient: string;
  /** 7, of 29 characters. */
  iban: string;
  /** 8, in kopiykas, at most 99999999999; null: the payer fills it in. */
  amount: number | null;
  /** 9: ЄДРПОУ or РНОКПП, at most 10 bytes. */
  recipientCode: string;
  /** 10: category and purpose of ISO 20022, `CCCC/PPPP`; null in 002. */
  category: string | null;
  /** 11, at most 35 ASCII characters; null in 002, or where there is none. */
  reference: string | null;
  /** 12, at most 420 characters. */
  purpose: string;
  /** 13, at most 140 characters: shown to the payer, no part of the payment. */
  display: string | null;
  /** 14: which fields the payer may not change, four hexadecimal digits. */
  lock: string | null;
  /** 15, 16: `YYMMDDHHMMSS`, Kyiv time. */
  validUntil: string | null;
  createdAt: string | null;
}

/** The most of field 8, `UAH999999999.99`. */
export const largestQrAmount = 99_999_999_999;

/** Bytes of the data in base64url (Annex 4, table 1): less than the 507 bytes of section IV, 8 allow. */
export const longestQrData = 475;

/** Characters of the fields that hold text (Annex 4, table 2). */
export const longest = { recipient: 140, purpose: 420, reference: 35, display: 140 } as const;

/** Where the link begins. Format 002 begins where the older rules had it begin, for the apps that know no other. */
export const linkStarts: Readonly<Record<QrFormat, string>> = {
  '002': 'https://bank.gov.ua/qr/',
  '003': 'https://qr.bank.gov.ua/',
};
