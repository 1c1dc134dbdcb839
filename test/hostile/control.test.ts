/** Bytes on the control socket: whatever comes, it answers as HTTP, changes nothing and goes on answering. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { askGateway } from '../../gateway/control/client.ts';
import { logMaxEntries, type StatusAnswer } from '../../gateway/control/protocol.ts';
import { type ControlServer, serveControl } from '../../gateway/control/server.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { accepted, finished, running } from '../support/fill-journal.ts';
import { tempDirs } from '../support/temp.ts';
import { mutated, shown } from './bytes.ts';
import { attack } from './inputs.ts';
import { anyText, oddName } from './json.ts';

const test = suite('hostile: control socket');
const tempDir = tempDirs(test);

/** A gateway that only tells, and notes how it was asked. */
class Told {
  readonly limits: number[] = [];
  readonly changes: string[] = [];
  isBroken = false;

  asGateway(): Omit<Gateway, 'technician'> {
    const status = { online: true } as ReturnType<Gateway['status']>;
    return {
      start: () => void this.changes.push('start'),
      stop: async () => void this.changes.push('stop'),
      status: () => this.#orBroken(status),
      isConnected: () => true,
      registry: () => null,
      desk: () => null,
      counters: () => ({}) as ReturnType<Gateway['counters']>,
      latest: (limit) => {
        this.limits.push(limit);
        return this.#orBroken([finished(running(accepted(1)))]);
      },
    };
  }

  #orBroken<Answer>(answer: Answer): Answer {
    if (this.isBroken) throw new SwipeError('journalDamaged', 'the journal is damaged');
    return answer;
  }
}

/** What comes back for these bytes; the connection is ended from this side. */
async function send(path: string, bytes: Uint8Array): Promise<string> {
  const socket = createConnection(path);
  let text = '';
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
  });
  socket.on('error', () => {});
  socket.end(bytes);
  await once(socket, 'close');
  return text;
}

async function serving(use: (path: string, told: Told) => Promise<void>): Promise<void> {
  const told = new Told();
  const control: ControlServer = await serveControl(join(tempDir(), 'control.sock'), told.asGateway());
  try {
    await use(control.path, told);
    assert.equal(told.changes, []);
    told.isBroken = false;
    assert.is(
      (await askGateway<StatusAnswer>(control.path, '/status')).connected,
      true,
      'it goes on answering',
    );
  } finally {
    await control.close();
  }
}

const method = fc.constantFrom(
  'GET',
  'GET',
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'CONNECT',
  'get',
  '',
);
const path = fc.oneof(
  fc.constantFrom(
    '/status',
    '/log',
    '/log?limit=5',
    '//',
    '/status/',
    'http://[',
    'http://other/status',
    '*',
    '/%',
    '/../log',
    '/log?limit=1&limit=9',
  ),
  fc
    .oneof(
      fc.constantFrom('0', '-1', '1001', '1e2', '0x10', '1.5', 'NaN', 'Infinity', '', '9'.repeat(400)),
      anyText,
      fc.integer().map(String),
    )
    .map((limit) => `/log?limit=${encodeURIComponent(Buffer.from(limit).toString())}`),
  oddName.map((name) => `/${name}`),
);
const headers = fc.array(
  fc.tuple(
    fc.constantFrom('host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'expect', 'x'),
    fc.constantFrom(
      'control',
      '0',
      '5',
      '-1',
      'chunked',
      'close',
      'keep-alive, upgrade',
      'websocket',
      '100-continue',
      'y'.repeat(20_000),
    ),
  ),
  { maxLength: 3 },
);
const request = fc
  .tuple(
    method,
    path,
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
    headers,
    fc.constantFrom('', 'body', '5\r\nhello\r\n0\r\n\r\n'),
  )
  .map(([method, path, version, headers, body]) =>
    [
      `${method} ${path} ${version}`,
      'host: control',
      'connection: close',
      ...headers.map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  );
const bytes = fc.oneof(
  { weight: 3, arbitrary: request.map((text) => shown(Buffer.from(text))) },
  { weight: 1, arbitrary: mutated(request) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map(shown) },
);

const answers = /^(?:HTTP\/1\.1 (?:100|200|400|404|405|413|417|426|431|500) [^\r\n]*\r\n|$)/;

test('whatever bytes come, it answers as HTTP and tells at most what may be asked', () =>
  serving((path, told) =>
    attack(
      'whatever bytes come, it answers as HTTP',
      fc.asyncProperty(bytes, fc.boolean(), async (request, isBroken) => {
        told.isBroken = isBroken;
        const asked = told.limits.length;
        const text = await send(path, request);
        assert.match(text, answers);
        const limits = told.limits.slice(asked);
        assert.ok(limits.every((limit) => Number.isInteger(limit) && limit >= 1 && limit <= logMaxEntries));
        if (text.startsWith('HTTP/1.1 200')) assert.not.ok(isBroken, 'told, though it cannot know');
        assert.ok(text.length < 20_000);
      }),
    ),
  ));

test.run();
