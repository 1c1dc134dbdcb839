/** Whose answer a message is. It names its method or its msgType, and nothing else (v1.0.3.1 §4, §6). */
import type { Reply } from './lane.ts';
import { field, type Message } from './message.ts';

/** What was sent and is unanswered in each lane. */
export interface Outstanding {
  /** A method. */
  operation: string | null;
  /** A service message's msgType. */
  service: string | null;
}

/** Where a message belongs. */
export type Destination =
  | { lane: 'operation' | 'service'; reply: Reply }
  /** An answer, but to no question of this moment. */
  | { lane: 'unasked' }
  /** A service message that nobody waits for: of no use any more. */
  | { lane: 'nobody' };

/** Answers that are called otherwise than their question (§6.2). */
const answerNames: Readonly<Record<string, string>> = { interrupt: 'interruptTransmitted' };

const nobody: Destination = { lane: 'nobody' };

/** Finds the lane that a message answers. */
export function classify(message: Message, outstanding: Outstanding): Destination {
  if (!isSame(message.method, 'ServiceMessage')) {
    return outstanding.operation !== null && isSame(message.method, outstanding.operation)
      ? { lane: 'operation', reply: { kind: 'answer', message } }
      : { lane: 'unasked' };
  }
  const msgType = field(message, 'msgType') ?? '';
  if (isSame(msgType, 'deviceBusy'))
    return outstanding.operation === null ? nobody : { lane: 'operation', reply: { kind: 'busy' } };
  if (isSame(msgType, 'methodNotImplemented')) return rejected(outstanding);
  const { service } = outstanding;
  return service !== null && (isSame(msgType, service) || isSame(msgType, answerNames[service] ?? service))
    ? { lane: 'service', reply: { kind: 'answer', message } }
    : nobody;
}

/**
 * `methodNotImplemented` does not say what it rejects. With both lanes waiting it is the service message: an unknown
 * method is rejected at once, before the first status question that follows it.
 */
function rejected({ operation, service }: Outstanding): Destination {
  if (operation === null && service === null) return nobody;
  return { lane: service === null ? 'operation' : 'service', reply: { kind: 'notImplemented' } };
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
