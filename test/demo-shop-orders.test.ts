/** What the sample shop makes of results: nobody is asked for the same money twice, and no address is believed. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payable } from '../gateway/cli/demo/shop-asking.ts';
import { type SampleOrder, sampleOrders, sampleRules, sumOf } from '../gateway/cli/demo/shop-goods.ts';
import { ShopOrder } from '../gateway/cli/demo/shop-orders.ts';
import { parseCommand } from '../gateway/contract/parse.ts';
import type { Result } from '../gateway/contract/result.ts';
import { newOperationId } from '../gateway/simulators/operation-id.ts';
import { readJws, signCommand } from '../gateway/simulators/sale-system.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { approved, told } from './support/shop-results.ts';

const test = suite('demo: the shop and its orders');

const key = { kid: 'shop', secret: Buffer.alloc(32, 7).toString('base64url') };
const box = 'SW-7K3M9QXA2BCD';
const order = sampleOrders.find(({ number }) => number === 4) as SampleOrder;
const whole = sumOf(order);

/** An order with one payment under way, and a way to let the box say something of it. */
function begun(amount = whole) {
  const shopOrder = new ShopOrder(order);
  const ask = (sum: number): string => {
    const id = newOperationId(0, systemRandom);
    shopOrder.begin({ id, jws: 'a.b.c', amount: sum, expiresMs: 0 });
    return id;
  };
  const id = ask(amount);
  const hear = (members: Partial<Result>) =>
    shopOrder.hear(signCommand(told({ id, box, amount: whole, ...members }), key), box, key);
  return { shopOrder, id, ask, hear };
}

test('approved: paid, and nothing is due', () => {
  const { shopOrder, hear } = begun();
  assert.is(shopOrder.state, 'waiting');
  assert.is(hear(approved(whole)), null);
  assert.equal([shopOrder.state, shopOrder.due, shopOrder.pending], ['paid', 0, null]);
});

test('while it is not known whether money moved there is no other payment', () => {
  const { shopOrder, id, hear } = begun();
  assert.is(hear({ outcome: 'unknown', sequence: 1 }), null);
  assert.is(shopOrder.state, 'unclear');
  assert.is(shopOrder.pending?.id, id);
  assert.is(hear({ ...approved(whole), sequence: 2 }), null);
  assert.is(shopOrder.state, 'paid');
  assert.is(hear({ outcome: 'unknown', sequence: 1 }), null);
  assert.is(shopOrder.state, 'paid', 'the older one comes late');
});

test('nothing was charged: another try is another payment; a part was: the rest is due', () => {
  for (const outcome of ['declined', 'cancelled', 'failed', 'refused'] as const) {
    const { shopOrder, hear } = begun();
    hear({ outcome });
    assert.equal([shopOrder.state, shopOrder.due, shopOrder.pending], ['notPaid', whole, null], outcome);
  }
  const { shopOrder, ask, hear } = begun();
  hear({ outcome: 'partiallyApproved', approvedAmount: 70_000 });
  assert.equal([shopOrder.state, shopOrder.due], ['partlyPaid', whole - 70_000]);
  const id = ask(shopOrder.due);
  hear({ id, amount: whole - 70_000, ...approved(whole - 70_000) });
  assert.equal([shopOrder.state, shopOrder.due], ['paid', 0]);
});

test('only a result of this order, this box and this sum is believed', () => {
  const { shopOrder, id, hear } = begun();
  assert.is(shopOrder.hear('a.b.c', box, key), 'unsigned');
  const good = told({ id, box, amount: whole, ...approved(whole) });
  const other = { ...key, secret: Buffer.alloc(32, 8).toString('base64url') };
  assert.is(shopOrder.hear(signCommand(good, other), box, key), 'unsigned');
  assert.is(
    shopOrder.hear(signCommand({ ...good, outcome: 'fine' }, key), box, key),
    'unsigned',
    'no result',
  );
  assert.is(hear({ ...approved(whole), id: newOperationId(0, systemRandom) }), 'otherOrder');
  assert.is(hear({ ...approved(whole), box: 'SW-000000000000' }), 'otherBox');
  assert.is(hear({ ...approved(1), amount: 1 }), 'otherAmount');
  assert.is(hear(approved(whole + 1)), 'otherAmount');
  assert.is(shopOrder.state, 'waiting');
});

test('what never came to anything is forgotten at last, what was paid never', () => {
  const { shopOrder, ask, hear } = begun();
  hear({ outcome: 'partiallyApproved', approvedAmount: 70_000 });
  const first = ask(1);
  hear({ id: first, amount: 1, outcome: 'declined' });
  for (let count = 0; count < 100; count += 1) hear({ id: ask(1), amount: 1, outcome: 'declined' });
  assert.is(shopOrder.paid, 70_000);
  assert.is(shopOrder.last?.result?.outcome, 'declined');
  assert.is(hear({ id: first, amount: 1, outcome: 'declined' }), 'otherOrder');
  ask(1);
  if (shopOrder.last !== null) shopOrder.last.isVoid = true;
  assert.is(shopOrder.pending, null);
  assert.is(shopOrder.state, 'partlyPaid');
});

test('every order is a command that a box takes, in both languages, and its sum has its rule', () => {
  const at = { box, key, deskUrl: 'http://127.0.0.1:1', shopUrl: 'http://127.0.0.1:2' };
  for (const language of ['uk', 'en'] as const)
    for (const one of sampleOrders) {
      const shopOrder = new ShopOrder(one);
      const jws = payable(at, shopOrder, language);
      const parsed = parseCommand(readJws(jws, key));
      assert.ok('command' in parsed, JSON.stringify(parsed));
      assert.is(payable(at, shopOrder, language), jws, 'clicked twice');
    }
  const sums = sampleRules().map(({ match }) => match?.amount);
  assert.is(new Set(sums).size, sampleOrders.filter(({ rule }) => rule !== null).length);
});

test.run();
