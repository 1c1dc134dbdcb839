/** A gateway that is killed in the middle of its work has on disk whatever it has promised. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { idOf, openIn } from './support/fill-journal.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal: crash');
const tempDir = tempDirs(test);

const module = new URL('./support/fill-journal.ts', import.meta.url).href;

/** Carries out operations until it is killed, and says after each call what is promised now. */
const worker = (directory: string, from: number): string => `
  import { writeSync } from 'node:fs';
  import { accepted, finished, openIn, running, untold } from '${module}';
  const journal = openIn(${JSON.stringify(directory)});
  const promise = (text) => writeSync(1, text + '\\n');
  for (let n = ${from}; ; n += 1) {
    const record = accepted(n);
    journal.accept(record);
    promise('accepted ' + n);
    journal.start(running(record));
    promise('running ' + n);
    const { result } = journal.tell(finished(running(record)), untold(record));
    promise('finished ' + n + ' ' + result.sequence);
    journal.delivered(result.sequence);
  }`;

const order = ['accepted', 'running', 'finished'];

test('kill -9, again and again: all that was promised is there, and nothing else is open', async () => {
  const directory = tempDir();
  let from = 1;
  for (const lines of [1, 2, 3, 40, 101]) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', worker(directory, from)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const closed = once(child, 'close');
    const promised = new Map<number, { stage: string; sequence: number | null }>();
    let heard = 0;
    for await (const line of createInterface(child.stdout)) {
      const [stage = '', n, sequence] = line.split(' ');
      promised.set(Number(n), { stage, sequence: sequence === undefined ? null : Number(sequence) });
      heard += 1;
      if (heard === lines) child.kill('SIGKILL');
    }
    await closed;
    assert.ok(heard >= lines, `only ${heard} lines`);

    const journal = openIn(directory);
    for (const [n, { stage, sequence }] of promised) {
      const record = journal.find(idOf(n));
      assert.ok(record !== null, `operation ${n} is lost`);
      assert.ok(
        order.indexOf(record.stage) >= order.indexOf(stage),
        `${n} was ${stage} and is ${record.stage}`,
      );
      if (sequence !== null) assert.is(record.result?.sequence, sequence);
    }
    assert.ok(journal.open().length <= 1);
    from = Number(journal.latest(1)[0]?.id.slice(-8)) + 1;
    // What the killed one left open is settled, as a restart does.
    for (const record of journal.open()) {
      const { finished, untold } = await import('./support/fill-journal.ts');
      journal.tell(finished(record), untold(record, { outcome: 'unknown' }));
    }
    journal.close();
  }
});

test.run();
