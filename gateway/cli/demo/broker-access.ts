import type { BrokerAccess } from '../../../provisioning/registry/ports.ts';
import { topicsOf } from '../../contract/topics.ts';
import type { EmbeddedBroker } from '../../simulators/broker.ts';

/**
 * The registry's way to the demo's broker: it calls boxes, and one that is retired loses its session and gets no other.
 * Accounts stand for certificates here, and who reads and writes which topic is Mosquitto's to say: docs/broker-access.md.
 *
 * @param accountOf by which account a box gets in; null: by none that is known here
 */
export function embeddedAccess(
  broker: EmbeddedBroker,
  accountOf: (box: string) => string | null,
): BrokerAccess {
  const nothing = async (): Promise<void> => {};
  return {
    async syncBox({ box }) {
      const account = accountOf(box);
      if (account !== null) broker.admit(account);
    },
    async removeBox(box) {
      const account = accountOf(box);
      if (account !== null) broker.expel(account);
      const { registry, status } = topicsOf(box);
      await broker.retain(status, '{"online":false}');
      await broker.retain(registry, '');
    },
    notice: (box, jws) => broker.retain(topicsOf(box).registry, jws),
    syncSaleSystem: nothing,
    removeSaleSystem: nothing,
    disconnect: nothing,
    trust: nothing,
    reconcile: async () => ({ added: 0, removed: 0, changed: 0 }),
    close: nothing,
  };
}
