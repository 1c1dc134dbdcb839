/** The pages' words, Ukrainian and English. */
import type { ProgressStep } from '../../contract/event.ts';
import type { BoxReason, Outcome } from '../../contract/result.ts';
import type { LinkFault } from '../links/faults.ts';
import type { Obstacle, OrderFault } from '../links/order.ts';
import { english } from './words-en.ts';
import { ukrainian } from './words-uk.ts';

/** The pages' languages. */
export type Language = 'uk' | 'en';

/** A heading, and what the seller is to do now. */
export interface Said {
  title: string;
  text: string;
}

/** All words of one language. */
export interface Words {
  language: Language;
  other: { language: Language; name: string };
  payment: string;
  order: string;
  sum: string;
  box: string;
  operation: string;
  card: string;
  rrn: string;
  receipt: string;
  terminal: Readonly<Record<'label' | 'ready' | 'busy' | 'absent', string>>;
  /** On the button. */
  pay: string;
  ready: Said;
  obstacles: Readonly<Record<Obstacle, Said>>;
  running: string;
  recovering: Said;
  steps: Readonly<Record<ProgressStep | 'none', string>>;
  outcomes: Readonly<Record<Outcome, Said>>;
  /** Why the box refused; the others have the outcome's own words. */
  reasons: Readonly<Partial<Record<BoxReason, string>>>;
  orderFaults: Readonly<Record<OrderFault, Said>>;
  /** A link that cannot be read; the detail follows. */
  linkFault: Said;
  details: Readonly<Partial<Record<LinkFault, string>>>;
  pressAgain: string;
  back: string;
  backSoon: string;
  noWayBack: string;
  lost: string;
  tooMany: Said;
  storageFull: Said;
  failed: Said;
  handlers: Readonly<Record<'title' | 'intro' | 'try' | 'works' | 'waits' | 'direct' | 'install', string>>;
  handlerWorks: Said;
}

const all: Readonly<Record<Language, Words>> = { uk: ukrainian, en: english };

/** The words of a language. */
export const wordsIn = (language: Language): Words => all[language];

/**
 * The language to answer in: the one that was chosen, else the browser's first of the two (RFC 9110 §12.5.4), else
 * Ukrainian.
 */
export function languageFor(chosen: string | undefined, accepted: string | undefined): Language {
  if (chosen === 'uk' || chosen === 'en') return chosen;
  const wishes = (accepted ?? '')
    .slice(0, 500)
    .split(',')
    .map((wish) => /^\s*([a-z]{2})\b[^;]*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*$/i.exec(wish))
    .map((wish) => ({ language: wish?.[1]?.toLowerCase(), weight: Number(wish?.[2] ?? 1) }))
    .filter(({ language, weight }) => (language === 'uk' || language === 'en') && weight > 0)
    .sort((one, other) => other.weight - one.weight);
  return wishes[0]?.language === 'en' ? 'en' : 'uk';
}
