import { passesLuhn } from '../../contract/card-data.ts';
import type { Random } from '../../seams/random.ts';

/** A customer's card. Nothing of it exists anywhere: the number is random with a right check digit. */
export interface Card {
  pan: string;
  scheme: string;
  issuer: string;
  /** As on track 1: `FAMILY/GIVEN`. */
  holder: string;
  /** YYMM. */
  expiry: string;
  contactless: boolean;
}

const schemes = [
  { bin: ['4731', '17'], scheme: 'VISA', issuer: 'VISA ПРИВАТ' },
  { bin: ['5168', '75'], scheme: 'MASTERCARD', issuer: 'MC ПРИВАТ' },
  { bin: ['9804', '01'], scheme: 'ПРОСТІР', issuer: 'ПРОСТІР ПРИВАТ' },
] as const;
const families = ['MELNYK', 'KOVALENKO', 'SHEVCHUK', 'TKACHENKO', 'BONDAR'] as const;
const givenNames = ['OKSANA', 'TARAS', 'BOHDAN', 'SOLOMIIA'] as const;

/** One of the given things, by the handed-in randomness. */
export function pick<Thing>(random: Random, things: readonly Thing[]): Thing {
  return things[Math.floor(random.fraction() * things.length)] as Thing;
}

/** A string of random decimal digits. */
export function randomDigits(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random.fraction() * 10)).join('');
}

/** The wallets of the neighbourhood: so many different cards. */
export function makeCards(random: Random, count: number): readonly Card[] {
  return Array.from({ length: count }, () => {
    const { bin, scheme, issuer } = pick(random, schemes);
    const expiryYear = 27 + Math.floor(random.fraction() * 5);
    const expiryMonth = 1 + Math.floor(random.fraction() * 12);
    return {
      pan: withCheckDigit(bin.join('') + randomDigits(random, 9)),
      scheme,
      issuer,
      holder: `${pick(random, families)}/${pick(random, givenNames)}`,
      expiry: `${expiryYear}${String(expiryMonth).padStart(2, '0')}`,
      contactless: random.fraction() < 0.7,
    };
  });
}

function withCheckDigit(digits: string): string {
  for (let check = 0; check < 10; check += 1) if (passesLuhn(`${digits}${check}`)) return `${digits}${check}`;
  throw new Error('every run of digits has a check digit');
}

/** Track 1 as ISO/IEC 7813 lays it out. */
export const track1Of = ({ pan, holder, expiry }: Card): string =>
  `%B${pan}^${holder}^${expiry}201000000000?`;

/** Track 2 as ISO/IEC 7813 lays it out. */
export const track2Of = ({ pan, expiry }: Card): string => `;${pan}=${expiry}201000000000?`;
