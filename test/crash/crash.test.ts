/** The real process, killed: what is told is what the bank has, and nothing is lost. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needing } from '../support/needs.ts';
import { runCrashes } from './run.ts';
import { show } from './show.ts';

const test = suite('crash');
const withParts = needing(test, 'mosquitto', 'socat');

const isSoak = process.env.SWIPE_SOAK === '1';
const kills = Number(process.env.SWIPE_KILLS ?? (isSoak ? 400 : 20));
const seed = Number(process.env.SWIPE_SEED ?? (isSoak ? Date.now() % 1_000_000 : 1));

withParts(`${kills} gateways are killed while people pay: SWIPE_SEED=${seed}`, async () => {
  const report = await runCrashes(kills, seed);
  console.log(show(report));
  assert.equal(report.violations, []);
  assert.is(report.moments.total, kills);
  // A run in which nothing happened proves nothing.
  assert.ok(report.requests >= kills / 2, `only ${report.requests} requests of money`);
  assert.ok(report.recovered > 0, 'nothing was settled by evidence');
});

test.run();
