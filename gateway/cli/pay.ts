import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../contract/config.ts';
import type { ProgressStep } from '../contract/event.ts';
import type { Result } from '../contract/result.ts';
import { isoTime } from '../contract/time.ts';
import { askGateway } from '../control/client.ts';
import { controlSocketOf, type StatusAnswer } from '../control/protocol.ts';
import { deferred } from '../seams/deferred.ts';
import { messageOf, SwipeError } from '../seams/error.ts';
import { newOperationId } from '../simulators/operation-id.ts';
import { connectSaleSystem, type HmacKey, type SaleSystem } from '../simulators/sale-system.ts';
import { systemRandom } from '../system/random.ts';
import { systemTime } from '../system/time.ts';
import { readAmount, writtenAmount } from './amounts.ts';
import type { CliCommand, CliIo } from './command.ts';
import { readConfig } from './config-file.ts';
import { configPath } from './places.ts';

const lifeMs = 120_000;
/** Longer than the box ever stays silent about an operation. */
const patienceMs = 8 * 60_000;

const words: Record<ProgressStep, string> = {
  waitingForCard: 'present the card',
  cardRead: 'card read',
  chip: 'chip card',
  chooseApplication: 'choose the application on the terminal',
  pin: 'enter the PIN',
  authorising: 'asking the bank',
  waitingForCashier: 'the terminal waits for the cashier',
  correction: 'the terminal asks for a correction',
  printing: 'printing',
  removeCard: 'remove the card',
  inProgress: 'in progress',
};

/** `swipe pay`: a sale system in one line. */
export const command: CliCommand = {
  name: 'pay',
  summary: 'sends a payment to a box and waits for its outcome',
  help: `usage: swipe pay AMOUNT [--config FILE] [--sender FILE] [--merchant NAME] [--order TEXT]

Signs a payment, sends it over the broker, shows the progress and prints the receipt. Ctrl-C asks the box to
abort. Exits 0 when the payment was approved.

  --config FILE  the gateway's config, for the broker and the box; without it the demo's, else the installed one
  --sender FILE  {"kid": "...", "secret": "..."}; without it sender.json beside the config, else the config's
                 first HS256 key that may ask for payments

example: swipe pay 100.50`,
  async run(argv, io) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        sender: { type: 'string' },
        merchant: { type: 'string' },
        order: { type: 'string' },
      },
    });
    const [text, ...more] = positionals;
    if (text === undefined || more.length > 0)
      throw new SwipeError('usage', 'one amount is needed, such as: swipe pay 100.50');
    const amount = readAmount(text);
    const path = configPath(values.config);
    const config = readConfig(path);
    const key =
      values.sender === undefined
        ? keyOf(config, join(dirname(path), 'sender.json'))
        : readKey(values.sender);
    const box =
      config.box ?? (await askGateway<StatusAnswer>(controlSocketOf(config.stateDir), '/status')).status.box;
    const nowMs = systemTime.nowMs();
    const payment = {
      id: newOperationId(nowMs, systemRandom),
      box,
      type: 'payment',
      issuedAt: isoTime(nowMs),
      expiresAt: isoTime(nowMs + lifeMs),
      amount,
      currency: config.terminal.currency,
      ...(values.merchant === undefined ? {} : { merchant: values.merchant }),
      ...(values.order === undefined ? {} : { order: values.order }),
    };
    return pay(payment, config, key, io);
  },
};

async function pay(
  payment: { id: string; box: string; amount: number; currency: string },
  config: Config,
  key: HmacKey,
  { out, signal }: CliIo,
): Promise<number> {
  if (config.broker === null)
    throw new SwipeError(
      'usage',
      "this box's broker is the registry's, where a sale system needs access of its own: pair one with the box",
    );
  const { url, username, password, ca, cert, key: tlsKey } = config.broker;
  const tls = { ...pem('ca', ca), ...pem('cert', cert), ...pem('key', tlsKey) };
  const { promise: ended, resolve, reject } = deferred<Result>();
  let step: ProgressStep | null = null;
  const listener = {
    result(result: Result) {
      if (result.id === payment.id) resolve(result);
    },
    event(event: { type: string; id?: string | null; step?: ProgressStep; text?: string }) {
      if (event.id !== payment.id) return;
      if (event.type === 'rejected') reject(new SwipeError('usage', `the box rejected it: ${event.text}`));
      if (event.type !== 'progress' || event.step === undefined || event.step === step) return;
      step = event.step;
      out(`  ${words[step]}`);
    },
    online(online: boolean) {
      if (!online) out('  the box is offline: the payment waits for it until its deadline');
    },
  };
  const system = await connectSaleSystem({ url, username, password, box: payment.box, key, tls }, listener);
  const cancel = systemTime.after(patienceMs, () =>
    reject(
      new SwipeError(
        'brokerUnreachable',
        `no outcome for ${payment.id} yet: ask again with its id, or see swipe log`,
      ),
    ),
  );
  const abort = (): void => void sendAbort(system, payment, out).catch(reject);
  signal.addEventListener('abort', abort);
  try {
    out(`payment ${payment.id}: ${writtenAmount(payment.amount, payment.currency)} at box ${payment.box}`);
    await system.send(payment);
    const result = await ended;
    for (const line of told(result)) out(line);
    return result.outcome === 'approved' ? 0 : 1;
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
    await system.close();
  }
}

async function sendAbort(
  system: SaleSystem,
  payment: { id: string; box: string },
  out: CliIo['out'],
): Promise<void> {
  out('  asking the box to abort');
  const nowMs = systemTime.nowMs();
  await system.send({
    id: newOperationId(nowMs, systemRandom),
    box: payment.box,
    type: 'abort',
    issuedAt: isoTime(nowMs),
    expiresAt: isoTime(nowMs + lifeMs),
    target: payment.id,
  });
}

function told(result: Result): string[] {
  const { outcome, reason, card, approvedAmount, currency, rrn, authCode, invoice, receipt } = result;
  const lines = [`${outcome}${approvedAmount === null ? '' : ` ${writtenAmount(approvedAmount, currency)}`}`];
  if (card !== null) lines.push(`card ${card.pan} ${[card.scheme, card.entry].filter(Boolean).join(', ')}`);
  if (rrn !== null) lines.push(`rrn ${rrn}, authorisation ${authCode}, receipt ${invoice}`);
  if (reason.text !== '' || outcome !== 'approved')
    lines.push(`reason ${reason.source} ${reason.code} ${reason.text}`);
  if (outcome === 'unknown')
    lines.push('do not charge again: look at the terminal, the box goes on finding out');
  if (receipt !== null) lines.push('', ...receipt.split('\n'));
  return lines;
}

function keyOf(config: Config, beside: string): HmacKey {
  const key = config.commandKeys.find(
    ({ alg, allow }) => alg === 'HS256' && (allow?.includes('payment') ?? true),
  );
  if (key?.alg === 'HS256') return key;
  return readKey(beside);
}

function readKey(path: string): HmacKey {
  try {
    const { kid, secret } = JSON.parse(readFileSync(path, 'utf8')) as Partial<HmacKey>;
    if (typeof kid === 'string' && typeof secret === 'string') return { kid, secret };
  } catch (error) {
    throw new SwipeError(
      'keyInvalid',
      `the sender's key ${path} cannot be read: ${messageOf(error).split('\n')[0]}`,
    );
  }
  throw new SwipeError(
    'keyInvalid',
    `the sender's key ${path} must be {"kid": "...", "secret": "base64url..."}`,
  );
}

const pem = (name: 'ca' | 'cert' | 'key', value: string | undefined) =>
  value === undefined ? {} : { [name]: value.startsWith('-----BEGIN') ? value : readFileSync(value, 'utf8') };
