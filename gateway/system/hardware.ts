import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { machineSerial, machineSerialPaths } from './machine.ts';

/** What this machine says of itself; null where it says nothing. */
export interface HardwareFacts {
  model: string | null;
  /** Tells this machine from every other one. */
  serial: string | null;
  /** The operating system. */
  system: string | null;
}

/** Where it is said, so that a test can bring its own. */
export interface HardwarePlaces {
  serials: readonly string[];
  model: string;
  system: string;
}

const places: HardwarePlaces = {
  serials: machineSerialPaths,
  // Devicetree Specification §2.3.2, such as "Raspberry Pi 3 Model B Rev 1.2".
  model: '/sys/firmware/devicetree/base/model',
  // os-release(5).
  system: '/etc/os-release',
};

/** Reads it. Nothing here throws. */
export function hardwareFacts({ serials, model, system }: HardwarePlaces = places): HardwareFacts {
  const [burntIn = '', ...others] = serials;
  return {
    model: textIn(model),
    serial: machineSerial([burntIn]) ?? hidden(machineSerial(others)),
    system: prettyName(textIn(system)),
  };
}

/** A machine-id is not to be told to strangers as it is (machine-id(5)): what follows from it tells machines apart, too. */
const hidden = (id: string | null): string | null =>
  id === null ? null : `id-${createHash('sha256').update(`swipe ${id}`).digest('hex').slice(0, 24)}`;

const prettyName = (text: string | null): string | null =>
  /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(text ?? '')?.[2] ?? null;

function textIn(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim() || null;
  } catch {
    return null;
  }
}
