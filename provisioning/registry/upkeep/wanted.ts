/** Who should have access at the broker, read in portions: a fleet does not fit into memory. */
import type { WantedAccess, WantedBox, WantedSaleSystem } from '../ports.ts';
import type { Reader } from '../store/store.ts';

const portion = 500;

/** The sale systems of one box. */
export async function saleSystemsOf(reader: Reader, box: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('pairings')
    .select('sale_system')
    .where('box', '=', box)
    .where('ended_at_ms', 'is', null)
    .orderBy('sale_system')
    .execute();
  return rows.map(({ sale_system }) => sale_system);
}

/** The same for each of several; boxes without any are left out. */
async function pairedWith(reader: Reader, boxes: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await reader
    .selectFrom('pairings')
    .select(['box', 'sale_system'])
    .where('box', 'in', ['', ...boxes])
    .where('ended_at_ms', 'is', null)
    .orderBy('sale_system')
    .execute();
  const paired = new Map<string, string[]>();
  for (const { box, sale_system } of rows) paired.set(box, [...(paired.get(box) ?? []), sale_system]);
  return paired;
}

/** The boxes of one sale system. */
export async function boxesOf(reader: Reader, saleSystem: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('pairings')
    .select('box')
    .where('sale_system', '=', saleSystem)
    .where('ended_at_ms', 'is', null)
    .orderBy('box')
    .execute();
  return rows.map(({ box }) => box);
}

/** All who should have access now. */
export function wantedAccess(reader: Reader): WantedAccess {
  return {
    async *boxes(): AsyncIterable<WantedBox> {
      for (let after = ''; ; ) {
        const rows = await reader
          .selectFrom('boxes')
          .select('id')
          .where('status', '=', 'claimed')
          .where('id', '>', after)
          .orderBy('id')
          .limit(portion)
          .execute();
        const paired = await pairedWith(
          reader,
          rows.map(({ id }) => id),
        );
        for (const { id } of rows) yield { box: id, saleSystems: paired.get(id) ?? [] };
        if (rows.length < portion) return;
        after = rows.at(-1)?.id ?? '';
      }
    },
    async *saleSystems(): AsyncIterable<WantedSaleSystem> {
      for (let after = ''; ; ) {
        const rows = await reader
          .selectFrom('sale_systems')
          .select('id')
          .where('ended_at_ms', 'is', null)
          .where('id', '>', after)
          .orderBy('id')
          .limit(portion)
          .execute();
        for (const { id } of rows) yield { saleSystem: id, boxes: await boxesOf(reader, id) };
        if (rows.length < portion) return;
        after = rows.at(-1)?.id ?? '';
      }
    },
  };
}
