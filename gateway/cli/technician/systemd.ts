/** The gateway's unit, by systemctl. */
import type { Service } from '../../../provisioning/technician/world.ts';
import { lastLine, runProgram } from './programs.ts';

const unit = 'swipe-gateway.service';
/** A start waits until the gateway says that it is ready. */
const startMs = 120_000;

/** Makes it. */
export function systemdService(): Service {
  const systemctl = (...words: string[]) => runProgram('systemctl', [...words, unit], startMs);
  return {
    async state() {
      const enabled = (await systemctl('is-enabled')).out.trim();
      const active = (await systemctl('is-active')).out.trim();
      return {
        installed: enabled !== '' && enabled !== 'not-found',
        enabled: enabled === 'enabled',
        active: active === 'active',
      };
    },
    async enable() {
      await systemctl('enable');
    },
    async restart() {
      await systemctl('reset-failed');
      const ran = await systemctl('restart');
      return ran.code === 0 ? { done: true } : { done: false, text: await lastWords(ran.error) };
    },
    async stop() {
      await systemctl('stop');
    },
  };
}

/** What the gateway itself said last: its own words are worth more than systemd's. */
async function lastWords(fallback: string): Promise<string> {
  const { out } = await runProgram('journalctl', ['-u', unit, '-n', '30', '-o', 'cat', '--no-pager']);
  const own = out
    .trim()
    .split('\n')
    // Not its log, nor what systemd says about it.
    .filter(
      (line) => line !== '' && !/^\{|^swipe-gateway\.service:|^(Start|Stopp|Failed to start)/.test(line),
    );
  return (own.at(-1) ?? lastLine(fallback)).replace(/^swipe gateway: /, '').slice(0, 500);
}
