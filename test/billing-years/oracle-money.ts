/** Where money goes: to the invoices that are named, then to the oldest, the rest is credit, which pays at once. */
import { type Bill, type Booked, billOf, type Facts, type Purse, purseOf } from './facts.ts';

/** What the judging of a statement's entry looks at. */
export interface Claimed {
  isOurs: boolean;
  /** Another movement has its reference. */
  isSecond: boolean;
  /** Its day is yet to come. */
  isEarly: boolean;
  direction: 'credit' | 'debit';
  reversal: boolean;
  amount: number;
  currency: string;
  /** Numbers that its purpose names. */
  named: readonly string[];
}

/** What is to become of an entry: `booked`, or why it waits. */
export function judged(
  facts: Facts,
  { isOurs, isSecond, isEarly, direction, reversal, amount, currency, named }: Claimed,
): string {
  if (!isOurs) return 'otherAccount';
  if (isSecond) return 'sameReference';
  if (reversal) return 'reversal';
  if (direction === 'debit') return 'debit';
  if (isEarly) return 'future';
  if (named.length === 0) return 'noNumber';
  const bills = named.flatMap((number) => facts.bills.get(number) ?? []);
  if (bills.length < named.length) return 'unknownNumber';
  if (bills.some((bill) => bill.currency !== currency)) return 'foreignCurrency';
  if (bills.some((bill) => bill.customer !== bills[0]?.customer)) return 'severalCustomers';
  let open = 0;
  for (const bill of bills) open += bill.open;
  if (open === 0) return 'double';
  return amount === open ? 'booked' : amount < open ? 'partial' : 'over';
}

/** A new invoice: credit pays for it at once. */
export function owe(facts: Facts, bill: Bill): void {
  facts.bills.set(bill.number, bill);
  const purse = purseOf(facts, bill.customer, bill.currency);
  const before = purse.bills.at(-1);
  purse.bills.push(bill.number);
  if (before !== undefined && orderOf(facts, before) > orderOf(facts, bill.number))
    purse.bills.sort((one, other) => (orderOf(facts, one) < orderOf(facts, other) ? -1 : 1));
  setOpen(facts, bill, bill.open);
  payByCredit(facts, purse);
}

/** Oldest first: by the due day, then by the number. */
const orderOf = (facts: Facts, number: string): string => `${billOf(facts, number).due} ${number}`;

function setOpen(facts: Facts, bill: Bill, open: number): void {
  bill.open = open;
  if (open > 0) facts.open.add(bill.number);
  else facts.open.delete(bill.number);
}

function payByCredit(facts: Facts, purse: Purse): void {
  if (purse.credit === 0) return;
  for (const number of purse.bills) {
    const bill = billOf(facts, number);
    const part = Math.min(bill.open, purse.credit);
    if (part === 0) continue;
    setOpen(facts, bill, bill.open - part);
    purse.credit -= part;
    used(facts, purse, number, part);
  }
}

function used(facts: Facts, purse: Purse, number: string, amount: number): void {
  facts.uses += 1;
  const before = purse.byCredit.get(number)?.amount ?? 0;
  purse.byCredit.set(number, { amount: before + amount, last: facts.uses });
}

/** Money that came in. */
export interface Money {
  id: string;
  customer: string;
  currency: string;
  amount: number;
  named: readonly string[];
  /** The entry of a statement that it was. */
  mark: string | null;
}

/** Books money. */
export function takeMoney(facts: Facts, { id, customer, currency, amount, named, mark }: Money): Booked {
  const purse = purseOf(facts, customer, currency);
  const booked: Booked = { id, customer, currency, amount, parts: [], credit: 0, reversed: false, mark };
  let left = amount;
  for (const number of [...named, ...purse.bills]) {
    const bill = billOf(facts, number);
    const part = Math.min(bill.open, left);
    if (part === 0) continue;
    setOpen(facts, bill, bill.open - part);
    booked.parts.push({ invoice: number, amount: part });
    left -= part;
  }
  booked.credit = left;
  purse.credit += left;
  facts.payments.set(id, booked);
  return booked;
}

/** Whether a payment can be taken back: not when its credit was paid out. */
export function canReverse(facts: Facts, { customer, currency, credit, reversed }: Booked): boolean {
  const purse = purseOf(facts, customer, currency);
  let reach = purse.credit;
  for (const { amount } of purse.byCredit.values()) reach += amount;
  return !reversed && reach >= credit;
}

/** The payment was none: what it paid is open again; what its credit paid, too, the latest first. */
export function reverse(facts: Facts, booked: Booked): void {
  booked.reversed = true;
  // The money came all the same: somebody must say whose it is.
  if (booked.mark !== null)
    facts.entries.set(booked.mark, { state: 'waiting', why: 'reversed', customer: null });
  const purse = purseOf(facts, booked.customer, booked.currency);
  for (const { invoice, amount } of booked.parts) {
    const bill = billOf(facts, invoice);
    setOpen(facts, bill, bill.open + amount);
  }
  purse.credit -= booked.credit;
  while (purse.credit < 0) {
    const [number, use] = [...purse.byCredit]
      .filter(([, { amount }]) => amount > 0)
      .sort(([, one], [, other]) => other.last - one.last)[0] ?? ['', { amount: 0 }];
    if (use.amount === 0) throw new Error('this payment cannot be reversed');
    const part = Math.min(use.amount, -purse.credit);
    const bill = billOf(facts, number);
    setOpen(facts, bill, bill.open + part);
    purse.credit += part;
    used(facts, purse, number, -part);
  }
  payByCredit(facts, purse);
}

/** An invoice, or a part of it, is taken back. */
export function takeBack(facts: Facts, number: string, total: number): void {
  const bill = billOf(facts, number);
  const purse = purseOf(facts, bill.customer, bill.currency);
  bill.back += total;
  const part = Math.min(bill.open, total);
  setOpen(facts, bill, bill.open - part);
  purse.credit += total - part;
  payByCredit(facts, purse);
}
