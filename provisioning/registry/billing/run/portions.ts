/** What a page reads, portion by portion: whole customers together, or one customer with more boxes than a portion. */
import type { Tx } from '../../store/store.ts';
import type { MonthFrame } from '../rules/calendar.ts';
import { type Had, type Place, readPortion } from './portion.ts';

/** What is read of a page at a time. `next` null: this was all of it. */
export interface Portion {
  boxes: readonly Had[];
  isFirst: boolean;
  next: Place | null;
  isLast: boolean;
}

/** The boxes of a page, or of what is left of the customer in whose middle the place is. */
export async function* portionsFrom(
  tx: Tx,
  frame: MonthFrame,
  start: Place,
  most: number,
): AsyncGenerator<Portion> {
  for (let place: Place | null = start; place !== null; ) {
    const read = await readPortion(tx, frame, place, most);
    const whole = wholeCustomers(read, place);
    yield { ...whole, isFirst: place === start };
    place = whole.next;
  }
}

/**
 * Of a portion, the boxes that this page takes: those of whole customers. When one customer fills it, all of them, and
 * `next` says where that customer goes on; of what is read then, nothing but what is left of that customer.
 */
function wholeCustomers(
  { boxes, isLast }: { boxes: readonly Had[]; isLast: boolean },
  place: Place,
): { boxes: readonly Had[]; next: Place | null; isLast: boolean } {
  const going = place.billedAs === null ? boxes[0]?.customer : place.customer;
  const last = boxes.at(-1);
  if (last === undefined) return { boxes, next: null, isLast };
  if (last.customer === going && !isLast)
    return { boxes, next: { customer: last.customer, billedAs: last.billedAs }, isLast };
  if (isLast && place.billedAs === null) return { boxes, next: null, isLast };
  const taken = boxes.filter(({ customer }) =>
    place.billedAs === null ? customer !== last.customer : customer === going,
  );
  return { boxes: taken, next: null, isLast: isLast && taken.length === boxes.length };
}
