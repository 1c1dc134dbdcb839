import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnswersFile, takeBootAnswers } from '../gateway/cli/technician/answers-file.ts';
import { placesIn } from '../gateway/cli/technician/files.ts';
import { parseAnswers, secretsIn } from '../provisioning/technician/answers.ts';
import { answersWith, claim, registryKey } from './support/technician-world.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: answers');
const tempDir = tempDirs(test);

const whole = {
  language: 'uk',
  wifi: { ssid: 'Крамниця', password: 'not to be told' },
  network: { address: '192.168.1.20/24', gateway: '192.168.1.1', dns: ['192.168.1.1'] },
  proxy: 'http://proxy.example:3128',
  registry: { url: 'https://registry.example', key: registryKey },
  claim,
  terminal: { id: 'S1260S6Y', merchants: { shop: '1', incasso: '10' }, defaultMerchant: 'shop' },
  panel: { link: 'serial:/dev/ttyUSB0', flash: true },
  commandKeys: [{ kid: '1c', alg: 'HS256', secret: 'c2VjcmV0'.repeat(6) }],
  pressWithinS: 60,
  testPayment: true,
};

const faultsOf = (input: unknown): { path: string; found: string }[] => {
  const read = parseAnswers(input);
  return 'faults' in read ? read.faults : [];
};

test('nothing at all, and everything, are answers', () => {
  assert.ok('answers' in parseAnswers({}));
  assert.equal(faultsOf(whole), []);
});

test('every fault is listed, and no secret is in them', () => {
  const faults = faultsOf({
    wifi: { ssid: '', password: 'short' },
    network: { address: '192.168.1.300/24', gateway: 'router', dns: [] },
    proxy: 'http://user:secret@proxy',
    registry: { url: 'http://registry.example', key: 'short' },
    claim: 'Y7Q3-4SN-ATY1',
    terminal: { link: 'COM1', merchants: { shop: 'one' } },
    panel: 'maybe',
    testPayment: 'yes',
    wfi: {},
  });
  assert.equal([...new Set(faults.map(({ path }) => path))].sort(), [
    'claim',
    'network.address',
    'network.dns',
    'network.gateway',
    'panel',
    'proxy',
    'registry.key',
    'registry.url',
    'terminal.link',
    'terminal.merchants.shop',
    'testPayment',
    'wfi',
    'wifi.password',
    'wifi.ssid',
  ]);
  assert.not.match(JSON.stringify(faults), /"short"|ATY1|secret@/);
});

test('a claim without a registry, and a default merchant that is none, are faults', () => {
  assert.equal(
    faultsOf({ claim, terminal: { defaultMerchant: 'bar' } }).map(({ path }) => path),
    ['claim', 'terminal.defaultMerchant'],
  );
});

test('nothing follows an address, and a name of a network has at most 32 bytes', () => {
  const network = { gateway: '192.168.1.1', dns: ['192.168.1.1'] };
  for (const more of ['/', '/\n[connection]\npermissions=', '\n'])
    assert.is(faultsOf({ network: { ...network, address: `192.168.1.20/24${more}` } }).length, 1, more);
  assert.equal(faultsOf({ wifi: { ssid: 'Ж'.repeat(16) } }), []);
  assert.is(faultsOf({ wifi: { ssid: 'Ж'.repeat(17) } }).length, 1);
});

test('only true pays', () => {
  for (const testPayment of ['true', 1, null]) assert.is(faultsOf({ testPayment }).length, 1);
  assert.is(answersWith().testPayment, false);
});

test('every secret of the answers is known as one', () => {
  const read = parseAnswers(whole);
  assert.ok('answers' in read);
  assert.equal(secretsIn(read.answers), ['not to be told', claim, 'c2VjcmV0'.repeat(6)]);
});

test('a file that is no JSON is told by its place, without quoting it', () => {
  const path = join(tempDir(), 'answers.json');
  writeFileSync(path, '{"claim": "Y7Q3-4SN-ATY0" "wifi"}');
  const read = readAnswersFile(path);
  assert.ok('finding' in read);
  assert.match(String(read.finding.with.faults), /position 26/);
  assert.not.match(String(read.finding.with.faults), /Y7Q3/);
});

interface Boot {
  root: string;
  source: string;
  copy: string;
}

function booted(text: string, folder = 'boot/firmware'): Boot {
  const root = tempDir();
  mkdirSync(join(root, folder), { recursive: true });
  const source = join(root, folder, 'swipe-answers.json');
  writeFileSync(source, text);
  return { root, source, copy: join(root, 'var/lib/swipe-provision/answers.json') };
}

test('the boot partition: taken to where only root reads, erased at once, and erased there when all is done', () => {
  for (const folder of ['boot/firmware', 'boot']) {
    const { root, source, copy } = booted(JSON.stringify(whole), folder);
    const taken = takeBootAnswers(placesIn(root));
    assert.is(taken?.path, copy);
    assert.not.ok(existsSync(source));
    assert.is(statSync(copy).mode & 0o777, 0o600);
    // Cut off here, the next boot finds the copy.
    assert.is(takeBootAnswers(placesIn(root))?.path, copy);
    taken?.leaveNote('all is well\n', '<p>sheet</p>');
    taken?.done();
    assert.not.ok(existsSync(copy));
    assert.is(takeBootAnswers(placesIn(root)), null);
    assert.is(readFileSync(join(root, folder, 'swipe-result.txt'), 'utf8'), 'all is well\n');
    assert.ok(existsSync(join(root, folder, 'swipe-sheet.html')));
  }
});

test('the boot partition: with faults the file stays where it can be corrected', () => {
  const { root, source, copy } = booted('{"testPayment": "yes"}');
  const taken = takeBootAnswers(placesIn(root));
  assert.is(taken?.path, source);
  assert.ok(existsSync(source));
  assert.not.ok(existsSync(copy));
});

test('the boot partition: overwritten and not yet deleted when the power went is deleted, and the copy counts', () => {
  const { root, source, copy } = booted(JSON.stringify(whole));
  takeBootAnswers(placesIn(root));
  writeFileSync(source, Buffer.alloc(200));
  const taken = takeBootAnswers(placesIn(root));
  assert.equal([taken?.path, taken?.areNew, existsSync(source)], [copy, false, false]);
  writeFileSync(copy, Buffer.alloc(200));
  assert.is(takeBootAnswers(placesIn(root)), null);
  assert.not.ok(existsSync(copy));
});

test('the boot partition: a box that has a config uses no answers from its card', () => {
  const { root, source, copy } = booted(JSON.stringify(whole));
  mkdirSync(join(root, 'etc/swipe'), { recursive: true });
  writeFileSync(join(root, 'etc/swipe/gateway.json'), '{}');
  const taken = takeBootAnswers(placesIn(root));
  assert.equal([taken?.refusal?.text, existsSync(source), existsSync(copy)], ['setUpAlready', true, false]);
});

test('the boot partition: what is not finished goes on with a config, and may be corrected', () => {
  const { root, source, copy } = booted(JSON.stringify(whole));
  const first = takeBootAnswers(placesIn(root));
  mkdirSync(join(root, 'etc/swipe'), { recursive: true });
  writeFileSync(join(root, 'etc/swipe/gateway.json'), '{}');
  const second = takeBootAnswers(placesIn(root));
  writeFileSync(source, JSON.stringify({ ...whole, language: 'en' }));
  const third = takeBootAnswers(placesIn(root));
  assert.equal([first?.areNew, second?.areNew, third?.areNew], [true, false, true]);
  assert.equal([second?.refusal, third?.refusal, third?.path], [null, null, copy]);
});

test('the boot partition: no link is followed, neither to be erased nor to be written', () => {
  const { root, source } = booted(JSON.stringify(whole));
  const partition = join(root, 'boot/firmware');
  const [others, note] = [join(root, 'others.json'), join(root, 'others.txt')];
  renameSync(source, others);
  symlinkSync(others, source);
  assert.throws(() => takeBootAnswers(placesIn(root)), /ELOOP/);
  assert.equal(JSON.parse(readFileSync(others, 'utf8')), whole);
  rmSync(source);
  writeFileSync(note, 'untouched');
  symlinkSync(note, join(partition, 'swipe-result.txt'));
  takeBootAnswers(placesIn(root))?.leaveNote('is ready\n', null);
  assert.is(readFileSync(note, 'utf8'), 'untouched');
});

test('the boot partition: a note that says the same is not written again', () => {
  const { root } = booted(JSON.stringify(whole));
  const taken = takeBootAnswers(placesIn(root));
  const path = join(root, 'boot/firmware/swipe-result.txt');
  taken?.leaveNote('waits\n', null);
  utimesSync(path, 1, 1);
  taken?.leaveNote('waits\n', null);
  assert.is(statSync(path).mtimeMs, 1_000);
  taken?.leaveNote('is ready\n', null);
  assert.is(readFileSync(path, 'utf8'), 'is ready\n');
});

test('the boot partition: newer answers stand before those of an earlier boot', () => {
  const { root, source, copy } = booted(JSON.stringify(whole));
  takeBootAnswers(placesIn(root));
  writeFileSync(source, JSON.stringify({ ...whole, language: 'en' }));
  takeBootAnswers(placesIn(root));
  assert.is(JSON.parse(readFileSync(copy, 'utf8')).language, 'en');
});

test.run();
