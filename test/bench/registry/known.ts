/** Brings the database to what the bench needs: many boxes known, some of which can speak. */
import type { OpenRegistry } from '../../../provisioning/registry/main.ts';
import { purposes } from '../../../provisioning/registry/services/core.ts';
import { newClaim } from '../../../provisioning/registry/services/customers.ts';
import { newToken, type Operator, scopes } from '../../../provisioning/registry/services/tokens.ts';
import type { NewBox } from '../../../provisioning/registry/store/tables.ts';
import { type BenchBox, type BoxFacts, makeBox, told } from './boxes.ts';
import { bareRows, bigCustomer, fillStatements } from './fill.ts';
import type { Site } from './site.ts';

/** How much. */
export interface KnownSize {
  boxes: number;
  /** How many of them have keys, and come back. */
  speaking: number;
  /** How many requests each of these has. */
  requests: number;
  /** How many there are besides that come for the first time. */
  fresh: number;
}

/** What was made. */
export interface Known {
  speaking: BenchBox[];
  fresh: BenchBox[];
  /** A token that may everything. */
  token: string;
  /** How many boxes the largest customer has. */
  big: number;
}

const dayMs = 86_400_000;
const operator: Operator = { name: 'person:bench', customer: null, scopes };
// Fits into one statement of either database.
const portion = 500;

/** Fills the database of a site. */
export async function makeKnown(site: Site, size: KnownSize): Promise<Known> {
  const nowMs = Date.now();
  const registry = await site.open();
  try {
    const { core } = registry;
    const facts: BoxFacts = { registryKid: core.keys.trusted()[0]?.kid ?? '', nowMs, count: 100 };
    const { ca } = await core.authority.state();
    const filled = size.boxes - size.speaking;
    const big = Math.min(50_000, Math.floor(filled / 10));
    const { registryKid, count } = facts;
    await site.script([
      // As for any database of this size: a checkpoint each few seconds would be most of the work.
      ...(site.dialect === 'postgres'
        ? ["ALTER SYSTEM SET max_wal_size = '8GB'", 'SELECT pg_reload_conf()']
        : []),
      ...fillStatements(site.dialect, { boxes: filled, big, ca, registryKid, nowMs, count }),
    ]);
    const speaking = Array.from({ length: size.speaking }, (_, at) => makeBox(at, size.requests, facts));
    await insert(registry, speaking, ca, facts);
    await site.script([bareRows, ...(site.dialect === 'postgres' ? ['VACUUM ANALYZE'] : [])]);
    const fresh: BenchBox[] = [];
    for (let at = 0; at < size.fresh; at += 1) {
      const { code } = await newClaim(core, operator, { customer: bigCustomer });
      fresh.push(makeBox(at, 1, { ...facts, count: 0 }, code));
    }
    const wish = { name: 'bench', scopes, customer: null, lifeMs: dayMs };
    const { token } = await newToken(core, operator, wish);
    return { speaking, fresh, token, big };
  } finally {
    await registry.close();
  }
}

async function insert(
  { core: { store, masterKey } }: OpenRegistry,
  boxes: readonly BenchBox[],
  ca: string,
  { registryKid, nowMs, count }: BoxFacts,
): Promise<void> {
  const customer = 'CU-SPEAK1NG0000';
  const claimedMs = nowMs - 100 * dayMs;
  await store.write(async (tx) => {
    await tx
      .insertInto('customers')
      .values({ id: customer, name: 'A region', created_at_ms: claimedMs })
      .execute();
    const system = { id: 'SS-SPEAK1NG0000', name: '1C', customer, created_at_ms: claimedMs };
    await tx.insertInto('sale_systems').values(system).execute();
  });
  for (let start = 0; start < boxes.length; start += portion) {
    const some = boxes.slice(start, start + portion);
    // Renewed at 30 days: of those that register once a day one in thirty has come to that.
    const issuedMs = (at: number): number => nowMs - Math.floor((((start + at) % 3100) / 100) * dayMs);
    await store.write(async (tx) => {
      await tx
        .insertInto('boxes')
        .values(
          some.map(
            (box, at): NewBox => ({
              id: box.id,
              public_key: box.x,
              customer,
              status: 'claimed',
              billed_as: box.id,
              claimed_at_ms: claimedMs,
              ended_at_ms: null,
              replaces: null,
              replaced_by: null,
              count,
              nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
              counted_at_ms: nowMs - dayMs,
              count_raised: 0,
              revision: count,
              registry_kid: registryKid,
              version: told.version,
              hardware_model: told.model,
              hardware_serial: box.serial,
              hardware_system: told.system,
              terminal_vendor: told.vendor,
              terminal_model: told.terminal,
              terminal_software: told.software,
              terminal_id: 'S1260S6Y',
              sequence: 1000,
              certificate: box.certificate,
              certificate_ca: ca,
              certificate_renew_ms: issuedMs(at) + 30 * dayMs,
            }),
          ),
        )
        .execute();
      await tx
        .insertInto('certificates')
        .values(
          some.map((box, at) => ({
            serial: box.certificate ?? '',
            ca,
            subject: box.id,
            issued_at_ms: issuedMs(at),
            not_before_ms: issuedMs(at),
            not_after_ms: issuedMs(at) + 90 * dayMs,
          })),
        )
        .execute();
      await tx
        .insertInto('tenures')
        .values(some.map(({ id }) => ({ billed_as: id, customer, from_ms: claimedMs })))
        .execute();
      const paired = some.filter((_, at) => at % 5 === 0);
      await tx
        .insertInto('pairings')
        .values(
          paired.map(({ id }) => ({
            id: `PA-${id}`,
            box: id,
            sale_system: 'SS-SPEAK1NG0000',
            allow: '["payment","reversal"]',
            created_at_ms: claimedMs,
          })),
        )
        .execute();
      await tx
        .insertInto('command_keys')
        .values(
          paired.map(({ id }) => ({
            kid: `K-${id}`,
            pairing: `PA-${id}`,
            alg: 'HS256' as const,
            sealed: masterKey.seal(Buffer.from('a secret of 48 characters'), purposes.commandKey(`K-${id}`)),
            created_at_ms: claimedMs,
            last_request_ms: 0,
          })),
        )
        .execute();
    });
  }
}
