import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listenOf } from '../contract/desk-config.ts';
import { messageOf, SwipeError } from '../seams/error.ts';
import type { CliCommand, CliIo } from './command.ts';
import { readConfig } from './config-file.ts';
import { avahiService } from './desk/avahi-service.ts';
import { boxOrigin, desktopEntry, handledSchemes, handlerScript } from './desk/handler-files.ts';
import { configPath } from './places.ts';

const entryName = 'swipe-pay-links.desktop';

/** `swipe desk`: what the counter's computer and the network need to know of a box's desk. */
export const command: CliCommand = {
  name: 'desk',
  summary: 'pay links on this computer; the box in the network',
  help: `usage: swipe desk install-handler --box URL
       swipe desk avahi-service [--config FILE]

install-handler  on the counter's computer (Linux): pay links (${handledSchemes.join(', ')}) open at the box.
                 Whether they do shows URL/handlers. Windows, Android and iOS: docs/pay-links.md
avahi-service    on the box: prints the service file by which avahi announces the desk as _swipe._tcp

example: swipe desk install-handler --box http://192.168.1.10:8480
         swipe desk avahi-service | sudo tee /etc/avahi/services/swipe.service`,
  async run(argv, io) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { box: { type: 'string' }, config: { type: 'string' } },
    });
    const [what, ...more] = positionals;
    if (what === 'install-handler' && more.length === 0) return install(boxOrigin(values.box), io);
    if (what === 'avahi-service' && more.length === 0) return announce(configPath(values.config), io);
    throw new SwipeError('usage', 'allowed: swipe desk install-handler --box URL, swipe desk avahi-service');
  },
};

function install(origin: string, { out }: CliIo): number {
  if (process.platform !== 'linux')
    throw new SwipeError('usage', 'this is for Linux: docs/pay-links.md says how it is done elsewhere');
  const data = process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  const script = join(data, 'swipe', 'open-pay-link');
  const entries = join(data, 'applications');
  try {
    mkdirSync(join(data, 'swipe'), { recursive: true });
    mkdirSync(entries, { recursive: true });
    writeFileSync(script, handlerScript(origin));
    chmodSync(script, 0o755);
    writeFileSync(join(entries, entryName), desktopEntry(script));
  } catch (error) {
    throw new SwipeError('usage', `the handler cannot be written: ${messageOf(error)}`);
  }
  const types = handledSchemes.map((scheme) => `x-scheme-handler/${scheme}`);
  const { status, error, stderr } = spawnSync('xdg-mime', ['default', entryName, ...types], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new SwipeError(
      'usage',
      `xdg-mime did not take the handler (${error === undefined ? stderr.trim() : error.message}): apt-get install xdg-utils, then once more`,
    );
  out(`pay links open at ${origin} now: ${handledSchemes.join(', ')}`);
  out(`try it in the browser: ${origin}/handlers`);
  return 0;
}

function announce(path: string, { out }: CliIo): number {
  const { desk } = readConfig(path);
  const listen = desk === null ? null : listenOf(desk.listen);
  if (listen === null) throw new SwipeError('usage', `the config ${path} has no desk: see docs/desk.md`);
  out(avahiService(listen.port).trimEnd());
  return 0;
}
