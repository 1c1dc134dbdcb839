/** Damaged journals: all that was synced is there, or the gateway does not start and says why. */
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { machineSerial } from '../../gateway/system/machine.ts';
import { swipe } from '../support/child.ts';
import { openIn } from '../support/fill-journal.ts';
import { freePort } from '../support/ports.ts';
import { paymentCommand } from '../support/records.ts';
import { tempDirs } from '../support/temp.ts';
import { type Knowledge, makeImages } from './damage-images.ts';
import { damageJournals, isAllowed } from './damage-run.ts';

const test = suite('crash: damage');
const tempDir = tempDirs(test);
const places = process.env.SWIPE_SOAK === '1' ? 150 : 4;

test(`cut, flipped, zeroed, removed, replaced: ${places} places in each file`, async () => {
  let cases = 0;
  await damageJournals(places, ({ damage: { image, files, kind, detail }, fate }) => {
    cases += 1;
    const what = `${image}, ${files.join(' + ')}, ${kind} ${detail}`;
    assert.ok(isAllowed(fate), `${what}: ${fate.fate}: ${fate.text}`);
  });
  assert.ok(cases >= 10 * places, `${cases} cases`);
});

const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};

/** What the real process says of a state directory: how it ended, or that it runs. */
async function startOn(stateDir: string, configFile: string) {
  const nowhere = await freePort();
  const config = {
    stateDir,
    box: paymentCommand.box,
    broker: { url: `mqtt://127.0.0.1:${nowhere}` },
    terminal: {
      protocol: 'privat-json',
      link: `tcp:127.0.0.1:${nowhere}`,
      merchants: { shop: '1' },
      defaultMerchant: 'shop',
    },
    commandKeys: [{ kid: 'shop', alg: 'HS256', secret: Buffer.alloc(32, 'x').toString('base64url') }],
  };
  writeFileSync(configFile, JSON.stringify(config));
  const gateway = swipe(['gateway', '--config', configFile]);
  const isUp = gateway.out
    .find((line) => line.includes('no connection to the broker'), 'the gateway to run')
    .then(() => gateway.end('SIGTERM'));
  const { code, signal } = await Promise.race([isUp.catch(() => gateway.exit), gateway.exit]);
  return { code, signal, errors: gateway.err.items };
}

test('the real process: it runs with everything, or stops with one line that says why', async () => {
  const directory = tempDir();
  const machine = machineSerial();
  const [killed] = makeImages(directory, { machine });
  assert.ok(killed !== undefined);
  const knowledge = JSON.parse(readFileSync(killed.knowledgeFile, 'utf8')) as Knowledge;
  const { size } = { size: readFileSync(join(killed.image.directory, 'journal.db-wal')).length };
  const stateDir = join(directory, 'state');
  const configFile = join(directory, 'gateway.json');
  const inState = (name: string): string => join(stateDir, name);

  for (const [words, spoil] of [
    [null, () => {}],
    [null, () => flip(inState('journal.witness'), 30)],
    [/knows less than it once did/, () => flip(inState('journal.db-wal'), size >> 1)],
    [/knows less than it once did/, () => rmSync(inState('journal.db-wal'))],
    [/the journal is gone/, () => rmSync(inState('journal.db'))],
    [/the witness is gone/, () => rmSync(inState('journal.witness'))],
    [/neither of its two slots is whole/, () => truncateSync(inState('journal.witness'), 20)],
    [/journal\.db is damaged|is damaged: .*journal\.db/, () => truncateSync(inState('journal.db'), 8192)],
    [/box's key in .* cannot be used/, () => writeFileSync(inState('box-key.json'), '{"kty":')],
  ] as const) {
    rmSync(stateDir, { recursive: true, force: true });
    mkdirSync(stateDir);
    cpSync(killed.image.directory, stateDir, { recursive: true });
    spoil();
    const { code, signal, errors } = await startOn(stateDir, configFile);
    assert.is(signal, null);
    if (words !== null) {
      assert.is(code, 1, String(words));
      assert.is(errors.length, 1, errors.join('\n'));
      assert.match(errors[0] ?? '', words);
      continue;
    }
    assert.is(code, 0, errors.join('\n'));
    const journal = openIn(stateDir, { machine });
    for (const record of knowledge.records.slice(0, -1)) assert.equal(journal.find(record.id), record);
    journal.close();
  }
});

test.run();
