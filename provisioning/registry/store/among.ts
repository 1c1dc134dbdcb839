import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Dialect } from './schema.ts';

/**
 * Whether a column has one of many values: one statement whatever their number, which goes along the column's index on
 * both databases.
 *
 * @param column as it is written in SQL, never from outside
 */
export const among = (dialect: Dialect, column: string, values: readonly string[]): RawBuilder<SqlBool> =>
  dialect === 'sqlite'
    ? sql`${sql.raw(column)} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`
    : sql`${sql.raw(column)} = ANY(${values}::text[])`;
