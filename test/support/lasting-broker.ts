import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort } from './ports.ts';

/** A Mosquitto that keeps its sessions on disk, as on a real system: it can be killed and started again. */
export interface LastingBroker {
  /** `mqtt://127.0.0.1:PORT`, the same after every start. */
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL; nobody hears a goodbye. */
  kill(): Promise<void>;
}

/** Starts Debian's Mosquitto on a free port, its files in this directory. */
export async function startLastingBroker(directory: string): Promise<LastingBroker> {
  for (let tries = 1; ; tries += 1) {
    const broker = lastingBroker(directory, await freePort());
    try {
      await broker.start();
      return broker;
    } catch (error) {
      await broker.kill();
      // Somebody else took the port in between.
      if (tries === 3) throw error;
    }
  }
}

function lastingBroker(directory: string, port: number): LastingBroker {
  const config = join(directory, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'set_tcp_nodelay true',
    'persistence true',
    `persistence_location ${directory}/`,
    // After every change: what it has acknowledged it still knows after a SIGKILL.
    'autosave_on_changes true',
    'autosave_interval 1',
    // Started by root it would become another user, who cannot write here.
    'user root',
  ];
  rmSync(join(directory, 'mosquitto.db'), { force: true });
  writeFileSync(config, `${lines.join('\n')}\n`);
  let child: Child | null = null;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async start() {
      child = new Child('mosquitto', ['-c', config]);
      await child.err.find((line) => / running$/.test(line), 'the start of Mosquitto');
    },
    async kill() {
      await child?.end('SIGKILL').catch(() => {});
    },
  };
}
