/** The seams of the cloud link: the broker and the signatures are handed in, so that a simulation can replace both. */
import type { CommandKey } from '../contract/config.ts';
import type { ParsedCommand } from '../contract/parse.ts';

/** A message from the broker. */
export interface BrokerMessage {
  topic: string;
  payload: Uint8Array;
  /** The broker had kept it: it was not sent to this box now. */
  retained: boolean;
}

/** Hears what happens in one session with the broker. */
export interface BrokerHandlers {
  /**
   * Called one message at a time. Resolves when the message is dealt with, and only then the broker gets its
   * PUBACK. When it rejects there is no PUBACK and the connection is dropped: the broker will send it again.
   */
  message(message: BrokerMessage): Promise<void>;
  /** The connection is gone; told once. */
  closed(reason: string): void;
}

/** One connection to the broker. */
export interface BrokerConnection {
  /** QoS 1; resolves with the broker's PUBACK, rejects when the connection is gone first. */
  publish(topic: string, payload: string, options: { retain: boolean }): Promise<void>;
  /** QoS 1; rejects when the broker does not grant it. */
  subscribe(topics: readonly string[]): Promise<void>;
  /** Says goodbye; the will is not sent. */
  close(): Promise<void>;
}

/** Makes connections with a persistent session and a retained last will. */
export interface BrokerConnector {
  /** Rejects with a SwipeError `brokerUnreachable`. */
  connect(will: { topic: string; payload: string }, handlers: BrokerHandlers): Promise<BrokerConnection>;
}

/** A payload whose signature has been checked. */
export interface Verified {
  kid: string;
  /** The payload's JSON; undefined when it is not JSON. */
  payload: unknown;
}

/** The signature check. Answers may come in any order; who needs order waits for each. */
export interface Signatures {
  /** Checks a JWS in compact serialisation (RFC 7515 §7.1). Rejects with a SwipeError `signatureInvalid`. */
  verify(jws: string): Promise<Verified>;
  /**
   * Signs a payload for whoever asked with this key: with the same HS256 secret, else with the box's own Ed25519
   * key. The same payload gives the same bytes.
   */
  sign(payload: string, kid: string): Promise<string>;
}

/** Keys that sale systems were given by the registry: they come and go while the box runs. */
export interface IssuedKeys {
  /** The key of this name that may sign commands now. */
  present(kid: string): CommandKey | null;
  /** The same, or one that may no longer: what was begun for it is still told in its name. */
  known(kid: string): CommandKey | null;
}

/** Where checked commands go. */
export interface CommandDesk {
  /** Takes in a command; what must be on disk is on disk when it returns. Throws a SwipeError `storageFull`. */
  receive(kid: string, parsed: ParsedCommand): void;
}
