import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newRequest } from './support/certificates.ts';
import { swipe } from './support/child.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry command: authority');
const tempDir = tempDirs(test);

function place() {
  const directory = tempDir();
  const config = `${directory}/registry.json`;
  const parts = {
    listen: { port: 0 },
    database: { kind: 'sqlite', path: `${directory}/data/registry.db` },
    masterKeyFile: `${directory}/master.key`,
    authorityDir: `${directory}/authority`,
    broker: {
      url: 'mqtts://broker.example:8883',
      control: { url: 'mqtts://127.0.0.1:1' },
      crlFile: `${directory}/crl.pem`,
      caFile: `${directory}/ca.pem`,
    },
  };
  writeFileSync(config, JSON.stringify(parts));
  return { directory, config };
}

/** A piece of daily work: how it ended, what it printed. */
async function work(config: string, ...words: string[]): Promise<{ code: number | null; said: string }> {
  const child = swipe(['registry', ...words, '--config', config]);
  const { code } = await child.exit;
  return { code, said: child.said().toString().trim() };
}

test('a certificate for the broker, into a file of its own; the CA rotated; who is behind', async () => {
  const { directory, config } = place();
  const { csr, key } = await newRequest();
  writeFileSync(`${directory}/broker.csr`, csr);
  const certificate = (names: string, to: string, from = `${directory}/broker.csr`) =>
    work(config, 'broker', 'certificate', '--csr', from, '--names', names, '--to', to);
  const to = `${directory}/swipe.pem`;
  assert.match((await certificate('other.example', to)).said, /broker\.example is missing/);
  assert.not.ok(existsSync(to));
  assert.match(
    (await certificate('broker.example', to, `${directory}/none`)).said,
    /--csr: .* cannot be read/,
  );
  const made = await certificate('broker.example, 192.0.2.7', to);
  assert.is(made.code, 0, made.said);
  assert.match(made.said, /swipe\.pem {2}until 20\d\d-\d\d-\d\d/);
  const shown = new X509Certificate(readFileSync(to));
  assert.is(shown.subjectAltName, 'DNS:broker.example, IP Address:192.0.2.7');
  assert.equal(shown.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'for servers alone');
  assert.ok(shown.toString().includes('BEGIN CERTIFICATE') && !readFileSync(to, 'utf8').includes(key));
  assert.match((await certificate('broker.example', to)).said, /is there already/);

  assert.match(
    (await work(config, 'rotate', 'ca', 'begin')).said,
    /^begun; 0 boxes and 0 sale systems have not moved/,
  );
  assert.equal(JSON.parse((await work(config, 'behind', 'ca', '--json')).said), []);
  assert.is((await work(config, 'behind', 'all')).code, 1);
  // Whether the broker has a new one cannot be seen from here, so nothing is ended unless it is said twice.
  const refused = await work(config, 'rotate', 'ca', 'finish');
  assert.is(refused.code, 1);
  assert.match(refused.said, /whether the broker has its new certificate cannot be seen/);
  assert.match((await work(config, 'rotate', 'ca', 'finish', '--force')).said, /^finished/);
  const audit = (await work(config, 'audit')).said;
  for (const action of ['broker.certificate.issued', 'ca.rotation.begun', 'ca.rotation.finished'])
    assert.ok(audit.includes(action), action);
});

test.run();
