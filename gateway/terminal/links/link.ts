/** A byte channel to a device: a serial port, a TCP socket, a simulated one. */
export interface Link {
  /** As the config writes it, for logs: `serial:/dev/…`, `tcp:HOST:PORT`. */
  readonly name: string;
  /**
   * Opens a new connection. Handlers hear of this connection only, and nothing after `closed`.
   * Rejects with a SwipeError `linkFailed`.
   */
  open(handlers: LinkHandlers): Promise<LinkConnection>;
}

/** Hears what happens on one connection. */
export interface LinkHandlers {
  data(bytes: Uint8Array): void;
  /** The connection is gone; told once, also after `close()`. */
  closed(reason: string): void;
}

/** One open connection. */
export interface LinkConnection {
  /** Sends bytes in order. Writing to a closed connection does nothing: `closed` was or will be told. */
  write(bytes: Uint8Array): void;
  /** Closes; resolves when the device is free for the next one. */
  close(): Promise<void>;
}
