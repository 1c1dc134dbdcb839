/** aedes in a process of its own, where Mosquitto is not installed. */
import { startEmbeddedBroker } from '../../../gateway/simulators/broker.ts';

const { url } = await startEmbeddedBroker(0);
process.send?.({ url });
process.once('SIGTERM', () => process.exit(0));
