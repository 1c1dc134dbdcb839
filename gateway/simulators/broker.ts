/** An embedded MQTT broker for the demo and for tests. It keeps nothing; real systems run Mosquitto. */
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { SwipeError } from '../seams/error.ts';

/** A broker that is running. */
export interface EmbeddedBroker {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Who may connect. */
export interface BrokerAccount {
  username: string;
  password: string;
}

/**
 * Starts a broker on the loopback address. Port 0 takes a free one. With accounts, nobody else gets in.
 *
 * @throws SwipeError `portTaken`
 */
export async function startEmbeddedBroker(
  port: number,
  accounts: readonly BrokerAccount[] = [],
): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker({
    authenticate(_client, username, password, done) {
      const known = accounts.some(
        (account) => account.username === username && account.password === password?.toString(),
      );
      done(null, accounts.length === 0 || known);
    },
  });
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    broker.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      broker.close();
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new SwipeError(
              'portTaken',
              `port ${port} is in use: stop what listens there, or name another one`,
            )
          : error,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `mqtt://127.0.0.1:${taken}`,
    port: taken,
    close: () =>
      new Promise((resolve) => {
        broker.close(() => server.close(() => resolve()));
      }),
  };
}
