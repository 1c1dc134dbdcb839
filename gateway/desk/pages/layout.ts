/** What all pages share: the frame, the style, the little script, and what a browser may do with them. */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { Words } from './words.ts';

/** Markup that may stand in a page as it is. */
export type Markup = ReturnType<typeof html>;

/** A page. */
export interface Page {
  words: Words;
  title: string;
  main: Markup;
  /** Where the same page is in the other language. */
  otherLanguage: string;
  /** How the page goes on by itself; null: it does not. */
  follows: { state: string; seen: string; lost: string } | null;
  /** Where the browser goes in a moment; null: it stays. */
  leaves: string | null;
}

const style = `
:root { color-scheme: light dark; --ink: #14181d; --paper: #fff; --soft: #eef1f4; --line: #c5ccd3; --act: #0b57d0; --good: #0a6b2d; --bad: #a3160f; --care: #7a4b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f4; --paper: #14181d; --soft: #222a32; --line: #4a5560; --act: #8ab4f8; --good: #7bd88f; --bad: #ff9d94; --care: #f5c26b; } }
* { box-sizing: border-box; }
html { font: 1.125rem/1.45 system-ui, "Liberation Sans", "DejaVu Sans", sans-serif; color: var(--ink); background: var(--soft); }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; }
header, main { width: 100%; max-width: 40rem; padding: 0 1rem; }
header { display: flex; justify-content: space-between; gap: 1rem; padding-top: .75rem; font-size: .95rem; }
main { background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem 1rem 1.5rem; margin: .75rem 0 2rem; overflow-wrap: anywhere; }
@media (max-width: 41rem) { main { border-radius: 0; border-left: 0; border-right: 0; } }
@media (min-width: 41rem) { main { padding: 2rem 2.25rem 2.25rem; } }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h1:focus { outline: none; }
.good h1 { color: var(--good); } .bad h1 { color: var(--bad); } .care h1 { color: var(--care); }
.sum { font-size: clamp(2rem, 9vw, 3rem); line-height: 1.15; font-weight: 700; margin: .25rem 0 1rem; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; margin: 1.25rem 0 0; font-size: .95rem; }
dt { opacity: .75; } dd { margin: 0; }
button, .button { display: inline-block; width: 100%; font: inherit; font-weight: 700; text-align: center; text-decoration: none; padding: .9rem 1.25rem; border-radius: .5rem; border: 2px solid var(--act); background: var(--act); color: var(--paper); cursor: pointer; }
button[disabled] { opacity: .45; cursor: not-allowed; }
:focus-visible { outline: 3px solid var(--care); outline-offset: 2px; }
#now { font-size: 1.25rem; margin: .5rem 0 1rem; min-height: 1.8em; }
.note { border-left: .3rem solid var(--care); padding-left: .75rem; }
pre { font: .85rem/1.35 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--soft); padding: .75rem; overflow-x: auto; white-space: pre-wrap; }
progress { width: 100%; height: .6rem; accent-color: var(--act); }
ul { list-style: none; padding: 0; } li { margin: 0 0 1.5rem; } li .button { margin-bottom: .35rem; }
@media print { html { background: #fff; color: #000; } header, form, .button, .screen { display: none; } main { border: 0; } pre { background: none; } }
`;

const script = `
(() => {
  const { state, seen, lost, leaves } = document.body.dataset;
  const heading = document.querySelector('h1');
  if (heading && document.activeElement === document.body) heading.focus();
  const form = document.querySelector('form');
  if (form) form.addEventListener('submit', () => { form.querySelector('button').disabled = true; });
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  if (leaves) setTimeout(() => location.replace(leaves), 4000);
  if (!state) return;
  const now = document.getElementById('now');
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  (async () => {
    for (let last = seen, failures = 0; ; ) {
      try {
        const answer = await fetch(state + '&seen=' + encodeURIComponent(last), { cache: 'no-store' });
        if (!answer.ok) throw new Error(String(answer.status));
        const view = await answer.json();
        if (view.reload) return location.reload();
        failures = 0;
        last = view.seen;
        if (now && now.textContent !== view.text) now.textContent = view.text;
      } catch {
        failures += 1;
        if (now && failures > 1) now.textContent = lost;
        await pause(Math.min(5000, 250 * 2 ** failures));
      }
    }
  })();
})();
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What a page may do: its own style and script, ask this box, send its form to this box. Nothing from elsewhere. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For those who cannot run the script. */
const withoutScript = (page: Page): Markup | string => {
  if (page.leaves !== null)
    return html`<noscript><meta http-equiv="refresh" content="4;url=${page.leaves}"></noscript>`;
  return page.follows === null ? '' : html`<noscript><meta http-equiv="refresh" content="3"></noscript>`;
};

/** The page as text. */
export async function written(page: Page): Promise<string> {
  const { words, title, main, otherLanguage, follows, leaves } = page;
  const { state = '', seen = '', lost = '' } = follows ?? {};
  return String(
    await html`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(style)}</style>
${withoutScript(page)}
</head>
<body data-state="${state}" data-seen="${seen}" data-lost="${lost}" data-leaves="${leaves ?? ''}">
<header><span>Swipe</span><a href="${otherLanguage}" lang="${words.other.language}" hreflang="${words.other.language}">${words.other.name}</a></header>
${main}
<script>${raw(script)}</script>
</body>
</html>
`,
  );
}

// Halves of characters, control characters, and signs that turn the direction of all that follows them.
const unshown = /\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\ufffe\uffff]/gu;

/** Somebody else's text as it is shown: one line, nothing in it that would change what stands beside it. */
export const shown = (text: string): string => text.replace(unshown, ' ');

/** A sum of minor units as people write it. */
export function money(amount: number, currency: string, words: Words): string {
  const format = new Intl.NumberFormat(words.language === 'uk' ? 'uk-UA' : 'en-GB', {
    style: 'currency',
    currency,
    currencyDisplay: words.language === 'uk' ? 'symbol' : 'code',
  });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
