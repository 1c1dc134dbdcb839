/** What a pay link asks for, and how far that is: everything that a page shows, before anything is shown. */
import type { Command } from '../../contract/command.ts';
import type { ProgressStep } from '../../contract/event.ts';
import { faultLine } from '../../contract/faults.ts';
import { type ParsedCommand, parseCommand } from '../../contract/parse.ts';
import type { OperationStateName, Result } from '../../contract/result.ts';
import { parseIsoTime } from '../../contract/time.ts';
import { contentHashOf } from '../../payments/reception.ts';
import { isSwipeError } from '../../seams/error.ts';
import type { DeskAround } from '../ports.ts';
import { type LinkParameters, withResult, writeCallback } from './pay-link.ts';

/** Operations that a link may start: those that take money from a customer. */
const payable = ['payment', 'cashback', 'preauthorization', 'instalment'] as const;

/** A command that a link may bring. */
export type PayCommand = Extract<Command, { type: (typeof payable)[number] }>;

/** Why a link is of no use. */
export type OrderFault =
  | 'unsigned'
  | 'otherBox'
  | 'invalid'
  | 'notPayable'
  | 'callbackDiffers'
  | 'callbackForeign'
  | 'duplicate'
  | 'expired';

/** Why it cannot start just now. */
export type Obstacle =
  | 'busy'
  | 'terminalAbsent'
  | 'unresolved'
  | 'suspended'
  | 'unregistered'
  | 'unsupported'
  | 'clockUnknown';

/** How far an order is. */
export type OrderView =
  | { phase: 'fault'; fault: OrderFault; detail: string }
  | { phase: 'ready'; command: PayCommand; obstacle: Obstacle | null }
  | { phase: 'running'; command: PayCommand; state: OperationStateName; step: ProgressStep | null }
  | { phase: 'over'; command: PayCommand; result: Result; back: string | null };

const fault = (which: OrderFault, detail = ''): OrderView => ({ phase: 'fault', fault: which, detail });

/**
 * Looks at an order. Nothing is started, nothing is written.
 *
 * @param callbacks the origins that a browser may be sent back to
 */
export async function lookAt(
  around: DeskAround,
  { order, callback }: Pick<LinkParameters, 'order' | 'callback'>,
  callbacks: readonly string[],
): Promise<OrderView> {
  const verified = await around.verify(order).catch((error: unknown) => {
    if (isSwipeError(error, 'signatureInvalid')) return null;
    throw error;
  });
  if (verified === null) return fault('unsigned');
  const { kid, payload } = verified;
  if ((payload as { box?: unknown } | null | undefined)?.box !== around.box) return fault('otherBox');
  const parsed = parseCommand(payload);
  if ('faults' in parsed) return fault('invalid', parsed.faults.slice(0, 3).map(faultLine).join('; '));
  const { command } = parsed;
  if (!isPayable(command)) return fault('notPayable', command.type);
  const back = command.callback ?? null;
  // The link is anybody's to change, the order is not: it alone says where the browser goes.
  if (callback !== null && writeCallback(callback) !== back) return fault('callbackDiffers');
  if (back !== null && !callbacks.includes(new URL(back).origin))
    return fault('callbackForeign', new URL(back).origin);
  return standing(around, kid, { ...parsed, command });
}

const isPayable = (command: Command): command is PayCommand =>
  (payable as readonly string[]).includes(command.type);

async function standing(
  around: DeskAround,
  kid: string,
  parsed: ParsedCommand & { command: PayCommand },
): Promise<OrderView> {
  const { command } = parsed;
  const known = around.find(command.id);
  if (known === null || known.state === 'notFound') {
    const { clock } = around;
    if (clock.isTrusted() && parseIsoTime(command.expiresAt) <= clock.nowMs()) return fault('expired');
    return { phase: 'ready', command, obstacle: obstacleTo(around, command) };
  }
  if (known.kid !== kid || known.contentHash !== contentHashOf(parsed)) return fault('duplicate');
  const stored = around.resultOf(command.id);
  const { state, step, result } = known;
  if (stored === null || result === null) return { phase: 'running', command, state, step };
  const jws = await around.sign(stored.payload, stored.kid);
  const back = command.callback === undefined ? null : withResult(command.callback, jws);
  return { phase: 'over', command, result, back };
}

/** For the page only: an order that would be refused now is not handed in, since its id stands for that refusal ever after. */
function obstacleTo({ status, clock }: DeskAround, { type }: PayCommand): Obstacle | null {
  const { terminal, operation, unresolved, registration, supports } = status();
  if (!clock.isTrusted()) return 'clockUnknown';
  if (registration.state === 'suspended' || registration.state === 'unregistered') return registration.state;
  if (unresolved.length > 0) return 'unresolved';
  if (terminal.state === 'absent') return 'terminalAbsent';
  if (terminal.state === 'busy' || operation !== null) return 'busy';
  return supports.includes(type) ? null : 'unsupported';
}

/** A word that is another one whenever the view is: what a page has seen. */
export function versionOf(view: OrderView): string {
  switch (view.phase) {
    case 'fault':
      return `fault-${view.fault}`;
    case 'ready':
      return `ready-${view.obstacle ?? 'free'}`;
    case 'running':
      return `running-${view.state}-${view.step ?? 'none'}`;
    case 'over':
      return `over-${view.result.sequence}`;
  }
}
