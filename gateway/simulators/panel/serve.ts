import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { SwipeError } from '../../seams/error.ts';
import type { EmulatedPanel } from './panel.ts';

/** A panel that others can reach. */
export interface ServedPanel {
  /** As a config names it, such as `serial:/tmp/panel`. */
  readonly link: string;
  /** Settles when the line has ended by itself; rejects with a SwipeError `linkClosed` when it broke. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Connects a panel with a pair of streams, such as standard input and output behind `socat`. */
export function servePanelStreams(panel: EmulatedPanel, from: Readable, to: Writable): ServedPanel {
  const unlisten = panel.listen((bytes) => to.write(bytes));
  const receive = (bytes: Buffer): void => panel.write(bytes);
  from.on('data', receive);
  const ended = new Promise<void>((resolve) => {
    from.once('end', resolve);
    from.once('close', resolve);
    // Whoever read went away.
    to.once('error', () => resolve());
  });
  return {
    link: 'stdio',
    ended,
    async close() {
      unlisten();
      from.off('data', receive);
      from.pause();
    },
  };
}

/** Puts a panel on a serial port: a null-modem cable, or one end of a pair of pseudo-terminals. */
export async function servePanelSerial(panel: EmulatedPanel, path: string): Promise<ServedPanel> {
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ path, baudRate: 57_600, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error === null) resolve();
      else reject(new SwipeError('linkFailed', `cannot open ${path}: ${error.message}`, { cause: error }));
    });
  });
  let isClosing = false;
  const unlisten = panel.listen((bytes) => port.write(Buffer.from(bytes)));
  port.on('data', (bytes: Buffer) => panel.write(bytes));
  const ended = new Promise<void>((resolve, reject) => {
    port.once('close', () => {
      unlisten();
      if (isClosing) resolve();
      else reject(new SwipeError('linkClosed', `${path} is gone: plug it in again and start anew`));
    });
  });
  ended.catch(() => {});
  return {
    link: `serial:${path}`,
    ended,
    async close() {
      isClosing = true;
      if (port.isOpen) port.close();
      await ended.catch(() => {});
    },
  };
}

/**
 * Makes a pseudo-terminal that looks like the panel's serial port, by Debian's `socat`.
 * Rejects with a SwipeError `linkFailed` when that cannot be run or makes no port.
 * @param path where the port appears; it must not exist, and is gone after `close`
 */
export async function servePanelPty(panel: EmulatedPanel, path: string): Promise<ServedPanel> {
  // It says "starting data transfer loop" when the port is there: at -d -d, on standard error.
  const socat = spawn('socat', ['-d', '-d', `PTY,raw,echo=0,link=${path}`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await untilItTransfers(socat, path);
  // While one user has the port open, socat does not take the end of another one's use for the end of the line.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const stdin = socat.stdin;
  if (stdin === null || socat.stdout === null) throw new SwipeError('linkFailed', 'socat has no streams');
  const streams = servePanelStreams(panel, socat.stdout, stdin);
  let isClosing = false;
  const ended = once(socat, 'exit').then(([code]) => {
    if (!isClosing)
      throw new SwipeError('linkClosed', `the pseudo-terminal ${path} is gone: socat ended (${code})`);
  });
  ended.catch(() => {});
  return {
    link: `serial:${path}`,
    ended,
    async close() {
      isClosing = true;
      await streams.close();
      closeSync(held);
      socat.kill();
      await ended.catch(() => {});
      rmSync(path, { force: true });
    },
  };
}

function untilItTransfers(socat: ChildProcess, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    socat.stderr?.on('data', (bytes: Buffer) => {
      said = `${said}${bytes.toString()}`.slice(-2000);
      if (said.includes('starting data transfer loop')) resolve();
    });
    socat.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'needs socat (apt-get install socat)' : error.message;
      reject(new SwipeError('linkFailed', `a pseudo-terminal ${why}`, { cause: error }));
    });
    socat.once('exit', () => {
      const why = said.trim().split('\n').at(-1) ?? '';
      reject(new SwipeError('linkFailed', `socat made no port at ${path}: ${why}`));
    });
  });
}
