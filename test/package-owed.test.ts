/** What a stopped box still owes: the package asks before its state may be purged. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { machineSerial } from '../gateway/system/machine.ts';
import { swipe } from './support/child.ts';
import { accepted, carryOut, openIn } from './support/fill-journal.ts';
import { paymentCommand } from './support/records.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('package: owed');
const tempDir = tempDirs(test);
const { box } = paymentCommand;
const machine = machineSerial();

/** Asks about the state in `directory`. */
async function owed(directory: string) {
  const config = join(directory, 'gateway.json');
  writeFileSync(
    config,
    JSON.stringify({
      stateDir: directory,
      box,
      broker: { url: 'mqtt://127.0.0.1:1' },
      terminal: { protocol: 'privat-json', link: 'tcp:127.0.0.1:1' },
      commandKeys: [],
    }),
  );
  const child = swipe(['gateway', '--config', config, '--owed']);
  const { code } = await child.exit;
  return { code, out: child.out.items, err: child.err.items.join('\n') };
}

const lines = (open: number, undelivered: number): string[] => [
  `operations without a final outcome: ${open}`,
  `results that nobody has acknowledged: ${undelivered}`,
];

test('nothing was ever taken in: nothing is owed, and nothing is made', async () => {
  const directory = tempDir();
  assert.equal(await owed(directory), { code: 0, out: lines(0, 0), err: '' });
  assert.not.ok(existsSync(join(directory, 'journal.db')));
});

test('a result that was not acknowledged is owed, and an operation without an outcome', async () => {
  const directory = tempDir();
  const journal = openIn(directory, { box, machine });
  const { result } = carryOut(journal, 1);
  journal.accept(accepted(2));
  journal.close();
  assert.equal(await owed(directory), { code: 1, out: lines(1, 1), err: '' });

  const again = openIn(directory, { box, machine });
  again.delivered(result?.sequence ?? 0);
  again.close();
  assert.equal((await owed(directory)).out, lines(1, 0));
});

test('while the gateway runs, or with a journal that cannot tell: no word that nothing is owed', async () => {
  const directory = tempDir();
  const journal = openIn(directory, { box, machine });
  const running = await owed(directory);
  assert.is(running.code, 1);
  assert.match(running.err, /Another process has the journal open/);
  journal.close();
  writeFileSync(join(directory, 'journal.db'), 'not a journal');
  assert.is((await owed(directory)).code, 1);
});

test.run();
