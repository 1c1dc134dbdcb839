/** From the command to what is asked of the terminal. Pure. */
import type { Command, OperationType } from '../contract/command.ts';
import type { OperationKind } from './operation.ts';
import type { TerminalRequest } from './terminal-port.ts';

/** The commands that the terminal carries out; the others are answered by the box itself. */
export type TerminalCommand = Exclude<Command, { type: 'abort' | 'status' | 'resolve' | 'print' }>;

/** Whether the terminal has a part in it. */
export const isForTerminal = (command: Command): command is TerminalCommand =>
  !('target' in command) && command.type !== 'print';

/** What the box's config says of its terminal. */
export interface Terms {
  /** ISO 4217; every amount is in its minor units. */
  currency: string;
  /** Name or index; the terminal's own choice (`0`) when absent. */
  defaultMerchant?: string | undefined;
  /** Name to index. */
  merchants: Readonly<Record<string, string>>;
  /** Minor units; a larger amount is refused. */
  maxAmount: number;
}

/** PrivatBank's index for "the terminal chooses" and, in reports, "all". */
const terminalsChoice = '0';

/** The merchant that a command means: its name for people and its index; null when there is none of that name. */
export function merchantOf(
  command: { merchant?: string | undefined },
  terms: Terms,
): { name: string; index: string } | null {
  const name = command.merchant ?? terms.defaultMerchant ?? terminalsChoice;
  const index = Object.hasOwn(terms.merchants, name) ? terms.merchants[name] : undefined;
  if (index !== undefined) return { name, index };
  return /^\d{1,3}$/.test(name) ? { name, index: name } : null;
}

/** What a break in the middle of this operation means. */
export function kindOf(type: string): OperationKind {
  if (type === 'reconciliation' || type === 'print') return 'batch';
  return type === 'totals' || type === 'receipt' || type === 'balance' ? 'inquiry' : 'money';
}

/** Whether a command asks for money to be moved; one that could not be read does not. */
export const isAboutMoney = (command: Command | null): boolean =>
  command !== null && isForTerminal(command) && kindOf(command.type) === 'money';

/** Operations that a suspended or unregistered box refuses: those that bring the shop new money. */
export const isNewMoney = (type: OperationType): boolean =>
  type === 'payment' || type === 'cashback' || type === 'preauthorization' || type === 'instalment';

/** The receipt that a reversal is about, once it was found and agreed. Amount in minor units as it stands there now. */
export interface OriginalReceipt {
  invoice: string;
  amount: number;
  /** The most that may still be given back; less than `amount` where a receipt does not show earlier parts. */
  left: number;
}

/** The request for a command; `original` is given for reversals. */
export function requestOf(
  command: TerminalCommand,
  terms: Terms,
  original: OriginalReceipt | null,
): TerminalRequest {
  const merchant = merchantOf(command, terms)?.index ?? terminalsChoice;
  switch (command.type) {
    case 'payment':
    case 'preauthorization':
      return { type: command.type, amount: command.amount, merchant };
    case 'refund':
      return { type: 'refund', amount: command.amount, rrn: command.rrn, merchant };
    case 'reversal': {
      const { invoice, amount, left } = original ?? { invoice: '', amount: 0, left: 0 };
      const wanted = command.amount ?? left;
      // A "part" that is all that stands on the receipt is the whole.
      const part = wanted === amount ? null : wanted;
      return { type: 'reversal', invoice, originalAmount: amount, amount: part, merchant };
    }
    case 'cashback':
      return { type: 'cashback', amount: command.amount, cash: command.cash, merchant };
    case 'completion': {
      const { amount, finalAmount, authCode, rrn } = command;
      return { type: 'completion', amount, finalAmount, authCode, rrn, merchant };
    }
    case 'instalment':
      return {
        type: 'instalment',
        amount: command.amount,
        plan: command.plan,
        parts: command.parts,
        merchant,
      };
    case 'instalmentRefund': {
      const { amount, plan, agreement, partial } = command;
      return { type: 'instalmentRefund', amount, plan, agreement, partial, merchant };
    }
    case 'receipt':
      return { type: 'receipt', invoice: command.invoice ?? null };
    default:
      return { type: command.type, merchant };
  }
}

/** The amounts that a command asks for, by member, for the box's limit. */
export function amountsOf(command: Command): [member: string, amount: number][] {
  const members = ['amount', 'cash', 'finalAmount', 'originalAmount'] as const;
  return members.flatMap((member) => {
    const value = (command as Partial<Record<(typeof members)[number], number>>)[member];
    return value === undefined ? [] : [[member, value] as [string, number]];
  });
}
