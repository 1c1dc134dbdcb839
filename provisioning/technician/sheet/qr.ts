import encodeQR from 'qr';

/** A text as a QR code (ISO/IEC 18004), as SVG without a size of its own; medium error correction: it may be creased. */
export const qrSvg = (text: string): string => encodeQR(text, 'svg', { ecc: 'medium', border: 1 });
