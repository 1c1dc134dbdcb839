/** The demo's sale system, at the registry: it is paired as a real one is. */
import { request } from 'node:http';
import * as v from 'valibot';
import { makeCsr } from '../../cloud/registration/csr.ts';
import { p256KeyOf } from '../../cloud/registration/tls-key.ts';
import { type PairingAnswer, pairingAnswerSchema, requestMaxBytes } from '../../contract/registration.ts';
import { messageOf, SwipeError } from '../../seams/error.ts';
import type { HmacKey } from '../../simulators/sale-system.ts';
import { systemRandom } from '../../system/random.ts';

const name = 'demo-shop';
const patienceMs = 5000;

/** A sale system that is paired with one box. */
export interface PairedShop {
  /** Its id at the registry. */
  saleSystem: string;
  /** What it signs commands with. */
  key: HmacKey;
}

/**
 * Types a pairing code, as a sale system does (`POST /v1/pairings`).
 *
 * @param url the registry's
 * @throws SwipeError `linkFailed`: what the registry said instead
 */
export async function pairShop(url: string, code: string): Promise<PairedShop> {
  // A sale system asks for a certificate; at the demo's broker it needs none, and forgets the key.
  const csr = makeCsr(
    name,
    p256KeyOf(() => systemRandom.bytes(32)),
  );
  const { saleSystem, kid, secret } = await post(new URL('/v1/pairings', url), { code, name, csr });
  if (secret === undefined) throw refused('it made no secret');
  return { saleSystem, key: { kid, secret } };
}

async function post(address: URL, body: object): Promise<PairingAnswer> {
  const { status, text } = await exchange(address, JSON.stringify(body));
  if (status !== 200) throw refused(text);
  return v.parse(pairingAnswerSchema, JSON.parse(text));
}

/** (`node:http` rather than `fetch`, which would load all of undici for one request.) */
function exchange(address: URL, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const asked = request(
      address,
      { method: 'POST', agent: false, timeout: patienceMs, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (text.length > requestMaxBytes) asked.destroy(new Error('its answer is too long'));
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer in 5 s')));
    asked.on('error', (error) => reject(refused(messageOf(error))));
    asked.end(body);
  });
}

const refused = (why: string): SwipeError =>
  new SwipeError('linkFailed', `the registry did not pair the demo's sale system: ${why}`);
