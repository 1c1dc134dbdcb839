import type { Log } from '../../../gateway/seams/log.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import type { DatabaseConfig } from '../config.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import type { Reader, Store } from './store.ts';

/** What {@link openStore} needs. */
export interface StoreParts {
  time: Time;
  random: Random;
  log: Log;
}

/** Opens the database that the config names, and makes its tables where there are none. @throws SwipeError */
export function openStore(config: DatabaseConfig, { time, random, log }: StoreParts): Promise<Store> {
  const newId = Buffer.from(random.bytes(16)).toString('hex');
  const nowMs = time.nowMs();
  return config.kind === 'sqlite'
    ? openSqlite(config.path, { nowMs, newId, timers: time })
    : openPostgres({ config, nowMs, newId, log });
}

/** Whether nothing was ever done with this database: then, and only then, keys and a CA may be made for it. */
export async function isFresh(reader: Reader): Promise<boolean> {
  const meta = await reader.selectFrom('meta').select(['crl_number', 'mode']).executeTakeFirstOrThrow();
  const change = await reader.selectFrom('audit').select('id').limit(1).executeTakeFirst();
  return meta.crl_number === 0 && meta.mode === 'normal' && change === undefined;
}
