/** A process that migrates a database and never gets to the end: to be killed in the middle. Arguments: kind, place. */
import { writeSync } from 'node:fs';
import { silentLog } from '../../gateway/seams/log.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { openPostgres } from '../../provisioning/registry/store/postgres.ts';
import { type Dialect, migrations } from '../../provisioning/registry/store/schema.ts';
import { openSqlite } from '../../provisioning/registry/store/sqlite.ts';
import { nextStep } from './next-step.ts';

const [kind, place = ''] = process.argv.slice(2);
const endless: Record<Dialect, string> = {
  sqlite: 'WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n;',
  postgres: 'SELECT pg_sleep(600);',
};
const steps = migrations as Record<Dialect, string>[];
steps.push(nextStep, {
  // Read once the step before has been done.
  get sqlite(): string {
    writeSync(1, 'in the middle\n');
    return endless.sqlite;
  },
  get postgres(): string {
    writeSync(1, 'in the middle\n');
    return endless.postgres;
  },
});

const parts = { nowMs: 0, newId: 'x' };
if (kind === 'sqlite') await openSqlite(place, { ...parts, timers: systemTime });
else
  await openPostgres({
    ...parts,
    config: { kind: 'postgres', url: place, connections: 2 },
    log: silentLog,
  });
