/** HTTP by hand: bytes as an attacker would send them. */
import { createConnection, type Socket } from 'node:net';

/** A connection of bytes: what has come back so far, and its end. */
export function wire({ port }: { port: number }): {
  socket: Socket;
  heard: () => string;
  closed: Promise<void>;
} {
  const socket = createConnection({ host: '127.0.0.1', port });
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, heard: () => text, closed };
}

/** What is answered to these bytes, when the connection is closed. */
export async function raw(box: { port: number }, bytes: string): Promise<string> {
  const { socket, heard, closed } = wire(box);
  // Not ended: node's server answers nobody who has hung up already.
  socket.write(bytes, 'latin1');
  await closed;
  return heard();
}
/** A request that asks for nothing after it. */
export const request = (line: string, host: string, ...headers: string[]): string =>
  `${[`${line} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;
/** The status of an answer's first line. */
export const statusOf = (answer: string): string => /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'nothing';
