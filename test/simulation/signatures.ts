/** The signature check with node:crypto, which answers at once: jose's thread pool would decide the order of a run. */
import type { Signatures } from '../../gateway/cloud/ports.ts';
import { SwipeError } from '../../gateway/seams/error.ts';
import { type HmacKey, readJws, signText } from '../../gateway/simulators/sale-system.ts';

/** HS256 with the given keys. */
export function hmacSignatures(keys: readonly HmacKey[]): Signatures {
  return {
    async verify(jws) {
      for (const key of keys) {
        const payload = readJws(jws, key);
        if (payload !== null) return { kid: key.kid, payload };
      }
      throw new SwipeError('signatureInvalid', 'not signed by a known key');
    },
    async sign(payload, kid) {
      const key = keys.find((one) => one.kid === kid);
      if (key === undefined) throw new SwipeError('keyInvalid', `no key ${kid}`);
      return signText(payload, key);
    },
  };
}
