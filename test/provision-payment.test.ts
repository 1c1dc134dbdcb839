/** The test payment: what moves money, and what never does. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Finding } from '../provisioning/technician/finding.ts';
import { answersWith, TechniciansWorld } from './support/technician-world.ts';

const test = suite('provision: test payment');

const keys = (findings: readonly Finding[], level: Finding['level']): string[] =>
  findings.filter((one) => one.level === level).map(({ text }) => text);

test('its id is written down before it is sent, and is never another one', async () => {
  const world = new TechniciansWorld();
  const answers = answersWith({ testPayment: true });
  world.outcomes = ['unknown'];
  const first = await world.run(answers);
  assert.equal(keys(first.findings, 'fault'), ['paymentOpen']);
  assert.is(first.ending.needsPerson, false);
  const { payment } = JSON.parse(world.kept.get('progress') ?? '');
  assert.is(payment.id, 'operation-1');
  // Settled meanwhile.
  world.operations.set('operation-1', {
    stage: 'finished',
    outcome: 'approved',
    code: '',
    text: '',
    invoice: '8',
  });
  const second = await world.run(answersWith());
  assert.is(
    second.ending.how,
    'done',
    'even without being asked again, what was begun is brought to its end',
  );
  assert.equal(
    world.deeds.filter((deed) => /pay|reverse/.test(deed)),
    ['pay operation-1', 'reverse operation-1'],
  );
});

test('what was declined moved no money, and the next try is another payment', async () => {
  const world = new TechniciansWorld();
  const answers = answersWith({ testPayment: true });
  world.outcomes = ['declined'];
  assert.equal(keys((await world.run(answers)).findings, 'fault'), ['paymentNot']);
  assert.is((await world.run(answers)).ending.how, 'done');
  assert.equal(
    world.deeds.filter((deed) => /pay/.test(deed)),
    ['pay operation-1', 'pay operation-3'],
  );
});

test('what was declined is not tried again by a boot alone', async () => {
  const world = new TechniciansWorld();
  const answers = answersWith({ testPayment: true });
  world.outcomes = ['declined'];
  await world.run(answers);
  for (let boots = 0; boots < 2; boots += 1) {
    const { findings, ending } = await world.run(answers, { isByItself: true });
    assert.equal(keys(findings, 'fault'), ['paymentNot']);
    assert.ok(ending.needsPerson);
  }
  assert.equal(
    world.deeds.filter((deed) => /pay/.test(deed)),
    ['pay operation-1'],
  );
  assert.is((await world.run(answers)).ending.how, 'done', 'somebody asked for it again');
});

test('with the record of it lost, a boot alone does not pay', async () => {
  const world = new TechniciansWorld();
  world.kept.set('progress', '{"format":1,');
  const { findings } = await world.run(answersWith({ testPayment: true }), { isByItself: true });
  assert.equal(keys(findings, 'fault'), ['paymentOpen']);
  assert.equal(
    world.deeds.filter((deed) => /pay/.test(deed)),
    [],
  );
});

test('one that cannot be taken back is told with its receipt; nothing is paid again', async () => {
  const world = new TechniciansWorld();
  const answers = answersWith({ testPayment: true });
  world.outcomes = ['approved', 'failed'];
  const { findings } = await world.run(answers);
  assert.equal(findings.at(-1)?.text, 'reversalNot');
  assert.is(findings.at(-1)?.with.invoice, '7');
  assert.is((await world.run(answers)).ending.how, 'done');
  assert.is(world.deeds.filter((deed) => deed.startsWith('pay')).length, 1);
});

test('no test payment without a yes', async () => {
  for (const testPayment of [undefined, false]) {
    const world = new TechniciansWorld();
    await world.run(answersWith(testPayment === undefined ? {} : { testPayment }));
    assert.equal(
      world.deeds.filter((deed) => /pay/.test(deed)),
      [],
    );
  }
  const world = new TechniciansWorld();
  const person = { text: async () => '', confirm: async () => false, choose: async () => '' };
  await world.run(answersWith(), { person });
  assert.equal(
    world.deeds.filter((deed) => /pay/.test(deed)),
    [],
  );
});

test.run();
