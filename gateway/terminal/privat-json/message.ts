/**
 * One message of the protocol: `{"method", "step", "params": {…}, "error", "errorDescription"}`, read leniently,
 * since the bank's own examples are misspelt (ECR protocol JSON based v1.0.3.1 §4 to §6): keys with typos and
 * blanks, values with stray blanks, numbers and booleans where strings are meant.
 */
import { findObject, isObject } from './json.ts';

/** Members of `params` that are read; more are ignored. */
const paramsMax = 256;

/** A message as it was understood. */
export interface Message {
  method: string;
  /** Names in lower case without blanks, values as text, untrimmed. Ask through {@link field}. */
  params: ReadonlyMap<string, string>;
  /** Null when it was not said. */
  error: boolean | null;
  errorDescription: string;
}

/** A frame that was read. `message` null: nothing could be made of it. */
export interface ReadFrame {
  message: Message | null;
  /** Bytes of the frame that were thrown away. */
  droppedBytes: number;
}

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** Reads one frame. Never throws. */
export function readMessage(frame: Uint8Array): ReadFrame {
  const text = utf8.decode(frame);
  const found = findObject(text, (object) => methodOf(object) !== null);
  if (found === null) return { message: null, droppedBytes: frame.length };
  const droppedBytes = toUtf8.encode(text.slice(0, found.skipped)).length;
  return { message: messageFrom(found.object), droppedBytes: Math.min(droppedBytes, frame.length) };
}

function messageFrom(object: Record<string, unknown>): Message {
  let error: boolean | null = null;
  let errorDescription = '';
  for (const [key, value] of Object.entries(object)) {
    const name = plainKey(key);
    if (name === 'error') error = flagOf(value);
    // errorDescritption, errorDecsription: both stand in the bank's text.
    else if (name.startsWith('errorde')) errorDescription = textOf(value)?.trim() ?? '';
  }
  return { method: methodOf(object) ?? '', params: paramsOf(object), error, errorDescription };
}

function paramsOf(object: Record<string, unknown>): Map<string, string> {
  const params = new Map<string, string>();
  const given = Object.entries(object).find(([key]) => plainKey(key) === 'params')?.[1];
  if (!isObject(given)) return params;
  for (const [key, value] of Object.entries(given)) {
    const text = textOf(value);
    if (text !== null && params.size < paramsMax) params.set(plainKey(key), text);
  }
  return params;
}

function methodOf(object: Record<string, unknown>): string | null {
  const method = Object.entries(object).find(([key]) => plainKey(key) === 'method')?.[1];
  return typeof method === 'string' && method.trim() !== '' ? method.trim() : null;
}

const plainKey = (key: string): string => key.replace(/\s/g, '').toLowerCase();

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function flagOf(value: unknown): boolean | null {
  const text = textOf(value)?.trim().toLowerCase();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : null;
}

/** A parameter without its outer blanks; null when it is absent or empty. */
export function field(message: Message, name: string): string | null {
  const value = message.params.get(name.toLowerCase())?.trim();
  return value === undefined || value === '' ? null : value;
}

/** A parameter with its blanks and line breaks, for receipt texts; null when there is nothing in it. */
export function rawField(message: Message, name: string): string | null {
  const value = message.params.get(name.toLowerCase());
  return value === undefined || value.trim() === '' ? null : value;
}

/** A request's bytes with their terminator. Every parameter is a string (v1.0.3.1 §4). */
export function encodeMessage(method: string, params?: Readonly<Record<string, string>>): Uint8Array {
  const envelope = params === undefined ? { method, step: 0 } : { method, step: 0, params };
  return toUtf8.encode(`${JSON.stringify(envelope)}\0`);
}

/** The handshake's ping: its leading NUL ends whatever half frame the terminal may hold (v1.0.3.1 §2). */
export function encodePing(): Uint8Array {
  return new Uint8Array([0, ...encodeMessage('PingDevice')]);
}
