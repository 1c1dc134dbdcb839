import type { Day, Month } from '../shapes.ts';
import type { Language } from './money.ts';

const genitive =
  'січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня'.split(' ');
const nominative =
  'січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень'.split(' ');
const english = 'January February March April May June July August September October November December'.split(
  ' ',
);

function partsOf(text: Day | Month): { year: string; month: number; day: string } {
  const [year = '', month = '', day = ''] = text.split('-');
  return { year, month: Number(month), day };
}

/** A day in full: `1 листопада 2026 р.`, `1 November 2026`. */
export function shownDay(day: Day, language: Language): string {
  const parts = partsOf(day);
  const number = String(Number(parts.day));
  return language === 'uk'
    ? `${number} ${genitive[parts.month - 1]} ${parts.year} р.`
    : `${number} ${english[parts.month - 1]} ${parts.year}`;
}

/** A month in full: `жовтень 2026 р.`, `October 2026`. */
export function shownMonth(month: Month, language: Language): string {
  const parts = partsOf(month);
  return language === 'uk'
    ? `${nominative[parts.month - 1]} ${parts.year} р.`
    : `${english[parts.month - 1]} ${parts.year}`;
}

/** A day in figures as on payment orders: `01.11.2026`. */
export function dottedDay(day: Day): string {
  return day.split('-').reverse().join('.');
}
