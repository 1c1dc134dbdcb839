/** Customers with more boxes than a test could claim one by one, and what is left of them. */
import { randomBytes } from 'node:crypto';
import type { NewBox } from '../../provisioning/registry/store/tables.ts';
import type { World } from './world.ts';

/** So many boxes of a customer as registrations would have left them, each paired with one sale system. */
export async function many(
  world: World,
  customer: string,
  count: number,
  saleSystem: string,
): Promise<string[]> {
  const { nowMs } = world;
  const ids = Array.from({ length: count }, (_, at) => `SW-${String(at).padStart(12, '0')}`);
  const box = (id: string): NewBox => ({
    id,
    public_key: randomBytes(32).toString('base64url'),
    customer,
    status: 'claimed',
    billed_as: id,
    claimed_at_ms: nowMs,
    count: 1,
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    counted_at_ms: nowMs,
    count_raised: 0,
    revision: 1,
    version: '0.1.0',
    sequence: 0,
  });
  const certificate = (subject: string) => ({
    serial: `${subject} certificate`,
    ca: 'ca-1',
    subject,
    issued_at_ms: nowMs,
    not_before_ms: nowMs,
    not_after_ms: nowMs + 1e9,
  });
  const kid = (id: string): string => `K-${id}`;
  await world.core.store.write(async (tx) => {
    await tx
      .insertInto('sale_systems')
      .values({ id: saleSystem, name: '1C', customer, created_at_ms: nowMs })
      .execute();
    await tx.insertInto('boxes').values(ids.map(box)).execute();
    await tx.insertInto('certificates').values(ids.map(certificate)).execute();
    await tx
      .insertInto('tenures')
      .values(ids.map((billed_as) => ({ billed_as, customer, from_ms: nowMs })))
      .execute();
    await tx
      .insertInto('pairings')
      .values(
        ids.map((id) => ({
          id: `PA-${id}`,
          box: id,
          sale_system: saleSystem,
          allow: '[]',
          created_at_ms: nowMs,
        })),
      )
      .execute();
    await tx
      .insertInto('command_keys')
      .values(
        ids.map((id) => ({
          kid: kid(id),
          pairing: `PA-${id}`,
          alg: 'EdDSA' as const,
          public_key: 'x',
          created_at_ms: nowMs,
          last_request_ms: 0,
        })),
      )
      .execute();
  });
  return ids;
}

/** How much there is of each. */
export type Left = Record<'boxes' | 'certificates' | 'tenures' | 'pairings' | 'keys' | 'saleSystems', number>;

/** What is left of a customer: what has not ended. */
export async function left(world: World, customer: string): Promise<Left> {
  const { reader } = world.core.store;
  const count = async (rows: Promise<readonly object[]>): Promise<number> => (await rows).length;
  const boxes = reader.selectFrom('boxes').select('id').where('customer', '=', customer);
  return {
    boxes: await count(boxes.where('status', '=', 'claimed').execute()),
    certificates: await count(
      reader
        .selectFrom('certificates')
        .select('serial')
        .where('subject', 'in', boxes)
        .where('revoked_at_ms', 'is', null)
        .execute(),
    ),
    tenures: await count(
      reader
        .selectFrom('tenures')
        .select('id')
        .where('customer', '=', customer)
        .where('until_ms', 'is', null)
        .execute(),
    ),
    pairings: await count(
      reader
        .selectFrom('pairings')
        .select('id')
        .where('box', 'in', boxes)
        .where('ended_at_ms', 'is', null)
        .execute(),
    ),
    keys: await count(
      reader
        .selectFrom('command_keys')
        .innerJoin('pairings', 'pairings.id', 'pairing')
        .select('kid')
        .where('box', 'in', boxes)
        .where('ends_at_ms', 'is', null)
        .execute(),
    ),
    saleSystems: await count(
      reader
        .selectFrom('sale_systems')
        .select('id')
        .where('customer', '=', customer)
        .where('ended_at_ms', 'is', null)
        .execute(),
    ),
  };
}
