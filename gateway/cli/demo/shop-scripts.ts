/** Style and script of the sample shop's pages, as they stand in them. */

/** The style. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #14181d; --paper: #fff; --soft: #eef1f4; --line: #c5ccd3; --act: #0b57d0; --good: #0a6b2d; --bad: #a3160f; --care: #7a4b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f4; --paper: #14181d; --soft: #222a32; --line: #4a5560; --act: #8ab4f8; --good: #7bd88f; --bad: #ff9d94; --care: #f5c26b; } }
* { box-sizing: border-box; }
html { font: 1rem/1.4 system-ui, "Liberation Sans", "DejaVu Sans", sans-serif; color: var(--ink); background: var(--soft); }
body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 2rem; overflow-wrap: anywhere; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; padding: 1rem 0 .25rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: .9rem; font-weight: 600; opacity: .75; margin: 0 0 .35rem; }
a { color: var(--act); } header a { white-space: nowrap; }
.intro { margin: 0 0 1rem; opacity: .8; }
.counter { display: grid; grid-template-columns: minmax(0, 1fr) 25rem; gap: 1.5rem; align-items: start; }
ul { list-style: none; padding: 0; margin: 0; display: grid; gap: .75rem; }
li, section, .alone { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: .85rem 1rem; }
.alone { padding: 1.5rem; margin-top: 1rem; } .alone h2 { font-size: 1.3rem; opacity: 1; }
li.marked { border-color: var(--act); border-width: 2px; }
li p { margin: .25rem 0; }
.head { display: flex; justify-content: space-between; gap: 1rem; font-size: 1.1rem; }
.sum { font-weight: 700; font-variant-numeric: tabular-nums; }
.state span { display: block; font-size: .9rem; color: var(--ink); opacity: .8; }
.good { color: var(--good); } .bad { color: var(--bad); } .care { color: var(--care); }
.happens { font-size: .9rem; font-style: italic; opacity: .8; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-top: .6rem; }
button { font: inherit; font-weight: 700; padding: .6rem 1.1rem; border-radius: .45rem; border: 2px solid var(--act); background: var(--act); color: var(--paper); cursor: pointer; }
button.plain { border: 0; background: none; color: var(--act); font-weight: 400; font-size: .85rem; padding: .6rem 0; text-decoration: underline; }
:focus-visible { outline: 3px solid var(--care); outline-offset: 2px; }
aside { display: grid; gap: .75rem; }
.led { display: flex; align-items: center; gap: .75rem; } .rim { fill: #14181d; }
.terminal { background: #b9c8a0; color: #1c2410; border: .4rem solid #30363c; border-radius: .5rem; padding: .75rem; font: 700 1.15rem/1.4 "DejaVu Sans Mono", ui-monospace, monospace; text-align: center; }
.terminal p { margin: 0; min-height: 1.4em; }
img { display: block; width: 100%; height: auto; background: #fff; border: 1px solid var(--line); margin-top: .5rem; }
@media (max-width: 56rem) { .counter { grid-template-columns: minmax(0, 1fr); gap: .75rem; } aside { display: contents; } .brief { order: -1; } }
[hidden] { display: none !important; }
`;

/**
 * The script: what is live beside the orders. The LED's changes come in bundles with the panel's own time and are shown a
 * little later, at their distances: so the rhythm is the LED's and not the network's.
 */
export const pageScript = `
(() => {
  const { live, orders } = document.body.dataset;
  if (!live) return;
  const at = (id) => document.getElementById(id);
  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const show = (picture, number) => {
    const path = '/papers/' + number + '.png';
    if (number < 1 || picture.getAttribute('src') === path) return;
    picture.src = path;
    picture.hidden = false;
  };
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  const laterMs = 250;
  // A page that loads itself again is a page that does not go where the form leads.
  let leavingUntilMs = 0;
  document.addEventListener('submit', () => { leavingUntilMs = performance.now() + 10000; });
  let beginMs = Infinity;
  let changes = [];
  const source = new EventSource(live);
  source.onopen = () => { at('lost').hidden = true; };
  source.onerror = () => { at('lost').hidden = false; };
  source.onmessage = ({ data }) => {
    const now = JSON.parse(data);
    if (now.orders !== orders && performance.now() > leavingUntilMs) { source.close(); location.reload(); return; }
    say(at('led'), now.ledText);
    now.screen.forEach((text, index) => say(at('screen' + (index + 1)), text));
    show(at('paper'), now.paper);
    show(at('before'), now.paper - 1);
    if (at('none')) at('none').hidden = now.paper > 0;
    beginMs = Math.min(beginMs, performance.now() - now.panelMs);
    changes = changes.concat(now.led).slice(-2000);
  };
  const draw = () => {
    const dueMs = performance.now() - beginMs - laterMs;
    let colour = null;
    while (changes.length > 0 && changes[0][0] <= dueMs) colour = changes.shift()[1];
    if (colour !== null) at('lamp').setAttribute('fill', colour);
  };
  setInterval(draw, 20);
})();
`;
