import type { CommandKey } from '../../contract/config.ts';
import type { IssuedKeys } from '../ports.ts';
import type { Kept } from './kept.ts';

/** The registry's command keys as they are kept now. */
export const issuedKeysOf = (kept: () => Pick<Kept, 'commandKeys' | 'retired'>): IssuedKeys => {
  const named = (keys: readonly CommandKey[], kid: string): CommandKey | null =>
    keys.find((key) => key.kid === kid) ?? null;
  return {
    present: (kid) => named(kept().commandKeys, kid),
    known(kid) {
      const { commandKeys, retired } = kept();
      return (
        named(commandKeys, kid) ??
        named(
          retired.map(({ key }) => key),
          kid,
        )
      );
    },
  };
};
