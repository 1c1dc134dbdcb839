/** HTTPS to the registry. */

import { readFile } from 'node:fs/promises';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readRetryAfter } from '../../contract/retry-after.ts';
import type { Exchange, HttpReply } from './asking.ts';
import { answerMaxLength } from './trust.ts';

/** Where the registry is. */
export interface RegistryAddress {
  /** Its base, such as `https://registry.example`. */
  url: string;
  /** Its CA, as PEM or the path of a file with it; absent: those that Node knows. */
  ca?: string | undefined;
}

/**
 * One request on a connection of its own: there is one a day. No redirections are followed.
 *
 * (`node:https` rather than `fetch`, which would load all of undici into a small box.)
 */
export function createExchange({ url, ca }: RegistryAddress): Exchange {
  const address = new URL('v1/registrations', url.endsWith('/') ? url : `${url}/`);
  const request = address.protocol === 'https:' ? requestHttps : requestHttp;
  return async (body, signal) => {
    const options: RequestOptions & { ca?: string } = {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        'content-type': 'application/jose',
        'content-length': Buffer.byteLength(body),
        accept: 'application/jose, application/problem+json',
      },
      ...(ca === undefined ? {} : { ca: await pemOf(ca) }),
    };
    return await new Promise<HttpReply>((resolve, reject) => {
      const asked = request(address, options, (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          if (length <= answerMaxLength) return void parts.push(part);
          reject(new Error('its answer is too long'));
          asked.destroy();
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfterMs: readRetryAfter(response.headers['retry-after'], response.headers.date),
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      });
      asked.on('error', reject);
      asked.end(body);
    });
  };
}

const pemOf = async (ca: string): Promise<string> =>
  ca.includes('-----BEGIN ') ? ca : await readFile(ca, 'utf8');
