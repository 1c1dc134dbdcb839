import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fault, ok } from '../provisioning/technician/finding.ts';
import type { Step } from '../provisioning/technician/step.ts';
import { answersWith, healthOf, statusOf, TechniciansWorld, words } from './support/technician-world.ts';

const test = suite('provision: steps');

const keys = (findings: readonly { level: string; text: string }[], level: string): string[] =>
  findings.filter((one) => one.level === level).map(({ text }) => text);

test('from an empty box to the sheet; the second run changes nothing', async () => {
  const world = new TechniciansWorld();
  const answers = answersWith({ testPayment: true });
  const first = await world.run(answers);
  assert.is(first.ending.how, 'done', JSON.stringify(first.findings));
  assert.equal(world.deeds, ['enrol', 'restart', 'pay operation-1', 'reverse operation-1']);
  const config = JSON.parse(world.kept.get('config') ?? '');
  assert.is(config.terminal.link, 'serial:/dev/serial/by-id/usb-terminal');
  assert.is(config.panel.link, 'serial:/dev/serial/by-id/usb-panel');
  assert.is(config.registry.claim, undefined);
  const writes = world.writes.length;
  const second = await world.run(answers);
  assert.is(second.ending.how, 'nothingToDo');
  assert.equal(second.works, []);
  assert.equal([world.writes.length, world.deeds.length], [writes, 4]);
});

test('a dry run looks at everything and changes nothing', async () => {
  const world = new TechniciansWorld();
  const { ending, told } = await world.run(answersWith({ testPayment: true }), { isDryRun: true });
  assert.is(ending.how, 'dryRun');
  assert.equal(world.deeds, []);
  assert.equal(world.writes, []);
  assert.ok(told.includes('planConfig') && told.includes('planPayment'));
});

test('a dry run takes no port from a gateway that works', async () => {
  const world = new TechniciansWorld();
  world.running = true;
  await world.run(answersWith(), { isDryRun: true });
  assert.equal(world.deeds, []);
});

test('a step that fails is told and stops it; the next run goes on from there', async () => {
  const world = new TechniciansWorld();
  world.enrolled = { kind: 'answered', state: 'unregistered', reason: 'claimUnknown' };
  const failed = await world.run(answersWith());
  assert.equal([failed.ending.how, failed.ending.failed?.name], ['failed', 'register']);
  assert.equal(keys(failed.findings, 'fault'), ['claimUnknown']);
  assert.is(failed.ending.needsPerson, true, 'a wrong code is not tried again by itself');
  world.enrolled = { kind: 'answered', state: 'active', reason: null };
  const again = await world.run(answersWith());
  assert.is(again.ending.how, 'done');
  assert.not.ok(again.works.includes('pin'));
});

test('what nobody has foreseen is told as such, and stops it', async () => {
  const world = new TechniciansWorld();
  const step: Step = {
    name: 'odd',
    title: 'stepTest',
    kind: 'change',
    async do() {
      throw new TypeError('odd');
    },
  };
  const { ending, findings } = await world.run(answersWith(), { steps: [step] });
  assert.is(ending.how, 'failed');
  assert.equal(keys(findings, 'fault'), ['broken']);
});

test('a card that takes no more is told by the file', async () => {
  const world = new TechniciansWorld();
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/etc/swipe/terminal.json' });
  const step: Step = {
    name: 'full',
    title: 'stepPin',
    kind: 'change',
    async do() {
      throw full;
    },
  };
  const { findings } = await world.run(answersWith(), { steps: [step] });
  assert.equal([findings[0]?.text, findings[0]?.with.path], ['writeFailed', '/etc/swipe/terminal.json']);
});

test('a fault among the findings of a step stops it as a failure does', async () => {
  const world = new TechniciansWorld();
  const step: Step = {
    name: 'a',
    title: 'stepTest',
    kind: 'look',
    do: async () => [ok('serviceOn'), fault('noBroker')],
  };
  assert.is((await world.run(answersWith(), { steps: [step] })).ending.how, 'failed');
});

test('a record that cannot be read: everything is looked at anew', async () => {
  const world = new TechniciansWorld();
  await world.run(answersWith());
  world.kept.set('progress', '{"format":1,');
  const again = await world.run(answersWith());
  assert.is(again.ending.how, 'done', JSON.stringify(again.findings));
  assert.ok(keys(again.findings, 'note').includes('progressDamaged'));
  assert.equal(world.deeds.filter((deed) => deed === 'enrol').length, 1);
});

test('a gateway with a payment running is not touched', async () => {
  const world = new TechniciansWorld();
  world.running = true;
  world.status = statusOf({ operation: { id: 'operation-9', state: 'running' } });
  const { findings } = await world.run(answersWith());
  assert.equal(keys(findings, 'fault'), ['gatewayBusy']);
  assert.equal(world.deeds, []);
});

test('a gateway that was stopped for asking runs again when the asking fails', async () => {
  const world = new TechniciansWorld();
  world.running = true;
  world.who = {};
  await world.run(answersWith());
  assert.equal(world.deeds, ['stop', 'restart']);
});

test('a gateway that was stopped runs again, by the config it had, when a later step fails', async () => {
  const world = new TechniciansWorld();
  world.running = true;
  world.status = statusOf({ panel: 'absent' });
  world.kept.set('config', '{}');
  const { ending } = await world.run(answersWith({ terminal: { id: 'S9999999', merchants: { shop: '1' } } }));
  assert.is(ending.failed?.name, 'pin');
  assert.equal(world.deeds, ['stop', 'restart']);
  assert.is(world.kept.get('config'), '{}');
});

test('a gateway that does not start is not started a second time', async () => {
  const world = new TechniciansWorld();
  world.running = true;
  world.status = statusOf({ panel: 'absent' });
  const parts = world.asWorld();
  const { restart } = parts.service;
  world.asWorld = () => ({
    ...parts,
    service: { ...parts.service, restart: async () => ({ ...(await restart()), done: false, text: 'no' }) },
  });
  assert.is((await world.run(answersWith())).ending.failed?.name, 'start');
  assert.equal(
    world.deeds.filter((deed) => deed === 'restart'),
    ['restart'],
  );
});

test('whoever stops it between two steps is heard, and the gateway runs on', async () => {
  const world = new TechniciansWorld();
  world.running = true;
  world.status = statusOf({ panel: 'absent' });
  const ended = await world.run(answersWith(), { isCancelled: () => world.deeds.includes('stop') });
  assert.equal([ended.ending.failed?.name, keys(ended.findings, 'fault')], ['pin', ['cancelled']]);
  assert.equal(world.deeds, ['stop', 'restart']);
});

test('a terminal that the answers do not mean is refused before anything is written', async () => {
  const world = new TechniciansWorld();
  const { findings } = await world.run(
    answersWith({ terminal: { id: 'S9999999', merchants: { shop: '1' } } }),
  );
  assert.equal(keys(findings, 'fault'), ['terminalOther']);
  assert.not.ok(world.kept.has('config'));
});

test('a merchant that the terminal does not have is told, with those it has', async () => {
  const world = new TechniciansWorld();
  const { findings } = await world.run(answersWith({ terminal: { merchants: { shop: '5' } } }));
  const last = findings.at(-1);
  assert.equal([last?.text, last?.with.list], ['merchantMissing', '1 Shop, 10 Incasso']);
});

test('keys and limits that stand in the config stay; registry and devices are as answered', async () => {
  const world = new TechniciansWorld();
  const commandKeys = [{ kid: '1c', alg: 'HS256', secret: 'c2VjcmV0'.repeat(6) }];
  world.kept.set('config', JSON.stringify({ commandKeys, limits: { maxAmount: 500 }, box: 'SW-OTHER' }));
  await world.run(answersWith());
  const config = JSON.parse(world.kept.get('config') ?? '');
  assert.equal([config.commandKeys, config.limits, config.box], [commandKeys, { maxAmount: 500 }, undefined]);
});

test('another config: the gateway is started anew with it, and tested anew', async () => {
  const world = new TechniciansWorld();
  await world.run(answersWith());
  const { works } = await world.run(answersWith({ limits: { maxAmount: 700 } }));
  assert.equal(works, ['config', 'start', 'test']);
  assert.is(world.deeds.filter((deed) => deed === 'restart').length, 2);
});

test('a gateway that runs and has lost its terminal: the devices are asked anew', async () => {
  const world = new TechniciansWorld();
  await world.run(answersWith());
  const { terminal } = statusOf().status;
  world.status = statusOf({ terminal: { ...terminal, state: 'absent' } });
  world.who['serial:/dev/serial/by-id/usb-terminal'] = { kind: 'silent' };
  const { findings } = await world.run(answersWith());
  assert.equal(keys(findings, 'fault'), ['terminalMissing']);
  assert.equal(world.deeds.slice(-2), ['stop', 'restart']);
});

test('a config that was broken by hand is not overwritten', async () => {
  const world = new TechniciansWorld();
  world.kept.set('config', '{ "stateDir"');
  const { findings } = await world.run(answersWith());
  assert.equal(keys(findings, 'fault'), ['configUnreadable']);
  assert.is(world.kept.get('config'), '{ "stateDir"');
});

test('buttons: pressed, or not in time', async () => {
  const world = new TechniciansWorld();
  world.health = healthOf({ presses: { abort: 1 } });
  const { findings } = await world.run(answersWith({ pressWithinS: 2 }));
  assert.equal(keys(findings, 'fault'), ['buttonMute', 'buttonMute']);
});

test('an empty board is flashed only with a yes; what was flashed has to say who it is', async () => {
  const link = 'serial:/dev/serial/by-id/usb-panel';
  const unasked = new TechniciansWorld();
  unasked.who[link] = { kind: 'silent' };
  assert.is((await unasked.run(answersWith())).ending.how, 'done');
  assert.equal(
    unasked.deeds.filter((deed) => deed.startsWith('flash')),
    [],
  );

  const wanted = new TechniciansWorld();
  wanted.who[link] = { kind: 'silent' };
  const answers = answersWith({ panel: { link, flash: true } });
  assert.is((await wanted.run(answers)).ending.how, 'done');
  assert.equal(wanted.deeds[0], 'flash /dev/serial/by-id/usb-panel');

  const deaf = new TechniciansWorld();
  deaf.who[link] = { kind: 'silent' };
  deaf.flashed = { done: false, why: 'noSync', text: '' };
  assert.equal(keys((await deaf.run(answers)).findings, 'fault'), ['flashNoSync']);
});

test('without a registry: the broker of the answers, and a box that nobody bills', async () => {
  const world = new TechniciansWorld();
  const answers = answersWith({ registry: null, claim: undefined, broker: { url: 'mqtt://broker.example' } });
  const { ending, findings } = await world.run(answers);
  assert.is(ending.how, 'done', JSON.stringify(findings));
  assert.ok(keys(findings, 'ok').includes('unbilled'));
  assert.equal((await world.run(answers)).works, []);
});

test('what the answers leave out is named where nobody can be asked', async () => {
  const world = new TechniciansWorld();
  world.who['serial:/dev/serial/by-id/usb-terminal'] = { kind: 'terminal', baudRate: 9600, words };
  const { findings } = await world.run(answersWith({ terminal: {} }));
  assert.equal(
    [findings.at(-1)?.text, findings.at(-1)?.with.member],
    ['answerMissing', 'terminal.merchants'],
  );
});

test.run();
