import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { problemSchema, type RegistrationAnswer } from '../gateway/contract/registration.ts';
import { TestBox } from './registry/world.ts';
import { type Child, swipe } from './support/child.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry command');
const tempDir = tempDirs(test);

const running: Child[] = [];
test.after.each(async () => {
  for (const child of running.splice(0)) await child.end('SIGKILL');
});

interface Place {
  config: string;
  directory: string;
}

function place(): Place {
  const directory = tempDir();
  const config = `${directory}/registry.json`;
  const parts = {
    listen: { port: 0 },
    database: { kind: 'sqlite', path: `${directory}/data/registry.db` },
    masterKeyFile: `${directory}/master.key`,
    authorityDir: `${directory}/authority`,
  };
  writeFileSync(config, JSON.stringify(parts));
  return { config, directory };
}

/** Starts the registry; where it listens. */
async function start({ config }: Place): Promise<{ child: Child; url: string }> {
  const child = swipe(['registry', '--config', config]);
  running.push(child);
  const line = await child.out.find(
    (text) => text.includes('the registry listens'),
    'the registry to listen',
  );
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

/** A piece of daily work; what it printed. */
async function work({ config }: Place, ...words: string[]): Promise<string> {
  const child = swipe(['registry', ...words, '--config', config]);
  const { code } = await child.exit;
  const said = child.said().toString().trim();
  if (code !== 0) throw new Error(said);
  return said;
}

async function register(url: string, box: TestBox, claim?: string): Promise<RegistrationAnswer> {
  const { csr: _csr, ...request } = box.request(claim === undefined ? {} : { claim });
  const response = await fetch(`${url}/v1/registrations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/jose' },
    body: box.signed(request),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const answer = JSON.parse(
    Buffer.from(text.split('.')[1] ?? '', 'base64url').toString(),
  ) as RegistrationAnswer;
  box.revision = answer.revision;
  return answer;
}

test('from nothing to a registered box, by the commands of the daily work, while it runs', async () => {
  const here = place();
  const { child, url } = await start(here);
  const customer = await work(here, 'customer', 'new', 'Крамниця');
  assert.match(customer, /^CU-[0-9A-Z]{12}$/);
  const claim = (await work(here, 'claim', 'new', '--customer', customer)).split(' ')[0] ?? '';
  const box = new TestBox();
  assert.is((await register(url, box)).reason, 'claimNeeded');
  const answer = await register(url, box, claim);
  assert.is(answer.state, 'active');
  const key = await work(here, 'key');
  assert.equal(
    answer.registryKeys.map(({ x }) => x),
    [key],
  );
  assert.match(await work(here, 'boxes'), new RegExp(`^${box.id}  ${customer}  claimed`, 'm'));
  const code = (await work(here, 'pair', box.id)).split(' ')[0];
  assert.is((await register(url, box)).pairing?.code, code, 'the running registry knows it at once');
  await work(here, 'retire', box.id, '--as', 'stolen');
  try {
    await register(url, box);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /"code":"retired"/);
  }
  assert.match(await work(here, 'alarms'), /retiredSeen/);
  assert.match(await work(here, 'audit', '--subject', box.id), /person:\w+ +box\.stolen/);
  assert.equal(await child.end('SIGTERM'), { code: 0, signal: null });
});

test('a token made by the command opens the API', async () => {
  const here = place();
  const made = await work(here, 'token', 'new', '--name', 'ci', '--scopes', 'boxes:read');
  const { url } = await start(here);
  const headers = { Authorization: `Bearer ${made.split(' ')[0]}` };
  assert.is((await fetch(`${url}/v1/operator/boxes`, { headers })).status, 200);
  assert.is((await fetch(`${url}/v1/operator/audit`, { headers })).status, 403);
  assert.is((await fetch(`${url}/v1/operator/boxes`)).status, 401);
  const files = readFileSync(`${here.directory}/data/registry.db`).toString('latin1');
  assert.not.ok(files.includes(made.split(' ')[0] ?? '-'));
});

test('restored from a backup: nobody is answered until the operator confirms', async () => {
  const here = place();
  const first = await start(here);
  const customer = await work(here, 'customer', 'new', 'Shop');
  const claim = (await work(here, 'claim', 'new', '--customer', customer)).split(' ')[0] ?? '';
  const box = new TestBox();
  await register(first.url, box, claim);
  const backup = `${here.directory}/backup.db`;
  await work(here, 'backup', '--to', backup);
  await register(first.url, box);
  await first.child.end('SIGKILL');
  mkdirSync(`${here.directory}/aside`);
  const { renameSync } = await import('node:fs');
  for (const name of ['registry.db', 'registry.db-wal', 'registry.db-shm'])
    if (existsSync(`${here.directory}/data/${name}`))
      renameSync(`${here.directory}/data/${name}`, `${here.directory}/aside/${name}`);
  await work(here, 'restore', '--from', backup);
  const second = await start(here);
  const refused = await register(second.url, box).catch((error: Error) => error.message);
  assert.match(String(refused), /"code":"restored"/);
  assert.match(await work(here, 'confirm'), new RegExp(`\n +${box.id}\n`));
  await work(here, 'confirm', '--yes');
  for (let tries = 0; ; tries += 1) {
    const problem = await register(second.url, box).catch(
      (error: Error) => JSON.parse(error.message) as object,
    );
    const { code, count } = problem as { code?: string; count?: number };
    if (code === 'countBehind') {
      assert.ok((count ?? 0) > 100_000);
      box.count = count ?? 0;
      break;
    }
    // The running registry looks once a second.
    assert.is(code, 'restored');
    assert.ok(tries < 200);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.is((await register(second.url, box)).state, 'active');
});

test('what a client sends by hand: a huge body, a header that never ends, half a request', async () => {
  const { url, child } = await start(place());
  const large = await fetch(`${url}/v1/registrations`, {
    method: 'POST',
    body: 'x'.repeat(10_000_000),
  }).catch(() => null);
  if (large !== null) assert.is(large.status, 413);
  const port = Number(new URL(url).port);
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let said = '';
      socket.on('data', (bytes) => {
        said += bytes.toString();
      });
      socket.on('close', () => resolve(said));
      socket.on('error', reject);
    });
  assert.match(
    await raw(`GET /v1/health HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431/,
  );
  const chunked = `POST /v1/registrations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  assert.match(
    await raw(`${chunked}${chunk}${chunk}0\r\n\r\n`),
    /^HTTP\/1\.1 413/,
    'counted, whatever it says',
  );
  const split =
    'GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: a\r\n b\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.match(await raw(split), /^HTTP\/1\.1 400/);
  const health = await fetch(`${url}/v1/health`);
  assert.is(health.status, 200);
  const problem = await fetch(`${url}/nowhere`);
  assert.ok(problemSchema.entries.code && (await problem.json()));
  assert.is((await child.end('SIGTERM')).code, 0, 'it stops at once, whoever is connected');
});

test('what is wrong is said in one line', async () => {
  const here = place();
  const { url } = await start(here);
  const taken = `${here.directory}/taken.json`;
  const parts = JSON.parse(readFileSync(here.config, 'utf8')) as { listen: object };
  writeFileSync(taken, JSON.stringify({ ...parts, listen: { port: Number(new URL(url).port) } }));
  const wrong = async (...args: string[]): Promise<string> => {
    const child = swipe(['registry', ...args]);
    assert.is((await child.exit).code, 1);
    const said = child.said().toString();
    assert.not.match(said, /\n\s+at /, 'no stack');
    return said;
  };
  assert.match(await wrong('--config', taken), /port \d+ of 127\.0\.0\.1 is in use/);
  assert.match(await wrong('--config', '/nonexistent'), /cannot be read/);
  writeFileSync(taken, JSON.stringify({ ...parts, listen: { port: -1 }, database: {} }));
  assert.match(await wrong('--config', taken), /has 2 faults:\n.*listen\.port.*\n.*database/);
  assert.match(await wrong('claim', 'new', '--config', here.config), /--customer is needed/);
  assert.match(
    await wrong('claim', 'new', '--customer', 'CU-1', '--config', here.config),
    /no such customer/,
  );
  assert.match(await wrong('dance', '--config', here.config), /there is no work "dance"/);
});

test.run();
