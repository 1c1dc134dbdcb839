import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { parseRegistryConfig } from '../provisioning/registry/config.ts';
import {
  type Attempts,
  afterFailure,
  afterFailureOfAnybody,
  allPerMinute,
  countedAddress,
  noAttempts,
} from '../provisioning/registry/identity/attempts.ts';
import { newCode, newId, readCode, shownCode } from '../provisioning/registry/identity/codes.ts';
import { nextRegistrationMs } from '../provisioning/registry/identity/times.ts';
import { createMasterKey, loadMasterKey } from '../provisioning/registry/secrets/master-key.ts';
import { openRegistryKeys, thumbprintOf } from '../provisioning/registry/secrets/registry-keys.ts';
import { testNowMs } from './registry/stores.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry rules');
const tempDir = tempDirs(test);

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const code = fc.uint8Array({ minLength: 7, maxLength: 7 }).map((bytes) => newCode(() => bytes));

function throwsWith(code: string, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(isSwipeError(error), String(error));
    assert.is((error as { code: string }).code, code);
    return;
  }
  assert.unreachable(`no ${code}`);
}

test('a code survives how people write it', () => {
  fc.assert(
    fc.property(code, (one) => {
      const shown = shownCode(one);
      assert.match(shown, /^\w{4}-\w{3}-\w{4}$/);
      for (const typed of [one, shown, shown.toLowerCase(), ` ${shown.replaceAll('-', ' ')} `])
        assert.is(readCode(typed), one);
      assert.is(readCode(shown.replaceAll('0', 'O').replaceAll('1', 'l')), one);
    }),
  );
});

test('every single wrong character is found, and most swaps of neighbours', () => {
  let swaps = 0;
  let missed = 0;
  fc.assert(
    fc.property(code, fc.nat(10), fc.nat(31), (one, at, other) => {
      const wrong = one.slice(0, at) + alphabet[other] + one.slice(at + 1);
      assert.is(readCode(wrong), wrong === one ? one : null);
      if (at === 10 || one[at] === one[at + 1]) return;
      swaps += 1;
      if (readCode(one.slice(0, at) + one[at + 1] + one[at] + one.slice(at + 2)) !== null) missed += 1;
    }),
    { numRuns: 1000 },
  );
  assert.ok(missed * 50 < swaps, `${missed} of ${swaps}`);
});

test('what is no code is none', () => {
  for (const text of ['', ' ', '-', 'ABC', 'U'.repeat(11), '0'.repeat(12), 'ĀĀĀĀ-ĀĀĀ-ĀĀĀĀ', "' OR 1=1 --"])
    assert.is(readCode(text), null, text);
  assert.is(readCode('00000000000'), '00000000000', 'zeros are as good as any');
});

test('codes use all their 50 bits', () => {
  const seen = Array.from({ length: 10 }, () => new Set<string>());
  for (let at = 0; at < 2000; at += 1)
    for (const [place, set] of seen.entries()) set.add(newCode(systemRandom.bytes)[place] ?? '');
  assert.equal(
    seen.map(({ size }) => size),
    Array.from({ length: 10 }, () => 32),
  );
  assert.match(newId('CU', systemRandom.bytes), /^CU-[0-9A-HJKMNP-TV-Z]{12}$/);
});

test('pauses after wrong codes grow to a day, and end after two quiet days', () => {
  let known: Attempts = noAttempts;
  const pausesMs: number[] = [];
  let nowMs = testNowMs;
  for (let at = 0; at < 20; at += 1) {
    known = afterFailure(known, nowMs);
    pausesMs.push(known.blockedUntilMs - nowMs);
    nowMs = Math.max(nowMs, known.blockedUntilMs);
  }
  assert.equal(pausesMs.slice(0, 8), [0, 0, 0, 0, 60_000, 120_000, 240_000, 480_000]);
  assert.is(Math.max(...pausesMs), 86_400_000);
  assert.is(afterFailure(known, nowMs + 172_800_000).failures, 1);
});

test('all together have so many a minute', () => {
  let known: Attempts = noAttempts;
  for (let at = 0; at < allPerMinute - 1; at += 1) known = afterFailureOfAnybody(known, testNowMs + at);
  assert.ok(known.blockedUntilMs <= testNowMs);
  known = afterFailureOfAnybody(known, testNowMs + 1000);
  assert.is(known.blockedUntilMs, testNowMs + 60_000);
  assert.is(afterFailureOfAnybody(known, testNowMs + 60_000).blockedUntilMs, 0);
});

test('of IPv6 the network is counted', () => {
  assert.is(countedAddress('192.0.2.7'), '192.0.2.7');
  assert.is(countedAddress('::ffff:192.0.2.7'), '192.0.2.7');
  const one = countedAddress('2001:db8:1:2::1');
  for (const same of ['2001:DB8:0001:2:ffff::9', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'])
    assert.is(countedAddress(same), one, same);
  assert.is.not(countedAddress('2001:db8:1:3::1'), one);
  assert.is(countedAddress('::1'), '0:0:0:0::/64');
});

test('boxes are spread over the day, each at its own time', () => {
  const dayMs = 86_400_000;
  const hours = new Set<number>();
  for (let at = 0; at < 500; at += 1) {
    const box = newId('SW', systemRandom.bytes);
    const nowMs = testNowMs + at * 977_777;
    const nextMs = nextRegistrationMs(box, nowMs);
    assert.ok(nextMs - nowMs >= dayMs / 2 && nextMs - nowMs <= 1.5 * dayMs);
    assert.is(nextRegistrationMs(box, nextMs - dayMs / 2) % dayMs, nextMs % dayMs);
    hours.add(Math.floor((nextMs % dayMs) / 3_600_000));
  }
  assert.is(hours.size, 24);
});

test('what is sealed opens for its purpose alone, by its key alone, unchanged alone', () => {
  const key = createMasterKey(systemRandom.bytes(32), systemRandom);
  const sealed = key.seal(Buffer.from('secret'), 'a');
  assert.is(Buffer.from(key.open(sealed, 'a')).toString(), 'secret');
  assert.is.not(key.seal(Buffer.from('secret'), 'a'), sealed);
  throwsWith('keyInvalid', () => key.open(sealed, 'b'));
  throwsWith('keyInvalid', () => createMasterKey(systemRandom.bytes(32), systemRandom).open(sealed, 'a'));
  const bytes = Buffer.from(sealed, 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    throwsWith('keyInvalid', () => key.open(changed.toString('base64url'), 'a'));
  }
  for (const short of ['', 'AQ', sealed.slice(0, 30)]) throwsWith('keyInvalid', () => key.open(short, 'a'));
  assert.is(key.mac('x', 'a'), key.mac('x', 'a'));
  assert.is.not(key.mac('x', 'a'), key.mac('x', 'b'));
});

test('the master key’s file: made once, read by nobody else, never made over sealed things', () => {
  const path = `${tempDir()}/master.key`;
  throwsWith('keyInvalid', () => loadMasterKey(path, { random: systemRandom, mayMake: false }));
  const made = loadMasterKey(path, { random: systemRandom, mayMake: true });
  const again = loadMasterKey(path, { random: systemRandom, mayMake: true });
  assert.is(made.mac('x', 'y'), again.mac('x', 'y'));
  chmodSync(path, 0o640);
  throwsWith('keyInvalid', () => loadMasterKey(path, { random: systemRandom, mayMake: true }));
  chmodSync(path, 0o600);
  writeFileSync(path, 'not a key');
  throwsWith('keyInvalid', () => loadMasterKey(path, { random: systemRandom, mayMake: true }));
});

test('the registry’s keys: kept sealed, two during a rotation, the one the reader knows signs', async () => {
  const parts = {
    directory: `${tempDir()}/authority`,
    masterKey: createMasterKey(systemRandom.bytes(32), systemRandom),
    random: systemRandom,
    mayMake: true,
  };
  const keys = await openRegistryKeys(parts);
  const kidOf = (jws: string): string =>
    (JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
  const [first] = keys.trusted();
  assert.is(first?.kid, thumbprintOf(first?.x ?? ''));
  const other = await openRegistryKeys({ ...parts, mayMake: false });
  assert.equal(other.trusted(), keys.trusted());
  await keys.beginRotation(testNowMs);
  assert.is(keys.trusted().length, 2);
  assert.is(kidOf(keys.sign({}, 't', [first?.kid ?? ''])), first?.kid);
  assert.is(kidOf(keys.sign({}, 't', [])), keys.trusted()[0]?.kid);
  assert.is(
    kidOf(
      keys.sign(
        {},
        't',
        keys.trusted().map(({ kid }) => kid),
      ),
    ),
    keys.trusted()[0]?.kid,
  );
  await other.reload();
  assert.equal(other.trusted(), keys.trusted(), 'another instance sees it');
  const refused = await other.beginRotation(testNowMs).catch((error: { code: string }) => error.code);
  assert.is(refused, 'conflict');
  await other.finishRotation();
  await keys.reload();
  assert.is(keys.trusted().length, 1);
  assert.is.not(keys.trusted()[0]?.kid, first?.kid);
  const [file = ''] = readdirSync(parts.directory);
  const text = readFileSync(`${parts.directory}/${file}`, 'utf8');
  assert.not.match(text, /"d"/);
  const foreign = { ...parts, masterKey: createMasterKey(systemRandom.bytes(32), systemRandom) };
  assert.is(await openRegistryKeys(foreign).catch((error: { code: string }) => error.code), 'keyInvalid');
  const empty = { ...parts, directory: tempDir(), mayMake: false };
  assert.is(await openRegistryKeys(empty).catch((error: { code: string }) => error.code), 'registryUnfit');
});

test('a config with faults: each of them is named, no secret is', () => {
  const good = {
    listen: { port: 8443 },
    database: { kind: 'sqlite', path: '/var/lib/swipe-registry/registry.db' },
    masterKeyFile: '/etc/swipe-registry/master.key',
    authorityDir: '/var/lib/swipe-registry/authority',
  };
  const read = parseRegistryConfig(good);
  assert.ok('config' in read);
  if ('config' in read) {
    assert.is(read.config.listen.host, '127.0.0.1');
    assert.is(read.config.limits.atOnce, 512);
    assert.is(read.config.broker, null);
  }
  const paths = (input: unknown): string[] => {
    const parsed = parseRegistryConfig(input);
    return 'faults' in parsed ? parsed.faults.map(({ path }) => path).sort() : [];
  };
  assert.equal(paths({ ...good, listen: { port: 70_000, hots: 'x' }, masterKeyFile: 'key' }), [
    'listen.hots',
    'listen.port',
    'masterKeyFile',
  ]);
  assert.equal(paths({ ...good, database: { kind: 'mysql' } }), ['database.kind']);
  assert.equal(paths({ ...good, database: { kind: 'sqlite', path: `${good.authorityDir}/x.db` } }), [
    'database.path',
  ]);
  const secret = parseRegistryConfig({ ...good, database: { kind: 'postgres', url: 'pg://u:hunter2@h/d' } });
  assert.not.match(JSON.stringify(secret), /hunter2/);
});

test.run();
