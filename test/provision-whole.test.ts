/** `swipe provision --answers` as it is: from an empty machine to a first payment, and what is left of it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { root as operator } from './registry/world.ts';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { layTechnicianSite, moves, type Site } from './support/technician-site.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: whole');
const tempDir = tempDirs(test);
const here = needing(test, 'mosquitto', 'socat');

const money = (site: Site): string[] =>
  site.seen.filter(moves).map(({ method, outcome }) => `${method} ${outcome}`);

const text = (site: Site, path: string): string => readFileSync(join(site.root, path), 'utf8');
const own = 'var/lib/swipe-provision';

here('from nothing to a payment of 1.00 and back; a second run changes nothing; the doctor agrees', () =>
  withCleanup(async (later) => {
    const site = await layTechnicianSite(tempDir(), later);
    const answers = site.answers({
      testPayment: true,
      pressWithinS: 20,
      wifi: undefined,
      commandKeys: [{ kid: 'own', alg: 'HS256', secret: Buffer.from('s'.repeat(40)).toString('base64url') }],
    });
    const sinceMs = performance.now();
    const first = site.provision(answers);
    // Who presses is told when.
    for (const [word, button] of [
      ['red', 'abort'],
      ['white', 'info'],
    ] as const)
      void first.out
        .find((line) => line.includes(`Press the ${word} button`), 'the question', 0, 60_000)
        .then(() => site.panel?.press(button, 200))
        .catch(() => {});
    const exit = await first.exit;
    assert.equal(exit, { code: 0, signal: null }, first.said().toString());
    process.stdout.write(`from nothing to a first payment: ${Math.round(performance.now() - sinceMs)} ms\n`);
    assert.equal(money(site), ['Purchase approved', 'Withdrawal approved']);

    const config = JSON.parse(text(site, 'etc/swipe/gateway.json'));
    assert.is(config.registry.claim, undefined, 'the claim was used and does not lie about');
    const sheet = text(site, `${own}/sheet.html`);
    for (const part of ['SW-', 'PAX s800', 'The red button works', '1.00 was taken back', '<svg'])
      assert.ok(sheet.includes(part), part);

    const log = text(site, `${own}/provision.log`);
    assert.ok(log.includes('"registered"'));
    const key = JSON.parse(text(site, 'var/lib/swipe/box-key.json')) as { d: string };
    for (const secret of [site.claim, site.claim.replaceAll('-', ''), key.d, 's'.repeat(40)])
      for (const where of [log, sheet, text(site, `${own}/progress.json`), first.said().toString()]) {
        assert.not.ok(where.includes(secret), secret);
        assert.not.ok(where.includes(Buffer.from(secret).toString('base64url')), secret);
      }

    const before = site.tree();
    const second = site.provision(answers);
    assert.is((await second.exit).code, 0, second.said().toString());
    assert.ok(second.out.items.some((line) => line.startsWith('Everything was done already')));
    assert.equal(site.tree(), before);
    assert.is(money(site).length, 2);

    const { code } = await newPairingCode(site.registry.core, operator, config.box ?? boxIn(sheet));
    const doctor = site.swipe('doctor', '--json');
    assert.is((await doctor.exit).code, 0, doctor.said().toString());
    const { findings } = JSON.parse(doctor.out.items.join('\n')) as {
      findings: { text: string; level: string }[];
    };
    assert.ok(findings.some((one) => one.text === 'terminalReady' && one.level === 'ok'));
    assert.not.ok(doctor.said().toString().includes(code));
  }),
);

const boxIn = (sheet: string): string => /SW-[0-9A-Z]{12}/.exec(sheet)?.[0] ?? '';

here('what is asked of the devices until the gateway runs cannot move money', () =>
  withCleanup(async (later) => {
    const site = await layTechnicianSite(tempDir(), later);
    // Without a claim it gets as far as the registration.
    const child = site.provision(site.answers({ claim: undefined }));
    assert.is((await child.exit).code, 2);
    assert.ok(child.out.items.some((line) => line.includes('no claim code was given')));
    const asked = site.cable.messages.items.filter(({ from }) => from === 'box').map(({ method }) => method);
    assert.equal([...new Set(asked)].sort(), [
      'GetTerminalInfo',
      'PingDevice',
      'getMerchantList',
      'identify',
    ]);
  }),
);

here(
  'the first boot: from the answers on the boot partition, which are gone afterwards; then there is nothing to do',
  () =>
    withCleanup(async (later) => {
      const site = await layTechnicianSite(tempDir(), later, { hasPanel: false });
      const boot = join(site.root, 'boot/firmware');
      mkdirSync(boot, { recursive: true });
      writeFileSync(join(boot, 'swipe-answers.json'), JSON.stringify(site.answers()));
      const first = site.swipe('provision', '--first-boot');
      assert.is((await first.exit).code, 0, first.said().toString());
      assert.equal(readdirSync(boot).sort(), ['swipe-result.txt', 'swipe-sheet.html']);
      assert.not.ok(existsSync(join(site.root, own, 'answers.json')));
      const result = readFileSync(join(boot, 'swipe-result.txt'), 'utf8');
      assert.match(result, /This box is ready/);
      assert.not.ok(result.includes(site.claim));
      assert.not.match(result, /sale system/, 'a pairing code is for a screen');
      const before = site.tree();
      assert.is((await site.swipe('provision', '--first-boot').exit).code, 0);
      assert.equal(site.tree(), before);
    }),
);

here('a dry run leaves nothing behind, not even a log', () =>
  withCleanup(async (later) => {
    const site = await layTechnicianSite(tempDir(), later);
    const before = site.tree();
    const child = site.provision(site.answers({ testPayment: true }), '--dry-run');
    assert.is((await child.exit).code, 0, child.said().toString());
    assert.equal(site.tree(), before);
    assert.equal(money(site), []);
  }),
);

test.run();
