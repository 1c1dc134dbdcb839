/** Who is who in a simulated world: the box, and those who ask it. */
import { makeBoxKey } from '../../gateway/cloud/box-key.ts';
import type { HmacKey } from '../../gateway/simulators/sale-system.ts';

/** The one box of a world. */
export const box = 'SW-7K3M9QXA2BCD';
/** Its own key. (The name does not follow from it: that is the registry's to check, and tested there.) */
export const boxKey = makeBoxKey(new Uint8Array(32));

const keyOf = (kid: string, secret: string): HmacKey => ({
  kid,
  secret: Buffer.from(secret).toString('base64url'),
});

/** Keys of the sale systems: the owner may resolve, the clerk only ask. */
export const keys = {
  shop: keyOf('shop', 'a shop secret of thirty-two bytes!'),
  till: keyOf('till', 'the secret of the other till here'),
  owner: keyOf('owner', 'an owner secret of thirty-two byte'),
  clerk: keyOf('clerk', 'a clerk secret of thirty-two bytes'),
};
