import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { SerialDevice } from '../../../provisioning/technician/world.ts';

// Where names of serial devices stand, the most lasting first: by what the device says of itself, by its socket.
const folders = ['serial/by-id', 'serial/by-path', 'swipe'];
const kernelNames = /^tty(USB|ACM)\d+$/;
/** USB chips of Arduinos and their copies, as udev names them: by their vendors' names, or numbers. */
const boards = /Arduino|2341|2a03|1a86|FTDI|0403|Silicon_Labs|CP210|CH34\d/i;

/**
 * The serial devices that are plugged in, each once, from the names in `/dev` alone: serialport's own list needs udevadm,
 * and takes the process with it where there is none.
 */
export function listSerialDevices(dev: string): SerialDevice[] {
  const byReal = new Map<string, string[]>();
  const add = (path: string): void => {
    try {
      const real = realpathSync(path);
      byReal.set(real, [...(byReal.get(real) ?? []), path]);
    } catch {
      // A link that leads nowhere any more: it was unplugged just now.
    }
  };
  for (const folder of folders) for (const name of namesIn(join(dev, folder))) add(join(dev, folder, name));
  for (const name of namesIn(dev)) if (kernelNames.test(name)) add(join(dev, name));
  return [...byReal].map(([real, paths]) => ({
    path: paths[0] ?? real,
    names: [...new Set([...paths, real])],
    mayBeBoard: paths.some((path) => boards.test(path)),
  }));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
