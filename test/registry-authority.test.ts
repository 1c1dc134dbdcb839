import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { openAuthority } from '../provisioning/registry/authority/authority.ts';
import { x509 } from '../provisioning/registry/authority/x509.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import { createMasterKey } from '../provisioning/registry/secrets/master-key.ts';
import { newKey, newRequest, testAuthority, testMasterKey } from './support/certificates.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry authority');
const tempDir = tempDirs(test);

const nowMs = Date.parse('2026-11-21T10:00:00.500Z');
const dayMs = 86_400_000;
const box = 'SW-7K3M9QXA2BCD';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error) => (isSwipeError(error) || isRefusal(error) ? error.code : String(error)),
  );

test('a certificate says who the registry means, whatever the request says', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { csr } = await newRequest('CN=registry-1, O=Mallory');
  const issued = await authority.issueBox(box, csr, nowMs);
  const certificate = new X509Certificate(issued.chain);
  const [ca = ''] = await authority.trustedCas();

  assert.is(certificate.subject, `CN=${box}`);
  assert.is(certificate.serialNumber.toLowerCase(), issued.serial);
  assert.match(issued.serial, /^01[0-9a-f]{32}$/);
  assert.equal(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.is(certificate.ca, false);
  assert.is(Date.parse(certificate.validFrom), issued.notBeforeMs);
  assert.is(Date.parse(certificate.validTo), issued.notAfterMs);
  assert.is(issued.notBeforeMs, nowMs - 500 - 3_600_000);
  assert.is(issued.notAfterMs, nowMs - 500 + 90 * dayMs);
  assert.ok(certificate.verify(new X509Certificate(ca).publicKey));
  assert.ok(certificate.checkIssued(new X509Certificate(ca)));
  assert.is(issued.ca, createHash('sha256').update(new X509Certificate(ca).raw).digest('hex'));

  // What a client's certificate must say (RFC 5280 §4.2.1), as another reader finds it.
  const read = new x509.X509Certificate(issued.chain);
  assert.equal(
    Array.from(read.extensions, ({ type, critical }) => [type, critical]),
    [
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['2.5.29.37', false],
      ['2.5.29.14', false],
      ['2.5.29.35', false],
    ],
  );
  assert.is(read.getExtension(x509.KeyUsagesExtension)?.usages, x509.KeyUsageFlags.digitalSignature);
  assert.is(read.getExtension(x509.BasicConstraintsExtension)?.ca, false);
  assert.equal(
    read.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    (await x509.SubjectKeyIdentifierExtension.create(read.publicKey)).keyId,
  );
});

test('no serial number is given twice', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { csr } = await newRequest();
  const one = await authority.issueBox(box, csr, nowMs);
  const other = await authority.issueBox(box, csr, nowMs);
  assert.is.not(one.serial, other.serial);
});

test('ids that could be taken for somebody else get no certificate', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { csr } = await newRequest();
  for (const id of [
    'SW-7K3M9QXA2BCD',
    'sw-7k3m9qxa2bcd',
    'registry',
    'registry-1',
    '+',
    '#',
    'a/b',
    '',
    'a'.repeat(65),
  ])
    assert.is(await codeOf(authority.issueSaleSystem(id, csr, nowMs)), 'keyInvalid', id);
  for (const id of [
    'SS-7K3M9QXA2BCD',
    'SW-7K3M9QXA2BC',
    'SW-7K3M9QXA2BCD\n',
    'SW-IIIIIIIIIIII',
    'registry-1',
    '+',
  ])
    assert.is(await codeOf(authority.issueBox(id, csr, nowMs)), 'keyInvalid', id);
  for (const hosts of [[], ['a b'], ['*'], ['-a'], [''], Array(17).fill('a')])
    assert.is(await codeOf(authority.issueBroker(hosts, csr, nowMs)), 'keyInvalid', hosts.join());
  const issued = await authority.issueSaleSystem('SS-7K3M9QXA2BCD', csr, nowMs);
  assert.is(new X509Certificate(issued.chain).subject, 'CN=SS-7K3M9QXA2BCD');
});

test("a broker's certificate carries its names and is for a server", async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { csr } = await newRequest();
  const issued = await authority.issueBroker(['broker.example', '192.0.2.7', '2001:db8::7'], csr, nowMs);
  const certificate = new X509Certificate(issued.chain);
  assert.is(certificate.checkHost('broker.example'), 'broker.example');
  assert.is(certificate.checkIP('192.0.2.7'), '192.0.2.7');
  assert.ok(certificate.checkIP('2001:db8::7'));
  assert.equal(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

test('requests that are garbage, changed or too large are refused', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { csr } = await newRequest();
  const body = Buffer.from(csr.replace(/-----.*-----|\s/g, ''), 'base64');
  const pem = (der: Uint8Array): string =>
    `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
  assert.is(await codeOf(authority.issueBox(box, pem(body), nowMs)), 'resolved');
  const bad = [
    '',
    'x',
    csr + csr,
    csr.replace('REQUEST', 'SMELL'),
    `${csr}${' '.repeat(8192)}`,
    pem(Buffer.alloc(0)),
  ];
  for (const text of bad) assert.is(await codeOf(authority.issueBox(box, text, nowMs)), 'keyInvalid', text);
  // Whichever byte is another one: no certificate for another key comes of it.
  const { publicKey } = new X509Certificate((await authority.issueBox(box, csr, nowMs)).chain);
  let refused = 0;
  for (let at = 0; at < body.length; at += 1) {
    const changed = Buffer.from(body);
    changed[at] = (changed[at] ?? 0) ^ 1;
    try {
      const { chain } = await authority.issueBox(box, pem(changed), nowMs);
      assert.ok(new X509Certificate(chain).publicKey.equals(publicKey), `byte ${at}`);
    } catch (error) {
      assert.ok(isSwipeError(error, 'keyInvalid'), `byte ${at}: ${error}`);
      refused += 1;
    }
    if (at % 16 === 0)
      assert.is(await codeOf(authority.issueBox(box, pem(body.subarray(0, at)), nowMs)), 'keyInvalid');
  }
  // A few stand outside what is signed: lengths and the name of the algorithm.
  assert.ok(refused > body.length - 16, `${refused} of ${body.length}`);
});

needing(test, 'openssl')(
  'weak keys and other curves are refused, an OpenSSL request for P-256 is taken',
  async () => {
    const directory = tempDir();
    const authority = await testAuthority(directory, nowMs);
    const requestFor = (...keyWords: string[]): string =>
      execFileSync(
        'openssl',
        ['req', '-new', '-nodes', '-keyout', join(directory, 'key'), '-subj', '/CN=x', ...keyWords],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      );
    const ec = (curve: string): string[] => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];
    assert.is(await codeOf(authority.issueBox(box, requestFor(...ec('prime256v1')), nowMs)), 'resolved');
    const explicit = [...ec('prime256v1'), '-pkeyopt', 'ec_param_enc:explicit'];
    for (const words of [
      ec('secp256k1'),
      ec('secp384r1'),
      ec('secp224r1'),
      explicit,
      ['-newkey', 'rsa:1024'],
      ['-newkey', 'rsa:2048'],
      ['-newkey', 'ed25519'],
    ])
      assert.is(
        await codeOf(authority.issueBox(box, requestFor(...words), nowMs)),
        'keyInvalid',
        words.join(' '),
      );
  },
);

test('keys are on disk only sealed, in files for nobody else', async () => {
  const directory = tempDir();
  const authority = await testAuthority(directory, nowMs);
  await authority.beginRotation(nowMs);
  const folder = join(directory, 'authority');
  assert.equal(readdirSync(folder).sort(), ['ca-1.json', 'ca-2.json']);
  assert.is(statSync(folder).mode & 0o777, 0o700);
  for (const name of readdirSync(folder)) {
    assert.is(statSync(join(folder, name)).mode & 0o777, 0o600);
    assert.not.match(readFileSync(join(folder, name), 'utf8'), /PRIVATE KEY/);
  }
});

test('another master key, a damaged file, an exchanged one or an empty directory stop the start', async () => {
  const directory = tempDir();
  await (await testAuthority(directory, nowMs)).beginRotation(nowMs);
  const folder = join(directory, 'authority');
  const open = (masterKey = testMasterKey): Promise<unknown> =>
    openAuthority({ directory: folder, masterKey, random: systemRandom, nowMs, mayMake: true });
  assert.is(await codeOf(open(createMasterKey(new Uint8Array(32).fill(8), systemRandom))), 'keyInvalid');
  const second = readFileSync(join(folder, 'ca-2.json'), 'utf8');
  writeFileSync(join(folder, 'ca-2.json'), second.slice(0, -20));
  assert.is(await codeOf(open()), 'registryUnfit');
  writeFileSync(
    join(folder, 'ca-2.json'),
    second.replace(/BEGIN CERTIFICATE-----\\n..../, 'BEGIN CERTIFICATE-----\\nAAAA'),
  );
  assert.is(await codeOf(open()), 'registryUnfit');
  writeFileSync(join(folder, 'ca-2.json'), readFileSync(join(folder, 'ca-1.json')));
  assert.is(await codeOf(open()), 'keyInvalid');
  rmSync(folder, { recursive: true });
  assert.is(await codeOf(testAuthority(directory, nowMs, false)), 'registryUnfit');
});

test('the registry signs itself a certificate for a connection', async () => {
  const authority = await testAuthority(tempDir(), nowMs);
  const { cert, key } = await authority.issueInstance('registry-1', nowMs);
  const certificate = new X509Certificate(cert);
  assert.is(certificate.subject, 'CN=registry-1');
  assert.is(Date.parse(certificate.validTo), nowMs - 500 + dayMs);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
  assert.not.ok(certificate.checkPrivateKey(newKey().privateKey));
});

test.run();
