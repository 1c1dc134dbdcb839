import { statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passesLuhn } from '../gateway/contract/card-data.ts';
import {
  type Import,
  importsOf,
  packageOf,
  type Source,
  sourcesOf,
  textOf,
  withoutComments,
} from './support/sources.ts';

const test = suite('house');

const gateway = sourcesOf('gateway', ['.ts', '.mjs']);
const provisioning = sourcesOf('provisioning', ['.ts', '.mjs']);
const tests = sourcesOf('test', ['.ts', '.mjs']);

// Who may know whom: rooms, `node:` for Node's modules, `npm` for packages. A room always knows itself.
const outside = ['payments', 'contract', 'seams', 'version.ts', 'node:', 'npm'];
const known: Readonly<Record<string, readonly string[]>> = {
  seams: [],
  contract: ['seams', 'npm'],
  payments: ['contract', 'seams', 'node:crypto'],
  journal: outside,
  terminal: outside,
  cloud: outside,
  panel: outside,
  desk: outside,
  printer: outside,
  system: outside,
  // Puts the rooms together from parts that are handed in; main makes the parts.
  'gateway.ts': [...outside, 'journal', 'terminal', 'cloud', 'panel', 'desk', 'printer', 'system'],
  control: [...outside, 'cloud', 'desk', 'gateway.ts'],
  'version.ts': ['package.json'],
};
const knowEverybody = ['cli', 'main.ts'];
// The generator is a tool for developers and no part of the gateway.
const tools = 'gateway/contract/schemas/';
const registryTools = 'provisioning/registry/api/openapi/';

/** The folder below `gateway/`, or the file that stands there alone. */
const roomOf = (path: string): string => path.split('/')[1] ?? '';

function mayImport({ from, what, isFile }: Import): boolean {
  const room = roomOf(from);
  const other = what.startsWith('gateway/') ? roomOf(what) : what;
  if (other === 'main.ts') return room === 'cli';
  if (what.startsWith('provisioning/')) return room === 'cli';
  if (isFile && !/^(gateway\/|package\.json$)/.test(what)) return false;
  if (other === room || knowEverybody.includes(room)) return true;
  if (room === 'simulators') return !knowEverybody.includes(other);
  const allowed = known[room] ?? [];
  if (isFile) return allowed.includes(other);
  if (from.startsWith(tools)) return true;
  return what.startsWith('node:')
    ? allowed.includes('node:') || allowed.includes(what)
    : allowed.includes('npm');
}

test('arrows point one way: who knows whom', () => {
  const wrong = gateway.flatMap(importsOf).filter((one) => !mayImport(one));
  assert.equal(wrong, []);
});

// Of the gateway's rooms: what is said on the wire, what is handed in, and how files, keys and MQTT are handled.
const shared =
  /^(gateway\/(contract|seams|cloud)\/|gateway\/version\.ts$|provisioning\/|(?!gateway\/|test\/))/;
const sharedWithMain = /^gateway\/system\//;

test('arrows point one way: the registry stands on the contract, and no gateway on the registry', () => {
  const wrong = provisioning
    .flatMap(importsOf)
    .filter(
      ({ from, what }) => !(from.endsWith('/main.ts') && sharedWithMain.test(what)) && !shared.test(what),
    );
  assert.equal(wrong, []);
});

test('the arrows are really looked at', () => {
  const from = (path: string, what: string): Import => ({
    from: `gateway/${path}`,
    what,
    isFile: what.includes('/'),
  });
  assert.is(mayImport(from('payments/cashier.ts', 'gateway/cloud/outbox.ts')), false);
  assert.is(mayImport(from('payments/cashier.ts', 'node:fs')), false);
  assert.is(mayImport(from('contract/command.ts', 'node:crypto')), false);
  assert.is(mayImport(from('seams/time.ts', 'gateway/contract/time.ts')), false);
  assert.is(mayImport(from('cloud/intake.ts', 'gateway/terminal/links/link.ts')), false);
  assert.is(mayImport(from('simulators/world.ts', 'gateway/main.ts')), false);
  assert.is(mayImport(from('cloud/intake.ts', 'provisioning/registry/config.ts')), false);
  assert.is(mayImport(from('cli/gateway.ts', 'gateway/main.ts')), true);
  assert.is(mayImport(from('cli/gateway.ts', 'test/support/temp.ts')), false);
  assert.is(mayImport(from('attic/box.ts', 'gateway/seams/time.ts')), false);
  const text = `import {\n  a,\n} from './a.ts';\nexport * from '../b.ts';\nimport 'c';\nconst d = await import('node:d');\n// import 'e';\n`;
  assert.equal(
    importsOf({ path: 'gateway/cloud/x.ts', text }).map(({ what }) => what),
    ['gateway/cloud/a.ts', 'gateway/b.ts', 'c', 'node:d'],
  );
});

test('the surroundings are read in system, cli and main alone', () => {
  const free = /^gateway\/(system|cli)\/|^gateway\/main\.ts$/;
  const hits = [...gateway, ...provisioning]
    .filter(({ path }) => !free.test(path) && !path.startsWith(tools) && !path.startsWith(registryTools))
    .flatMap((source) => linesWith(source, /\bMath\.random\b|\bprocess\.(env|argv|hrtime|uptime|exit)\b/));
  assert.equal(hits, []);
});

test('no file is longer than 300 lines', () => {
  const long = [...gateway, ...provisioning, ...tests]
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 300);
  assert.equal(long, []);
});

test('whatever is exported says what it is', () => {
  const silent = [...gateway, ...provisioning].flatMap((source) => {
    const lines = source.text.split('\n');
    return lines
      .map((line, index) => ({ line, before: lines[index - 1] ?? '', at: `${source.path}:${index + 1}` }))
      .filter(({ line }) =>
        /^export (default |async |abstract )*(function|const|class|interface|type)\b/.test(line),
      )
      .filter(({ line }) => !line.startsWith('export type {'))
      .filter(({ before }) => !before.endsWith('*/'))
      .map(({ at, line }) => `${at} ${line}`);
  });
  assert.equal(silent, []);
});

test('every dependency is used, and what is used is a dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<string, object>;
  const shipped = [...gateway, ...provisioning].filter(
    ({ path }) => !path.startsWith(tools) && !path.startsWith(registryTools),
  );
  const inGateway = new Set(shipped.flatMap(packagesOf));
  const inTests = new Set([...tests, ...gateway, ...provisioning].flatMap(packagesOf));
  const installed = Object.keys(dependencies ?? {});
  assert.equal(
    installed.filter((name) => !inGateway.has(name)),
    [],
    'dependencies that nothing imports',
  );
  assert.equal(
    [...inGateway].filter((name) => !installed.includes(name)),
    [],
    'imports of the gateway that are no dependency',
  );
  const all = [...installed, ...Object.keys(devDependencies ?? {})];
  assert.equal(
    [...inTests].filter((name) => !all.includes(name)),
    [],
    'imports of tests that are no dependency',
  );
});

test('the command is executable: npx runs it as it stands', () => {
  const { bin } = JSON.parse(textOf('package.json')) as { bin: Record<string, string> };
  for (const path of Object.values(bin)) {
    assert.match(textOf(path), /^#!\/usr\/bin\/env node\n/);
    assert.ok((statSync(new URL(`../${path}`, import.meta.url)).mode & 0o111) === 0o111, `chmod +x ${path}`);
  }
});

test('no file holds a card number', () => {
  const texts = ['gateway', 'provisioning', 'test', 'docs'].flatMap((folder) =>
    sourcesOf(folder, ['.ts', '.mjs', '.json', '.md']),
  );
  const hits = texts.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.])/g)]
      .map(([run]) => run.replace(/[ -]/g, ''))
      // Issuers' numbers begin with 3 to 6 (ISO/IEC 7812-1); times in milliseconds begin with 1.
      .filter((digits) => /^[3-6]/.test(digits) && passesLuhn(digits))
      .map((digits) => `${path}: ${digits}`),
  );
  assert.equal(hits, []);
});

const packagesOf = (source: Source): string[] =>
  importsOf(source)
    .map(packageOf)
    .filter((name) => name !== null);

function linesWith({ path, text }: Source, pattern: RegExp): string[] {
  return withoutComments(text)
    .split('\n')
    .map((line, index) => ({ line, at: `${path}:${index + 1}` }))
    .filter(({ line }) => pattern.test(line))
    .map(({ line, at }) => `${at} ${line.trim()}`);
}

test.run();
