/** Brokers for tests: a real Mosquitto in a process of its own, aedes in this one, and a wire that can be cut. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Aedes } from 'aedes';
import { freePort } from './ports.ts';

/** A running broker. */
export interface TestBroker {
  readonly port: number;
  /** `mqtt://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

/** A running Mosquitto. */
export interface Mosquitto extends TestBroker {
  /** What it has logged so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, past or future, that matches. */
  line(pattern: RegExp): Promise<string>;
}

/**
 * Starts Debian's Mosquitto on a free port of 127.0.0.1, without persistence on disk.
 *
 * @param settings further lines of its config, such as TLS
 */
export async function startMosquitto(settings: readonly string[] = []): Promise<Mosquitto> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await spawnMosquitto(await freePort(), settings);
    } catch (error) {
      // Somebody else took the port in between.
      if (tries === 3) throw error;
    }
  }
}

async function spawnMosquitto(port: number, settings: readonly string[]): Promise<Mosquitto> {
  const directory = mkdtempSync(join(tmpdir(), 'swipe-mosquitto-'));
  const config = join(directory, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'set_tcp_nodelay true',
    // When started by root it would become another user, who cannot read the test's files.
    'user root',
    'log_type all',
    ...settings,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const child = spawn('mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = watchLines(child);
  // A test that ends by an exception of its own leaves no broker behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await log.line(/mosquitto version .* running/);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url: `mqtt://127.0.0.1:${port}`, lines: log.lines, line: log.line, stop };
}

function watchLines(child: ChildProcess) {
  const lines: string[] = [];
  const waiters = new Set<{
    pattern: RegExp;
    found: (line: string) => void;
    failed: (error: Error) => void;
  }>();
  let ended = false;
  const end = (why: string): void => {
    ended = true;
    for (const { failed } of waiters) failed(new Error(`${why}: ${lines.slice(-3).join(' | ')}`));
    waiters.clear();
  };
  child.once('error', (error) => end(error.message));
  if (child.stderr === null) throw new Error('the process has no stderr to read');
  createInterface({ input: child.stderr })
    .on('line', (line) => {
      lines.push(line);
      for (const waiter of waiters) {
        if (!waiter.pattern.test(line)) continue;
        waiters.delete(waiter);
        waiter.found(line);
      }
    })
    .once('close', () => end('mosquitto has ended'));
  return {
    lines,
    line: (pattern: RegExp): Promise<string> => {
      const past = lines.find((line) => pattern.test(line));
      if (past !== undefined) return Promise.resolve(past);
      if (ended) return Promise.reject(new Error('mosquitto has ended'));
      return new Promise((found, failed) => waiters.add({ pattern, found, failed }));
    },
  };
}

/** A running aedes, which speaks MQTT 3.1.1 only. */
export interface AedesBroker extends TestBroker {
  readonly aedes: Aedes;
}

/** Starts aedes in this process on a free port of 127.0.0.1. */
export async function startAedes(): Promise<AedesBroker> {
  const aedes = await Aedes.createBroker();
  const { server, sockets, port } = await listen((socket) => {
    aedes.handle(socket);
  });
  return {
    aedes,
    port,
    url: `mqtt://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => aedes.close(closed));
      server.close();
    },
  };
}

/** A wire to a port that can be cut, as when a cable is pulled. */
export interface Wire {
  readonly port: number;
  readonly url: string;
  /** Breaks every connection on it, without a goodbye; new ones may be made. */
  cut(): void;
  /** From now on nothing arrives on the other side any more, while the connections stay. */
  mute(): void;
  stop(): Promise<void>;
}

/** Lays a wire to a port of 127.0.0.1. */
export async function layWire(toPort: number): Promise<Wire> {
  const pairs = new Set<[Socket, Socket]>();
  const { server, sockets, port } = await listen((near) => {
    const far = connect(toPort, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  });
  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    cut,
    mute() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.resume();
        far.resume();
      }
    },
    async stop() {
      cut();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listen(
  accept: (socket: Socket) => void,
): Promise<{ server: Server; sockets: Set<Socket>; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, sockets, port: (server.address() as AddressInfo).port };
}
