import { shownTerminal } from '../checks/devices.ts';
import { type Finding, fault, note, ok, StepFailure } from '../finding.ts';
import { needed, type Step, type StepContext } from '../step.ts';
import type { TerminalWords } from '../world.ts';

/** Which terminal was handed over: what `swipe doctor` holds the present one against. */
export interface Pinned {
  vendor: string | null;
  model: string | null;
  id: string | null;
}

/** The pin as it stands in its file; null when it cannot be read. */
export function readPin(text: string | null): Pinned | null {
  try {
    const { terminal } = JSON.parse(text ?? '') as { terminal?: Partial<Pinned> };
    if (typeof terminal !== 'object') return null;
    return { vendor: terminal.vendor ?? null, model: terminal.model ?? null, id: terminal.id ?? null };
  } catch {
    return null;
  }
}

function pinText({ vendor, model, id, merchants }: TerminalWords): string {
  return `${JSON.stringify({ terminal: { vendor, model, id }, merchants }, null, 2)}\n`;
}

/** Writes down which terminal this is, and which of its merchants are the shop's. */
export const pin: Step = {
  name: 'pin',
  title: 'stepPin',
  kind: 'change',
  plan: 'planPin',
  isDone({ world, progress, answers }) {
    const { terminal, merchants, defaultMerchant } = progress;
    if (terminal === null || world.files.read('pin') !== pinText(terminal.words)) return false;
    if (progress.steps.pin === undefined || !isExpected(terminal.words, answers.terminal.id)) return false;
    const wanted = answers.terminal;
    return (
      (Object.keys(wanted.merchants).length === 0 ||
        JSON.stringify(wanted.merchants) === JSON.stringify(merchants)) &&
      (wanted.defaultMerchant === undefined || wanted.defaultMerchant === defaultMerchant)
    );
  },
  async do(context) {
    const { world, progress, answers } = context;
    const { words } = needed(progress.terminal, 'terminal');
    const expected = answers.terminal.id;
    if (!isExpected(words, expected))
      throw new StepFailure(
        fault('terminalOther', { expected: expected ?? '', found: shownTerminal(words) }),
      );
    const { merchants, defaultMerchant } = await merchantsFor(context, words);
    const missing = Object.entries(merchants).filter(
      ([, index]) => Object.keys(words.merchants).length > 0 && !Object.hasOwn(words.merchants, index),
    );
    const list = listed(words.merchants);
    if (missing.length > 0)
      throw new StepFailure(
        ...missing.map(([name, index]) => fault('merchantMissing', { name, index, list })),
      );
    progress.merchants = merchants;
    progress.defaultMerchant = defaultMerchant;
    world.files.write('pin', pinText(words));
    const findings: Finding[] = [ok('terminalPinned', { terminal: shownTerminal(words) })];
    if (list !== '') findings.push(note('merchantsListed', { list }));
    return findings;
  },
};

const isExpected = ({ id }: TerminalWords, expected: string | undefined): boolean =>
  expected === undefined || id === expected || (id ?? '').split(' ').includes(expected);

const listed = (merchants: Readonly<Record<string, string>>): string =>
  Object.entries(merchants)
    .map(([index, name]) => `${index} ${name}`.trim())
    .join(', ');

type Merchants = Pick<StepContext['progress'], 'merchants' | 'defaultMerchant'>;

async function merchantsFor({ answers, person }: StepContext, words: TerminalWords): Promise<Merchants> {
  const { merchants, defaultMerchant } = answers.terminal;
  const [first, ...more] = Object.keys(merchants);
  if (first !== undefined)
    return { merchants, defaultMerchant: defaultMerchant ?? (more.length === 0 ? first : null) };
  const indices = Object.keys(words.merchants);
  const [only, second] = indices;
  // Not told: the terminal chooses.
  if (only === undefined) return { merchants: {}, defaultMerchant: null };
  if (second === undefined) return { merchants: { shop: only }, defaultMerchant: 'shop' };
  if (person === null) needed(null, 'terminal.merchants');
  const options = indices.map((index) => ({ value: index, label: `${index} ${words.merchants[index]}` }));
  const shop = (await person?.choose('askMerchant', options)) ?? only;
  return { merchants: { shop }, defaultMerchant: 'shop' };
}
