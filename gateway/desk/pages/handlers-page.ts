/** The test page of the scheme handlers: a link of each kind, and whether it has come to the box. */
import { html } from 'hono/html';
import type { Random } from '../../seams/random.ts';
import { type Page, shown } from './layout.ts';
import type { Words } from './words.ts';

/** The kinds of link that end at the box's own page; `http` is the plain form. */
export const handlerKinds = ['kassa-api', 'pay-api', 'http'] as const;

/** Keeps which test links have come. */
export interface HandlerTests {
  /** A name for one look at the test page. */
  begin(): string;
  isKnown(name: string): boolean;
  /** A link has come. Null: it is no test link. */
  seen(order: string): string | null;
  /** Which kinds have come for this name. */
  kindsOf(name: string): readonly string[];
}

const namesMax = 64;

/** Makes it. A test link has the form of an order, and can be none: its parts are no JWS. */
export function createHandlerTests(random: Random): HandlerTests {
  const came = new Map<string, Set<string>>();
  return {
    begin() {
      const name = Buffer.from(random.bytes(12)).toString('base64url');
      came.set(name, new Set());
      if (came.size > namesMax) came.delete(came.keys().next().value ?? '');
      return name;
    },
    isKnown: (name) => came.has(name),
    seen(order) {
      const [, name = '', kind = ''] = /^test\.([A-Za-z0-9_-]{16})\.([a-z-]{1,12})$/.exec(order) ?? [];
      const kinds = came.get(name);
      if (kinds === undefined || !(handlerKinds as readonly string[]).includes(kind)) return null;
      kinds.add(kind);
      return name;
    },
    kindsOf: (name) => [...(came.get(name) ?? [])].sort(),
  };
}

/** The page. @param own the desk's own origin */
export function handlersPage(words: Words, own: string, name: string, kinds: readonly string[]): Page {
  const texts = words.handlers;
  const link = (kind: string): string =>
    `${kind === 'http' ? `${own}/` : `${kind}://`}payNow?order=test.${name}.${kind}`;
  const main = html`<main>
<h1 tabindex="-1">${texts.title}</h1>
<p>${texts.intro}</p>
<ul aria-live="polite">
${handlerKinds.map(
  (kind) => html`<li class="${kinds.includes(kind) ? 'good' : ''}">
<a class="button" href="${link(kind)}"${kind === 'http' ? html` target="_blank" rel="noreferrer"` : ''}>${texts.try}: ${kind === 'http' ? texts.direct : `${kind}://`}</a>
<strong>${kinds.includes(kind) ? `✓ ${kind}: ${texts.works}` : `○ ${kind}: ${texts.waits}`}</strong></li>`,
)}
</ul>
<p>${texts.install}</p>
<pre>swipe desk install-handler --box ${shown(own)}</pre>
</main>`;
  return {
    words,
    title: texts.title,
    main,
    otherLanguage: `/handlers?lang=${words.other.language}&name=${name}`,
    follows: { state: `/handlers/state?name=${name}`, seen: kinds.join(), lost: '' },
    leaves: null,
  };
}
