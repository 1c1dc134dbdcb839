import { readFileSync } from 'node:fs';

/** Where a machine's name may stand, best first. */
export const machineSerialPaths: readonly string[] = [
  // The Raspberry Pi's serial number, burnt into its processor (Devicetree Specification §2.3, /serial-number).
  '/sys/firmware/devicetree/base/serial-number',
  // Made at installation, machine-id(5). It lives on the disk, so it does not tell a copied disk from the original.
  '/etc/machine-id',
];

/**
 * What this machine is called, so that its state can be bound to it: the first of the files that says something,
 * without its NUL and blanks. Null when none does: a missing or unreadable file, one of zeros only, or
 * `uninitialized` (machine-id(5), before the first boot is over).
 */
export function machineSerial(paths: readonly string[] = machineSerialPaths): string | null {
  for (const path of paths) {
    const serial = textIn(path);
    if (/[^0]/.test(serial) && serial !== 'uninitialized') return serial;
  }
  return null;
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return '';
  }
}
