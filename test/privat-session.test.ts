import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { silentLog } from '../gateway/seams/log.ts';
import { classify } from '../gateway/terminal/privat-json/classify.ts';
import type { Question, Reply } from '../gateway/terminal/privat-json/lane.ts';
import { encodeMessage, type Message, readMessage } from '../gateway/terminal/privat-json/message.ts';
import { openSession, pingQuestion } from '../gateway/terminal/privat-json/session.ts';
import { frameOf, ScriptedLink } from './support/driver-bench.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('privat-session');

function message(method: string, msgType?: string): Message {
  const { message } = readMessage(
    encodeMessage(method, msgType === undefined ? {} : { msgType }).slice(0, -1),
  );
  if (message === null) throw new Error('not read');
  return message;
}

const where = (one: Message, operation: string | null, service: string | null): string => {
  const destination = classify(one, { operation, service });
  return 'reply' in destination ? `${destination.lane} ${destination.reply.kind}` : destination.lane;
};

test('whose answer a message is', () => {
  const cases: [Message, string | null, string | null, string][] = [
    [message('Purchase'), 'Purchase', null, 'operation answer'],
    [message('purchase'), 'Purchase', 'identify', 'operation answer'],
    [message('Purchase'), 'Refund', null, 'unasked'],
    [message('Purchase'), null, null, 'unasked'],
    [message('ServiceMessage', 'identify'), 'Purchase', 'identify', 'service answer'],
    [message('ServiceMessage', ' getMaskList'), null, 'getMaskList', 'service answer'],
    [message('ServiceMessage', ' interruptTransmitted'), 'Purchase', 'interrupt', 'service answer'],
    [message('ServiceMessage', 'identify'), null, 'getMerchantList', 'nobody'],
    [message('ServiceMessage', 'identify'), 'Purchase', null, 'nobody'],
    [message('ServiceMessage'), 'Purchase', 'identify', 'nobody'],
    [message('ServiceMessage', 'deviceBusy'), 'Purchase', 'identify', 'operation busy'],
    [message('ServiceMessage', 'DeviceBusy'), 'Purchase', null, 'operation busy'],
    [message('ServiceMessage', 'deviceBusy'), null, 'identify', 'nobody'],
    [message('ServiceMessage', ' methodNotImplemented'), 'Purchase', null, 'operation notImplemented'],
    [message('ServiceMessage', 'methodNotImplemented'), null, 'identify', 'service notImplemented'],
    [message('ServiceMessage', 'methodNotImplemented'), 'Purchase', 'identify', 'service notImplemented'],
    [message('ServiceMessage', 'methodNotImplemented'), null, null, 'nobody'],
  ];
  for (const [one, operation, service, expected] of cases)
    assert.is(
      where(one, operation, service),
      expected,
      `${JSON.stringify(one.method)} ${operation} ${service}`,
    );
});

async function sessionBench() {
  const time = new VirtualTime();
  const link = new ScriptedLink(time);
  const unasked: string[] = [];
  let garbled = 0;
  const session = await openSession(
    {
      link,
      time,
      log: silentLog,
      commandGapMs: 0,
      listener: {
        heard() {},
        unasked: ({ method }) => void unasked.push(method),
        garbled() {
          garbled += 1;
        },
      },
    },
    1,
  );
  const replies: string[] = [];
  const question = (name: string, more: Partial<Question> = {}): Question => ({
    name,
    bytes: encodeMessage(name),
    timeoutMs: 1_000,
    settle: (reply: Reply) => void replies.push(`${name} ${reply.kind}`),
    ...more,
  });
  const ping = () => session.ask(pingQuestion(1_000, (reply) => void replies.push(`ping ${reply.kind}`)));
  return { time, link, session, unasked, replies, question, ping, garbled: () => garbled };
}

test('one request at a time, in order; services beside them', async () => {
  const { time, link, session, replies, question, ping } = await sessionBench();
  ping();
  await time.advance(10);
  Object.assign(link.reactions, { Audit: { responseCode: '0000' }, Verify: { responseCode: '0000' } });
  session.ask(question('Audit'));
  session.ask(question('Verify'));
  session.serve(question('identify', { bytes: encodeMessage('ServiceMessage', { msgType: 'identify' }) }));
  assert.equal(link.story.slice(2), ['Audit', 'identify']);
  await time.advance(25);
  assert.equal(replies, ['ping answer', 'Audit answer', 'identify answer', 'Verify answer']);
});

test('a fresh session asks nothing before a ping was answered', async () => {
  const { time, link, session, replies, question, unasked } = await sessionBench();
  link.reactions.PingDevice = 'silent';
  session.ask(question('GetReceiptInfo'));
  link.answer('GetReceiptInfo', { invoiceNumber: '7' });
  await time.advance(999);
  assert.equal(link.story, ['open', 'PingDevice']);
  assert.equal(unasked, ['GetReceiptInfo']);
  await time.advance(1);
  assert.equal(replies, ['GetReceiptInfo noAnswer']);
});

test('a ping that is an error is no answer', async () => {
  const { time, link, replies, ping } = await sessionBench();
  link.reactions.PingDevice = { params: { responseCode: '1000' }, error: true };
  ping();
  await time.advance(1_000);
  assert.equal(replies, ['ping noAnswer']);
});

test('what was withdrawn may still be answered: the next request waits behind a ping', async () => {
  const { time, link, session, replies, question, ping, unasked } = await sessionBench();
  ping();
  await time.advance(10);
  const withdraw = session.ask(question('Audit'));
  withdraw();
  withdraw();
  session.ask(question('Audit'));
  assert.equal(link.story.slice(1), ['PingDevice', 'Audit', 'PingDevice']);
  link.answer('Audit', { receipt: 'old' });
  assert.equal(unasked, ['Audit']);
  await time.advance(10);
  assert.equal(link.story.slice(-1), ['Audit']);
  link.answer('Audit', { receipt: 'new' });
  assert.equal(replies, ['ping answer', 'Audit answer']);
});

test('a full lane says so, and recovers', async () => {
  const { time, link, session, replies, question, ping } = await sessionBench();
  ping();
  await time.advance(10);
  for (let number = 0; number < 40; number += 1) session.ask(question(`Audit${number}`));
  await time.advance(0);
  assert.is(replies.filter((one) => one.endsWith('noAnswer')).length, 24);
  await time.advance(1_000);
  assert.is(replies.length, 41);
  link.reactions.Audit = {};
  session.ask(question('Audit'));
  await time.advance(50);
  assert.is(replies.at(-1), 'Audit answer');
});

test('the end of the connection ends every question, once, and each later one', async () => {
  const { time, link, session, replies, question, ping } = await sessionBench();
  ping();
  await time.advance(10);
  session.ask(question('Audit'));
  session.ask(question('Verify'));
  session.serve(question('identify'));
  link.breakOff();
  assert.equal(replies.slice(1), ['Audit gone', 'Verify gone', 'identify gone']);
  session.ask(question('Late'));
  await time.advance(10_000);
  assert.equal(replies.slice(4), ['Late gone']);
  assert.not.ok(session.isOpen());
  assert.is(time.pending, 0);
  await session.over;
  await session.close('again');
});

test('a link that answers within the call', async () => {
  const { time, link, session, replies, question, ping } = await sessionBench();
  link.reactions.PingDevice = () => {
    link.answer('PingDevice', { code: '00' });
    return 'silent';
  };
  link.reactions.Audit = () => {
    link.answer('Audit', {});
    return 'silent';
  };
  ping();
  session.ask(question('Audit'));
  session.ask(question('Audit'));
  assert.equal(replies, ['ping answer', 'Audit answer', 'Audit answer']);
  assert.is(time.pending, 0);
});

test('garbage is reported, and what follows it is read', async () => {
  const { time, link, replies, ping, garbled } = await sessionBench();
  link.reactions.PingDevice = 'silent';
  ping();
  link.send('noise\0');
  link.send(`\u0007${frameOf('PingDevice', { code: '00' }, false, '')}`);
  await time.settle();
  assert.equal(replies, ['ping answer']);
  assert.is(garbled(), 2);
});

test.run();
