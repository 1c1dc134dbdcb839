/** A real browser: Debian's Chromium, headless, driven by its own protocol over a pipe (Chrome DevTools Protocol). */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { waitMaxMs } from './trail.ts';

// Debian's Chromium as it ships asks the network for much; a test's browser does not.
const flags = (
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
  '--disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe --disable-dev-shm-usage ' +
  '--proxy-server=direct:// --disable-features=Translate,OptimizationHints,MediaRouter'
).split(' ');

/** A window's size in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The sizes at which pages are looked at. */
export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, never>;
  result?: Record<string, never>;
  error?: { message: string };
  sessionId?: string;
}

/** One tab. */
export interface Tab {
  go(url: string): Promise<void>;
  resize(size: Size): Promise<void>;
  /** The value of an expression in the page. */
  read<Value>(expression: string): Promise<Value>;
  /** Resolves when an expression in the page is true, across navigations. */
  until(expression: string): Promise<void>;
  key(key: 'Tab' | 'Enter'): Promise<void>;
  click(selector: string): Promise<void>;
  /** A PNG of the whole page. */
  picture(): Promise<Buffer>;
  /** Every address that was asked for. */
  readonly requests: string[];
  /** What the browser complained about: its console, its policies. */
  readonly complaints: string[];
  /** Turns scripts off or on. */
  scripts(enabled: boolean): Promise<void>;
}

/** A browser. */
export interface Browser {
  tab(language: string): Promise<Tab>;
  close(): Promise<void>;
}

/** Starts one. */
export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'swipe-browser-'));
  const child = spawn('chromium', [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    // A group of its own: its many processes end with it.
    detached: true,
  });
  const wire = connect(child);
  return {
    async tab(language) {
      const { targetId } = (await wire.ask('Target.createTarget', { url: 'about:blank' })) as {
        targetId: string;
      };
      const { sessionId } = (await wire.ask('Target.attachToTarget', { targetId, flatten: true })) as {
        sessionId: string;
      };
      return openTab(wire, sessionId, language);
    },
    async close() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

type Wire = ReturnType<typeof connect>;

function connect(child: ChildProcess) {
  const [, , , input, output] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const asked = new Map<number, (message: Message) => void>();
  const listeners: ((message: Message) => void)[] = [];
  let last = 0;
  let rest = Buffer.alloc(0);
  input.on('error', () => {});
  output.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = JSON.parse(rest.subarray(0, end).toString()) as Message;
      rest = rest.subarray(end + 1);
      if (message.id !== undefined) asked.get(message.id)?.(message);
      else for (const hear of listeners) hear(message);
    }
  });
  return {
    listen: (hear: (message: Message) => void) => listeners.push(hear),
    ask: (method: string, params: object = {}, sessionId?: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        last += 1;
        const id = last;
        const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), waitMaxMs);
        asked.set(id, ({ result, error }) => {
          clearTimeout(timer);
          asked.delete(id);
          if (error === undefined) resolve(result);
          else reject(new Error(`${method}: ${error.message}`));
        });
        input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      }),
  };
}

async function openTab(wire: Wire, session: string, language: string): Promise<Tab> {
  const requests: string[] = [];
  const complaints: string[] = [];
  const ask = (method: string, params: object = {}): Promise<unknown> => wire.ask(method, params, session);
  wire.listen(({ method, params, sessionId }) => {
    if (sessionId !== session || params === undefined) return;
    const said = params as {
      request?: { url: string };
      entry?: { text: string; url?: string };
      args?: unknown;
    };
    if (method === 'Network.requestWillBeSent') requests.push(said.request?.url ?? '');
    if (method === 'Log.entryAdded') complaints.push(`${said.entry?.text} ${said.entry?.url ?? ''}`);
    if (method === 'Runtime.exceptionThrown' || method === 'Runtime.consoleAPICalled')
      complaints.push(JSON.stringify(said));
  });
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await ask(`${domain}.enable`);
  await ask('Network.setExtraHTTPHeaders', { headers: { 'Accept-Language': language } });

  async function read<Value>(expression: string): Promise<Value> {
    const { result } = (await ask('Runtime.evaluate', { expression, returnByValue: true })) as {
      result: { value: Value };
    };
    return result.value;
  }
  const until = async (expression: string): Promise<void> => {
    for (const endMs = Date.now() + 2 * waitMaxMs; ; ) {
      // Between two pages there is none.
      if (await read<boolean>(expression).catch(() => false)) return;
      if (Date.now() > endMs) {
        const text = await read<string>('document.body.innerText').catch(() => 'no page');
        throw new Error(`not so: ${expression}; the page: ${text}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  return {
    requests,
    complaints,
    read,
    until,
    async go(url) {
      await ask('Page.navigate', { url });
      await until(`document.readyState === 'complete' && location.href !== 'about:blank'`);
    },
    resize: async (size) =>
      void (await ask('Emulation.setDeviceMetricsOverride', {
        ...size,
        deviceScaleFactor: 1,
        mobile: size.width < 600,
      })),
    async key(key) {
      const codes = { Tab: 9, Enter: 13 };
      const event = {
        key,
        code: key,
        windowsVirtualKeyCode: codes[key],
        ...(key === 'Enter' ? { text: '\r' } : {}),
      };
      await ask('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
      await ask('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    },
    click: async (selector) =>
      void (await read(`document.querySelector(${JSON.stringify(selector)}).click()`)),
    async picture() {
      // A tab behind another one draws nothing.
      await ask('Page.bringToFront');
      const { data } = (await ask('Page.captureScreenshot', { captureBeyondViewport: true })) as {
        data: string;
      };
      return Buffer.from(data, 'base64');
    },
    scripts: async (enabled) => void (await ask('Emulation.setScriptExecutionDisabled', { value: !enabled })),
  };
}
