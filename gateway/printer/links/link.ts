/** A byte channel to a printer, which says when bytes were taken: a printer stops taking them when its buffer is full. */
export interface PrinterLink {
  /** As the config writes it, for logs. */
  readonly name: string;
  /**
   * Opens a new connection. Handlers hear of this connection only, and nothing after `closed`.
   * Rejects with a SwipeError `linkFailed`.
   */
  open(handlers: PrinterHandlers): Promise<PrinterConnection>;
}

/** Hears what happens on one connection. */
export interface PrinterHandlers {
  data(bytes: Uint8Array): void;
  /** The connection is gone; told once, also after `close()`. */
  closed(reason: string): void;
}

/** One open connection. */
export interface PrinterConnection {
  /**
   * Sends bytes in order; one write at a time. Resolves when the system has taken them all: for a serial port and USB
   * that is when they were sent, for TCP when they are on their way. Never resolves once the connection is gone:
   * `closed` was or will be told.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes, throwing away what was not sent; resolves when the device is free for the next one. */
  close(): Promise<void>;
}
