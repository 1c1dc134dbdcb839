/** The first legs of a way out: the name, the port, the proxy. */
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { connect, isIP } from 'node:net';
import type { Reach } from '../../../provisioning/technician/world.ts';

/** For so long each leg may take. */
export const legMs = 6_000;

/** Whether a name is known, and the port behind it open. */
export async function reachPort(
  host: string,
  port: number,
): Promise<Exclude<Reach, { at: 'tls' | 'service' }>> {
  const name = await knows(host);
  if (name !== null) return { at: 'name', why: name };
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: legMs });
    const end = (reach: Awaited<ReturnType<typeof reachPort>>): void => {
      socket.destroy();
      resolve(reach);
    };
    socket.once('connect', () => end({ at: 'open' }));
    socket.once('timeout', () => end({ at: 'port', why: 'silent' }));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end({ at: 'port', why: whyNot(code) }));
  });
}

async function knows(host: string): Promise<'unknown' | 'silent' | null> {
  if (isIP(host) !== 0) return null;
  const late = new Promise<'silent'>((resolve) => setTimeout(resolve, legMs, 'silent').unref());
  const found = lookup(host).then(
    () => null,
    ({ code }: NodeJS.ErrnoException) => (code === 'ENOTFOUND' ? 'unknown' : 'silent'),
  );
  return Promise.race([found, late]);
}

function whyNot(code: string | undefined): 'refused' | 'noRoute' | 'silent' {
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ENETDOWN' ? 'noRoute' : 'silent';
}

/** Whether a proxy lets a connection through (CONNECT, RFC 9110 §9.3.6). */
export function reachByProxy(proxy: string, host: string, port: number): Promise<boolean> {
  const { hostname, port: proxyPort } = new URL(proxy);
  return new Promise((resolve) => {
    const asked = request({
      host: hostname,
      port: Number(proxyPort || 3128),
      method: 'CONNECT',
      path: `${host}:${port}`,
      agent: false,
      timeout: legMs,
    });
    const end = (isOpen: boolean): void => {
      asked.destroy();
      resolve(isOpen);
    };
    asked.once('connect', ({ statusCode }, socket) => {
      socket.destroy();
      end(statusCode === 200);
    });
    asked.once('response', () => end(false));
    asked.once('timeout', () => end(false));
    asked.once('error', () => end(false));
    asked.end();
  });
}
