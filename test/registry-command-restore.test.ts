import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { placeIn, register, start, work } from './registry/command.ts';
import { TestBox } from './registry/world.ts';
import type { Child } from './support/child.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry command: restore');
const tempDir = tempDirs(test);

const running: Child[] = [];
test.after.each(async () => {
  for (const child of running.splice(0)) await child.end('SIGKILL');
});

test('restored from a backup: nobody is answered until the operator confirms', async () => {
  const here = placeIn(tempDir());
  const first = await start(here, running);
  const customer = await work(here, 'customer', 'new', 'Shop');
  const claim = (await work(here, 'claim', 'new', '--customer', customer)).split(' ')[0] ?? '';
  const box = new TestBox();
  await register(first.url, box, claim);
  const backup = `${here.directory}/backup.db`;
  await work(here, 'backup', '--to', backup);
  await register(first.url, box);
  await first.child.end('SIGKILL');
  mkdirSync(`${here.directory}/aside`);
  for (const name of ['registry.db', 'registry.db-wal', 'registry.db-shm'])
    if (existsSync(`${here.directory}/data/${name}`))
      renameSync(`${here.directory}/data/${name}`, `${here.directory}/aside/${name}`);
  await work(here, 'restore', '--from', backup);
  const second = await start(here, running);
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

test.run();
