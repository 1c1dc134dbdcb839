/** `swipe provision` killed at each step, and within them; started again it ends well, and pays once. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { layTechnicianSite, moves, type Site } from './support/technician-site.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: killed');
const tempDir = tempDirs(test);
const here = needing(test, 'mosquitto', 'socat');

// How long after its beginning each is killed: some before they have done anything, some in the middle.
const steps: readonly [title: string, laterMs: number][] = [
  ['The machine', 0],
  ['The way out', 50],
  ['Terminal and panel', 300],
  ['The terminal and its merchants', 0],
  ['Registration', 0],
  ['Registration', 60],
  ['The config file', 0],
  ['The gateway', 0],
  ['The gateway', 800],
  ['The final test', 150],
  ['A payment of 1.00', 0],
  ['A payment of 1.00', 300],
  ['The hand-over sheet', 0],
];

const money = (site: Site): string[] =>
  site.seen.filter(moves).map(({ method, outcome }) => `${method} ${outcome}`);

/** Runs it until a line like this, then a little longer, then kills it. @returns whether it was still running */
async function killedAt(site: Site, title: string, laterMs: number): Promise<boolean> {
  const child = site.provision(site.answers({ testPayment: true }));
  const reached = child.out
    .find((line) => line.startsWith(`▶ ${title}`), title, 0, 60_000)
    .then(
      () => true,
      () => false,
    );
  if (!(await reached)) return false;
  await new Promise((resolve) => setTimeout(resolve, laterMs));
  const { signal } = await child.end('SIGKILL');
  return signal === 'SIGKILL';
}

here(
  'killed at each step and in the middle of it, and started again each time: it ends well and pays once',
  () =>
    withCleanup(async (later) => {
      const site = await layTechnicianSite(tempDir(), later);
      let killed = 0;
      for (const [title, laterMs] of steps) if (await killedAt(site, title, laterMs)) killed += 1;
      // On a fast machine the last steps may be over before the signal comes.
      assert.ok(killed >= steps.length - 3, `killed ${killed} times`);
      const last = site.provision(site.answers({ testPayment: true }));
      assert.equal(await last.exit, { code: 0, signal: null }, last.said().toString());
      assert.equal(money(site), ['Purchase approved', 'Withdrawal approved']);
      const before = site.tree();
      const again = site.provision(site.answers({ testPayment: true }));
      assert.is((await again.exit).code, 0);
      assert.equal(site.tree(), before);
    }),
);

test.run();
