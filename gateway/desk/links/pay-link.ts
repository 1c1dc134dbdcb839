/**
 * Pay links: `kassa-api://payNow?order=…&callback=…` and its like. The grammar is written down in docs/pay-links.md. Pure:
 * what the order says, and whether its signature is right, is for others.
 */
import * as v from 'valibot';
import { callback as webCallback } from '../../contract/primitives.ts';
import { commandMaxBytes } from '../../contract/topics.ts';
import type { LinkFault } from './faults.ts';

/** The schemes: the cash desk's, the payment application's, the print application's. */
export const linkSchemes = ['kassa-api', 'pay-api', 'print-api'] as const;

/** One of {@link linkSchemes}. */
export type LinkScheme = (typeof linkSchemes)[number];

/** What is in a link, its values decoded. */
export interface LinkParameters {
  /** A command's JWS. */
  order: string;
  /** Where to go on; null: nowhere. */
  callback: Callback | null;
  /** The JWS of the result, on the way back or on to the printer. */
  result: string | null;
}

/** A pay link. */
export interface PayLink extends LinkParameters {
  scheme: LinkScheme;
}

/** A page of the web, or another link. */
export type Callback = { url: string } | { link: PayLink };

/** The longest link, in characters. */
export const linkMaxLength = 32_768;
const deepest = 4;
const longestResult = 16_384;

const jwsForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
// RFC 3986 §2, and what WHATWG's query percent-encode set leaves as it is. "+" stands for itself, never for a blank.
const linkCharacters = /^[!$-;=?-[\]_a-z|~{}^`]*$/;
const whole = /^([a-z-]+):\/\/paynow\/?\?(.*)$/i;

type Read<Value> = { value: Value } | { fault: LinkFault };

/** Reads a link: what is in it, or the first thing that is wrong with it. */
export const readPayLink = (text: string): Read<PayLink> => readLink(text, 1);

function readLink(text: string, depth: number): Read<PayLink> {
  if (depth > deepest) return { fault: 'tooDeep' };
  if (text.length > linkMaxLength) return { fault: 'tooLong' };
  if (!linkCharacters.test(text)) return { fault: 'badCharacter' };
  const [, name = '', query = ''] = whole.exec(text) ?? [];
  const scheme = linkSchemes.find((one) => one === name.toLowerCase());
  if (scheme === undefined) return { fault: 'notALink' };
  const read = readParameters(query, depth);
  return 'fault' in read ? read : { value: { scheme, ...read.value } };
}

/**
 * Reads what stands behind the question mark, as in `http://BOX/payNow?…`, too.
 *
 * @param others parameters that are let pass
 */
export function readLinkQuery(query: string, others: readonly string[] = []): Read<LinkParameters> {
  if (query.length > linkMaxLength) return { fault: 'tooLong' };
  if (!linkCharacters.test(query)) return { fault: 'badCharacter' };
  return readParameters(query, 1, others);
}

function readParameters(query: string, depth: number, others: readonly string[] = []): Read<LinkParameters> {
  const found = split(query, ['order', 'callback', 'result', ...others]);
  if ('fault' in found) return found;
  const order = found.value.get('order');
  const result = found.value.get('result') ?? null;
  const target = found.value.get('callback');
  if (order === undefined) return { fault: 'orderMissing' };
  if (order.length > commandMaxBytes) return { fault: 'orderTooLong' };
  if (!jwsForm.test(order)) return { fault: 'orderMalformed' };
  if (result !== null && (result.length > longestResult || !jwsForm.test(result)))
    return { fault: 'resultMalformed' };
  if (target === undefined) return { value: { order, callback: null, result } };
  const callback = readCallback(target, depth);
  return 'fault' in callback ? callback : { value: { order, callback: callback.value, result } };
}

function split(query: string, names: readonly string[]): Read<Map<string, string>> {
  const values = new Map<string, string>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    if (equals < 1 || equals === part.length - 1) return { fault: 'unnamed' };
    const name = decoded(part.slice(0, equals));
    const value = decoded(part.slice(equals + 1));
    if (name === null || value === null) return { fault: 'badEncoding' };
    if (!names.includes(name)) return { fault: 'unknownParameter' };
    if (values.has(name)) return { fault: 'repeated' };
    values.set(name, value);
  }
  return { value: values };
}

function readCallback(text: string, depth: number): Read<Callback> {
  if (/^https?:/i.test(text))
    return v.is(webCallback, text) ? { value: { url: text } } : { fault: 'callbackMalformed' };
  const read = readLink(text, depth + 1);
  if ('value' in read) return { value: { link: read.value } };
  return { fault: read.fault === 'notALink' ? 'callbackMalformed' : read.fault };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Writes a link, so that {@link readPayLink} reads the same. What it holds is taken to be right. */
export const writePayLink = ({ scheme, ...parameters }: PayLink): string =>
  `${scheme}://payNow?${writeLinkQuery(parameters)}`;

/** Writes what stands behind the question mark. */
export function writeLinkQuery({ order, callback, result }: LinkParameters): string {
  const values = [
    ['order', order],
    ['callback', callback === null ? null : writeCallback(callback)],
    ['result', result],
  ] as const;
  return values
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`)
    .join('&');
}

/** A callback as it stands decoded in a link. */
export const writeCallback = (callback: Callback): string =>
  'url' in callback ? callback.url : writePayLink(callback.link);

/** The longest address that a browser is sent back to: servers take no more (nginx: 8 KiB for the whole line). */
const addressMaxLength = 8000;

/** The way back to a page of the web: with the result, or, where that makes it too long, without. */
export function withResult(url: string, jws: string): string {
  const full = `${url}${url.includes('?') ? '&' : '?'}result=${jws}`;
  return full.length <= addressMaxLength ? full : url;
}
