import type { Random } from '../seams/random.ts';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An operation's id as a sale system makes one: a ULID, 48 bits of time and 80 of chance, in Crockford's base32. */
export function newOperationId(nowMs: number, random: Pick<Random, 'bytes'>): string {
  let time = '';
  for (let rest = nowMs; time.length < 10; rest = Math.floor(rest / 32)) time = crockford[rest % 32] + time;
  const chance = Array.from(random.bytes(16), (byte) => crockford[byte % 32]);
  return time + chance.join('');
}
