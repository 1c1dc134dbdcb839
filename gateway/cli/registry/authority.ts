/** The registry's key, its CA, the broker's own certificate: making, rotating, and who has not moved yet. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { issueBrokerCertificate } from '../../../provisioning/registry/services/broker-certificate.ts';
import { beginRotation, finishRotation } from '../../../provisioning/registry/services/rotations.ts';
import {
  type Behind,
  behind,
  type Rotated,
  stragglers,
} from '../../../provisioning/registry/services/stragglers.ts';
import { isoTime } from '../../contract/time.ts';
import { messageOf, SwipeError } from '../../seams/error.ts';
import { person, using } from './config-file.ts';
import { shownTime, table } from './table.ts';
import { needed, show, type Task, type Work } from './work.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** In the order of the help. */
export const authorityWorks: readonly Work[] = [
  {
    words: ['key'],
    usage: 'key',
    summary: "the registry's public key, for the config of a box (registry.key)",
    run: (task) =>
      using(task.config, async ({ core }) => {
        const keys = core.keys.trusted();
        show(task, keys, () => keys.slice(0, 1).map(({ x }) => x));
      }),
  },
  {
    words: ['rotate'],
    usage: 'rotate ca|key begin|finish [--force]',
    summary: 'a new CA, or a new key of the registry; the old one ends when everybody has moved',
    arguments: ['WHAT', 'STEP'],
    options: { force: flag },
    run: rotate,
  },
  {
    words: ['behind'],
    usage: 'behind ca|key [--json]',
    summary: 'who has not moved yet: boxes and sale systems that the end of the old one would shut out',
    arguments: ['WHAT'],
    run: (task) =>
      using(task.config, async ({ core }) => {
        const rows = await stragglers(core, rotated(task.words[0], 'behind ca|key'), { limit: 100_000 });
        show(task, rows, () =>
          table(
            ['id', 'seen', 'until', 'customer', 'of', 'name'],
            rows.map((row) => [
              row.id,
              shownTime(row.seenAt),
              shownTime(row.until),
              row.customer,
              row.customerName,
              row.name ?? '',
            ]),
          ),
        );
      }),
  },
  {
    words: ['broker', 'certificate'],
    usage: 'broker certificate --csr FILE --names HOST,HOST --to FILE',
    summary: "signs the broker's own certificate, where it has none of a public CA; for 398 days",
    options: { csr: text, names: text, to: text },
    run: brokerCertificate,
  },
];

async function rotate(task: Task): Promise<void> {
  const usage = 'rotate ca|key begin|finish [--force]';
  const [, step] = task.words;
  const what = rotated(task.words[0], usage);
  if (step !== 'begin' && step !== 'finish') throw new SwipeError('usage', `usage: swipe registry ${usage}`);
  await using(task.config, async ({ core }) => {
    if (step === 'begin') await beginRotation(core, person(), what);
    else await finishRotation(core, person(), what, task.values.force === true);
    const left = await behind(core, what);
    show(task, { behind: left }, () => [`${step === 'begin' ? 'begun' : 'finished'}; ${said(left)} moved`]);
  });
}

async function brokerCertificate(task: Task): Promise<void> {
  const [from, to] = [needed(task, 'csr'), needed(task, 'to')];
  const names = needed(task, 'names')
    .split(',')
    .map((name) => name.trim());
  const csr = readCsr(from);
  if (existsSync(to)) throw new SwipeError('usage', `${to} is there already: it is not replaced`);
  await using(task.config, async ({ core }) => {
    const made = await issueBrokerCertificate(core, person(), { names, csr });
    writeFileSync(to, made.certificate, { mode: 0o644, flag: 'wx' });
    const { serial, notAfterMs } = made;
    const told = { serial, notAfter: isoTime(notAfterMs), behind: made.behind };
    show(task, told, () => [
      `${to}  until ${shownTime(told.notAfter)} UTC`,
      ...(made.behind.boxes + made.behind.saleSystems === 0
        ? []
        : [
            `${said(made.behind)} learned of the CA that signed it: wait with it until swipe registry behind ca names nobody`,
          ]),
    ]);
  });
}

function readCsr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SwipeError('usage', `--csr: ${path} cannot be read: ${messageOf(error)}`);
  }
}

function rotated(word: string | undefined, usage: string): Rotated {
  if (word === 'ca' || word === 'key') return word;
  throw new SwipeError('usage', `usage: swipe registry ${usage}`);
}

const said = ({ boxes, saleSystems }: Behind): string =>
  `${boxes} boxes and ${saleSystems} sale systems have not`;
