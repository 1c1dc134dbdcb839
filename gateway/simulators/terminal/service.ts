import type { Merchant } from './merchants.ts';
import type { TerminalOptions } from './script.ts';
import { type StatusCode, statusTexts } from './status.ts';
import { type Answer, serviceMessage } from './wire.ts';

/** What service messages tell of the terminal. */
export interface ServiceFacts {
  options: TerminalOptions;
  merchants: readonly Merchant[];
  status: StatusCode;
  isBusy: boolean;
}

/**
 * The answer to a service message other than `interrupt` (ECR protocol JSON based v1.0.3.1 §6). They are answered
 * at any time, busy or not.
 */
export function serviceAnswer(msgType: string, facts: ServiceFacts): Answer {
  const { vendor, model } = facts.options;
  const list = (of: (merchant: Merchant) => string) =>
    Object.fromEntries(facts.merchants.map((merchant) => [merchant.index, of(merchant)]));
  switch (msgType) {
    case 'identify':
      return serviceMessage({ msgType, result: 'true', vendor, model });
    case 'getMerchantList':
      return serviceMessage({ msgType, ...list(({ name }) => name) });
    case 'getMaskList':
      return serviceMessage({ msgType, ...list(({ mask }) => mask) });
    case 'getLastResult':
      return serviceMessage({ msgType, LastResult: facts.isBusy ? '2' : '0' });
    case 'getLastStatMsgCode':
      return serviceMessage({ msgType, LastStatMsgCode: String(facts.status) });
    case 'getLastStatMsgDescription':
      return serviceMessage({ msgType, LastStatMsgDescription: statusTexts[facts.status] });
    default:
      return notImplemented;
  }
}

/** A method or message that this terminal does not have. It does not say which one it was. */
export const notImplemented: Answer = serviceMessage({ msgType: 'methodNotImplemented' });

/** A request that came while another one was under way. */
export const deviceBusy: Answer = serviceMessage({ msgType: 'deviceBusy' });

/** The interrupt was heard; what becomes of the operation, its own answer tells. */
export const interruptTransmitted: Answer = serviceMessage({ msgType: 'interruptTransmitted' });
