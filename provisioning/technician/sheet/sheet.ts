/** The hand-over sheet: one A4 page that prints as it is and needs nothing from elsewhere. No secret is on it. */
import { isoTime } from '../../../gateway/contract/time.ts';
import type { Finding } from '../finding.ts';
import { type Language, say, type TextKey } from '../texts/texts.ts';
import { qrSvg } from './qr.ts';
import { style } from './style.ts';

/** What stands on it. Null: there is none. */
export interface SheetData {
  box: string;
  machine: string;
  serial: string | null;
  terminal: string | null;
  terminalId: string | null;
  merchants: readonly string[];
  link: string | null;
  panel: string | null;
  version: string;
  registry: string | null;
  broker: string | null;
  atMs: number;
  findings: readonly Finding[];
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

/** What the light says, of the many patterns those that somebody at the counter must know. */
const lights: readonly [colour: string, name: TextKey, means: TextKey][] = [
  ['#159a3c', 'sheetLightReady', 'sheetLightReadyMeans'],
  ['#1d4ed8', 'sheetLightWait', 'sheetLightWaitMeans'],
  ['#c026a8', 'sheetLightUnknown', 'sheetLightUnknownMeans'],
  ['#e08a00', 'sheetLightTerminal', 'sheetLightTerminalMeans'],
  ['#e08a00', 'sheetLightNetwork', 'sheetLightNetworkMeans'],
  ['#d11a1a', 'sheetLightDown', 'sheetLightDownMeans'],
];

/** Makes the page. The same data give the same text. */
export function sheetHtml(language: Language, data: SheetData): string {
  const t = (key: TextKey): string => escaped(say(language, key));
  const facts: [TextKey, string | null][] = [
    ['sheetTerminal', joined(data.terminal, data.terminalId)],
    ['sheetMerchants', data.merchants.join('; ') || null],
    ['sheetConnection', data.link],
    ['sheetPanel', data.panel],
    ['sheetMachine', data.machine],
    ['sheetSerial', data.serial],
    ['sheetRegistry', data.registry],
    ['sheetBroker', data.broker],
    ['sheetDate', `${shownDate(data.atMs)}, Swipe ${data.version}`],
  ];
  const fact = ([key, value]: [TextKey, string | null]): string =>
    `<tr><th>${t(key)}</th><td>${value === null ? t('sheetNone') : escaped(value)}</td></tr>`;
  const result = (finding: Finding): string => {
    const [mark, name] = marks[finding.level];
    const text = escaped(say(language, finding.text, finding.with));
    return `<tr class="${finding.level}"><td class="mark">${mark}</td><td>${text}</td><td>${t(name)}</td></tr>`;
  };
  const light = ([colour, name, means]: (typeof lights)[number]): string =>
    `<tr><td class="mark"><i style="background:${colour}"></i></td><td><b>${t(name)}</b></td><td>${t(means)}</td></tr>`;
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${t('sheetTitle')} ${escaped(data.box)}</title><style>${style}</style></head>
<body>
<header><div><p>Swipe</p><h1>${t('sheetTitle')}</h1><p class="sub">${t('sheetSub')}</p>
<p class="box"><span>${t('sheetBox')}</span>${escaped(data.box)}</p></div>${qrSvg(data.box)}</header>
<table class="facts">${facts.map(fact).join('\n')}</table>
<h2>${t('sheetTests')}</h2>
<table class="tests">${data.findings.map(result).join('\n')}</table>
<h2>${t('sheetLights')}</h2>
<table class="lights">${lights.map(light).join('\n')}</table>
<p class="check">${t('sheetCheck')}</p>
<footer><div>${t('sheetSignTechnician')}</div><div>${t('sheetSignShop')}</div></footer>
</body>
</html>
`;
}

const marks = {
  ok: ['✓', 'sheetPassed'],
  note: ['–', 'sheetNotTried'],
  warning: ['!', 'sheetNotice'],
  fault: ['✗', 'sheetNotice'],
} as const satisfies Record<Finding['level'], readonly [string, TextKey]>;

const joined = (...parts: (string | null)[]): string | null =>
  parts.filter((part) => part !== null).join(', ') || null;

const shownDate = (epochMs: number): string => `${isoTime(epochMs).slice(0, 16).replace('T', ' ')} UTC`;
