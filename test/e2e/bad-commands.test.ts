/** Whoever can publish on the command topic still cannot make the terminal do anything: on real parts. */
import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { signText } from '../../gateway/simulators/sale-system.ts';
import { type LogLine, sharedBox, type TestBox } from '../support/box.ts';
import { needing } from '../support/needs.ts';
import { type Draft, edKey, hmacKey, type SenderKey, signedText } from '../support/sale-client.ts';

const test = suite('e2e bad commands');
const withParts = needing(test, 'mosquitto', 'socat');

const payment: Draft = { type: 'payment', amount: 66600, currency: 'UAH' };
const signed = (box: TestBox, draft: Draft, key: SenderKey = box.keys.shop): string =>
  signedText(JSON.stringify(box.sale.command(draft)), key);
const minutesAhead = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

const sharedOne = sharedBox(
  test,
  { script: { options: { stepMs: 10, lookUpMs: 5 } } },
  // What the broker keeps comes with the subscription, marked as kept.
  (box) => box.sale.publish(signed(box, payment), { retain: true }),
);

const isDrop = ({ msg }: LogLine): boolean => msg === 'a command was dropped';
const dropsIn = (box: TestBox): LogLine[] => box.log.items.filter(isDrop);

/** A JWS as somebody makes it who knows everything but a secret. */
function forged(payload: string, header: object, secret: Uint8Array | null): string {
  const input = [JSON.stringify(header), payload]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const mac = secret === null ? '' : createHmac('sha256', secret).update(input).digest('base64url');
  return `${input}.${mac}`;
}

withParts('a retained command is dropped: an old one, and one that comes just now', async () => {
  const box = await sharedOne();
  const line = await box.log.find(isDrop, 'the line about the old one');
  assert.is(line.reason, 'retained');
  await box.sale.publish(signed(box, payment), { retain: true });
  await box.log.find(() => dropsIn(box).length === 2, 'the line about the new one');
  assert.is(dropsIn(box)[1]?.reason, 'retained');
});

withParts('what is not signed for this box is dropped, with one line each that says why', async () => {
  const box = await sharedOne();
  const { shop, web } = box.keys;
  const good = JSON.stringify(box.sale.command(payment));
  const publicBytes = Buffer.from((web as SenderKey & { alg: 'EdDSA' }).publicKey, 'base64url');
  const [header, body, signature = ''] = signText(good, shop).split('.');
  const bigger = Buffer.from(good.replace('66600', '66601')).toString('base64url');
  const cases: [name: string, payload: string | Buffer, reason: string][] = [
    ['no JWS at all', good, 'unsigned'],
    ['a JWS without an algorithm', forged(good, { alg: 'none', kid: 'shop' }, null), 'unsigned'],
    ['signed with another secret', signText(good, { ...hmacKey('shop') }), 'unsigned'],
    ['signed with an unknown key', signText(good, hmacKey('stranger')), 'unsigned'],
    ['a public key as secret', forged(good, { alg: 'HS256', kid: 'web' }, publicBytes), 'unsigned'],
    ["another algorithm than the key's", signedText(good, { ...edKey('shop') }), 'unsigned'],
    ['changed after it was signed', `${header}.${bigger}.${signature}`, 'unsigned'],
    ['a signature cut short', `${header}.${body}.${signature.slice(0, -2)}`, 'unsigned'],
    ['bytes', Buffer.from([0, 255, 254, 1, 46, 46]), 'unsigned'],
    ['another box', signed(box, { ...payment, box: 'SW-0000000000AA' }), 'otherBox'],
    ['no box', signText(good.replace(/"box":"[^"]*",/, ''), shop), 'otherBox'],
    ['no JSON', signText('pay 666.00', shop), 'malformed'],
    ['a list', signText(`[${good}]`, shop), 'malformed'],
    ['too large', signed(box, { ...payment, order: 'x'.repeat(16_384) }), 'oversized'],
  ];
  const before = dropsIn(box).length;
  for (const [, payload] of cases) await box.sale.publish(payload);
  // The largest that the broker takes: it must not even reach the box.
  await box.sale.publish(Buffer.alloc(1_000_000, 0x61));
  await box.log.find(() => dropsIn(box).length === before + cases.length, 'a line for each');

  const lines = dropsIn(box).slice(before);
  assert.equal(
    lines.map(({ reason }, index) => `${cases[index]?.[0]}: ${reason}`),
    cases.map(([name, , reason]) => `${name}: ${reason}`),
  );
  for (const [index, [, payload]] of cases.entries())
    assert.is(lines[index]?.bytes, Buffer.byteLength(payload));
});

withParts('what is signed and bad is refused with the reason, and one line says so', async () => {
  const box = await sharedOne();
  const { sale, keys } = box;
  const cases: [draft: Draft, code: string, text: RegExp, key?: SenderKey][] = [
    [{ ...payment, issuedAt: minutesAhead(-3), expiresAt: minutesAhead(3) }, 'expired', /journal/],
    [{ ...payment, issuedAt: minutesAhead(-0.01), expiresAt: minutesAhead(0) }, 'expired', /deadline/],
    [{ ...payment, expiresAt: minutesAhead(16) }, 'invalid', /^expiresAt: .*15 minutes/],
    [{ ...payment, issuedAt: minutesAhead(3), expiresAt: minutesAhead(4) }, 'invalid', /^issuedAt: /],
    [{ ...payment, type: 'teleport' as 'payment' }, 'invalid', /^type: found "teleport"/],
    [{ ...payment, tip: 100 }, 'invalid', /^tip: found an unknown member/],
    [{ ...payment, amount: 666.5 }, 'invalid', /^amount: found 666\.5/],
    [{ ...payment, amount: '66600' }, 'invalid', /^amount: found "66600"/],
    [{ ...payment, amount: 500_001 }, 'invalid', /^amount: found 500001, allowed: at most 500000/],
    [{ ...payment, currency: 'EUR' }, 'invalid', /^currency: found "EUR", allowed: UAH/],
    [{ ...payment, merchant: 'stranger' }, 'invalid', /^merchant: found "stranger"/],
    [{ ...payment, type: 'refund', rrn: '123456789012' }, 'forbidden', /chief/, keys.chief],
  ];
  for (const [draft, code, text, key = keys.shop] of cases) {
    const command = sale.command(draft);
    await sale.send(command, key);
    const result = await sale.resultOf(command.id);
    assert.is(result.outcome, 'refused');
    assert.is(result.reason.source, 'box');
    assert.is(result.reason.code, code, result.reason.text);
    assert.match(result.reason.text, text);
    assert.is(result.startedAt, null);
    const lines = box.log.items.filter(({ id }) => id === command.id);
    assert.is(lines.length, 1);
    assert.is(lines[0]?.outcome, 'refused');
    assert.is(lines[0]?.code, code);
  }
});

withParts('what is signed and has no usable id is rejected, without a result', async () => {
  const { sale } = await sharedOne();
  const results = sale.results.items.length;
  await sale.send(sale.command({ ...payment, id: 'short' }));
  const event = await sale.events.find(({ type }) => type === 'rejected', 'the event');
  assert.is((event as { id?: unknown }).id, null);
  assert.is((event as { reason?: unknown }).reason, 'invalid');
  await sale.ask({ type: 'status', target: 'never-was-there' });
  assert.is(sale.results.items.length, results + 1);
});

withParts('none of it has reached the terminal, and a good command still does', async () => {
  const box = await sharedOne();
  assert.equal(box.asked(), []);
  const said = box.seen.items.slice(1).map((line) => line.split(':')[0]);
  assert.equal([...new Set(said)], ['GetTerminalInfo']);
  const { outcome } = await box.sale.ask(payment);
  assert.is(outcome, 'approved');
  assert.equal(
    box.asked().map(({ method }) => method),
    ['GetReceiptInfo', 'GetReceiptInfo', 'Purchase'],
  );
});

test.run();
