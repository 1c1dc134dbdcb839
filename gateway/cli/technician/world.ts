/** The world as it is: every adapter with its real device, program or file. */
import { accessSync, constants, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { MachineFacts, World } from '../../../provisioning/technician/world.ts';
import { controlSocketOf } from '../../control/protocol.ts';
import { type Log, silentLog } from '../../seams/log.ts';
import { newOperationId } from '../../simulators/operation-id.ts';
import { hardwareFacts } from '../../system/hardware.ts';
import { systemRandom } from '../../system/random.ts';
import { systemTime } from '../../system/time.ts';
import { linkOf } from '../../terminal/links/open.ts';
import { version } from '../../version.ts';
import { avrdude } from './avrdude.ts';
import { doorAt } from './door.ts';
import { enrolmentIn } from './enrolment.ts';
import { filesAt, type Places } from './files.ts';
import { networkManager } from './network-manager.ts';
import { networkOut } from './reach.ts';
import { listSerialDevices } from './serial-devices.ts';
import { systemdService } from './systemd.ts';
import { askWho } from './who.ts';

/** Puts it together. */
export function realWorld(places: Places, log: Log = silentLog): World {
  const time = systemTime;
  const linkAt = (link: string, baudRate: number) => linkOf(link, { baudRate, timers: time });
  return {
    time,
    version,
    stateDir: places.state,
    machine: () => machineFacts(places.state, dirname(places.config)),
    network: networkOut(systemRandom),
    joiner: networkManager(places.connections),
    devices: {
      list: async () => listSerialDevices(places.dev),
      ask: (link, hint) => askWho({ linkAt, time }, link, hint),
    },
    flasher: avrdude(),
    service: systemdService(),
    gateway: doorAt(() => controlSocketOf(places.state)),
    enrolment: enrolmentIn({ stateDir: places.state, time, log }),
    files: filesAt(places),
    newOperationId: () => newOperationId(time.nowMs(), systemRandom),
  };
}

/** The magic numbers of file systems that forget (Linux, statfs(2)): tmpfs, ramfs, overlayfs. */
const forgetful = [0x01021994, 0x858458f6, 0x794c7630];

/** The machine's own words, and how its card is. */
export function machineFacts(stateDir: string, configDir: string): MachineFacts {
  const folder = existingAbove(stateDir);
  let freeBytes: number | null = null;
  try {
    const { bavail, bsize } = statfsSync(folder);
    freeBytes = bavail * bsize;
  } catch {
    // Said as not known.
  }
  return {
    ...hardwareFacts(),
    isRoot: process.geteuid?.() === 0,
    freeBytes,
    isReadOnly: isReadOnly(folder),
    forgetting: [...new Set([stateDir, configDir])].filter(forgets),
  };
}

function forgets(path: string): boolean {
  try {
    return forgetful.includes(statfsSync(existingAbove(path)).type);
  } catch {
    return false;
  }
}

function existingAbove(path: string): string {
  try {
    accessSync(path);
    return path;
  } catch {
    return path === '/' ? path : existingAbove(dirname(path));
  }
}

function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}
