// Cyrillic capitals and the Latin ones that look the same. No letter is taken for a digit.
const cyrillic = 'АВЕІКМНОРСТУХЅЈԜ';
const latin = 'ABEIKMHOPCTYXSJW';

const byLook = new Map([...cyrillic].map((letter, index) => [letter, latin[index] ?? letter]));

/** Text in capitals, with every letter that looks like a Latin one as that one: СВ and CB are the same after it. */
export const folded = (text: string): string =>
  [...text.toUpperCase()].map((letter) => byLook.get(letter) ?? letter).join('');
