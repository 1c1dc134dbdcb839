/** A card whose file system has turned read-only, as ext4 does after an error (mount option `errors=remount-ro`). */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { idOf } from './support/fill-journal.ts';
import { isOnPath } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal: read-only');
const tempDir = tempDirs(test);
const apart = ['--mount', '--propagation', 'private'];

/** Whether this process may mount: a container's root often may not. */
function mayMount(): boolean {
  if (process.getuid?.() !== 0 || !isOnPath('unshare') || !isOnPath('mkfs.ext4')) return false;
  const directory = mkdtempSync(join(tmpdir(), 'swipe-test-'));
  try {
    const image = join(directory, 'try.img');
    execFileSync('truncate', ['--size=8M', image]);
    execFileSync('mkfs.ext4', ['-q', image]);
    return spawnSync('unshare', [...apart, 'mount', '-o', 'loop', image, directory]).status === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const may = mayMount();
if (!may) process.stdout.write('skipped: needs root that may mount - a file system turns read-only\n');

// After the break the card is met again as it is, by the next process; then after a reboot.
const story = `
mount -o loop "$IMAGE" "$CARD"
"$@" break "$CARD"
"$@" use "$CARD"
umount "$CARD"
mount -o loop "$IMAGE" "$CARD"
mount -o remount,ro "$CARD"
"$@" use "$CARD"
mount -o remount,rw "$CARD"
"$@" use "$CARD"
umount "$CARD"
`;

(may ? test : test.skip)(
  'read-only in the middle: refused, readable, and all of it is there afterwards',
  () => {
    const directory = tempDir();
    const [image, card] = [join(directory, 'card.img'), join(directory, 'card')];
    mkdirSync(card);
    execFileSync('truncate', ['--size=32M', image]);
    execFileSync('mkfs.ext4', ['-q', image]);
    const script = fileURLToPath(new URL('./support/read-only-card.ts', import.meta.url));
    const program = [process.execPath, '--import', 'tsx', script];
    const told = execFileSync('unshare', [...apart, 'sh', '-ec', story, 'sh', ...program], {
      encoding: 'utf8',
      env: { ...process.env, IMAGE: image, CARD: card },
    });
    const [broken, aborted, readOnly, rebooted] = told
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(broken, { accept: 'storageFull', tell: 'storageFull', look: 'finished', close: 'good' });
    assert.equal(aborted, { opened: 'storageFull', open: [] });
    assert.equal(readOnly, { opened: 'storageFull', open: [] });
    assert.equal(rebooted, { opened: 'good', open: [`${idOf(2)} running`] });
  },
);

test.run();
