/** Wi-Fi and address by NetworkManager (Raspberry Pi OS 12 and later): its own files, so that no password is an argument. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Joiner, Wanted } from '../../../provisioning/technician/world.ts';
import { writeDurably } from '../../cloud/durable-file.ts';
import { lastLine, runProgram } from './programs.ts';

const upMs = 60_000;

/** @param folder where NetworkManager keeps connections: `/etc/NetworkManager/system-connections` */
export function networkManager(folder: string): Joiner {
  const nameOf = ({ wifi }: Wanted): string => (wifi === undefined ? 'swipe-lan' : 'swipe-wifi');
  const fileOf = (wanted: Wanted): string => join(folder, `${nameOf(wanted)}.nmconnection`);
  const present = (wanted: Wanted): string | null => {
    const path = fileOf(wanted);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  };
  const nmcli = (...words: string[]) => runProgram('nmcli', words, upMs);

  return {
    isThere: async () => (await nmcli('--version')).code === 0,
    isConnected: async () => /^connected/.test((await nmcli('-t', '-f', 'STATE', 'general')).out),
    async isJoined(wanted) {
      if (present(wanted) !== keyFile(nameOf(wanted), wanted)) return false;
      const { out } = await nmcli('-t', '-f', 'NAME', 'connection', 'show', '--active');
      return out.split('\n').includes(nameOf(wanted));
    },
    async join(wanted) {
      const name = nameOf(wanted);
      const before = present(wanted);
      if (wanted.wifi !== undefined) await letRadioSend(wanted.wifi.country);
      writeDurably(fileOf(wanted), keyFile(name, wanted), 0o600);
      await nmcli('connection', 'reload');
      const up = await nmcli('--wait', '45', 'connection', 'up', name);
      if (up.code === 0) return { done: true };
      if (before === null) rmSync(fileOf(wanted), { force: true });
      else writeDurably(fileOf(wanted), before, 0o600);
      await nmcli('connection', 'reload');
      if (before !== null) await nmcli('--wait', '45', 'connection', 'up', name);
      return { done: false, text: lastLine(up.error || up.out) };
    },
  };
}

/** A Pi keeps its radio off until it was told the country. What is missing here is not needed elsewhere. */
async function letRadioSend(country: string): Promise<void> {
  const set = await runProgram('raspi-config', ['nonint', 'do_wifi_country', country]);
  if (set.code !== 0) await runProgram('iw', ['reg', 'set', country]);
  await runProgram('rfkill', ['unblock', 'wifi']);
  await runProgram('nmcli', ['radio', 'wifi', 'on']);
}

/** A connection as NetworkManager keeps it (nm-settings-keyfile(5)). */
export function keyFile(name: string, { wifi, network }: Wanted): string {
  const type = wifi === undefined ? 'ethernet' : 'wifi';
  const lines = ['[connection]', `id=${name}`, `type=${type}`, 'autoconnect-priority=10', ''];
  if (wifi !== undefined) {
    // As a list of bytes: any name whatever is told without doubt.
    const ssid = [...Buffer.from(wifi.ssid)].map((byte) => `${byte};`).join('');
    lines.push('[wifi]', 'mode=infrastructure', `ssid=${ssid}`, `hidden=${wifi.hidden}`, '');
    if (wifi.password !== undefined)
      lines.push('[wifi-security]', 'key-mgmt=wpa-psk', `psk=${escaped(wifi.password)}`, '');
  }
  lines.push('[ipv4]', `method=${network === undefined ? 'auto' : 'manual'}`);
  if (network !== undefined)
    lines.push(`address1=${network.address},${network.gateway}`, `dns=${network.dns.join(';')};`);
  lines.push('', '[ipv6]', 'method=auto', '');
  return lines.join('\n');
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replace(/^ +| +$/g, (blanks) => '\\s'.repeat(blanks.length));
