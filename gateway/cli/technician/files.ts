import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileName, Files } from '../../../provisioning/technician/world.ts';

/** Where everything of a box is. */
export interface Places {
  config: string;
  pin: string;
  state: string;
  /** What setting up keeps: how far it is, its log, the sheet. */
  own: string;
  dev: string;
  boot: readonly string[];
  connections: string;
}

/** @param root `/`, or where another system's files are */
export function placesIn(root: string): Places {
  const at = (path: string): string => join(root, path);
  return {
    config: at('etc/swipe/gateway.json'),
    pin: at('etc/swipe/terminal.json'),
    state: at('var/lib/swipe'),
    own: at('var/lib/swipe-provision'),
    dev: at('dev'),
    // Raspberry Pi OS 12 and later, then older ones.
    boot: [at('boot/firmware'), at('boot')],
    connections: at('etc/NetworkManager/system-connections'),
  };
}

/** The files; the config and the pin can be read by the gateway's group. */
export function filesAt(places: Places): Files {
  const paths: Record<FileName, string> = {
    config: places.config,
    pin: places.pin,
    progress: join(places.own, 'progress.json'),
    sheet: join(places.own, 'sheet.html'),
    log: join(places.own, 'provision.log'),
  };
  const modes: Record<FileName, number> = {
    config: 0o640,
    pin: 0o640,
    progress: 0o644,
    sheet: 0o644,
    log: 0o644,
  };
  const isGateways = (name: FileName): boolean => name === 'config' || name === 'pin';
  return {
    paths,
    read(name) {
      try {
        return readFileSync(paths[name], 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    write(name, text) {
      const gid = isGateways(name) ? groupOf(places.state) : null;
      writeWhole(paths[name], text, modes[name], gid);
    },
  };
}

const groupOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.gid ?? null;

/**
 * Writes a file so that after a power cut there is all of it or what was before, with mode and group from its first
 * moment under its name.
 */
export function writeWhole(path: string, text: string, mode: number, gid: number | null): void {
  const temporary = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    if (gid !== null && process.geteuid?.() === 0) fchownSync(file, 0, gid);
    fchmodSync(file, mode);
    fsyncSync(file);
    renameSync(temporary, path);
  } catch (error) {
    // On a full card: half of it may hold a secret.
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
