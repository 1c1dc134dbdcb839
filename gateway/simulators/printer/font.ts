/*!
 * The letters of the simulated receipt printer: 12 × 24 dots, as a receipt printer's font A. Made of the bitmaps of
 * Terminus Font 4.48 (Debian's xfonts-terminus): those characters alone that the code pages 1251 and 1125 have.
 * Copyright (c) 2010-2014 Dimitar Toshkov Zhekov. Licensed under the SIL Open Font License, version 1.1: see
 * font-licence.txt beside this file. What it was made of has the reserved font name; this has not.
 */
import { inflateSync } from 'node:zlib';

/** How large a letter is, in dots. */
export const letterSize = { width: 12, height: 24 } as const;

const characters =
  '!"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz' +
  '{|}~¤¦§©«¬®°±µ¶·»ЁЂЃЄЅІЇЈЉЊЋЌЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъ' +
  'ыьэюяёђѓєѕіїјљњћќўџҐґ–—‘’‚“”„†‡•…‰‹›€№™√─│┌┐└┘├┤┬┴┼═║╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬▀▄█▌▐░▒▓■';

// Twelve bits a row, 24 rows a letter, one after the other; deflated.
const deflated = [
  'eNqtWU+P00YUt50RO0Sr2osWaQ8Ie1ND4dgeKlRVzcQ7LOHU5dAzCPVU9QNwQI2TRmXVSxHnSqwQ9MClX8Gs8kFy6AewegooIp3x',
  '/xm/8Uy2jJ5WVvb5zfs3v/fe2LL4QhZpUvlLvfZsj5OlWTnb5J0nPAgsBNlpOKcUkdBOUUwRpeE0zTetVw+P58+/tAKHqxFj++BK',
  'FB7GAst1xztkZAe7NhnQfTLHZLZ/vSGmNEezbCtgbJjtUhB7JbBFHvajw3/0SuKK4bYsB+9ZZ2hnjayzPQcrNsy04jxEtrqD34rh',
  'f+6sLeMFeYNZXJiT+dnymJ0ih+9gwqK12I8oHd9Fj9hzhH1ZcrLvECmLhjEkh+/jce9lfp8kLZ7C3NSK+UN7L4uwgIeIzL0IcYH3',
  '1m1HThaFEhML509tOf6s5EGZYpBdk0WucOEYMKMKuygKpmkwh+VUPCRCfpKLwUNNjJTpIfHIuVG4lnvZ405keYthSWXySFHIV/5a',
  'IaMKGWhXsSMBc8yfsaP+HQ1n44zoj98wof5S4R+KuM/zZymmRZhwHS/2DOpTZyEU0/p1pJJT5Q/ZSStpkpdAHqLU56kqx2o17q3r',
  'Z1GQb8mHi5Ekp7dsYFiMMzz0rst74REKKIpPLlknHHyDEfMGAeBGIsl2cvPSyZv+/fDxceiQigLArkd30ZjSiOHzArLLacWiI17P',
  'dH5uEI1u+WLaN+WobM/k5AVAiT+TBPSQIqZquwrQmOFgyqtk3zrrt+U03HscPr5/o3/y16W2n5mQTALps2rrYI5CRMVzptJ5kuNS',
  'A5zbcXebGVaSKxfBrFKWldTh5RJLEOXWlbQmV4A4XkAJsS62crUz5NpiDbNi4Z9XQA2cCxE9ZNyQsogTUL9QvQuF9xKymsECe8NB',
  'vujDXpIX2a48LOQIe+36YvWB7JLzJ5d8rRN/slywelJ2ZOn9WVVTnIwifOgEYS8OneCQpau41zUDrCtPNIOWxiIgT5ddAHq04wXI',
  'YTUIQiE5pgDTvQXHXhWOFXk4z0pGb8U5KJL6qLK5EvzTg/JHxB84x3KTOQRB+NOUU7l5GMM8TEgOQW38gfSR87BGIXV/aMdlD2bH',
  'pe2BDfmnG58Psn4+o4PygRwoYOEON/qOsjsfINbhBFFGo1VAHahbq0IN6pN6UwZWyz0be1Psxac7DIim2G0n6gx9z0rAG+eE/X39',
  'L9sOVMkJKJ56A0QGtodj6gSK3o90jSBsr4d8r/7DG4MHN/rSXm6hamo6vzTmnYk2Vxf7v1BBteGiTL6jRYPPfMwRFvPInnXK3IPI',
  '6R5zVnN6Nev9VnnS9NKgCn2EPxcmyoYcZHX2LfleS1W9MOlJuvvD3K5P1UN+i/jPjJ6d0vmtKCP6TDyDOQPn+WOh4oF8iKpakPuw',
  'u19lLY3fzBz1bAX0Y2zQSISAGM0g83a5bM0OBnOKSW7sJHNvhASK0OQf3gpuNacUBycaX7WWV50xWCtN5u7qbNb3AA3/CLFQ8JjP',
  'IO67RkrkxF4gF5xBNLOVyQyyAPJHMZ8azCnd8+lW84Uy54nviN1RlgO+qJHh7NDyD/KX2elt8QSjtSqhaXtF1E8MeMS9kt0y4efK',
  'PrxIhi/Oo/DKqKDB0wCaczvl1OeCrFX3SEeLiIYZfXFePITRUQJ3hsw/9eUV2XoGKe6sOnWus5Hj76oANKhnk1EIkuNOMR9RS8ou',
  'xLabU+rINiGIwH1vpgfc95r0tHJFUPe93TMIiEJwT3u8+4C+pp3zhQxBF55BFkg7yxjNKd3zKYxCF+nnkYRCGf6gTzA7yPgj3KiM',
  'ujrbbvyBeaC9lkLrAt/lZkGf0wIU6BNIn8BATolCa/g+vIlCJQQdQXYN8/w5Wjt5DSatbze6s0zcBLor4HHvdXe/HfckeeursMtg',
  'FtbcS+R2/f+7i0b3+2Q+hnvaZvdbtr4yj8KH7W9SGoyCsA6eqdV9L3eGSS8Kc6rmK5NvUjsf4dHV4Jtd0e5sfSkofyth0x+OGek/',
  'aA623iuTPPVktcspWIWrMk/xDK7Un64YuWYKATW3591HZ1/VH/5+vh2+OIZwo7qQKb8HASzVl6bi21NLW2/GD/JHZo/Lz3swku83',
  'Zvjm+Z+3X/0UvLgc/I7//g0/mq2CmcjzYfD14NWALaWdS2l65dcpKL5lq6LsblQJ1k1A4dXyuImB5IleHzcx0Hmi3wvSp+0fAzkG',
  'PoTkSK9sUiAcl63nWpKhJQXMbym40cpxU5ZGL7t51pAbWz5MtXttLM92ZR5JbG6Xzj9ALGQebtemO15rKM1kOW6q3es9tyvt3guM',
  'V8uul/pMgOIF2qXZy9Wn3HsoXmA+a8+XPje4HI1dRmfH1efGe0hOay/gOLf30vsQsmvTWibVbXOhtXYTLfXSoZbenll6evODljYf',
  '3mqpUb5Xw18b1Chw/wHOSXFI',
].join('');

const places = new Map([...characters].map((character, place) => [character, place] as const));
let bits: Uint8Array | null = null;

/** Whether this dot of a letter is black; a character that the font lacks is a box. */
export function isBlack(character: string, x: number, y: number): boolean {
  const { width, height } = letterSize;
  const place = places.get(character);
  if (place === undefined)
    return character !== ' ' && (x === 1 || x === width - 2 || y === 4 || y === height - 5);
  bits ??= inflateSync(Buffer.from(deflated, 'base64'));
  const bit = (place * height + y) * width + x;
  return ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
}
