/** The questions of the connection procedure, each a promise (ECR protocol JSON based v1.0.3.1 §2, §5.8, §6). */
import { shortText } from '../../contract/card-data.ts';
import type { TerminalIdentity } from '../../payments/terminal-port.ts';
import type { Reply } from './lane.ts';
import { encodeMessage, field, type Message } from './message.ts';
import { pingQuestion, type Session } from './session.ts';

/** A terminal mute to a fresh connection may wake up: pings go out in this rhythm (seen on a Newland N950). */
const firstPingMs = 6_000;
/** Pings on a fresh connection before another one is tried. */
const firstPingsMax = 3;
/** A handshake question that is no ping. */
const questionMs = 5_000;
/** The most merchants that are listed. */
const merchantsMax = 100;

/** Asks for a sign of life; `busy` is one. */
export const ping = (session: Session, timeoutMs: number): Promise<Reply> =>
  new Promise((resolve) => session.ask(pingQuestion(timeoutMs, resolve)));

/** Asks in the operation lane. */
export const ask = (
  session: Session,
  method: string,
  params: Readonly<Record<string, string>> | undefined,
  timeoutMs: number,
): Promise<Reply> =>
  new Promise((settle) =>
    session.ask({ name: method, bytes: encodeMessage(method, params), timeoutMs, settle }),
  );

/** Asks in the service lane. */
export const serve = (session: Session, msgType: string, timeoutMs: number): Promise<Reply> =>
  new Promise((settle) =>
    session.serve({ name: msgType, bytes: encodeMessage('ServiceMessage', { msgType }), timeoutMs, settle }),
  );

/**
 * Pings a fresh connection until the terminal is idle. `busy` is called each time it is not; it is asked again after
 * `rest`. False when it stays mute.
 */
export async function greet(session: Session, busy: () => void, rest: () => Promise<void>): Promise<boolean> {
  for (let mute = 0; mute < firstPingsMax && session.isOpen(); ) {
    const reply = await ping(session, firstPingMs);
    if (reply.kind === 'answer') return true;
    if (reply.kind !== 'busy') mute += 1;
    else {
      mute = 0;
      busy();
      await rest();
    }
  }
  return false;
}

/** What `identify` tells. Null: no answer. */
export async function identify(session: Session): Promise<Pick<TerminalIdentity, 'vendor' | 'model'> | null> {
  const reply = await serve(session, 'identify', questionMs);
  if (reply.kind === 'notImplemented') return { vendor: null, model: null };
  if (reply.kind !== 'answer') return null;
  return { vendor: word(reply.message, 'vendor'), model: word(reply.message, 'model') };
}

/**
 * What `GetTerminalInfo` tells: `TE7E132 TESTKKM000CT22927302` is the software, then merchant and serial number.
 * Null: no answer.
 */
export async function readInfo(session: Session): Promise<Pick<TerminalIdentity, 'software' | 'id'> | null> {
  const reply = await ask(session, 'GetTerminalInfo', undefined, questionMs);
  if (reply.kind === 'notImplemented') return { software: null, id: null };
  if (reply.kind !== 'answer') return null;
  const [software = '', ...id] = (word(reply.message, 'version') ?? '').split(' ');
  return { software: software || null, id: id.join(' ') || null };
}

/** The merchants that the terminal lists, index to name; none when it does not say. */
export async function readMerchants(session: Session): Promise<Record<string, string>> {
  const reply = await serve(session, 'getMerchantList', questionMs);
  if (reply.kind !== 'answer') return {};
  const indices = [...reply.message.params.keys()].filter((name) => /^\d{1,3}$/.test(name));
  return Object.fromEntries(
    indices.slice(0, merchantsMax).map((index) => [index, word(reply.message, index) ?? '']),
  );
}

const word = (message: Message, name: string): string | null =>
  shortText(field(message, name) ?? '', 64) || null;
