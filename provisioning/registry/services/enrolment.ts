/** What a registration changes: a box becomes a customer's, or tells how it is now. */
import type { Registration } from '../../../gateway/contract/registration.ts';
import { renewalDueMs } from '../identity/times.ts';
import type { IssuedCertificate } from '../ports.ts';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import type { BoxesTable, BoxRow, ClaimRow } from '../store/tables.ts';
import { revokeCertificates } from './box-access.ts';

/** What goes with it. */
export interface News {
  /** What the answer carries. */
  revision: number;
  /** A certificate that was just issued; null: none was. */
  issued: IssuedCertificate | null;
  /** The newest of the registry's keys that the box trusts; null: none of them. */
  registryKid: string | null;
  nowMs: number;
}

type Facts = Pick<
  BoxesTable,
  | 'version'
  | 'hardware_model'
  | 'hardware_serial'
  | 'hardware_system'
  | 'terminal_vendor'
  | 'terminal_model'
  | 'terminal_software'
  | 'terminal_id'
>;

/** A box's own words about itself. */
const factsOf = ({ version, hardware, terminal }: Registration): Facts => ({
  version,
  hardware_model: hardware.model,
  hardware_serial: hardware.serial,
  hardware_system: hardware.system,
  terminal_vendor: terminal.vendor,
  terminal_model: terminal.model,
  terminal_software: terminal.software,
  terminal_id: terminal.id,
});

/** What every answer moves on. */
const counted = ({ count, nonce }: Registration, { revision, registryKid, nowMs }: News) => ({
  count,
  nonce,
  counted_at_ms: nowMs,
  count_raised: 0,
  revision,
  registry_kid: registryKid,
});

const certificateOf = (issued: IssuedCertificate | null) => ({
  certificate: issued?.serial ?? null,
  certificate_ca: issued?.ca ?? null,
  certificate_renew_ms: issued === null ? null : renewalDueMs(issued.notBeforeMs, issued.notAfterMs),
});

/** What a box tells of itself that is not as it was. */
export function changedFacts(request: Registration, box: BoxRow): (keyof Facts)[] {
  const told = factsOf(request);
  // What cannot be read for once is no news.
  told.hardware_serial ??= box.hardware_serial;
  return (Object.keys(told) as (keyof Facts)[]).filter((name) => told[name] !== box[name]);
}

/** A known box tells how it is: only what is not as before goes into the audit log. */
export async function refresh(tx: Tx, request: Registration, box: BoxRow, news: News): Promise<BoxRow> {
  const told = factsOf(request);
  const changed = changedFacts(request, box);
  const set = {
    ...counted(request, news),
    ...pick(told, changed),
    sequence: request.sequence,
    ...(news.issued === null ? {} : certificateOf(news.issued)),
  };
  await tx.updateTable('boxes').set(set).where('id', '=', box.id).execute();
  if (changed.length > 0)
    await audit(tx, news.nowMs, {
      actor: `box:${box.id}`,
      action: 'box.changed',
      subject: box.id,
      customer: box.customer,
      before: pick(box, changed),
      after: pick(told, changed),
    });
  return { ...box, ...set };
}

const pick = <Row extends object, Name extends keyof Row>(
  row: Row,
  names: readonly Name[],
): Pick<Row, Name> => Object.fromEntries(names.map((name) => [name, row[name]])) as Pick<Row, Name>;

/** A box becomes the customer's whose claim it brought, in the place of another where the claim says so. */
export async function enrol(
  tx: Tx,
  request: Registration,
  claim: ClaimRow,
  { known, ...news }: News & { known: BoxRow | null },
): Promise<BoxRow> {
  const { nowMs } = news;
  const before = claim.replaces === null ? null : await lockReplaced(tx, claim);
  const continues = before?.status === 'claimed';
  const box: BoxRow = {
    id: request.box,
    public_key: request.key,
    customer: claim.customer,
    status: 'claimed',
    billed_as: continues ? before.billed_as : await identityFor(tx, request.box, known !== null),
    claimed_at_ms: nowMs,
    ended_at_ms: null,
    replaces: claim.replaces,
    replaced_by: null,
    ...counted(request, news),
    ...factsOf(request),
    sequence: request.sequence,
    ...certificateOf(news.issued),
  };
  if (continues) await handOver(tx, before, box, nowMs);
  if (known === null) await tx.insertInto('boxes').values(box).execute();
  else await tx.updateTable('boxes').set(box).where('id', '=', box.id).execute();
  if (continues) await movePairings(tx, before.id, box.id, nowMs);
  else
    await tx
      .insertInto('tenures')
      .values({ billed_as: box.billed_as, customer: box.customer, from_ms: nowMs })
      .execute();
  await tx
    .updateTable('claims')
    .set({ used_at_ms: nowMs, used_by: box.id })
    .where('id', '=', claim.id)
    .execute();
  await ask(tx, 'box', box.id, nowMs);
  await audit(tx, nowMs, {
    actor: `box:${box.id}`,
    action: 'box.claimed',
    subject: box.id,
    customer: box.customer,
    before: known === null ? null : { status: known.status, customer: known.customer },
    after: { status: 'claimed', claim: claim.id, billed_as: box.billed_as, replaces: box.replaces },
  });
  return box;
}

/**
 * A box that comes back from the shelf is billed anew, under a name that was not billed before. Its own id is the name of
 * a box that comes for the first time: that claim decides about the trial (billing/rules/identities.ts).
 */
async function identityFor(tx: Tx, box: string, isKnown: boolean): Promise<string> {
  for (let times = isKnown ? 2 : 1; ; times += 1) {
    const name = times === 1 ? box : `${box}.${times}`;
    const used = tx.selectFrom('tenures').select('id').where('billed_as', '=', name).limit(1);
    if ((await used.executeTakeFirst()) === undefined) return name;
  }
}

async function lockReplaced(tx: Tx, { replaces, customer }: ClaimRow): Promise<BoxRow | undefined> {
  return await tx
    .selectFrom('boxes')
    .selectAll()
    .where('id', '=', replaces ?? '')
    .where('customer', '=', customer)
    .forUpdate()
    .executeTakeFirst();
}

async function handOver(tx: Tx, before: BoxRow, after: BoxRow, nowMs: number): Promise<void> {
  const change = { status: 'retired', ended_at_ms: nowMs, replaced_by: after.id } as const;
  await tx.updateTable('boxes').set(change).where('id', '=', before.id).execute();
  await revokeCertificates(tx, [before.id], nowMs);
  await ask(tx, 'box', before.id, nowMs);
  await ask(tx, 'trust', 'crl', nowMs);
  await audit(tx, nowMs, {
    actor: `box:${after.id}`,
    action: 'box.replaced',
    subject: before.id,
    customer: before.customer,
    before: { status: before.status },
    after: { status: 'retired', replaced_by: after.id },
  });
}

async function movePairings(tx: Tx, from: string, to: string, nowMs: number): Promise<void> {
  const moved = await tx
    .updateTable('pairings')
    .set({ box: to })
    .where('box', '=', from)
    .where('ended_at_ms', 'is', null)
    .returning('sale_system')
    .execute();
  for (const { sale_system } of moved) await ask(tx, 'saleSystem', sale_system, nowMs);
  // A code that the old one showed cannot be typed for the new one.
  await tx
    .updateTable('pairing_codes')
    .set({ sealed: null, expires_at_ms: nowMs })
    .where('box', '=', from)
    .where('sealed', 'is not', null)
    .execute();
}
