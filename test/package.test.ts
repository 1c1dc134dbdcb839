/** How the Debian packages are put together: what npm is asked for, what goes in, the same bytes each time. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../gateway/contract/config.ts';
import { buildDeb } from '../systemd/package/deb.ts';
import { broker, registry, swipe } from '../systemd/package/layout.ts';
import { noticesOf, packagesAmong } from '../systemd/package/licences.ts';
import { closureOf, type LockPackages, manifestFor, nativePackages } from '../systemd/package/lock.ts';
import { isNeeded } from '../systemd/package/payload.ts';
import { root } from './support/child.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('package');
const tempDir = tempDirs(test);
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

test('of a lock only what is needed is taken, from where it lies', () => {
  const lock: LockPackages = {
    '': { dependencies: { a: '1', other: '1' } },
    'node_modules/a': {
      version: '1.0.0',
      dependencies: { b: '2' },
      optionalDependencies: { here: '1', gone: '1' },
    },
    'node_modules/a/node_modules/b': { version: '2.0.0', dependencies: { c: '1' } },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c': { version: '1.0.0', dev: true, dependencies: { '@s/d': '1' } },
    'node_modules/@s/d': { version: '1.0.0', dependencies: { c: '1' } },
    'node_modules/here': { version: '1.0.0', optional: true },
    'node_modules/other': { version: '1.0.0' },
  };
  assert.equal(Object.keys(closureOf(lock, ['a'])), [
    'node_modules/@s/d',
    'node_modules/a',
    'node_modules/a/node_modules/b',
    'node_modules/c',
    'node_modules/here',
  ]);
  assert.is(
    closureOf(lock, ['c'])['node_modules/c']?.dev,
    undefined,
    'what is shipped is not left out as dev',
  );
  assert.throws(() => closureOf(lock, ['missing']), /the lock has no missing/);
  assert.throws(
    () => closureOf({ ...lock, 'node_modules/@s/d': { dependencies: { e: '1' } } }, ['a']),
    /no e, which/,
  );
});

test("npm is asked for the project's own versions, each with its integrity, and for one Node", () => {
  const { packages } = json('package-lock.json') as { packages: LockPackages };
  const { dependencies } = json('package.json') as { dependencies: Record<string, string> };
  const node = json('systemd/package/node.json');
  assert.match(node.version, /^24\.\d+\.\d+$/);
  for (const cpu of ['x64', 'arm64'] as const) {
    const pin = { ...node.packages[cpu], version: node.version };
    const { manifest, lock } = manifestFor(packages, pin, cpu);
    for (const name of nativePackages) assert.is(manifest.dependencies[name], dependencies[name]);
    assert.equal(manifest.optionalDependencies, { [`node-linux-${cpu}`]: node.version });
    const { '': own, ...entries } = lock.packages as unknown as Record<string, { integrity?: string }>;
    assert.equal(own, manifest);
    assert.ok(`node_modules/@libsql/linux-${cpu}-gnu` in entries);
    for (const [place, { integrity }] of Object.entries(entries))
      assert.match(integrity ?? '', /^sha512-[A-Za-z0-9+/]{86}==$/, place);
    assert.ok(!('node_modules/mqtt' in entries), 'what is in the bundle is not brought twice');
  }
});

test('of the installed packages only what runs on that processor goes in', () => {
  const prebuilt = '/@serialport/bindings-cpp/prebuilds';
  for (const [path, x64, arm64] of [
    [`${prebuilt}/linux-x64/@serialport+bindings-cpp.glibc.node`, true, false],
    [`${prebuilt}/linux-x64/@serialport+bindings-cpp.musl.node`, false, false],
    [`${prebuilt}/linux-arm64/@serialport+bindings-cpp.armv8.glibc.node`, false, true],
    [`${prebuilt}/linux-arm/@serialport+bindings-cpp.armv7.glibc.node`, false, false],
    [`${prebuilt}/darwin-x64+arm64/node.napi.node`, false, false],
    ['/@libsql/linux-arm64-gnu/index.node', true, true],
    ['/@libsql/linux-arm64-musl/package.json', false, false],
    ['/libsql/index.js', true, true],
    ['/libsql/types/index.d.ts', false, false],
    ['/debug/src/index.js', true, true],
    ['/@serialport/bindings-cpp/src/serialport.cpp', false, false],
    ['/node-addon-api/index.js', false, false],
    ['/node-gyp-build/index.js', true, true],
    ['/node-gyp-build/bin.js', false, false],
    ['/ms/README.md', false, false],
  ] as const) {
    assert.is(isNeeded(path, 'x64'), x64, `${path} on x64`);
    assert.is(isNeeded(path, 'arm64'), arm64, `${path} on arm64`);
  }
});

test('every notice of a licence is in, each package once', () => {
  const found = packagesAmong(root, [
    'gateway/main.ts',
    'node_modules/mqtt/build/mqtt.esm.js',
    'node_modules/mqtt/build/other.js',
    'node_modules/@hono/node-server/dist/index.mjs',
  ]);
  assert.equal(
    found,
    ['@hono/node-server', 'mqtt'].map((name) => join(root, 'node_modules', name)),
  );
  const text = noticesOf([...found, ...found]);
  assert.is(text.match(/^mqtt 5/gm)?.length, 1);
  assert.match(text, /Permission is hereby granted|MIT/);
});

test('every file that a package names is there, and nothing lies outside its places', () => {
  for (const one of [swipe, registry, broker])
    for (const { from, to } of one.files) {
      assert.ok(existsSync(join(root, from)), `${one.name}: ${from}`);
      assert.match(to, /^\/(usr\/(bin|lib|share)|etc\/mosquitto)\//, `${one.name}: ${to}`);
    }
  const placed = [swipe, registry, broker].flatMap(({ files }) => files.map(({ to }) => to));
  assert.is(new Set(placed).size, placed.length, 'no two packages own a file');
  for (const unit of ['swipe-gateway.service', 'swipe-firstboot.service', 'swipe-registry.service'])
    for (const [, program = ''] of readFileSync(join(root, 'systemd', unit), 'utf8').matchAll(
      /^Exec\w+=-?(\/usr\/\S+)/gm,
    ))
      assert.ok(placed.includes(program), `${unit}: ${program}`);
});

test('the example of a config lacks nothing but what only the registry can tell', () => {
  const example = json('systemd/gateway.example.json');
  const key = Buffer.alloc(32, 7).toString('base64url');
  assert.ok(
    'config' in parseConfig({ ...example, registry: { ...example.registry, key, claim: 'Y7Q3-4SN-ATY0' } }),
  );
});

test("maintainers' scripts and helpers are shell", () => {
  const scripts = readdirSync(join(root, 'systemd/package/debian')).map(
    (name) => `systemd/package/debian/${name}`,
  );
  assert.ok(scripts.length >= 9);
  for (const path of [...scripts, 'systemd/swipe', 'systemd/start-check', 'systemd/restart-when-idle'])
    execFileSync('sh', ['-n', join(root, path)]);
});

const build = (out: string, work: string, atS: number): Buffer => {
  const tree = join(work, 'tree');
  mkdirSync(join(tree, 'usr/lib/more'), { recursive: true, mode: 0o700 });
  writeFileSync(join(tree, 'usr/lib/more/file'), 'the same', { mode: 0o600 });
  utimesSync(join(tree, 'usr/lib/more/file'), atS, atS);
  const file = buildDeb({
    package: broker,
    version: '1.2.3',
    architecture: 'all',
    root,
    tree,
    maintainer: 'Somebody <somebody@example.com>',
    epochS: 1_700_000_000,
    level: 0,
    out,
  });
  return readFileSync(file);
};

needing(test, 'dpkg-deb')('built twice, at other times and elsewhere: the same bytes', () => {
  const [first, second] = [tempDir(), tempDir()];
  const one = build(first, tempDir(), 1_600_000_000);
  assert.ok(one.equals(build(second, tempDir(), 1_800_000_000)));
  const listed = execFileSync('dpkg-deb', ['--contents', join(first, 'swipe-broker_1.2.3_all.deb')], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  for (const line of listed.trim().split('\n'))
    assert.match(line, /^(drwxr-xr-x|-rw-r--r--) root\/root +\d+ 2023-11-14 22:13 /);
  const control = execFileSync('dpkg-deb', ['--field', join(first, 'swipe-broker_1.2.3_all.deb')], {
    encoding: 'utf8',
  });
  assert.match(control, /^Version: 1\.2\.3$/m);
  assert.match(control, /^Depends: mosquitto /m);
});

test.run();
