import type {
  GatewayDoor,
  GatewayHealth,
  GatewayOperation,
  GatewayStatus,
} from '../../../provisioning/technician/world.ts';
import { askGateway } from '../../control/client.ts';
import type {
  BrokerTried,
  HealthAnswer,
  LampsAnswer,
  OperationAnswer,
  StatusAnswer,
} from '../../control/protocol.ts';
import { messageOf } from '../../seams/error.ts';

/** The broker may take ten seconds to say that it has a message. */
const brokerMs = 15_000;

/** The control socket of the gateway. @param socketPath asked for each time: an installed one's moves with its start */
export function doorAt(socketPath: () => string): GatewayDoor {
  const orNull = <Answer>(asked: Promise<Answer>): Promise<Answer | null> => asked.catch(() => null);
  return {
    status: () => orNull<GatewayStatus>(askGateway<StatusAnswer>(socketPath(), '/status')),
    health: () => orNull<GatewayHealth>(askGateway<HealthAnswer>(socketPath(), '/health')),
    async lamps() {
      const answer = await orNull(askGateway<LampsAnswer>(socketPath(), '/lamps', {}));
      return answer?.shown === true;
    },
    tryBroker: () =>
      askGateway<BrokerTried>(socketPath(), '/broker', { patienceMs: brokerMs }).then(
        ({ roundTripMs }) => ({ ms: roundTripMs }),
        (error) => ({ error: messageOf(error) }),
      ),
    testPayment: (id, reverses): Promise<GatewayOperation> =>
      askGateway<OperationAnswer>(socketPath(), '/test-payment', {
        body: { id, ...(reverses === undefined ? {} : { reverses }) },
      }),
    operation: (id): Promise<GatewayOperation> =>
      askGateway<OperationAnswer>(socketPath(), `/operation?id=${encodeURIComponent(id)}`),
  };
}
