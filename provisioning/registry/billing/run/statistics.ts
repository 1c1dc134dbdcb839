import { sql } from 'kysely';
import type { Store } from '../../store/store.ts';

/**
 * Has PostgreSQL look at the tables that a run fills, once there is something in them. It checks references by plans that
 * each session keeps: those made while a table was known to be empty read all of it for every row, so that a first run
 * would take the square of its invoices until autovacuum comes by. New statistics make every session plan anew.
 */
export async function lookAnew({ dialect, reader }: Store): Promise<void> {
  if (dialect === 'postgres') await sql`ANALYZE billing_parties, billing_documents`.execute(reader);
}
