/** The few messages that may be sent to a device of which nobody knows yet what it is. None can move money. */
import { askFirmware, askVersion } from '../../panel/wire.ts';
import type { Link } from '../../terminal/links/link.ts';
import { encodeMessage, encodePing } from '../../terminal/privat-json/message.ts';

const service = (msgType: string): Uint8Array => encodeMessage('ServiceMessage', { msgType });

/** What a terminal is asked (ECR protocol JSON based v1.0.3.1 §5.8, §5.9, §6): alive, who, which software, which merchants. */
export const terminalQuestions: readonly Uint8Array[] = [
  encodePing(),
  service('identify'),
  service('getMerchantList'),
  encodeMessage('GetTerminalInfo'),
];

/** What a panel is asked: its firmware's name and version. */
export const panelQuestions: readonly Uint8Array[] = [askFirmware, askVersion];

/** A link that sends nothing but these messages, each whole. Anything else is an error of ours: it throws. */
export function only(allowed: readonly Uint8Array[], link: Link): Link {
  return {
    name: link.name,
    async open(handlers) {
      const connection = await link.open(handlers);
      return {
        write(bytes) {
          if (!allowed.some((one) => Buffer.compare(one, bytes) === 0))
            throw new Error(`${link.name}: this must not be sent to an unknown device`);
          connection.write(bytes);
        },
        close: () => connection.close(),
      };
    },
  };
}
