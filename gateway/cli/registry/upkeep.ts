/** What keeps the registry going: alarms, the audit log, backup and restore. */
import { copyFileSync, existsSync } from 'node:fs';
import * as lists from '../../../provisioning/registry/services/lists.ts';
import { backUpSqlite, checkSqlite } from '../../../provisioning/registry/upkeep/backup.ts';
import { confirmRestore, markRestored, sinceBackup } from '../../../provisioning/registry/upkeep/restore.ts';
import { isoTime } from '../../contract/time.ts';
import { SwipeError } from '../../seams/error.ts';
import { numbersSaid, numbersShown } from './billing-restored.ts';
import { person, using } from './config-file.ts';
import { shownTime, table } from './table.ts';
import { needed, show, type Task, textOf, type Work } from './work.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** In the order of the help. */
export const upkeepWorks: readonly Work[] = [
  {
    words: ['alarms'],
    usage: 'alarms [--all] [--json]',
    summary: 'what a person should look at',
    options: { all: flag },
    run: (task) =>
      using(task.config, async ({ core }) => {
        const rows = await lists.alarms(core, person(), { limit: 1000, all: task.values.all === true });
        show(task, rows, () =>
          table(
            ['alarm', 'last', 'times', 'kind', 'subject', 'detail'],
            rows.map((row) => [
              String(row.alarm),
              shownTime(row.lastAt),
              String(row.times),
              row.kind,
              row.subject,
              row.detail,
            ]),
          ),
        );
      }),
  },
  {
    words: ['acknowledge'],
    usage: 'acknowledge ALARM',
    summary: 'somebody has seen to an alarm',
    arguments: ['ALARM'],
    run: (task) => using(task.config, ({ core }) => lists.acknowledge(core, person(), Number(task.words[0]))),
  },
  {
    words: ['audit'],
    usage: 'audit [--subject ID] [--json]',
    summary: 'the last thousand changes: who, what',
    options: { subject: text },
    run: (task) =>
      using(task.config, async ({ core }) => {
        const rows = await lists.auditLog(core, person(), { limit: 1000, subject: textOf(task, 'subject') });
        show(task, rows, () =>
          table(
            ['time', 'actor', 'action', 'subject', 'after'],
            rows.map((row) => [
              shownTime(row.at),
              row.actor,
              row.action,
              row.subject,
              JSON.stringify(row.after),
            ]),
          ),
        );
      }),
  },
  {
    words: ['backup'],
    usage: 'backup --to FILE',
    summary: 'copies the database while the registry runs (SQLite; PostgreSQL has pg_dump)',
    options: { to: text },
    async run(task) {
      const { database } = task.config;
      if (database.kind !== 'sqlite')
        throw new SwipeError('usage', 'PostgreSQL has its own: pg_dump --format=custom --file=FILE DATABASE');
      backUpSqlite(database.path, needed(task, 'to'));
    },
  },
  {
    words: ['restore'],
    usage: 'restore [--from FILE]',
    summary:
      'takes a backup for the database (or what pg_restore brought back): nobody is answered until confirm',
    options: { from: text },
    run: restore,
  },
  {
    words: ['confirm'],
    usage: 'confirm [--yes] [--last-number NUMBER,…|none [--yes-that-many]] [--json]',
    summary: 'shows what happened since the backup; with --yes the restored registry goes on',
    options: { yes: flag, 'last-number': text, 'yes-that-many': flag },
    run: confirm,
  },
];

async function restore(task: Task): Promise<void> {
  const { database } = task.config;
  const from = textOf(task, 'from');
  if (from !== undefined) {
    if (database.kind !== 'sqlite')
      throw new SwipeError(
        'usage',
        'bring it back with pg_restore into an empty database, then restore without --from',
      );
    if (existsSync(database.path))
      throw new SwipeError(
        'usage',
        `${database.path} is there: stop the registry and move it aside, with its -wal and -shm`,
      );
    checkSqlite(from);
    copyFileSync(from, database.path);
  }
  await using(task.config, async ({ core }) => {
    await markRestored(core.store, person().name, core.clock.nowMs());
    task.io.out('restored; start the registry, let boxes come, then: swipe registry confirm');
  });
}

// Most boxes register every day.
const shownMost = 20;

async function confirm(task: Task): Promise<void> {
  await using(task.config, async (registry) => {
    const { core } = registry;
    const since = await sinceBackup(core.store.reader);
    if (!core.isRestored())
      throw new SwipeError('usage', 'there is nothing to confirm: the registry is not restored');
    if (task.values.yes === true) {
      await numbersSaid(task, registry);
      await confirmRestore(core.store, person().name, core.clock.nowMs());
      task.io.out('confirmed');
      return;
    }
    const numbers = await numbersShown(registry);
    show(task, { ...since, numbers }, () => [
      `the last change that is known: ${since.lastChangeMs === null ? 'none' : isoTime(since.lastChangeMs)}`,
      `boxes that came and are not known, so claimed since the backup: ${since.unknown.length}`,
      ...since.unknown.map((box) => `  ${box}`),
      `boxes that came, are known, and were told something since: ${since.ahead.length}`,
      ...since.ahead.slice(0, shownMost).map((box) => `  ${box}`),
      ...(since.ahead.length > shownMost ? ['  …, all of them with --json'] : []),
      ...numbers,
      'what was retired or stolen since the backup: retire it again, now. Then: swipe registry confirm --yes, and new claims for boxes that are not known',
    ]);
  });
}
