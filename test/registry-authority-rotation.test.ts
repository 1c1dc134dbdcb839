import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { crlValidity } from '../provisioning/registry/authority/crl.ts';
import type { IssuedCertificate } from '../provisioning/registry/ports.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import { newRequest, testAuthority } from './support/certificates.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry authority: lists and rotation');
const tempDir = tempDirs(test);

const nowMs = Date.parse('2026-11-21T10:00:00.500Z');
const dayMs = 86_400_000;
const box = 'SW-7K3M9QXA2BCD';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error) => (isSwipeError(error) || isRefusal(error) ? error.code : String(error)),
  );

needing(test, 'openssl')('OpenSSL reads the revocation list as it is meant', async () => {
  const directory = tempDir();
  const authority = await testAuthority(directory, nowMs);
  const issued: IssuedCertificate[] = [];
  for (let count = 0; count < 3; count += 1)
    issued.push(await authority.issueBox(box, (await newRequest()).csr, nowMs));
  const [good, ...bad] = issued as [IssuedCertificate, ...IssuedCertificate[]];
  const revoked = bad.map(({ serial, ca }) => ({ serial, ca, revokedAtMs: nowMs }));
  // Of another CA, and told twice: neither belongs into this list twice.
  const crl = await authority.crl(
    [...revoked, ...revoked, { serial: '77', ca: 'other', revokedAtMs: 0 }],
    300,
    nowMs,
  );
  writeFileSync(join(directory, 'crl.pem'), crl);
  writeFileSync(join(directory, 'ca.pem'), (await authority.trustedCas()).join(''));

  const openssl = (...words: string[]): string =>
    execFileSync('openssl', words, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const text = openssl('crl', '-in', 'crl.pem', '-noout', '-text');
  assert.match(text, /Version 2/);
  assert.match(text, /X509v3 CRL Number:\s+300/);
  assert.match(text, /Next Update: Dec 21 10:00:00 2026 GMT/);
  assert.is(text.match(/Serial Number:/g)?.length, 2);
  for (const { serial } of bad) assert.ok(text.includes(serial.toUpperCase()));
  const verdict = ({ chain }: IssuedCertificate): string => {
    writeFileSync(join(directory, 'cert.pem'), chain);
    try {
      return openssl(
        ...['verify', '-x509_strict', '-crl_check', '-CAfile', 'ca.pem', '-CRLfile', 'crl.pem'],
        ...['-purpose', 'sslclient', '-attime', String(Math.floor(nowMs / 1000)), 'cert.pem'],
      );
    } catch (error) {
      return String((error as { stderr: string }).stderr);
    }
  };
  assert.match(verdict(good), /^cert\.pem: OK/);
  assert.match(verdict(bad[0] as IssuedCertificate), /certificate revoked/);
});

test('two lists of the same moment can be told apart by their time', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const first = crlValidity(await authority.crl([], 1, nowMs));
  const second = crlValidity(await authority.crl([], 2, nowMs));
  assert.ok(second.notBeforeMs > first.notBeforeMs);
  assert.ok(second.notBeforeMs < nowMs);
});

test('a list with many entries is made in time that grows with them', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { ca } = await authority.state();
  const revoked = Array.from({ length: 50_000 }, (_, at) => ({
    serial: (2 ** 32 + at).toString(16),
    ca,
    revokedAtMs: nowMs,
  }));
  const crl = await authority.crl(revoked, 1, nowMs);
  // Each entry: a serial number of 5 bytes and a time, 24 bytes with their heads.
  assert.ok(crl.length > 50_000 * 24);
  assert.is(crlValidity(crl).notAfterMs, nowMs - 500 + 30 * dayMs);
});

test('what is no revocation list is not taken for one', () => {
  for (const [text, why] of [
    ['nothing', /no revocation list/],
    ['-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----', /cannot be read/],
    ['-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----', /cannot be read/],
    ['-----BEGIN X509 CRL-----\nMAMwAQA=\n-----END X509 CRL-----', /cannot be read/],
  ] as const)
    assert.throws(() => crlValidity(text), why);
});

test('a CA rotation: two are trusted, the new one signs, the old one ends with its key', async () => {
  const directory = tempDir();
  const authority = await testAuthority(directory, nowMs);
  const before = await authority.state();
  const old = await authority.issueBox(box, (await newRequest()).csr, nowMs);
  assert.is(await codeOf(authority.finishRotation()), 'conflict');

  const during = await authority.beginRotation(nowMs);
  assert.is(during.previousCa, before.ca);
  assert.is.not(during.ca, before.ca);
  assert.is((await authority.trustedCas()).length, 2);
  assert.is(await codeOf(authority.beginRotation(nowMs)), 'conflict');
  const renewed = await authority.issueBox(box, (await newRequest()).csr, nowMs);
  assert.is(renewed.ca, during.ca);
  // Each CA has a list of its own, with what it signed itself.
  const revoked = [old, renewed].map(({ serial, ca }) => ({ serial, ca, revokedAtMs: nowMs }));
  assert.is((await authority.crl(revoked, 1, nowMs)).match(/BEGIN X509 CRL/g)?.length, 2);

  const after = await authority.finishRotation();
  assert.equal(after, { ca: during.ca, previousCa: null, caNotAfterMs: during.caNotAfterMs });
  assert.is((await authority.trustedCas()).length, 1);
  assert.equal(readdirSync(join(directory, 'authority')).sort(), ['ca-1.ended.pem', 'ca-2.json']);
  // The certificate alone. Not a search for the word: base64 spells it now and then.
  const ended = readFileSync(join(directory, 'authority', 'ca-1.ended.pem'), 'utf8');
  assert.match(ended, /^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n*$/);
  // And the next one is the third, not the second again.
  await authority.beginRotation(nowMs);
  assert.ok(readdirSync(join(directory, 'authority')).includes('ca-3.json'));
});

test('instances that share the directory see what another one did; of two rotations at once one happens', async () => {
  const directory = tempDir();
  const [one, other] = await Promise.all([testAuthority(directory, nowMs), testAuthority(directory, nowMs)]);
  assert.equal(await one.state(), await other.state());
  const ends = await Promise.all([codeOf(one.beginRotation(nowMs)), codeOf(other.beginRotation(nowMs))]);
  assert.equal(ends.sort(), ['conflict', 'resolved']);
  assert.equal(await one.state(), await other.state());
  await one.finishRotation();
  assert.equal(await other.trustedCas(), await one.trustedCas());
  assert.is((await other.trustedCas()).length, 1);
});

test('no certificate outlives its CA, and an expired CA signs nothing', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { caNotAfterMs } = await authority.state();
  const { csr } = await newRequest();
  assert.is((await authority.issueBox(box, csr, caNotAfterMs - dayMs)).notAfterMs, caNotAfterMs);
  assert.is(await codeOf(authority.issueBox(box, csr, caNotAfterMs)), 'registryUnfit');
});

test.run();
