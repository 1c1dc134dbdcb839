/** A noun after one, after two to four, and after five and more: `['гривня', 'гривні', 'гривень']`. */
export type Forms = readonly [one: string, few: string, many: string];

type Gender = 'masculine' | 'feminine';

const small: Readonly<Record<Gender, readonly string[]>> = {
  masculine: words('нуль один два три чотири п’ять шість сім вісім дев’ять'),
  feminine: words('нуль одна дві три чотири п’ять шість сім вісім дев’ять'),
};
const teens = words(
  'десять одинадцять дванадцять тринадцять чотирнадцять п’ятнадцять шістнадцять сімнадцять вісімнадцять дев’ятнадцять',
);
const tens = words('- - двадцять тридцять сорок п’ятдесят шістдесят сімдесят вісімдесят дев’яносто');
const hundreds = words('- сто двісті триста чотириста п’ятсот шістсот сімсот вісімсот дев’ятсот');

const scales: readonly { forms: Forms; gender: Gender }[] = [
  { forms: ['тисяча', 'тисячі', 'тисяч'], gender: 'feminine' },
  { forms: ['мільйон', 'мільйони', 'мільйонів'], gender: 'masculine' },
  { forms: ['мільярд', 'мільярди', 'мільярдів'], gender: 'masculine' },
  { forms: ['трильйон', 'трильйони', 'трильйонів'], gender: 'masculine' },
  { forms: ['квадрильйон', 'квадрильйони', 'квадрильйонів'], gender: 'masculine' },
];

function words(text: string): string[] {
  return text.split(' ');
}

/** The form that goes with a number, given by its last digits. */
export function formFor(digits: string, forms: Forms): string {
  const last = Number(digits.slice(-1));
  const isTeen = digits.length > 1 && digits.at(-2) === '1';
  if (isTeen || last === 0 || last > 4) return forms[2];
  return last === 1 ? forms[0] : forms[1];
}

/**
 * A whole number of at most 18 digits in Ukrainian words, in lower case, in the gender of the noun that follows:
 * `numberInUkrainian('2001', 'feminine')` is `дві тисячі одна`.
 */
export function numberInUkrainian(digits: string, gender: Gender): string {
  const groups = digits.replace(/\B(?=(\d{3})+$)/g, ' ').split(' ');
  const said = groups.flatMap((group, index) => {
    const scale = scales[groups.length - 2 - index];
    const value = Number(group);
    if (value === 0) return [];
    return scale === undefined
      ? hundredsInWords(value, gender)
      : [...hundredsInWords(value, scale.gender), formFor(group, scale.forms)];
  });
  return said.length === 0 ? 'нуль' : said.join(' ');
}

function hundredsInWords(value: number, gender: Gender): string[] {
  const rest = value % 100;
  const said = value >= 100 ? [hundreds[(value - rest) / 100]] : [];
  if (rest >= 10 && rest < 20) said.push(teens[rest - 10]);
  else {
    if (rest >= 20) said.push(tens[(rest - (rest % 10)) / 10]);
    if (rest % 10 > 0) said.push(small[gender][rest % 10]);
  }
  return said.filter((word) => word !== undefined);
}
