/** A serial cable between two pseudo-terminals of socat, with an ear on it; the box's end can be pulled out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trail } from './trail.ts';

/** A message as it went over the wire. */
export interface WireMessage {
  from: 'box' | 'terminal';
  method: string;
  params: Record<string, string>;
}

/** A cable between a box and a terminal. */
export interface SerialCable {
  /** The path of the box's serial port. */
  readonly boxEnd: string;
  readonly terminalEnd: string;
  /** Every message, either way, that could be read; service messages by their `msgType`. */
  readonly messages: Trail<WireMessage>;
  /** Every byte so far, of either side. */
  bytes(): Buffer;
  /** Pulls the box's end: its port is gone, and what the terminal says is lost. */
  unplug(): Promise<void>;
  /** Plugs it in again, under the same path. */
  plug(): Promise<void>;
  remove(): Promise<void>;
}

/** Lays a cable whose ends are in this directory. */
export async function laySerialCable(directory: string): Promise<SerialCable> {
  const boxEnd = join(directory, 'ttyBox');
  const terminalEnd = join(directory, 'ttyTerminal');
  const messages = new Trail<WireMessage>('the serial cable');
  const said = { box: [] as Buffer[], terminal: [] as Buffer[] };
  let plugged: ChildProcess | null = null;

  const hear = (from: WireMessage['from']): ((bytes: Buffer) => void) => {
    const read = frames((text) => {
      const message = messageIn(text);
      if (message !== null) messages.add({ from, ...message });
    });
    return (bytes) => {
      said[from].push(bytes);
      read(bytes);
    };
  };
  const hearTerminal = hear('terminal');
  const hearBox = hear('box');

  const far = await pseudoTerminal(terminalEnd);
  far.stdout?.on('data', (bytes: Buffer) => {
    // With the cable out it reaches nobody, nor the wire.
    if (plugged === null) return;
    hearTerminal(bytes);
    plugged.stdin?.write(bytes);
  });

  const plug = async (): Promise<void> => {
    const near = await pseudoTerminal(boxEnd);
    near.stdout?.on('data', (bytes: Buffer) => {
      hearBox(bytes);
      far.stdin?.write(bytes);
    });
    plugged = near;
  };
  const unplug = async (): Promise<void> => {
    const near = plugged;
    plugged = null;
    if (near !== null) await kill(near);
    rmSync(boxEnd, { force: true });
  };
  await plug();

  return {
    boxEnd,
    terminalEnd,
    messages,
    bytes: () => Buffer.concat([...said.box, ...said.terminal]),
    unplug,
    plug,
    async remove() {
      await unplug();
      await kill(far);
    },
  };
}

async function pseudoTerminal(path: string): Promise<ChildProcess> {
  const child = spawn('socat', [`PTY,raw,echo=0,link=${path}`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // A write after its end, when the cable is pulled: lost, as on a real one.
  child.stdin?.on('error', () => {});
  for (let tries = 0; !existsSync(path); tries += 1) {
    if (tries === 1000 || child.exitCode !== null) throw new Error(`socat made no ${path}`);
    await sleep(5);
  }
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Cuts a stream of bytes at each NUL (ECR protocol JSON based v1.0.3.1 §2). */
function frames(frame: (text: string) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
      if (end > 0) frame(rest.subarray(0, end).toString());
      rest = rest.subarray(end + 1);
    }
  };
}

function messageIn(text: string): Omit<WireMessage, 'from'> | null {
  try {
    const { method, params = {} } = JSON.parse(text) as Omit<WireMessage, 'from'>;
    return { method: method === 'ServiceMessage' ? (params.msgType ?? method) : method, params };
  } catch {
    return null;
  }
}
