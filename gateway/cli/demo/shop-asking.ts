/** The sample shop's side of the box: the links that it makes, and how it asks for a result that did not come back. */
import { isoTime } from '../../contract/time.ts';
import type { Language } from '../../desk/pages/words.ts';
import { newOperationId } from '../../simulators/operation-id.ts';
import { type HmacKey, signCommand } from '../../simulators/sale-system.ts';
import { systemRandom } from '../../system/random.ts';
import { systemTime } from '../../system/time.ts';
import { documentOf } from './shop-goods.ts';
import type { ShopOrder } from './shop-orders.ts';

/** The box, as the shop knows it. */
export interface ShopsBox {
  box: string;
  /** What the shop signs with. */
  key: HmacKey;
  /** Of the box's desk. */
  deskUrl: string;
  /** The shop's own origin. */
  shopUrl: string;
}

/** The link opens for so long; whoever clicks again later gets a new one. */
const lifeMs = 15 * 60_000;
const readMs = 60_000;
const patienceMs = 3000;

/**
 * The command's JWS behind an order's link: the pending one as long as there is one, since the customer may be at the
 * terminal with it; else a new one for what is still due.
 */
export function payable(at: ShopsBox, shopOrder: ShopOrder, language: Language): string {
  const { pending, order, due } = shopOrder;
  if (pending !== null) return pending.jws;
  const nowMs = systemTime.nowMs();
  const id = newOperationId(nowMs, systemRandom);
  const address = `${at.shopUrl}/orders/${order.number}`;
  const command = {
    id,
    box: at.box,
    type: 'payment',
    issuedAt: isoTime(nowMs),
    expiresAt: isoTime(nowMs + lifeMs),
    amount: due,
    currency: 'UAH',
    order: order.name,
    callback: `${address}?lang=${language}`,
    document: documentOf(order, due, address, language),
  };
  const jws = signCommand(command, at.key);
  shopOrder.begin({ id, jws, amount: due, expiresMs: nowMs + lifeMs });
  return jws;
}

/**
 * Asks the box what became of the pending payment, as a shop does whose customer closed the browser. A box that does not
 * answer leaves everything as it was.
 */
export async function askAfter({ box, key, deskUrl }: ShopsBox, shopOrder: ShopOrder): Promise<void> {
  const { pending } = shopOrder;
  if (pending === null) return;
  const nowMs = systemTime.nowMs();
  const token = signCommand(
    { box, use: 'read', issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + readMs) },
    key,
  );
  try {
    const answer = await fetch(`${deskUrl}/v1/operations/${pending.id}`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await answer.text();
    if (answer.status === 200) shopOrder.hear(text, box, key);
    // Before its deadline that proves nothing: the link may still be pressed.
    if (answer.status === 404 && nowMs > pending.expiresMs) pending.isVoid = true;
  } catch {
    // Asked again when somebody looks again.
  }
}
