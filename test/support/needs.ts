import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The part of a uvu suite that {@link needing} uses. */
interface Registers {
  (name: string, run: () => void | Promise<void>): void;
  skip(name?: string, run?: () => void | Promise<void>): void;
}

const debianPackages: Readonly<Record<string, string>> = {
  mosquitto: 'mosquitto',
  mosquitto_passwd: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  mosquitto_sub: 'mosquitto-clients',
  socat: 'socat',
  openssl: 'openssl',
  postgres: 'postgresql',
  initdb: 'postgresql',
  pg_dump: 'postgresql-client',
  pg_restore: 'postgresql-client',
  'avr-gcc': 'gcc-avr binutils-avr avr-libc arduino-core-avr',
  'systemd-analyze': 'systemd',
  'dpkg-deb': 'dpkg',
  zbarimg: 'zbar-tools',
  pdftotext: 'poppler-utils',
  pdftoppm: 'poppler-utils',
  'xdg-open': 'xdg-utils',
  'xdg-mime': 'xdg-utils',
};

// Debian leaves this directory off a user's PATH, and mosquitto lives there.
const path = (process.env.PATH ?? '').split(delimiter);
if (!path.includes('/usr/sbin')) process.env.PATH = [...path, '/usr/sbin'].join(delimiter);

/**
 * Registers tests that run other programs. `needing(test, 'socat')(name, run)` registers the test when every
 * program is on PATH. Otherwise it is counted as skipped, and one line says what to install; with
 * SWIPE_TEST_ALL=1 (as in CI) a missing program is a failing test.
 */
export function needing(test: Registers, ...programs: readonly string[]) {
  const missing = programs.filter((program) => !isOnPath(program));
  return (name: string, run: () => void | Promise<void>): void => {
    if (missing.length === 0) {
      test(name, run);
      return;
    }
    const needs = `needs ${missing.join(' ')} (apt-get install ${packagesOf(missing)})`;
    if (process.env.SWIPE_TEST_ALL === '1') {
      test(name, () => {
        throw new Error(needs);
      });
      return;
    }
    process.stdout.write(`skipped: ${needs} - ${name}\n`);
    test.skip(name, run);
  };
}

/** Whether a program of this name is on PATH. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((directory) => isExecutable(join(directory, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const packagesOf = (programs: readonly string[]): string =>
  [...new Set(programs.map((program) => debianPackages[program] ?? program))].join(' ');
