import type { BrokerConnection, BrokerConnector } from '../cloud/ports.ts';
import { SwipeError } from '../seams/error.ts';
import { pause, type Timers } from '../seams/time.ts';

/** A connector that can be spoken through by somebody else than the cloud link. */
export interface BrokerWatch extends BrokerConnector {
  /** Publishes on the connection that was made last. @throws SwipeError `brokerUnreachable` */
  publish: BrokerConnection['publish'];
}

/** For so long the broker may take to say that it has a message. */
const patienceMs = 10_000;

/** The same connector, whose connections are noted as they are made. */
export function watchBroker(connector: BrokerConnector, timers: Timers): BrokerWatch {
  let latest: BrokerConnection | null = null;
  return {
    async connect(will, handlers) {
      latest = await connector.connect(will, handlers);
      return latest;
    },
    async publish(topic, payload, options) {
      if (latest === null) throw new SwipeError('brokerUnreachable', 'there was no connection yet');
      const late = pause(timers, patienceMs).then(() => {
        throw new SwipeError('brokerUnreachable', `the broker has said nothing for ${patienceMs / 1000} s`);
      });
      await Promise.race([latest.publish(topic, payload, options), late]);
    },
  };
}
