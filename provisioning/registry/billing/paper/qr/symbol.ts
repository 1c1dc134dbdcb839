import encodeQR from 'qr';

/** A QR symbol without its quiet zone. */
export interface QrSymbol {
  version: number;
  level: 'Q' | 'M';
  /** By rows; true is dark. */
  modules: readonly (readonly boolean[])[];
}

// Annex 1, II.11 tells the circle's diameter for these versions; Annex 4, IV.9 allows none above.
const leastVersion = 10;
const mostVersion = 17;
const circles = new Map([
  [10, 17],
  [11, 19],
  [12, 19],
  [13, 21],
  [14, 23],
  [15, 23],
  [16, 25],
  [17, 25],
]);

/** How many modules the white circle in the middle measures across. */
export const circleOf = (version: number): number => circles.get(version) ?? 25;

// With the sign in the middle, level L is not allowed (Annex 1, III.13).
const levels = [
  ['Q', 'quartile'],
  ['M', 'medium'],
] as const;

/**
 * The symbol of a link: version 10 to 17, level Q where it fits, else M. The link of {@link invoiceQr} always fits.
 * Throws a RangeError for what does not.
 */
export function qrSymbol(link: string): QrSymbol {
  for (const [level, ecc] of levels) {
    const least = versionOf(encodeQR(link, 'raw', { ecc, encoding: 'byte', border: 1 }));
    if (least > mostVersion) continue;
    const version = Math.max(least, leastVersion);
    const framed = encodeQR(link, 'raw', { ecc, encoding: 'byte', border: 1, version });
    return { version, level, modules: framed.slice(1, -1).map((row) => row.slice(1, -1)) };
  }
  throw new RangeError(`${link.length} characters do not fit into a QR code of version ${mostVersion}`);
}

const versionOf = (framed: readonly unknown[]): number => (framed.length - 2 - 17) / 4;
