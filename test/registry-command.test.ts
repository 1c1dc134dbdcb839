import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { placeIn, register, start, work } from './registry/command.ts';
import { TestBox } from './registry/world.ts';
import type { Child } from './support/child.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry command');
const tempDir = tempDirs(test);

const running: Child[] = [];
test.after.each(async () => {
  for (const child of running.splice(0)) await child.end('SIGKILL');
});

test('from nothing to a registered box, by the commands of the daily work, while it runs', async () => {
  const here = placeIn(tempDir());
  const { child, url } = await start(here, running);
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
  assert.is((await register(url, box)).reason, 'retired');
  assert.match(await work(here, 'alarms'), /retiredSeen/);
  assert.match(await work(here, 'audit', '--subject', box.id), /person:\w+ +box\.stolen/);
  assert.equal(await child.end('SIGTERM'), { code: 0, signal: null });
});

test('a token made by the command opens the API', async () => {
  const here = placeIn(tempDir());
  const made = await work(here, 'token', 'new', '--name', 'ci', '--scopes', 'boxes:read');
  const { url } = await start(here, running);
  const headers = { Authorization: `Bearer ${made.split(' ')[0]}` };
  assert.is((await fetch(`${url}/v1/operator/boxes`, { headers })).status, 200);
  assert.is((await fetch(`${url}/v1/operator/audit`, { headers })).status, 403);
  assert.is((await fetch(`${url}/v1/operator/boxes`)).status, 401);
  const files = readFileSync(`${here.directory}/data/registry.db`).toString('latin1');
  assert.not.ok(files.includes(made.split(' ')[0] ?? '-'));
});

test.run();
