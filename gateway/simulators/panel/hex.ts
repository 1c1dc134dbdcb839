import { SwipeError } from '../../seams/error.ts';

/** Flash of the ATmega328P, in bytes. */
export const flashBytes = 32_768;

/**
 * The program memory that an Intel HEX file describes (Intel, "Hexadecimal Object File Format Specification" 1988:
 * records of type 00, data, and 01, end of file). Bytes that it does not name are 0xFF, as erased flash.
 * Throws a SwipeError `scriptInvalid` that names the line.
 */
export function programIn(hex: string): Uint8Array {
  const program = new Uint8Array(flashBytes).fill(0xff);
  const lines = hex.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const bad = (what: string): SwipeError =>
      new SwipeError('scriptInvalid', `the firmware's line ${index + 1} ${what}`);
    if (!/^:([0-9A-Fa-f]{2}){5,}$/.test(line)) throw bad('is no record of Intel HEX');
    const record = Buffer.from(line.slice(1), 'hex');
    if ((record.reduce((sum, byte) => sum + byte, 0) & 0xff) !== 0) throw bad('has a wrong checksum');
    const [length, , , type] = record as unknown as [number, number, number, number];
    if (record.length !== length + 5) throw bad('has a wrong length');
    if (type === 1) return program;
    if (type !== 0) throw bad(`has type ${type}; allowed: 0 and 1`);
    const address = record.readUInt16BE(1);
    if (address + length > flashBytes) throw bad('lies beyond the flash');
    program.set(record.subarray(4, 4 + length), address);
  }
  throw new SwipeError('scriptInvalid', 'the firmware has no end record: the file is cut short');
}
