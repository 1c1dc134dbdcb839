/** Which of the devices that were asked is the terminal, and which the panel. Pure. */
import { type Finding, fault, note, ok, warning } from '../finding.ts';
import type { TerminalWords, Who } from '../world.ts';

/** A device, and what it said. */
export interface Asked {
  link: string;
  mayBeBoard: boolean;
  who: Who;
}

/** What the answers say. */
export interface Wishes {
  terminalLink: string | null;
  /** What the terminal must say of itself. */
  terminalId: string | null;
  /** `auto`: looked for; null: there is to be none. */
  panel: 'auto' | { link: string; flash: boolean } | null;
}

/** A terminal that answered. */
export interface FoundTerminal {
  link: string;
  baudRate: number;
  words: TerminalWords;
}

/** A panel, or what may become one. */
export interface FoundPanel {
  link: string;
  version: string | null;
  /** `asked`: only if a person wants it; what is there is no panel. */
  flash: 'no' | 'asked' | 'needed';
}

/** Who plays what. Several terminals: a person has to choose. */
export interface Cast {
  terminals: FoundTerminal[];
  panel: FoundPanel | null;
  findings: Finding[];
}

/** A terminal in words: `Verifone Vx520, S1260S6Y`. */
export const shownTerminal = ({
  vendor,
  model,
  id,
}: Pick<TerminalWords, 'vendor' | 'model' | 'id'>): string =>
  [[vendor, model].filter(Boolean).join(' '), id].filter(Boolean).join(', ') || '?';

/** Hands out the parts. */
export function castOf(asked: readonly Asked[], wishes: Wishes): Cast {
  const swapped = mistaken(asked, wishes);
  if (swapped !== null) return { terminals: [], panel: null, findings: [swapped] };
  const terminals = terminalsAmong(asked, wishes);
  const panel = panelAmong(asked, wishes, terminals);
  const named = wishes.panel === null || wishes.panel === 'auto' ? undefined : wishes.panel.link;
  const taken = [...terminals.map(({ link }) => link), panel.panel?.link, named];
  const others = asked.filter(({ link }) => !taken.includes(link)).flatMap(otherFindings);
  return {
    terminals,
    panel: panel.panel,
    findings: [
      ...terminals.map(({ link, baudRate, words }) =>
        link.startsWith('tcp:')
          ? ok('terminalFoundTcp', { terminal: shownTerminal(words), link })
          : ok('terminalFound', { terminal: shownTerminal(words), link, baudRate }),
      ),
      ...panel.findings,
      ...others,
      ...terminalFaults(asked, terminals, others),
    ],
  };
}

/** The wrong cable in a socket that the answers name. */
function mistaken(asked: readonly Asked[], { terminalLink, panel }: Wishes): Finding | null {
  const kindAt = (link: string | null | undefined): Who['kind'] | null =>
    asked.find((one) => one.link === link)?.who.kind ?? null;
  const panelLink = panel === null || panel === 'auto' ? null : panel.link;
  const isPanel = kindAt(terminalLink) === 'panel';
  const isTerminal = ['terminal', 'terminalBusy'].includes(kindAt(panelLink) ?? '');
  if (isPanel && isTerminal && terminalLink !== null && panelLink !== null)
    return fault('portsSwapped', { terminalLink, panelLink });
  if (isPanel && terminalLink !== null) return fault('panelAtTerminal', { link: terminalLink });
  if (isTerminal && panelLink !== null) return fault('terminalAtPanel', { link: panelLink });
  return null;
}

function terminalsAmong(asked: readonly Asked[], { terminalLink, terminalId }: Wishes): FoundTerminal[] {
  const all = asked
    .filter(({ link }) => terminalLink === null || link === terminalLink)
    .flatMap(({ link, who }) =>
      who.kind === 'terminal' ? [{ link, baudRate: who.baudRate, words: who.words }] : [],
    );
  const right = all.filter(({ words }) => words.id === terminalId);
  return all.length > 1 && right.length === 1 ? right : all;
}

function terminalFaults(
  asked: readonly Asked[],
  found: readonly FoundTerminal[],
  others: Finding[],
): Finding[] {
  if (found.length > 0) return [];
  const busy = asked.find(({ who }) => who.kind === 'terminalBusy');
  if (busy !== undefined) return [fault('terminalBusy', { link: busy.link })];
  return [asked.length === 0 && others.length === 0 ? fault('noDevices') : fault('terminalMissing')];
}

function panelAmong(
  asked: readonly Asked[],
  { panel: wish }: Wishes,
  terminals: readonly FoundTerminal[],
): { panel: FoundPanel | null; findings: Finding[] } {
  if (wish === null) return { panel: null, findings: [note('panelNone')] };
  if (wish !== 'auto') return panelAt(wish, asked.find(({ link }) => link === wish.link) ?? null);
  const panels = asked.filter(({ who }) => who.kind === 'panel');
  const [first, second] = panels;
  if (second !== undefined)
    return {
      panel: null,
      findings: [fault('panelTwo', { links: panels.map(({ link }) => link).join(', ') })],
    };
  if (first !== undefined) return panelAt({ link: first.link, flash: false }, first);
  const board = asked.find(
    ({ link, mayBeBoard, who }) =>
      who.kind === 'otherFirmware' ||
      // A silent adapter may be the terminal's cable: only where that is known to be another one.
      (who.kind === 'silent' && mayBeBoard && terminals.some((terminal) => terminal.link !== link)),
  );
  if (board === undefined) return { panel: null, findings: [note('panelNone')] };
  return { panel: { link: board.link, version: null, flash: 'asked' }, findings: [emptyOf(warning, board)] };
}

/** What is at the port where the panel is to be. */
function panelAt(
  { link, flash }: { link: string; flash: boolean },
  asked: Asked | null,
): { panel: FoundPanel | null; findings: Finding[] } {
  const who = asked?.who ?? null;
  if (who?.kind === 'panel')
    return who.fits
      ? {
          panel: { link, version: who.version, flash: 'no' },
          findings: [ok('panelFound', { version: who.version, link })],
        }
      : { panel: { link, version: who.version, flash: 'needed' }, findings: [warning('panelOld', { link })] };
  const mayFlash = who?.kind === 'silent' || who?.kind === 'otherFirmware' || who?.kind === 'babble';
  if (flash && mayFlash && asked !== null)
    return { panel: { link, version: null, flash: 'needed' }, findings: [emptyOf(note, asked)] };
  if (who?.kind === 'otherFirmware' && asked !== null)
    return { panel: null, findings: [emptyOf(fault, asked)] };
  return { panel: null, findings: [fault('panelMissing', { link })] };
}

const emptyOf = (level: typeof warning, { link, who }: Asked): Finding =>
  level('panelEmpty', { link, name: who.kind === 'otherFirmware' ? ` (${who.name})` : '' });

/** A device that is neither is named as such. */
function otherFindings({ link, who }: Asked): Finding[] {
  switch (who.kind) {
    case 'silent':
      return [warning('deviceSilent', { link })];
    case 'babble':
    case 'otherFirmware':
      return [warning('deviceBabbles', { link })];
    case 'closed':
      return [closedFinding(link, who)];
    default:
      return [];
  }
}

function closedFinding(link: string, { why, text }: Extract<Who, { kind: 'closed' }>): Finding {
  const texts = {
    taken: 'deviceTaken',
    denied: 'deviceDenied',
    gone: 'deviceGone',
    unreachable: 'deviceUnreachable',
  } as const;
  return warning(texts[why], { link, error: text });
}
