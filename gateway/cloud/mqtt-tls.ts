import { readFile } from 'node:fs/promises';
import { messageOf, SwipeError } from '../seams/error.ts';
import type { BrokerConfig } from './mqtt-connector.ts';

/** What TLS needs, as PEM texts (RFC 7468). */
export interface TlsTexts {
  ca?: string;
  cert?: string;
  key?: string;
}

/**
 * The config's certificates and key, each a PEM text or the path of a file with one. Read for every connection,
 * so that a renewed certificate is used from the next one on.
 *
 * @throws SwipeError `brokerUnreachable` (rejects) when a file cannot be read: it may be there at the next try
 */
export async function readTls(broker: BrokerConfig): Promise<TlsTexts> {
  const texts: TlsTexts = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const value = broker[name];
    if (value !== undefined) texts[name] = await readPem(name, value);
  }
  return texts;
}

async function readPem(name: string, value: string): Promise<string> {
  if (value.includes('-----BEGIN ')) return value;
  try {
    return await readFile(value, 'utf8');
  } catch (cause) {
    throw new SwipeError('brokerUnreachable', `broker.${name} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}
