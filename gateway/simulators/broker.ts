/** An embedded MQTT broker for the demo and for tests. It keeps nothing; real systems run Mosquitto. */
import { createServer } from 'node:net';
import { Aedes, type Client } from 'aedes';
import { SwipeError } from '../seams/error.ts';

/** A broker that is running. */
export interface EmbeddedBroker {
  url: string;
  port: number;
  /** Publishes as the broker itself, retained; an empty payload clears what is retained. */
  retain(topic: string, payload: string): Promise<void>;
  /** Ends the sessions of an account, and lets nobody in by it until it is admitted again. */
  expel(username: string): void;
  admit(username: string): void;
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
  const expelled = new Set<string>();
  const sessions = new Map<Client, string>();
  const broker = await Aedes.createBroker({
    authenticate(client, username = '', password, done) {
      const known = accounts.some(
        (account) => account.username === username && account.password === password?.toString(),
      );
      const isIn = (accounts.length === 0 || known) && !expelled.has(username);
      if (isIn) {
        sessions.set(client, username);
        client.conn.once('close', () => sessions.delete(client));
      }
      done(null, isIn);
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
    retain: (topic, payload) =>
      new Promise((resolve, reject) => {
        const packet = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: true } as const;
        broker.publish(packet, (error) => (error ? reject(error) : resolve()));
      }),
    expel(username) {
      expelled.add(username);
      for (const [client, who] of sessions) if (who === username) client.close();
    },
    admit(username) {
      expelled.delete(username);
    },
    close: () =>
      new Promise((resolve) => {
        broker.close(() => server.close(() => resolve()));
      }),
  };
}
