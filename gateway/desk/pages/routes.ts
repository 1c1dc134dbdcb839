/** The pages' addresses. Whatever a GET does, it starts nothing: browsers fetch ahead, scanners follow links. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deskProblems } from '../../contract/desk-api.ts';
import type { DeskApp, DeskAppParts, DeskEnv } from '../lan/app.ts';
import { handIn } from '../lan/operations.ts';
import { lookAt, type OrderView, versionOf } from '../links/order.ts';
import {
  type LinkParameters,
  readLinkQuery,
  readPayLink,
  writeCallback,
  writeLinkQuery,
} from '../links/pay-link.ts';
import { DeskRefusal } from '../refusal.ts';
import { statusWord } from '../waits.ts';
import { createHandlerTests, handlersPage } from './handlers-page.ts';
import { type Page, pagePolicy, written } from './layout.ts';
import { linkFaultPage, liveText, payPage, phaseOf, plainPage } from './pay-page.ts';
import { languageFor, type Words, wordsIn } from './words.ts';

type PageContext = Context<DeskEnv>;

/** For so long a question about a page's state waits for something new. */
const longPollMs = 25_000;
const formType = 'application/x-www-form-urlencoded';

/** Adds the pages. */
export function addPages(app: DeskApp, parts: DeskAppParts): void {
  const { around, config, waits, time, random } = parts;
  const secret = random.bytes(32);
  const tests = createHandlerTests(random);
  const tokenFor = (order: string): string => createHmac('sha256', secret).update(order).digest('base64url');
  const look = (link: LinkParameters): Promise<OrderView> => lookAt(around, link, config.callbacks);

  async function shownAt(context: PageContext, link: LinkParameters, note: string | null): Promise<Response> {
    const words = wordsOf(context);
    const callback = link.callback === null ? null : writeCallback(link.callback);
    const query = writeLinkQuery({ ...link, result: null });
    const view = await look(link);
    const self = {
      order: link.order,
      callback,
      token: tokenFor(link.order),
      state: `/payNow/state?${query}&lang=${words.language}`,
      otherLanguage: `/payNow?${query}&lang=${words.other.language}`,
    };
    const page = payPage({ words, view, status: around.status(), currency: around.currency, self, note });
    return answer(context, page, view.phase === 'fault' ? faultStatus[view.fault] : 200);
  }

  app.get('/payNow', async (context) => {
    const words = wordsOf(context);
    const read = readLinkQuery(queryOf(context), ['lang']);
    if ('fault' in read) return answer(context, linkFaultPage(words, read.fault), 400);
    if (tests.seen(read.value.order) !== null) {
      waits.tell(statusWord);
      return answer(context, plainPage(words, words.handlerWorks, '', `?lang=${words.other.language}`), 200);
    }
    return shownAt(context, read.value, null);
  });

  // For handlers that can only put the link behind an address: all that follows the question mark is the link.
  app.get('/open', async (context) => {
    const words = wordsOf(context);
    const read = readPayLink(queryOf(context));
    if ('fault' in read) return answer(context, linkFaultPage(words, read.fault), 400);
    const { scheme, ...parameters } = read.value;
    if (scheme === 'print-api') return answer(context, linkFaultPage(words, 'notPayable'), 400);
    return context.redirect(`/payNow?${writeLinkQuery(parameters)}`, 303);
  });

  app.post('/payNow', async (context) => {
    const words = wordsOf(context);
    sameOriginOnly(context);
    const read = readForm(context);
    if ('fault' in read) return answer(context, linkFaultPage(words, read.fault), 400);
    const { link, token } = read;
    const view = await look(link);
    // Pressed twice, or a page from before a restart: what there is is shown.
    if (view.phase === 'ready' && view.obstacle === null) {
      if (!equal(token, tokenFor(link.order))) return shownAt(context, link, words.pressAgain);
      await handIn(parts, Buffer.from(link.order, 'latin1'));
    }
    const query = writeLinkQuery({ ...link, result: null });
    return context.redirect(`/payNow?${query}&lang=${words.language}`, 303);
  });

  app.get('/payNow/state', async (context) => {
    const words = wordsOf(context);
    const read = readLinkQuery(queryOf(context), ['lang', 'seen']);
    if ('fault' in read) throw new DeskRefusal('malformed');
    const seen = context.req.query('seen') ?? '';
    const { signal } = context.req.raw;
    const untilMs = time.monotonicMs() + longPollMs;
    for (;;) {
      const view = await look(read.value);
      const version = versionOf(view);
      const leftMs = untilMs - time.monotonicMs();
      if (version !== seen || leftMs <= 0) {
        const reload = phaseOf(version) !== phaseOf(seen);
        return context.json({ reload, seen: version, text: liveText(words, view) });
      }
      // Of an order that has not begun the box's own state is what may change.
      const word = view.phase === 'ready' ? statusWord : 'command' in view ? view.command.id : statusWord;
      const end = await waits.next(word, Math.min(leftMs, view.phase === 'ready' ? 5000 : leftMs), signal);
      if (end === 'stopped') throw new DeskRefusal('stopping');
      if (end === 'gone') return context.json({ reload: false, seen, text: '' });
    }
  });

  app.get('/handlers', async (context) => {
    const asked = context.req.query('name') ?? '';
    const name = tests.isKnown(asked) ? asked : tests.begin();
    const { own } = context.get('letIn');
    // The address keeps the name, so that the page can be loaded again.
    if (name !== asked)
      return context.redirect(`/handlers?lang=${wordsOf(context).language}&name=${name}`, 303);
    return answer(context, handlersPage(wordsOf(context), own, name, tests.kindsOf(name)), 200);
  });

  app.get('/handlers/state', async (context) => {
    const { name = '', seen = '' } = context.req.query();
    if (tests.kindsOf(name).join() === seen) await waits.next(statusWord, 5000, context.req.raw.signal);
    const now = tests.kindsOf(name).join();
    return context.json({ reload: now !== seen, seen: now, text: '' });
  });
}

const faultStatus = {
  unsigned: 401,
  otherBox: 421,
  invalid: 400,
  notPayable: 400,
  callbackDiffers: 400,
  callbackForeign: 403,
  duplicate: 409,
  expired: 410,
} as const;

const wordsOf = (context: Context): Words =>
  wordsIn(languageFor(context.req.query('lang'), context.req.header('Accept-Language')));

/** As it came: a link's own grammar reads it. */
function queryOf(context: Context): string {
  const { url } = context.req.raw;
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** A form of this page alone: browsers say where a POST comes from (Fetch Metadata §2.1, WHATWG Fetch §3.2). */
function sameOriginOnly(context: PageContext): void {
  const origin = context.req.header('Origin');
  const site = context.req.header('Sec-Fetch-Site');
  const { own } = context.get('letIn');
  if ((origin !== undefined && origin !== own) || (site !== undefined && site !== 'same-origin'))
    throw new DeskRefusal('foreignOrigin');
  const type = (context.req.header('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== formType) throw new DeskRefusal('unsupportedMedia', `allowed: ${formType}`);
}

function readForm(context: PageContext) {
  const form = new URLSearchParams(Buffer.from(context.get('body')).toString('latin1'));
  const token = form.get('token') ?? '';
  form.delete('token');
  // A form writes a blank as "+", and no value has one: what is left is the link's own grammar.
  const read = readLinkQuery(
    [...form].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'),
  );
  return 'fault' in read ? read : { link: read.value, token };
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

type Status = (typeof deskProblems)[keyof typeof deskProblems][0] | 200 | 410;

async function answer(context: Context, page: Page, status: Status): Promise<Response> {
  context.header('Content-Security-Policy', pagePolicy);
  context.header('Vary', 'Accept-Language');
  // With no-referrer a browser says "Origin: null" of the page's own form, too (WHATWG Fetch §3.2).
  context.header('Referrer-Policy', 'same-origin');
  return context.html(await written(page), status);
}

/** How a refusal is shown to a person; null: this one is for programs alone. */
export async function refusalPage(context: Context, { code }: DeskRefusal): Promise<Response | null> {
  if (!/^\/(payNow|open)/.test(context.req.path) || context.req.path.endsWith('/state')) return null;
  const words = wordsOf(context);
  const pages = {
    tooMany: words.tooMany,
    storageFull: words.storageFull,
    failed: words.failed,
    stopping: words.failed,
    duplicate: words.orderFaults.duplicate,
    otherKey: words.orderFaults.duplicate,
  } as const;
  const said = code in pages ? pages[code as keyof typeof pages] : null;
  if (said === null) return null;
  return answer(context, plainPage(words, said, '', `?lang=${words.other.language}`), deskProblems[code][0]);
}
