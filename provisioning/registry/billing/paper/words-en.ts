const small = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const tens = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const scales = ['thousand', 'million', 'billion', 'trillion', 'quadrillion'];

/** A whole number of at most 18 digits in English words, in lower case: `two thousand one`. */
export function numberInEnglish(digits: string): string {
  const groups = digits.replace(/\B(?=(\d{3})+$)/g, ' ').split(' ');
  const said = groups.flatMap((group, index) => {
    const value = Number(group);
    if (value === 0) return [];
    const scale = scales[groups.length - 2 - index];
    return [...hundredsInWords(value), ...(scale === undefined ? [] : [scale])];
  });
  return said.length === 0 ? 'zero' : said.join(' ');
}

function hundredsInWords(value: number): string[] {
  const rest = value % 100;
  const said = value >= 100 ? [`${small[(value - rest) / 100]} hundred`] : [];
  if (rest > 0 && rest < 20) said.push(small[rest] ?? '');
  else if (rest >= 20)
    said.push(`${tens[(rest - (rest % 10)) / 10]}${rest % 10 > 0 ? `-${small[rest % 10]}` : ''}`);
  return said;
}
