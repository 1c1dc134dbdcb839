/**
 * What stands between the boxes and a registry on plain HTTP: a proxy that ends their TLS and keeps its connections to
 * the registry open. It costs little here: requests are ready as bytes, and of an answer only what counts is read.
 */
import { connect, type Socket } from 'node:net';

/** What came back. */
export interface Reply {
  status: number;
  /** In seconds; null where the server named none. */
  retryAfterS: number | null;
  body: string;
  /** From the first packet to the last. */
  tookMs: number;
}

/** A proxy's connections to one server. */
export interface Proxy {
  /**
   * Sends a request. Waits while no more connections may be opened; that time counts.
   *
   * @throws Error when there is no whole answer within `patienceMs`
   */
  send(request: Buffer, patienceMs: number): Promise<Reply>;
  close(): void;
}

/**
 * A registration as it goes over the wire.
 *
 * @param address whom the proxy saw; a region has as many addresses as boxes
 */
export const requestBytes = (body: string, address: string): Buffer =>
  Buffer.from(
    [
      'POST /v1/registrations HTTP/1.1',
      'Host: registry.example',
      'Content-Type: application/jose',
      `X-Forwarded-For: ${address}`,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );

/** Opens at most so many connections to the server of this URL. */
export function openProxy(url: string, most: number): Proxy {
  const { hostname: host, port } = new URL(url);
  const idle: Socket[] = [];
  const all = new Set<Socket>();
  const waiting: (() => void)[] = [];

  async function take(): Promise<Socket> {
    for (;;) {
      const socket = idle.pop();
      if (socket !== undefined && !socket.destroyed) return socket;
      if (socket === undefined && all.size < most) return open();
      if (socket === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function open(): Socket {
    const socket = connect({ host, port: Number(port), noDelay: true });
    all.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      all.delete(socket);
      waiting.shift()?.();
    });
    return socket;
  }

  function exchange(socket: Socket, request: Buffer): Promise<Omit<Reply, 'tookMs'>> {
    return new Promise((resolve, reject) => {
      let text = '';
      const heard = (chunk: Buffer): void => {
        text += chunk.toString('latin1');
        const reply = parsed(text);
        if (reply === null) return;
        socket.off('data', heard);
        socket.off('close', ended);
        resolve(reply);
      };
      const ended = (): void => reject(new Error('the connection was closed without an answer'));
      socket.on('data', heard);
      socket.once('close', ended);
      socket.write(request);
    });
  }

  return {
    async send(request, patienceMs) {
      const beganMs = performance.now();
      const socket = await take();
      const timer = setTimeout(() => socket.destroy(), patienceMs);
      try {
        const reply = await exchange(socket, request);
        return { ...reply, tookMs: performance.now() - beganMs };
      } finally {
        clearTimeout(timer);
        if (!socket.destroyed) {
          idle.push(socket);
          waiting.shift()?.();
        }
      }
    },
    close() {
      for (const socket of all) socket.destroy();
    },
  };
}

function parsed(text: string): Omit<Reply, 'tookMs'> | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  if (body.length < Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1] ?? 0)) return null;
  const retryAfter = /^retry-after: (\d+)\r?$/im.exec(head)?.[1];
  const status = Number(head.slice(9, 12));
  return { status, retryAfterS: retryAfter === undefined ? null : Number(retryAfter), body };
}
