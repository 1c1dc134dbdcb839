/** The texts of a language, and how one is filled in. */
import { en } from './en/en.ts';
import { uk } from './uk/uk.ts';

/**
 * A sentence, or what a technician reads when something is wrong: what happened, what it means, what to do next.
 * `{name}` stands for a value, `{nameMs}` for a time that something lasts.
 */
export type Text = string | readonly [happened: string, means: string, next: string];

/** The name of a text. English is the list of them. */
export type TextKey = keyof typeof en;

/** All of one language. */
export type Texts = Readonly<Record<TextKey, Text>>;

/** The languages. */
export const languages = { uk, en } as const satisfies Record<string, Texts>;

/** One of them. */
export type Language = keyof typeof languages;

/** By what LANG and its kin say (locale(7)); English where that is no language of ours. */
export const languageOf = (locale: string | undefined): Language =>
  /^(uk|ru_UA)/i.test(locale ?? '') ? 'uk' : 'en';

/** A text with its values. */
export interface Told {
  happened: string;
  means: string | null;
  next: string | null;
}

type Values = Readonly<Record<string, string | number>>;

const units: Readonly<Record<Language, readonly [ms: number, name: string][]>> = {
  en: [
    [86_400_000, 'days'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ],
  uk: [
    [86_400_000, 'дн.'],
    [3_600_000, 'год'],
    [60_000, 'хв'],
    [1_000, 'с'],
  ],
};

/** How long something is, in the largest unit of which it has two. */
function shownSpan(language: Language, ms: number): string {
  const [unitMs, name] = units[language].find(([one]) => ms >= 2 * one) ?? [
    1_000,
    units[language].at(-1)?.[1],
  ];
  return `${Math.round(ms / unitMs)} ${name}`;
}

function filled(language: Language, text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (typeof value === 'number' && name.endsWith('Ms')) return shownSpan(language, value);
    return String(value ?? whole);
  });
}

/** Fills in a text. */
export function tell(language: Language, key: TextKey, values: Values = {}): Told {
  const text: Text = languages[language][key];
  if (typeof text === 'string') return { happened: filled(language, text, values), means: null, next: null };
  const [happened, means, next] = text;
  return {
    happened: filled(language, happened, values),
    means: filled(language, means, values),
    next: filled(language, next, values),
  };
}

/** The first sentence of a text: the only one of a title, a question, an answer. */
export const say = (language: Language, key: TextKey, values: Values = {}): string =>
  tell(language, key, values).happened;
