/** The witness: what its two slots prove, whatever happens to one of them. */
import { fdatasyncSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWitness, readWitness, type Testimony, Witness } from '../gateway/journal/witness.ts';
import { isStorageFull, isSwipeError } from '../gateway/seams/error.ts';
import { fingerprints } from './support/fill-journal.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('witness');
const tempDir = tempDirs(test);

const journal = '0123456789abcdef0123456789abcdef';
const at = (revision: number): Testimony => ({
  journal,
  revision,
  sequence: revision * 2,
  number: revision * 3,
});

/** A witness file on which so many testimonies were written after it was made. */
function made(writes: number): string {
  const path = join(tempDir(), 'journal.witness');
  const witness = new Witness(path, createWitness(path, at(0)), fdatasyncSync);
  for (let revision = 1; revision <= writes; revision += 1) witness.testify(at(revision));
  witness.close();
  return path;
}

const flip = (path: string, byte: number): void => {
  const bytes = readFileSync(path);
  bytes[byte] = (bytes[byte] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};

const damaged = (path: string, words: RegExp): void =>
  assert.throws(
    () => readWitness(path),
    (error: unknown) =>
      isSwipeError(error, 'journalDamaged') && words.test(error.message) && error.message.includes(path),
  );

test('it says what was written last, and never grows', () => {
  for (const writes of [0, 1, 2, 3, 10]) {
    const path = made(writes);
    assert.equal(readWitness(path).testimony, at(writes));
    assert.is(statSync(path).size, 8192);
  }
});

test('the largest numbers come back exactly', () => {
  const path = join(tempDir(), 'journal.witness');
  const most = Number.MAX_SAFE_INTEGER;
  const testimony = { journal, revision: most, sequence: most - 1, number: most - 2 };
  createWitness(path, testimony);
  assert.equal(readWitness(path).testimony, testimony);
});

test('a crash at any byte of a write leaves the one before, or has written the new one', () => {
  const before = readFileSync(made(4));
  const after = readFileSync(made(5));
  const path = join(tempDir(), 'journal.witness');
  for (let cut = 0; cut <= 64; cut += 1)
    for (const slot of [0, 4096]) {
      const torn = Buffer.from(before);
      after.copy(torn, slot, slot, slot + cut);
      writeFileSync(path, torn);
      const { testimony } = readWitness(path);
      assert.ok([4, 5].includes(testimony.revision));
      assert.equal(testimony, at(testimony.revision));
    }
});

test('any one bad byte of a slot: the other one decides, and the next write mends it', () => {
  for (let byte = 0; byte < 60; byte += 1)
    for (const slot of [0, 1]) {
      const path = made(4);
      flip(path, slot * 4096 + byte);
      const reading = readWitness(path);
      assert.is(reading.otherIsBad, true);
      assert.is(reading.slot, 1 - slot);
      const witness = new Witness(path, reading, fdatasyncSync);
      witness.repeat();
      witness.close();
      const { testimony, otherIsBad } = readWitness(path);
      assert.equal({ testimony, otherIsBad }, { testimony: reading.testimony, otherIsBad: false });
      flip(path, (1 - slot) * 4096);
      assert.equal(readWitness(path).testimony, reading.testimony, 'both slots said the same');
    }
});

test('nothing whole in it, or two journals: it proves nothing, and stays as it is', () => {
  const both = made(4);
  flip(both, 0);
  flip(both, 4096);
  const empty = made(0);
  truncateSync(empty);
  for (const path of [both, empty]) {
    const before = fingerprints(join(path, '..'));
    damaged(path, /neither of its two slots is whole/);
    assert.equal(fingerprints(join(path, '..')), before);
  }
  const mixed = made(4);
  const other = join(tempDir(), 'journal.witness');
  createWitness(other, { ...at(9), journal: journal.replace('0', 'f') });
  writeFileSync(
    mixed,
    Buffer.concat([readFileSync(mixed).subarray(0, 4096), readFileSync(other).subarray(4096)]),
  );
  damaged(mixed, /of different journals/);
});

test('half of the file is gone: the other half decides', () => {
  const path = made(4);
  truncateSync(path, 4096);
  const { testimony, otherIsBad } = readWitness(path);
  assert.ok(testimony.revision >= 3);
  assert.is(otherIsBad, true);
});

test('a write that fails is owed, and never touches the slot that stands', () => {
  const path = join(tempDir(), 'journal.witness');
  let fails = false;
  const synced: number[] = [];
  const witness = new Witness(path, createWitness(path, at(0)), (descriptor) => {
    if (fails) throw new Error('i/o error');
    fdatasyncSync(descriptor);
    synced.push(readWitness(path).testimony.revision);
  });
  witness.testify(at(1));
  fails = true;
  for (const revision of [2, 3]) {
    assert.throws(() => witness.testify(at(revision)), isStorageFull);
    assert.equal(witness.testimony, at(1));
    const bytes = readFileSync(path);
    assert.ok(
      [0, 4096].some((slot) => bytes.readBigUInt64BE(slot + 20) === 1n),
      'the slot of revision 1 stands',
    );
  }
  assert.throws(() => witness.settle(), isStorageFull);
  fails = false;
  witness.settle();
  assert.equal(witness.testimony, at(3));
  witness.settle();
  witness.close();
  assert.equal(synced, [1, 3], 'nothing is written twice');
  assert.equal(readWitness(path).testimony, at(3));
});

test.run();
