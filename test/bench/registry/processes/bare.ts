/**
 * The bare loop that the registry is held against: the same server and router, one signature checked, one row changed
 * and durable in the same database, one answer signed.
 *
 * bare CONFIG (the registry's)
 */
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import Database from 'libsql';
import pg from 'pg';
import type { RegistryConfig } from '../../../../provisioning/registry/config.ts';

const { database } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as RegistryConfig;
type Change = [count: number, nonce: string, nowMs: number, box: string];

function changing(): (values: Change) => unknown {
  if (database.kind === 'postgres') {
    const pool = new pg.Pool({ connectionString: database.url, max: database.connections });
    const text = 'UPDATE bare SET count = $1, nonce = $2, counted_at_ms = $3 WHERE id = $4';
    return (values) => pool.query({ name: 'change', text, values });
  }
  const file = new Database(database.path, { timeout: 10_000 });
  file.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -65536');
  const statement = file.prepare('UPDATE bare SET count = ?, nonce = ?, counted_at_ms = ? WHERE id = ?');
  return (values) => statement.run(...values);
}

const change = changing();
const { privateKey } = generateKeyPairSync('ed25519');
const header = Buffer.from('{"alg":"EdDSA","kid":"bare"}').toString('base64url');
const app = new Hono();
app.post('/v1/registrations', async (context) => {
  const jws = await context.req.text();
  const [head = '', payload = '', signature = ''] = jws.split('.');
  const { box, key, count, nonce } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    box: string;
    key: string;
    count: number;
    nonce: string;
  };
  const signer = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
  if (!verify(null, Buffer.from(`${head}.${payload}`), signer, Buffer.from(signature, 'base64url')))
    return context.body(null, 401);
  await change([count, nonce, Date.now(), box]);
  const answer = `${header}.${Buffer.from(JSON.stringify({ box, nonce, count })).toString('base64url')}`;
  return context.body(`${answer}.${sign(null, Buffer.from(answer), privateKey).toString('base64url')}`, 200, {
    'Content-Type': 'application/jose',
  });
});
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (address: AddressInfo) => {
  process.stdout.write(`{"url":"http://127.0.0.1:${address.port}"}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  process.exit(0);
});
