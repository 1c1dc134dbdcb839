/** `swipe desk`: pay links on a real desktop's xdg-open, and what the network is told. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boxOrigin, desktopEntry } from '../gateway/cli/desk/handler-files.ts';
import { SwipeError } from '../gateway/seams/error.ts';
import { Child, swipe } from './support/child.ts';
import { until } from './support/desk-box.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('desk: scheme handlers');
const tempDir = tempDirs(test);
const order = 'eyJh.eyJi.c2ln';

/** A desktop of its own, whose browser only writes down what it is to open. */
function desktop() {
  const home = tempDir();
  const bin = join(home, 'bin');
  const opened = join(home, 'opened');
  mkdirSync(bin);
  writeFileSync(join(bin, 'browser'), `#!/bin/sh\nprintf '%s\\n' "$@" >> "${opened}"\n`);
  chmodSync(join(bin, 'browser'), 0o755);
  const entries = join(home, 'data', 'applications');
  mkdirSync(entries, { recursive: true });
  writeFileSync(
    join(entries, 'browser.desktop'),
    `[Desktop Entry]\nType=Application\nName=Browser\nExec=${join(bin, 'browser')} %u\nMimeType=x-scheme-handler/http;\n`,
  );
  mkdirSync(join(home, 'config'));
  writeFileSync(
    join(home, 'config', 'mimeapps.list'),
    '[Default Applications]\nx-scheme-handler/http=browser.desktop\n',
  );
  const env = {
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CURRENT_DESKTOP: '',
    // Without a display xdg-open looks for no handler; nobody opens it.
    DISPLAY: ':99',
  };
  return {
    env,
    opened: () => (existsSync(opened) ? readFileSync(opened, 'utf8').trimEnd().split('\n') : []),
  };
}

needing(
  test,
  'xdg-open',
  'xdg-mime',
)('a link opens at the box, with all that is in it', async () => {
  const { env, opened } = desktop();
  const installed = swipe(['desk', 'install-handler', '--box', 'http://192.168.1.10:8480/'], env);
  assert.is((await installed.exit).code, 0, installed.said().toString());
  assert.match(installed.said().toString(), 'http://192.168.1.10:8480/handlers');
  for (const scheme of ['kassa-api', 'pay-api']) {
    const asked = new Child('xdg-mime', ['query', 'default', `x-scheme-handler/${scheme}`], env);
    assert.is((await asked.exit).code, 0);
    assert.is(asked.said().toString().trim(), 'swipe-pay-links.desktop');
  }
  const links = [
    `kassa-api://payNow?order=${order}&callback=https%3A%2F%2Fshop.example%2F%3Fa%3D1%26b%3D2`,
    `pay-api://payNow?order=${order}`,
    `kassa-api://payNow?order=${order}&callback=$(touch%20x);\`id\`'|&&*`,
  ];
  for (const link of links) {
    const before = opened().length;
    const open = new Child('xdg-open', [link], env);
    assert.is((await open.exit).code, 0, open.said().toString());
    await until(() => opened().length > before);
  }
  assert.equal(
    opened(),
    links.map((link) => `http://192.168.1.10:8480/payNow?${link.slice(link.indexOf('?') + 1)}`),
  );
});

test('only an address goes into the script', () => {
  assert.is(boxOrigin('http://kassa.local'), 'http://kassa.local');
  assert.is(boxOrigin('http://[fd00::10]:8480'), 'http://[fd00::10]:8480');
  for (const text of [
    undefined,
    '',
    'kassa.local',
    'ftp://kassa.local',
    'http://kassa.local/x',
    'http://a:b@kassa.local',
    'http://x/?y',
    'javascript:alert(1)',
    'http://$(id)/',
  ])
    assert.throws(
      () => boxOrigin(text),
      (error: unknown) => error instanceof SwipeError && error.code === 'usage',
    );
  assert.match(desktopEntry('/home/a "b" $c/100%/x'), 'Exec="/home/a \\\\"b\\\\" \\\\$c/100%%/x" %u');
});

test('the service file names the port of the config', async () => {
  const directory = tempDir();
  const config = {
    stateDir: directory,
    broker: { url: 'mqtt://127.0.0.1' },
    terminal: { protocol: 'privat-json', link: 'tcp:127.0.0.1:2000' },
    commandKeys: [],
  };
  const run = async (desk: object | null) => {
    const file = join(directory, 'gateway.json');
    writeFileSync(file, JSON.stringify({ ...config, desk }));
    const child = swipe(['desk', 'avahi-service', '--config', file]);
    return { code: (await child.exit).code, said: child.said().toString() };
  };
  const { code, said } = await run({ listen: '192.168.1.10:8480' });
  assert.is(code, 0, said);
  assert.match(said, '<type>_swipe._tcp</type>');
  assert.match(said, '<port>8480</port>');
  const without = await run(null);
  assert.is(without.code, 1);
  assert.match(without.said, 'has no desk');
});

test.run();
