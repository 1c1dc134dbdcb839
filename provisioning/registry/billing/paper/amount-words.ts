import { type Language, unitsOf } from './money.ts';
import { numberInEnglish } from './words-en.ts';
import { type Forms, formFor, numberInUkrainian } from './words-uk.ts';

interface Nouns {
  gender: 'masculine' | 'feminine';
  uk: { whole: Forms; minor: Forms };
  en: { whole: readonly [one: string, more: string]; minor: readonly [one: string, more: string] };
}

const nouns: Readonly<Record<string, Nouns>> = {
  UAH: {
    gender: 'feminine',
    uk: { whole: ['гривня', 'гривні', 'гривень'], minor: ['копійка', 'копійки', 'копійок'] },
    en: { whole: ['hryvnia', 'hryvnias'], minor: ['kopiyka', 'kopiykas'] },
  },
  USD: {
    gender: 'masculine',
    uk: { whole: ['долар США', 'долари США', 'доларів США'], minor: ['цент', 'центи', 'центів'] },
    en: { whole: ['US dollar', 'US dollars'], minor: ['cent', 'cents'] },
  },
  EUR: {
    gender: 'masculine',
    uk: { whole: ['євро', 'євро', 'євро'], minor: ['цент', 'центи', 'центів'] },
    en: { whole: ['euro', 'euros'], minor: ['cent', 'cents'] },
  },
};

/**
 * An amount in minor units as it is written out on papers: whole units in words, minor ones in figures, such as
 * `Дві тисячі одна гривня 05 копійок`. A currency whose words are not known is named by its code, and its minor units
 * are a fraction: `Сто двадцять CHF 05/100`.
 */
export function amountInWords(amount: number, currency: string, language: Language): string {
  const [whole, decimals] = unitsOf(amount, currency);
  const known = nouns[currency];
  const text = language === 'uk' ? inUkrainian(whole, decimals, known) : inEnglish(whole, decimals, known);
  const said = known === undefined ? withCode(text, decimals, currency) : text;
  return `${said.slice(0, 1).toUpperCase()}${said.slice(1)}`;
}

function inUkrainian(whole: string, decimals: string, known: Nouns | undefined): string {
  const words = numberInUkrainian(whole, known?.gender ?? 'masculine');
  if (known === undefined) return words;
  return `${words} ${formFor(whole, known.uk.whole)} ${decimals} ${formFor(decimals, known.uk.minor)}`;
}

function inEnglish(whole: string, decimals: string, known: Nouns | undefined): string {
  const words = numberInEnglish(whole);
  if (known === undefined) return words;
  const { whole: units, minor } = known.en;
  return `${words} ${units[whole === '1' ? 0 : 1]} and ${decimals} ${minor[decimals === '01' ? 0 : 1]}`;
}

const withCode = (words: string, decimals: string, currency: string): string =>
  decimals === ''
    ? `${words} ${currency}`
    : `${words} ${currency} ${decimals}/1${'0'.repeat(decimals.length)}`;
